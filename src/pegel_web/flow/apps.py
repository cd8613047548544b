"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class FlowConfig(PegelApp):
    """Value streams."""

    default = True
    name = "pegel_web.flow"

    def ready(self) -> None:
        """Register what the app declares, also its section of the first page."""
        super().ready()
        from pegel_web.flow.pages import home  # noqa: F401, PLC0415  (it registers itself; models exist only now)
