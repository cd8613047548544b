"""The ground as a Django app."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

from pegel.words.catalogue import include


class PegelApp(AppConfig):
    """An app of Pegel: brings its words, its permissions and its audit events with it."""

    #: Only its subclasses are apps.
    default = False

    def ready(self) -> None:
        """Register what the app declares."""
        include(self.name)
        for part in ("permissions", "events", "keys", "navigation", "tasks", "search", "mcp"):
            if find_spec(f"{self.name}.{part}") is not None:
                import_module(f"{self.name}.{part}")


class CoreConfig(PegelApp):
    """Actor, permissions, scope, audit, errors."""

    default = True
    name = "pegel_web.core"
