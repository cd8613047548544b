"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class OrganisationConfig(PegelApp):
    """Units, people, roles, delegation, sign-in."""

    default = True
    name = "pegel_web.organisation"

    def ready(self) -> None:
        """Register what the app declares, and listen to what happens at sign-in."""
        super().ready()
        from pegel_web.organisation import mailboxes  # noqa: F401, PLC0415  (it registers itself; the same)
        from pegel_web.organisation.sign_in_trace import connect  # noqa: PLC0415  (models are there only now)

        connect()
