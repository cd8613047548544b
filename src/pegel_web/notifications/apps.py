"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class NotificationsConfig(PegelApp):
    """Messages to people and to endpoints."""

    default = True
    name = "pegel_web.notifications"
