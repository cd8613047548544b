"""Gates and pre-approved patterns, for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.contracts.use_cases import CaseReport, CriterionLine, RequestLine
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models.gates import GateOutcome
from pegel_web.portfolio.models.use_cases import DataClass
from pegel_web.portfolio.queries import patterns as pattern_queries
from pegel_web.portfolio.queries import requests as queries
from pegel_web.portfolio.services import gates as services
from pegel_web.portfolio.services import patterns as pattern_services

router = Router(tags=["gates"])


class NewGateRequest(Schema):
    """What is asked at a gate."""

    gate: CaseState = Field(description="prioritised, pilot, production or scaled.")
    amount: Decimal | None = Field(None, description="EUR; left out: what the use case says.")
    options: str = Field("", max_length=20_000)


class NewGateDecision(Schema):
    """What is decided at a gate."""

    outcome: GateOutcome
    reason: str = Field("", max_length=20_000)
    trade_offs: str = Field("", max_length=20_000)
    dissent: str = Field("", max_length=20_000)
    conditions: str = Field("", max_length=20_000)
    expires_on: date | None = Field(None, description="From this day on the approval no longer holds.")
    review_date: date | None = None


class NewPattern(Schema):
    """A kind of experiment that needs no gate within its caps."""

    name: str = Field(max_length=500)
    description: str = Field(max_length=20_000)
    unit_id: UUID
    most_data_class: DataClass
    most_people: int
    most_days: int
    most_amount: Decimal
    tools: str = Field("", max_length=5000)
    valid_until: date | None = None


class NewExperiment(Schema):
    """An experiment within a pattern."""

    pattern_id: UUID
    hypothesis: str = Field(max_length=20_000)
    kill_criterion: str = Field(max_length=20_000)
    people: int
    days: int
    amount: Decimal
    baseline: str = Field("", max_length=20_000)


@router.get("/gate-requests", response=list[RequestLine])
@paginate
def gate_requests(
    request: ApiRequest, status: Literal["open", "decided", "withdrawn"] | None = None, mine: bool = False
) -> tuple[RequestLine, ...]:
    """What waits at gates and what was decided; `mine`: only what you may decide."""
    return queries.gate_requests(actor=request.actor, status=status, mine=mine)


@router.get("/gate-requests/{uuid:request_id}", response=RequestLine)
def gate_request(request: ApiRequest, request_id: UUID) -> RequestLine:
    """One request at a gate."""
    return queries.gate_request(actor=request.actor, request_id=request_id)


@router.get("/gate-requests/{uuid:request_id}/criteria", response=list[CriterionLine])
@paginate
def gate_criteria(request: ApiRequest, request_id: UUID) -> tuple[CriterionLine, ...]:
    """How the criteria stand for a request, or stood when it was decided."""
    return queries.gate_criteria(actor=request.actor, request_id=request_id)


@router.post("/use-cases/{uuid:use_case_id}/gate-requests", response={201: RequestLine})
def ask_gate(request: ApiRequest, use_case_id: UUID, sent: NewGateRequest) -> Status[RequestLine]:
    """Ask that a use case may pass a gate; it goes to the lowest level at which somebody may decide."""
    return Status(201, services.ask_gate(actor=request.actor, use_case_id=use_case_id, **dict(sent)))


@router.post("/gate-requests/{uuid:request_id}/decision", response=RequestLine)
def decide_gate(request: ApiRequest, request_id: UUID, sent: NewGateDecision) -> RequestLine:
    """Decide; an approval moves the use case."""
    return services.decide_gate(actor=request.actor, request_id=request_id, **dict(sent))


@router.delete("/gate-requests/{uuid:request_id}", response=RequestLine)
def withdraw_gate(request: ApiRequest, request_id: UUID) -> RequestLine:
    """Take a request back that nobody has decided."""
    return services.withdraw_gate(actor=request.actor, request_id=request_id)


@router.get("/experiment-patterns", response=list[Pattern])
@paginate
def experiment_patterns(request: ApiRequest) -> tuple[Pattern, ...]:
    """What may be tried without a gate."""
    return pattern_queries.patterns(actor=request.actor)


@router.post("/experiment-patterns", response={201: Pattern})
def set_pattern(request: ApiRequest, sent: NewPattern) -> Status[Pattern]:
    """Allow a kind of experiment."""
    return Status(201, pattern_services.set_pattern(actor=request.actor, **dict(sent)))


@router.put("/experiment-patterns/{uuid:pattern_id}", response=Pattern)
def change_pattern(request: ApiRequest, pattern_id: UUID, sent: NewPattern) -> Pattern:
    """Change what is allowed, from now on."""
    return pattern_services.set_pattern(actor=request.actor, pattern_id=pattern_id, **dict(sent))


@router.delete("/experiment-patterns/{uuid:pattern_id}", response={204: None})
def end_pattern(request: ApiRequest, pattern_id: UUID) -> Status[None]:
    """End a pattern; what runs goes on to its end."""
    pattern_services.end_pattern(actor=request.actor, pattern_id=pattern_id)
    return Status(204, None)


@router.post("/use-cases/{uuid:use_case_id}/experiment", response=CaseReport)
def start_experiment(request: ApiRequest, use_case_id: UUID, sent: NewExperiment) -> CaseReport:
    """Try a use case without a gate, within a pattern; it ends by itself."""
    return pattern_services.start_experiment(actor=request.actor, use_case_id=use_case_id, **dict(sent))
