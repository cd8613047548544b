"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class JobsConfig(PegelApp):
    """Background work."""

    default = True
    name = "pegel_web.jobs"
