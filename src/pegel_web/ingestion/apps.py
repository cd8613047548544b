"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class IngestionConfig(PegelApp):
    """Files that people bring."""

    default = True
    name = "pegel_web.ingestion"
