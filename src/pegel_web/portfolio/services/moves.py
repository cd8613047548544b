"""Steps in the life of a use case. Every step goes through :func:`take_step`, whoever asked for it."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation import entered
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseMove, CaseState, move
from pegel_web.portfolio.models import CaseStep, ExperimentPattern, GateDecision, GateRequest, Pilot, UseCase
from pegel_web.portfolio.queries.criteria import open_binding
from pegel_web.portfolio.queries.facts import facts_of
from pegel_web.portfolio.queries.use_cases import seen_case, use_case
from pegel_web.portfolio.services.rows import changeable_case
from pegel_web.portfolio.services.use_cases import keep_revision

LONGEST_REASON: Final = 4000


def move_use_case(
    *,
    actor: Actor,
    use_case_id: UUID,
    target: CaseState,
    reason: str = "",
    other_id: UUID | None = None,
    until: date | None = None,
) -> CaseReport:
    """Take a step that needs no gate: forward to assessed or retired, back, aside, or in again.

    ``other_id``: the use case that this one doubles or was merged into. ``until``: until when it is parked.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``move_not_possible``,
    ``move_needs_gate``, ``criteria_open`` (codes). InputError: ``text_missing``, ``other_missing``, ``other_itself``,
    ``parked_in_the_past``.
    """
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        step = permitted(row, target)
        if step.gate is not None and step.direction == "forward":
            raise ConflictError("move_needs_gate", gate=str(step.gate))
        why = entered.paragraph(reason, field="reason", most=LONGEST_REASON, required=step.reason)
        other = _other(actor, row, other_id) if step.other else None
        if step.until and until is not None and until <= actor.at.date():
            raise InputError("parked_in_the_past", field="until", day=until)
        require_criteria(row, step, actor.at.date())
        take_step(actor, row, step, reason=why, other=other, until=until if step.until else None)
    return use_case(actor=actor, use_case_id=use_case_id)


def permitted(row: UseCase, target: CaseState) -> CaseMove:
    """Return the step from where a use case stands.

    Raises
    ------
    ConflictError: ``move_not_possible``.
    """
    step = move(CaseState(row.state), target)
    if step is None:
        raise ConflictError("move_not_possible", state=row.state, target=str(target))
    return step


def require_criteria(row: UseCase, step: CaseMove, day: date) -> None:
    """Refuse to enter a state whose binding criteria are not met, whichever way one comes.

    Raises
    ------
    ConflictError: ``criteria_open`` (codes).
    """
    if step.direction != "forward" and step.gate is None:
        return
    open_ = open_binding(facts_of([row], day)[row.id], step.target)
    if open_:
        raise ConflictError("criteria_open", criteria=list(open_), n=len(open_))


def take_step(
    actor: Actor,
    row: UseCase,
    step: CaseMove,
    *,
    reason: str = "",
    other: UseCase | None = None,
    until: date | None = None,
    decision: GateDecision | None = None,
    pattern: ExperimentPattern | None = None,
) -> None:
    """Write a step of the machine, as part of the open transaction; the rules were checked by the caller.

    What asked for another step is withdrawn with it, and leaving a pilot aside or back ends the pilot.
    """
    row.state, row.state_since = step.target, actor.at
    row.parked_until = until
    row.other = other
    row.revision += 1
    row.changed_at = actor.at
    row.save(update_fields=["state", "state_since", "parked_until", "other", "revision", "changed_at"])
    # A step says nothing new, but whoever had the page open before it must be able to join what they write.
    keep_revision(actor, row)
    open_requests = GateRequest.objects.everything(because="of the use case that is moved")
    for request in open_requests.filter(use_case=row, closed_at=None):
        request.closed_at, request.withdrawn = actor.at, True
        request.save(update_fields=["closed_at", "withdrawn"])
    if step.source is CaseState.PILOT:
        Pilot.objects.filter(use_case=row, closed_at=None).update(closed_at=actor.at)
    CaseStep.objects.create(
        use_case=row, source=step.source, target=step.target, at=actor.at, by_id=actor.person_id, reason=reason,
        decision=decision, pattern=pattern,
    )  # fmt: skip
    record(
        actor,
        "portfolio.use_case.moved",
        subject=("use_case", row.id),
        unit=row.unit_id,
        before={"state": str(step.source)},
        after={
            "state": str(step.target),
            "other": None if other is None else other.id,
            "until": until,
            "decision": None if decision is None else decision.id,
        },
    )


def _other(actor: Actor, row: UseCase, other_id: UUID | None) -> UseCase:
    if other_id is None:
        raise InputError("other_missing", field="other_id")
    other = seen_case(actor, other_id)
    if other.id == row.id:
        raise InputError("other_itself", field="other_id")
    return other
