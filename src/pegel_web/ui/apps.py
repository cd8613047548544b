"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class UiConfig(PegelApp):
    """Components, templates, styles, gallery."""

    default = True
    name = "pegel_web.ui"
