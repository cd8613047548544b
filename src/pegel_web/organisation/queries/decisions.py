"""The decision log as an actor may see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor, Risk
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState
from pegel_web.organisation.models import Decision
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.right_holders import RightHolders, right_holders
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.unit_names import unit_names

VIEW: Final = "organisation.decision.view"
TAKE: Final = "organisation.decision.take"
RAISE: Final = "organisation.decision.raise"
PERSON: Final = "organisation.person.view"
DAY_SECONDS: Final = 86_400
#: So many are listed; open ones come first, then the newest.
MOST: Final = 2_000
#: From the people who do the work upwards.
LEVELS: Final = tuple(str(kind) for kind in reversed(UnitKind.values))


def decision_log(
    *,
    actor: Actor,
    state: DecisionState | None = None,
    level: str | None = None,
    unit_id: UUID | None = None,
    review_before: date | None = None,
) -> tuple[DecisionRecord, ...]:
    """Return the questions that an actor may see: open ones first, then the newest; at most 2,000.

    Parameters
    ----------
    level: kind of unit at which it waits or was decided. unit_id: asked in this unit or below it. review_before: only
    those whose review date lies before this day.

    Raises
    ------
    NotFoundError: ``unit_unknown``.
    """
    structure = structure_on(actor.at.date())
    rows = visible(actor)
    if state is not None:
        rows = rows.filter(_STATES[state])
    if unit_id is not None:
        if unit_id not in structure.nodes:
            raise NotFoundError("unit_unknown", id=unit_id)
        rows = rows.filter(asked_by_unit_id__in=structure.below(unit_id))
    if review_before is not None:
        rows = rows.filter(review_date__lt=review_before)
    found = decision_records(
        rows.order_by(F("decided_at").desc(nulls_first=True), "-raised_at")[:MOST], actor=actor, structure=structure
    )
    return found if level is None else tuple(one for one in found if one.level == level)


def decision(*, actor: Actor, decision_id: UUID) -> DecisionRecord:
    """Return one question.

    Raises
    ------
    NotFoundError: ``decision_unknown``.
    """
    rows = visible(actor).filter(id=decision_id)
    found = decision_records(rows, actor=actor, structure=structure_on(actor.at.date()))
    if not found:
        raise NotFoundError("decision_unknown", id=decision_id)
    return found[0]


def visible(actor: Actor) -> QuerySet[Decision]:
    """Return what an actor may see: the questions of their units, those they may decide, and their own."""
    rows: QuerySet[Decision] = Decision.objects.everything(because="narrowed in the next lines")
    seen = Q(pk__in=[]) if actor.person_id is None else Q(raised_by=actor.person_id)
    for code in (VIEW, TAKE):
        units = actor.units_for(code)
        if units is None:
            return rows
        seen |= Q(asked_by_unit_id__in=units)
    return rows.filter(seen)


def decision_records(rows: Iterable[Decision], *, actor: Actor, structure: Structure) -> tuple[DecisionRecord, ...]:
    """Return questions with names; for open ones also who may decide them today."""
    listed = list(rows)
    holders = right_holders({TAKE}, structure) if any(one.decided_at is None for one in listed) else None
    # Many questions come from few units, and each may have dozens of people who could decide it.
    asked = {_matter(one): None for one in listed if one.decided_at is None}
    deciding = {matter: _deciders(matter, holders) for matter in asked} if holders else {}
    names = office_names(
        [
            *(person for one in listed for person in (one.raised_by_id, one.decided_by_id)),
            *(person for _, people in deciding.values() for person in people),
        ]
    )
    units = unit_names(
        [
            *(unit for one in listed for unit in (one.unit_id, one.asked_by_unit_id)),
            *(unit for unit, _ in deciding.values()),
        ],
        structure,
    )
    named = {
        matter: _Deciding(at, people, tuple(names[one] for one in people)) for matter, (at, people) in deciding.items()
    }
    return tuple(
        _record(one, _NOBODY if one.decided_at else named[_matter(one)], names, units, actor, structure)
        for one in listed
    )


class _Matter(NamedTuple):
    """What of a question says who may decide it."""

    asked_by_unit_id: UUID
    amount: Decimal | None
    risk: Risk | None


class _Deciding(NamedTuple):
    """The lowest unit at which an open question may be decided (None: nowhere), and by whom."""

    unit_id: UUID | None
    people: tuple[UUID, ...]
    names: tuple[str, ...]


_NOBODY: Final = _Deciding(None, (), ())


def _matter(row: Decision) -> _Matter:
    return _Matter(row.asked_by_unit_id, row.amount, None if row.risk is None else Risk(row.risk))


def _deciders(matter: _Matter, holders: RightHolders) -> tuple[UUID | None, tuple[UUID, ...]]:
    unit, able = holders.lowest(TAKE, matter.asked_by_unit_id, amount=matter.amount, risk=matter.risk)
    return unit, tuple(dict.fromkeys(one.person_id for one in able))


_STATES: Final = {
    DecisionState.OPEN: Q(decided_at=None),
    DecisionState.DECIDED: Q(decided_at__isnull=False) & ~Q(outcome=Outcome.WITHDRAWN),
    DecisionState.WITHDRAWN: Q(outcome=Outcome.WITHDRAWN),
}


def state_of(row: Decision) -> DecisionState:
    """Return how a question stands."""
    if row.decided_at is None:
        return DecisionState.OPEN
    return DecisionState.WITHDRAWN if row.outcome == Outcome.WITHDRAWN else DecisionState.DECIDED


def days_between(start: datetime, end: datetime) -> float:
    """Return the time between two moments in days of 24 hours."""
    return (end - start).total_seconds() / DAY_SECONDS


def _record(
    row: Decision,
    deciding: _Deciding,
    names: dict[UUID, str],
    units: dict[UUID, str],
    actor: Actor,
    structure: Structure,
) -> DecisionRecord:
    state = state_of(row)
    waits_at, people = deciding.unit_id, deciding.people
    unit = row.unit_id if waits_at is None else waits_at
    node = structure.nodes.get(unit)
    level = row.level if waits_at is None or node is None else node.kind
    risk = None if row.risk is None else Risk(row.risk)
    own = actor.person_id == row.raised_by_id
    named = own or actor.allows(PERSON, unit=row.asked_by_unit_id)
    # Who withdraws a question is who raised it, and does so in no office.
    office = named or state is DecisionState.DECIDED
    open_ = state is DecisionState.OPEN
    return DecisionRecord(
        decision_id=row.id,
        title=row.title,
        question=row.question,
        options=row.options,
        state=state,
        asked_by_unit_id=row.asked_by_unit_id,
        asked_by_unit_name=units[row.asked_by_unit_id],
        unit_id=unit,
        unit_name=units[unit],
        level=level,
        routed_level=row.routed_level,
        above_its_level=state is DecisionState.DECIDED and LEVELS.index(row.level) > LEVELS.index(row.routed_level),
        amount=row.amount,
        risk=risk,
        raised_at=row.raised_at,
        raised_by_id=row.raised_by_id if named else None,
        raised_by_name=names[row.raised_by_id] if named else None,
        days=days_between(row.raised_at, row.decided_at or actor.at),
        outcome=row.outcome or None,
        reason=row.reason,
        conditions=row.conditions,
        review_date=row.review_date,
        decided_at=row.decided_at,
        decided_by_name=names[row.decided_by_id] if row.decided_by_id is not None and office else None,
        by_delegation=row.by_delegation,
        decider_ids=people,
        deciders=deciding.names,
        nobody_may=open_ and not people,
        own=own,
        may_take=open_ and actor.allows(TAKE, unit=row.asked_by_unit_id, amount=row.amount, risk=risk),
        may_withdraw=open_ and own,
    )
