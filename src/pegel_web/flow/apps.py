"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class FlowConfig(PegelApp):
    """Value streams."""

    default = True
    name = "pegel_web.flow"

    def ready(self) -> None:
        """Register what the app declares, also its sections of the first page and what it keeps about people."""
        super().ready()
        from pegel_web.flow import digest, kept_about_people  # noqa: F401, PLC0415  (they register themselves; models exist only now)
        from pegel_web.flow.pages import home, stall_home  # noqa: F401, PLC0415  (the same)
