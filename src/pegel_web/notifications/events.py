"""What is recorded about webhooks and digests, and which events this app sends itself."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events
from pegel_web.notifications.kinds import TEST, declare_kinds

declare_events(
    EventType(code="notifications.endpoint.made"),
    EventType(code="notifications.endpoint.changed"),
    EventType(code="notifications.endpoint.secret_renewed"),
    EventType(code="notifications.endpoint.removed"),
    EventType(code="notifications.endpoint.tested"),
    EventType(code="notifications.digest.chosen"),
    EventType(code="notifications.mail.tested"),
)
declare_kinds(TEST)
