"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class PickupConfig(PegelApp):
    """Files that are picked up from folders."""

    default = True
    name = "pegel_web.pickup"

    def ready(self) -> None:
        """Register what the app declares, also what it keeps about people."""
        super().ready()
        from pegel_web.pickup import kept_about_people  # noqa: F401, PLC0415  (it registers itself; models exist only now)
