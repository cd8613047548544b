"""What is recorded of privacy."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(
    EventType(code="privacy.rule.proposed"),
    EventType(code="privacy.rule.confirmed"),
    EventType(code="privacy.rule.refused"),
    EventType(code="privacy.rule.withdrawn"),
    EventType(code="privacy.rule.protected"),
    EventType(code="privacy.retention.changed"),
    EventType(code="privacy.retention.applied"),
    EventType(code="privacy.person.erased"),
    EventType(code="privacy.erasure.reapplied"),
    EventType(code="privacy.record.changed"),
    EventType(code="privacy.own_data.exported"),
)
