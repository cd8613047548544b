"""Raising a question, deciding it, withdrawing it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Grant, Risk
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation import entered
from pegel_web.organisation.contracts.decisions import DecisionRecord
from pegel_web.organisation.models import Decision, Person
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries import decisions as queries
from pegel_web.organisation.queries.right_holders import right_holders, top_of
from pegel_web.organisation.queries.structure import Structure, structure_on

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 4000


def raise_decision(
    *,
    actor: Actor,
    title: str,
    unit_id: UUID,
    question: str = "",
    options: str = "",
    amount: Decimal | None = None,
    risk: Risk | None = None,
) -> DecisionRecord:
    """Raise a question of a unit; it goes to the lowest level at which somebody may decide that amount and risk.

    What is not known (no amount, no risk) is covered by no limit, so it goes to who decides without one.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``. InputError: those of ``entered``.
    """
    structure = structure_on(actor.at.date())
    if unit_id not in structure.nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    actor.require(queries.RAISE, unit=unit_id)
    sum_ = entered.amount(amount)
    row = Decision(
        title=cleaned(title, field="title", most=LONGEST_TITLE),
        question=entered.paragraph(question, field="question", most=LONGEST_TEXT),
        options=entered.paragraph(options, field="options", most=LONGEST_TEXT),
        asked_by_unit_id=unit_id,
        amount=sum_,
        risk=risk,
        raised_at=actor.at,
        raised_by_id=actor.person(),
    )
    holders = right_holders({queries.TAKE}, structure)
    lowest, _ = holders.lowest(queries.TAKE, unit_id, amount=sum_, risk=risk)
    # Where nobody may decide it, it waits at the top and the log says so.
    row.unit_id = lowest or structure.path(unit_id)[0].unit_id
    row.level = row.routed_level = structure.nodes[row.unit_id].kind
    with transaction.atomic():
        row.save(force_insert=True)
        record(
            actor,
            "organisation.decision.raised",
            subject=("decision", row.id),
            unit=unit_id,
            after={"waits_at": row.unit_id, "level": row.level, "amount": sum_, "risk": risk},
        )
        return queries.decision_records([row], actor=actor, structure=structure)[0]


def take_decision(
    *,
    actor: Actor,
    decision_id: UUID,
    outcome: Outcome,
    reason: str = "",
    conditions: str = "",
    review_date: date | None = None,
) -> DecisionRecord:
    """Decide a question: approve, approve with conditions, or reject. It is final; a new question can be raised.

    Raises
    ------
    NotFoundError: ``decision_unknown``. NotAllowedError: ``not_allowed``, ``beyond_limit``,
    ``decision_needs_a_person``. ConflictError: ``decision_already_taken``.
    InputError: ``outcome_not_possible``, ``review_in_the_past`` and those of ``entered``.
    """
    queries.decision(actor=actor, decision_id=decision_id)
    if outcome == Outcome.WITHDRAWN:
        raise InputError("outcome_not_possible", outcome=str(outcome))
    why = entered.paragraph(reason, field="reason", most=LONGEST_TEXT, required=outcome == Outcome.REJECTED)
    on_terms = entered.paragraph(
        conditions, field="conditions", most=LONGEST_TEXT, required=outcome == Outcome.APPROVED_WITH_CONDITIONS
    )
    if review_date is not None and entered.day(review_date) <= actor.at.date():
        raise InputError("review_in_the_past", review_date=review_date)
    structure = structure_on(actor.at.date())
    with transaction.atomic():
        row = _open(decision_id)
        grant = _right_of(actor, row, structure)
        row.decided_at, row.decided_by_id = actor.at, actor.person()
        row.outcome, row.reason, row.review_date = outcome, why, review_date
        row.conditions = on_terms if outcome == Outcome.APPROVED_WITH_CONDITIONS else ""
        row.by_delegation = grant.source.startswith("delegation:")
        row.unit_id = top_of(grant, structure)
        row.level = structure.nodes[row.unit_id].kind
        row.save()
        record(
            actor,
            "organisation.decision.taken",
            subject=("decision", row.id),
            unit=row.asked_by_unit_id,
            before={"outcome": None},
            after={
                "outcome": str(outcome),
                "level": row.level,
                "decided_at_unit": row.unit_id,
                "right": grant.source,
                "amount": row.amount,
                "risk": row.risk,
                "review_date": review_date,
            },
        )
        return queries.decision_records([row], actor=actor, structure=structure)[0]


def withdraw_decision(*, actor: Actor, decision_id: UUID, reason: str = "") -> DecisionRecord:
    """Take back a question that one raised oneself and nobody has decided yet.

    Raises
    ------
    NotFoundError: ``decision_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``decision_already_taken``.
    """
    seen = queries.decision(actor=actor, decision_id=decision_id)
    if not seen.own:
        raise NotAllowedError("not_allowed", permission=queries.RAISE)
    actor.require(queries.RAISE, unit=seen.asked_by_unit_id)
    why = entered.paragraph(reason, field="reason", most=LONGEST_TEXT)
    structure = structure_on(actor.at.date())
    with transaction.atomic():
        row = _open(decision_id)
        row.decided_at, row.decided_by_id = actor.at, actor.person()
        row.outcome, row.reason = Outcome.WITHDRAWN, why
        row.save()
        record(
            actor,
            "organisation.decision.withdrawn",
            subject=("decision", row.id),
            unit=row.asked_by_unit_id,
            before={"outcome": None},
            after={"outcome": str(Outcome.WITHDRAWN)},
        )
        return queries.decision_records([row], actor=actor, structure=structure)[0]


def _open(decision_id: UUID) -> Decision:
    """Return an open question, locked until the transaction ends."""
    rows = Decision.objects.everything(because="the caller has seen it")
    row: Decision = rows.select_for_update().get(id=decision_id)
    if row.decided_at is not None:
        raise ConflictError("decision_already_taken")
    return row


def _right_of(actor: Actor, row: Decision, structure: Structure) -> Grant:
    """Return the right by which an actor decides: the one that stands nearest to where the question came from."""
    risk = None if row.risk is None else Risk(row.risk)
    actor.require(queries.TAKE, unit=row.asked_by_unit_id, amount=row.amount, risk=risk)
    if Person.objects.get(id=actor.person()).kind != PersonKind.PERSON:
        raise NotAllowedError("decision_needs_a_person")
    able = [
        grant
        for grant in actor.grants_of(queries.TAKE)
        if grant.reaches(row.asked_by_unit_id) and grant.covers(row.amount, risk)
    ]
    # A role counts before a delegation that stands at the same unit.
    return max(able, key=lambda one: (len(structure.path(top_of(one, structure))), one.source.startswith("role:")))
