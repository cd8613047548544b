"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp
from pegel_web.organisation.group_floor import declare_group_floor


class PrivacyConfig(PegelApp):
    """Works-council mode, access log, retention, erasure."""

    default = True
    name = "pegel_web.privacy"

    def ready(self) -> None:
        """Register what the app declares, and that it knows the group floor."""
        super().ready()
        # Its models are there only now.
        from pegel_web.privacy.queries.rules import rules  # noqa: PLC0415

        declare_group_floor(lambda: rules().group_floor)
