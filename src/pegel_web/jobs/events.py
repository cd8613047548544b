"""What is recorded about background work."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(EventType(code="jobs.job.cancelled"))
