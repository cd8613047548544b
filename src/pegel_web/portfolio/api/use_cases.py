"""Use cases, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.portfolio.contracts.use_cases import CaseLine, CaseReport, Range3
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.queries import use_cases as queries
from pegel_web.portfolio.queries.case_pages import case_pages
from pegel_web.portfolio.services import declarations, duties, estimates, moves, pilots
from pegel_web.portfolio.services import use_cases as services

router = Router(tags=["use cases"])


class NewIdea(Schema):
    """An idea: what hurts, where, and what would be better."""

    pain: str = Field(max_length=20_000)
    unit_id: UUID = Field(description="Whose work it would change.")
    title: str = Field("", max_length=1000, description="Left out: the first words of the pain.")
    stream_id: UUID | None = None
    step: str = Field("", max_length=1500, description="State of the work items of the stream.")
    hoped_effect: str = Field("", max_length=20_000)
    origin: str = Field("", max_length=100, description="strategy, pain, tool or regulation.")
    goal: str = Field("", max_length=2500)
    function: str = Field("", max_length=100)
    shadow: bool = Field(default=False, description="It is in use already; registering it has no consequences.")


class CaseChanges(Schema):
    """Fields of a use case to change; what is left out stays."""

    based_on: int | None = Field(None, description="Revision that was read; left out: whatever is there is replaced.")
    title: str | None = Field(None, max_length=1000)
    pain: str | None = Field(None, max_length=20_000)
    hoped_effect: str | None = Field(None, max_length=20_000)
    unit_id: UUID | None = None
    stream_id: UUID | None = None
    step: str | None = Field(None, max_length=1500)
    place_note: str | None = Field(None, max_length=2500)
    phase: str | None = Field(None, max_length=100)
    friction: str | None = Field(None, max_length=100)
    origin: str | None = Field(None, max_length=100)
    goal: str | None = Field(None, max_length=2500)
    usage: str | None = Field(None, max_length=100)
    function: str | None = Field(None, max_length=100)
    horizon: int | None = None
    ai_acts: str | None = Field(None, max_length=20_000)
    person_decides: str | None = Field(None, max_length=20_000)
    data_needs: str | None = Field(None, max_length=20_000)
    data_class: str | None = Field(None, max_length=100)
    champion_id: UUID | None = None
    amount: Decimal | None = None
    shadow: bool | None = None


class CaseStepAsked(Schema):
    """A step that needs no gate."""

    target: CaseState
    reason: str = Field("", max_length=20_000)
    other_id: UUID | None = Field(None, description="What it doubles, or was merged into.")
    until: date | None = Field(None, description="Until when it is parked.")


class NewDuty(Schema):
    """Who does what: a person or a unit."""

    duty: Duty
    letter: Letter
    person_id: UUID | None = None
    unit_id: UUID | None = None


class NewDeclaration(Schema):
    """Where a use case stands in one respect, with what it rests on."""

    subject: Subject
    value: DeclarationValue
    document: str = Field("", max_length=2500)
    note: str = Field("", max_length=20_000)
    declared_on: date | None = Field(None, description="Left out: today.")
    valid_until: date | None = None


class NewRange3(Schema):
    """Low, likely, high; in EUR."""

    low: Decimal
    likely: Decimal
    high: Decimal


class NewEstimate(Schema):
    """Benefit per year and effort once."""

    benefit: NewRange3
    effort: NewRange3
    evidence: str = Field("", max_length=20_000)


class NewPilot(Schema):
    """The plan of a pilot."""

    hypothesis: str = Field("", max_length=20_000)
    baseline: str = Field("", max_length=20_000)
    kill_criterion: str = Field("", max_length=20_000)
    starts_on: date | None = None
    ends_on: date | None = Field(None, description="The first day without the pilot.")
    people: int | None = None
    baseline_id: UUID | None = Field(None, description="A baseline that was taken of a stream.")


class PilotLearning(Schema):
    """What a pilot taught."""

    as_planned: bool
    why: str = Field(max_length=20_000)
    change: str = Field(max_length=20_000)


@router.get("/use-cases", response=list[CaseLine])
@paginate
def use_case_list(
    request: ApiRequest,
    state: CaseState | None = None,
    unit_id: UUID | None = None,
    stream_id: UUID | None = None,
    horizon: int | None = None,
    text: str = "",
) -> Sequence[CaseLine]:
    """Use cases, the newest first."""
    return case_pages(
        actor=request.actor, state=state, unit_id=unit_id, stream_id=stream_id, horizon=horizon, text=text
    ).lines


@router.post("/use-cases", response={201: CaseReport})
def register_idea(request: ApiRequest, sent: NewIdea) -> Status[CaseReport]:
    """Register an idea."""
    return Status(201, services.register_idea(actor=request.actor, **dict(sent)))


@router.get("/use-cases/{uuid:use_case_id}", response=CaseReport)
def use_case(request: ApiRequest, use_case_id: UUID) -> CaseReport:
    """One use case with everything about it: criteria of its next gate, duties, declarations, its life."""
    return queries.use_case(actor=request.actor, use_case_id=use_case_id)


@router.patch("/use-cases/{uuid:use_case_id}", response=CaseReport)
def change_use_case(request: ApiRequest, use_case_id: UUID, sent: CaseChanges) -> CaseReport:
    """Change some fields. With `based_on`, what somebody else changed meanwhile is kept or refused, never lost."""
    given: dict[str, Any] = sent.dict(exclude_unset=True)
    based_on = given.pop("based_on", None)
    return services.change_use_case(actor=request.actor, use_case_id=use_case_id, changes=given, based_on=based_on)


@router.post("/use-cases/{uuid:use_case_id}/moves", response=CaseReport)
def move_use_case(request: ApiRequest, use_case_id: UUID, sent: CaseStepAsked) -> CaseReport:
    """Take a step that needs no gate."""
    return moves.move_use_case(actor=request.actor, use_case_id=use_case_id, **dict(sent))


@router.post("/use-cases/{uuid:use_case_id}/duties", response=CaseReport)
def give_duty(request: ApiRequest, use_case_id: UUID, sent: NewDuty) -> CaseReport:
    """Let a person or a unit do something; a new accountable person takes over."""
    return duties.give_duty(actor=request.actor, use_case_id=use_case_id, **dict(sent))


@router.delete("/use-cases/{uuid:use_case_id}/duties/{int:duty_id}", response=CaseReport)
def end_duty(request: ApiRequest, use_case_id: UUID, duty_id: int) -> CaseReport:
    """End a duty."""
    return duties.end_duty(actor=request.actor, use_case_id=use_case_id, duty_id=duty_id)


@router.post("/use-cases/{uuid:use_case_id}/declarations", response=CaseReport)
def declare_status(request: ApiRequest, use_case_id: UUID, sent: NewDeclaration) -> CaseReport:
    """Declare where a use case stands in one respect; it is declared, not evaluated."""
    return declarations.declare_status(actor=request.actor, use_case_id=use_case_id, **dict(sent))


@router.post("/use-cases/{uuid:use_case_id}/estimates", response=CaseReport)
def give_estimate(request: ApiRequest, use_case_id: UUID, sent: NewEstimate) -> CaseReport:
    """Estimate benefit and effort; one's last estimate counts."""
    benefit, effort = (Range3(low=one.low, likely=one.likely, high=one.high) for one in (sent.benefit, sent.effort))
    return estimates.give_estimate(
        actor=request.actor, use_case_id=use_case_id, benefit=benefit, effort=effort, evidence=sent.evidence
    )


@router.put("/use-cases/{uuid:use_case_id}/pilot", response=CaseReport)
def plan_pilot(request: ApiRequest, use_case_id: UUID, sent: NewPilot) -> CaseReport:
    """Plan a pilot, or say its plan anew."""
    return pilots.plan_pilot(actor=request.actor, use_case_id=use_case_id, **dict(sent))


@router.post("/use-cases/{uuid:use_case_id}/learning", response=CaseReport)
def close_pilot(request: ApiRequest, use_case_id: UUID, sent: PilotLearning) -> CaseReport:
    """Write down what a pilot taught."""
    return pilots.close_pilot(actor=request.actor, use_case_id=use_case_id, **dict(sent))
