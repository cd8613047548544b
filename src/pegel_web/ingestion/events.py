"""What is recorded about files that people bring."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(
    EventType(code="ingestion.file.received"),
    EventType(code="ingestion.file.read_anew"),
    EventType(code="ingestion.file.confirmed"),
    EventType(code="ingestion.file.imported"),
    EventType(code="ingestion.file.discarded"),
    EventType(code="ingestion.file.undone"),
)
