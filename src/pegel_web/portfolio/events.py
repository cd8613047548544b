"""What is recorded of use cases."""

from __future__ import annotations

from pegel_web.core.events import EventType, declare_events

declare_events(
    EventType(code="portfolio.use_case.registered"),
    EventType(code="portfolio.use_case.changed"),
    EventType(code="portfolio.use_case.moved"),
    EventType(code="portfolio.duty.given"),
    EventType(code="portfolio.duty.ended"),
    EventType(code="portfolio.declaration.made"),
    EventType(code="portfolio.estimate.given"),
    EventType(code="portfolio.pilot.planned"),
    EventType(code="portfolio.pilot.closed"),
    EventType(code="portfolio.tools.chosen"),
    EventType(code="portfolio.gate.asked"),
    EventType(code="portfolio.gate.withdrawn"),
    EventType(code="portfolio.gate.decided"),
    EventType(code="portfolio.introduction_limit.set"),
    EventType(code="portfolio.stall.explained"),
    EventType(code="portfolio.pattern.set"),
    EventType(code="portfolio.pattern.ended"),
    EventType(code="portfolio.experiment.started"),
    EventType(code="portfolio.experiment.expired"),
    EventType(code="portfolio.score.given"),
    EventType(code="portfolio.weights.set"),
    EventType(code="portfolio.realised.declared"),
    EventType(code="portfolio.import.previewed"),
    EventType(code="portfolio.import.queued"),
    EventType(code="portfolio.import.confirmed"),
    EventType(code="portfolio.import.discarded"),
)
