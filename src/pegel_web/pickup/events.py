"""What is recorded about folders; what happens to a file's content is recorded where files are brought."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(
    EventType(code="pickup.folder.declared"),
    EventType(code="pickup.folder.paused"),
    EventType(code="pickup.folder.resumed"),
    EventType(code="pickup.folder.removed"),
    EventType(code="pickup.file.refused"),
    EventType(code="pickup.file.repeated"),
)
