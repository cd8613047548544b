"""What stands still among the use cases, beside the organisation's own history of each state.

Definition
    An open use case stands still where it has been in its state for longer than 85 % of all use cases of the
    organisation were (product-limit estimate over every stay that ever began there: those still open, parked, merged or
    doubled count as "at least that long"; from ten ended stays on), where its pilot should have ended, or where the
    approval it rests on has expired. The history is of the whole organisation, whoever reads; it names nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.progress import (
    DaysFigure,
    StalledCase,
    StalledCases,
    StallReason,
    StateHistory,
)
from pegel_web.portfolio.contracts.use_cases import CaseLine
from pegel_web.portfolio.lifecycle import OPEN, CaseState
from pegel_web.portfolio.models import CaseDuty, CaseStall, CaseStep, GateRequest, UseCase
from pegel_web.portfolio.queries.requests import request_lines
from pegel_web.portfolio.queries.stays import Stay, percentiles, read_stays
from pegel_web.portfolio.queries.use_cases import VIEW, case_lines, may_change, visible

#: What stands in one of these is not meant to move on: parked until a day, or in daily use for good.
_AT_REST: Final = frozenset({CaseState.PARKED, CaseState.SCALED})


def stalled_use_cases(*, actor: Actor) -> StalledCases:
    """Return what stands still, the longest first, with the history it is compared with.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    rows = list(visible(actor).filter(state__in=[str(one) for one in OPEN]))
    history = state_history(read_stays(), actor)
    limits = {one.state: one.p85 for one in history}
    over = _expired([row.id for row in rows], actor.at.date())
    lines = {one.use_case_id: one for one in case_lines(rows, actor=actor, structure=structure_on(actor.at.date()))}
    found = []
    for row in rows:
        line = lines[row.id]
        reasons = _reasons(row, line, limits.get(row.state), row.id in over, actor.at.date())
        if reasons:
            found.append((row, line, reasons))
    ids = [row.id for row, _, _ in found]
    causes, deciders, duties = _causes(ids), _deciders(ids, actor), _duties(ids)
    cases = tuple(
        StalledCase(
            line=line,
            reasons=reasons,
            p85=limits.get(row.state, DaysFigure(standing="too_few")),
            since_over=line.pilot_ends_on if "pilot_over" in reasons else over.get(row.id),
            deciders=deciders.get(row.id, ()),
            cause=causes[row.id].cause if row.id in causes else None,
            cause_note=causes[row.id].note if row.id in causes else "",
            cause_at=causes[row.id].named_at if row.id in causes else None,
            may_name_cause=may_change(actor, row, duties.get(row.id, ())),
        )
        for row, line, reasons in found
    )
    return StalledCases(
        cases=tuple(sorted(cases, key=lambda one: (-one.line.days, one.line.number))),
        open=len(rows),
        history=history,
        causes=dict(Counter(one.cause for one in cases if one.cause is not None)),
    )


def state_history(stays: list[Stay], actor: Actor) -> tuple[StateHistory, ...]:
    """Return how long use cases stay in each open state, in the order of the main way."""
    by_state: dict[CaseState, list[Stay]] = defaultdict(list)
    for one in stays:
        by_state[one.state].append(one)
    found = []
    for state in CaseState:
        if state not in OPEN or state in _AT_REST:
            continue
        here = by_state[state]
        endings = Counter(one.ending for one in here)
        median, p85 = percentiles([(one.days(actor.at), one.ending == "ended") for one in here], (0.5, 0.85))
        found.append(
            StateHistory(
                state=str(state),
                ended=endings["ended"],
                open=endings["open"],
                aside=endings["aside"],
                median=median,
                p85=p85,
            )
        )
    return tuple(found)


def _reasons(
    row: UseCase, line: CaseLine, limit: DaysFigure | None, expired: bool, today: date
) -> tuple[StallReason, ...]:
    found: list[StallReason] = []
    if limit is not None and limit.days is not None and line.days > limit.days:
        found.append("older")
    if row.state == CaseState.PILOT and line.pilot_ends_on is not None and line.pilot_ends_on <= today:
        found.append("pilot_over")
    if expired:
        found.append("approval_expired")
    return tuple(found)


def _expired(ids: list[UUID], today: date) -> dict[UUID, date]:
    """Return the use cases that rest on an approval which no longer holds, with the day it ended."""
    steps = CaseStep.objects.filter(use_case__in=ids).order_by("at", "id")
    last = {
        case: (target, state, expires)
        for case, target, state, expires in steps.values_list(
            "use_case_id", "target", "use_case__state", "decision__expires_on"
        )
    }
    return {
        case: expires
        for case, (target, state, expires) in last.items()
        if target == state and expires is not None and expires <= today
    }


def _causes(ids: list[UUID]) -> dict[UUID, CaseStall]:
    return {one.use_case_id: one for one in CaseStall.objects.filter(use_case__in=ids).order_by("named_at", "id")}


def _duties(ids: list[UUID]) -> dict[UUID, list[tuple[str, str, UUID | None]]]:
    found: dict[UUID, list[tuple[str, str, UUID | None]]] = defaultdict(list)
    for one in CaseDuty.objects.filter(use_case__in=ids):
        found[one.use_case_id].append((one.duty, one.letter, one.person_id))
    return found


def _deciders(ids: list[UUID], actor: Actor) -> dict[UUID, tuple[str, ...]]:
    rows = GateRequest.objects.everything(because="of use cases that the actor sees")
    waiting = list(rows.filter(use_case__in=ids, closed_at=None).select_related("use_case", "decision"))
    lines = request_lines(waiting, actor=actor, structure=structure_on(actor.at.date()))
    return {one.use_case_id: one.deciders for one in lines}
