"""The decision log, for agents and the command line. Agents raise questions; people decide them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Actor, Risk
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState, DecisionSummary
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.queries import decision_summary as summaries
from pegel_web.organisation.queries import decisions as queries
from pegel_web.organisation.services import decisions as services


@tool(permission=queries.RAISE)
def decision_log(
    actor: Actor,
    *,
    state: DecisionState | None = None,
    level: Literal["organisation", "division", "department", "team"] | None = None,
    unit_id: UUID | None = None,
    review_before: date | None = None,
) -> tuple[DecisionRecord, ...]:
    """Questions and decisions that you may see: open ones first, then the newest; at most 2,000."""
    return queries.decision_log(actor=actor, state=state, level=level, unit_id=unit_id, review_before=review_before)


@tool(permission=queries.RAISE)
def decision(actor: Actor, *, decision_id: UUID) -> DecisionRecord:
    """One question and what came of it."""
    return queries.decision(actor=actor, decision_id=decision_id)


@tool(permission=queries.RAISE)
def decision_summary(actor: Actor, *, months: Literal[3, 12, 36] = 12, unit_id: UUID | None = None) -> DecisionSummary:
    """How many questions were decided at which level and how long they waited (days); open ones are counted."""
    return summaries.decision_summary(actor=actor, months=months, unit_id=unit_id)


@tool(permission=queries.RAISE, reads=False)
def raise_decision(
    actor: Actor,
    *,
    title: str,
    unit_id: UUID,
    question: str = "",
    options: str = "",
    amount: Decimal | None = None,
    risk: Risk | None = None,
) -> DecisionRecord:
    """Raise a question of a unit; it goes to the lowest level that may decide that amount (EUR) and risk (1 to 3)."""
    return services.raise_decision(
        actor=actor, title=title, unit_id=unit_id, question=question, options=options, amount=amount, risk=risk
    )


@tool(permission=queries.TAKE, reads=False)
def take_decision(
    actor: Actor,
    *,
    decision_id: UUID,
    outcome: Literal["approved", "approved_with_conditions", "rejected"],
    reason: str = "",
    conditions: str = "",
    review_date: date | None = None,
) -> DecisionRecord:
    """Decide a question, for good. Only a person may; agents and services are refused."""
    return services.take_decision(
        actor=actor,
        decision_id=decision_id,
        outcome=Outcome(outcome),
        reason=reason,
        conditions=conditions,
        review_date=review_date,
    )


@tool(permission=queries.RAISE, reads=False)
def withdraw_decision(actor: Actor, *, decision_id: UUID, reason: str = "") -> DecisionRecord:
    """Take back a question that you raised and nobody has decided yet."""
    return services.withdraw_decision(actor=actor, decision_id=decision_id, reason=reason)
