"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class FlowConfig(PegelApp):
    """Value streams."""

    default = True
    name = "pegel_web.flow"
