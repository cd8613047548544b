"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class SearchConfig(PegelApp):
    """One search over what a person may see."""

    default = True
    name = "pegel_web.search"
