"""What is recorded of the organisation."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(
    EventType(code="organisation.token.issued"),
    EventType(code="organisation.token.revoked"),
    EventType(code="organisation.program.connected"),
    EventType(code="organisation.program.disconnected"),
)
