"""What is recorded about value streams."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events
from pegel_web.notifications.kinds import declare_kinds

declare_events(
    EventType(code="flow.stream.adopted"),
    EventType(code="flow.stream.changed"),
    EventType(code="flow.stream.declared"),
    EventType(code="flow.stream.ended"),
    EventType(code="flow.stream.projects_changed"),
    EventType(code="flow.event.noted"),
    EventType(code="flow.event.withdrawn"),
    EventType(code="flow.refresh.asked"),
    EventType(code="flow.item.valued"),
    EventType(code="flow.inflow.decided"),
    EventType(code="flow.responsibility.changed"),
    EventType(code="flow.variants.said"),
    EventType(code="flow.workflow.confirmed"),
    EventType(code="flow.workflow.restored"),
    EventType(code="flow.stall.reported"),
    EventType(code="flow.stall.joined"),
    EventType(code="flow.stall.answered"),
    EventType(code="flow.stall.closed"),
    EventType(code="flow.stall.reopened"),
    EventType(code="flow.baseline.taken"),
    EventType(code="flow.alert.acknowledged"),
    EventType(code="flow.alert.snoozed"),
    EventType(code="flow.alert.thresholds_changed"),
)
declare_kinds("flow.alert.opened", "flow.alert.closed")
