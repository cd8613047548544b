"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class PrivacyConfig(PegelApp):
    """Works-council mode, access log, retention, erasure."""

    default = True
    name = "pegel_web.privacy"
