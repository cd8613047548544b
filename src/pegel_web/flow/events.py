"""What is recorded about value streams."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(
    EventType(code="flow.stream.adopted"),
    EventType(code="flow.stream.changed"),
    EventType(code="flow.stream.ended"),
    EventType(code="flow.refresh.asked"),
    EventType(code="flow.workflow.confirmed"),
    EventType(code="flow.workflow.restored"),
)
