"""The decision log, for programs."""

# No postponed annotations here: ninja's pagination reads the types of a list's parameters where it stands itself.
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.actor import Risk
from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState, DecisionSummary
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries import decision_summary as summaries
from pegel_web.organisation.queries import decisions as queries
from pegel_web.organisation.services import decisions as services

router = Router(tags=["decisions"])


class NewQuestion(Schema):
    """A question to be decided."""

    title: str = Field(max_length=1000)
    unit_id: UUID
    question: str = Field("", max_length=4000)
    options: str = Field("", max_length=4000)
    amount: Decimal | None = Field(None, description="EUR; left out: not known.")
    risk: Risk | None = Field(None, description="1 low, 2 medium, 3 high; left out: not known.")


class Answer(Schema):
    """A decision."""

    outcome: Literal["approved", "approved_with_conditions", "rejected"]
    reason: str = Field("", max_length=4000)
    conditions: str = Field("", max_length=4000)
    review_date: date | None = None


class Withdrawal(Schema):
    """Why a question needs no decision any more."""

    reason: str = Field("", max_length=4000)


@router.get("/decisions", response=list[DecisionRecord])
@paginate
def decision_log(
    request: ApiRequest,
    state: DecisionState | None = None,
    level: UnitKind | None = None,
    unit_id: UUID | None = None,
    review_before: date | None = None,
) -> tuple[DecisionRecord, ...]:
    """Questions and decisions that you may see: open ones first, then the newest; at most 2,000."""
    return queries.decision_log(
        actor=request.actor,
        state=state,
        level=None if level is None else str(level),
        unit_id=unit_id,
        review_before=review_before,
    )


@router.get("/decisions/summary", response=DecisionSummary)
def decision_summary(
    request: ApiRequest, months: Literal[3, 12, 36] = 12, unit_id: UUID | None = None
) -> DecisionSummary:
    """How many questions were decided at which level, and how long they waited; open ones are counted."""
    return summaries.decision_summary(actor=request.actor, months=months, unit_id=unit_id)


@router.get("/decisions/{uuid:decision_id}", response=DecisionRecord)
def decision(request: ApiRequest, decision_id: UUID) -> DecisionRecord:
    """One question and what came of it."""
    return queries.decision(actor=request.actor, decision_id=decision_id)


@router.post("/decisions", response={201: DecisionRecord})
def raise_decision(request: ApiRequest, sent: NewQuestion) -> Status[DecisionRecord]:
    """Raise a question; it goes to the lowest level that may decide that amount and risk."""
    return Status(201, services.raise_decision(actor=request.actor, **dict(sent)))


@router.post("/decisions/{uuid:decision_id}/take", response=DecisionRecord)
def take_decision(request: ApiRequest, decision_id: UUID, sent: Answer) -> DecisionRecord:
    """Decide a question, for good. Only a person may."""
    return services.take_decision(
        actor=request.actor,
        decision_id=decision_id,
        outcome=Outcome(sent.outcome),
        reason=sent.reason,
        conditions=sent.conditions,
        review_date=sent.review_date,
    )


@router.post("/decisions/{uuid:decision_id}/withdraw", response=DecisionRecord)
def withdraw_decision(request: ApiRequest, decision_id: UUID, sent: Withdrawal) -> DecisionRecord:
    """Take back a question that you raised."""
    return services.withdraw_decision(actor=request.actor, decision_id=decision_id, reason=sent.reason)
