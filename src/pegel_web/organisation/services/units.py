"""Reorganisation: units begin, are renamed, move and end on a date, and what was before stays as it was."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.contracts.units import UnitEnded, UnitSummary
from pegel_web.organisation.models import Unit
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.timelines import read_timeline
from pegel_web.organisation.queries.units import summary, visible_unit
from pegel_web.organisation.services.handover import hand_over
from pegel_web.organisation.services.timelines import refuse_new_problems, write_periods
from pegel_web.organisation.services.turn import take_turn
from pegel_web.organisation.timeline import Period, begun, changed, ended, period_on

CHANGE = "organisation.unit.change"
#: Nobody plans beyond; it keeps typing errors such as 20206 out.
LAST_DAY = date(2200, 1, 1)
FIRST_DAY = date(1900, 1, 1)


@transaction.atomic
def create_unit(
    *, actor: Actor, code: str, name: str, kind: str, parent_id: UUID | None, valid_from: date
) -> UnitSummary:
    """Begin a unit on a date, or let one with that code begin again after it had ended.

    Raises
    ------
    ConflictError: ``unit_code_taken``, ``unit_second_top``, ``unit_parent_missing``. InputError: ``unit_kind_unknown``,
    ``date_out_of_range``, those of :func:`cleaned`. NotAllowedError. NotFoundError: ``unit_unknown`` for the parent.
    """
    actor.require(CHANGE, unit=parent_id)
    code = cleaned(code, field="code", most=60)
    name = cleaned(name, field="name", most=200)
    require_kind(kind)
    require_day(valid_from)
    if parent_id is not None:
        visible_unit(actor, parent_id)
    take_turn()
    before = read_timeline()
    known = Unit.objects.everything(because="codes are unique in the whole organisation").filter(code=code).first()
    if known is not None and any(one.valid_until is None for one in before.get(known.id, ())):
        raise ConflictError("unit_code_taken", code=code)
    unit = known or Unit.objects.create(code=code)
    own = before.get(unit.id, ())
    new = Period(unit=unit.id, parent=parent_id, name=name, kind=kind, valid_from=valid_from)
    periods = begun(own, new)
    refuse_new_problems(before, {unit.id: periods}, valid_from)
    write_periods(unit.id, own, periods)
    event = "organisation.unit.created" if known is None else "organisation.unit.reopened"
    after = {"code": code, "name": name, "kind": kind, "parent": parent_id, "valid_from": valid_from}
    record(actor, event, subject=("unit", unit.id), unit=unit.id, after=after)
    return summary(new, code)


def rename_unit(*, actor: Actor, unit_id: UUID, name: str, kind: str, on: date) -> UnitSummary:
    """Give a unit another name or kind from a date on.

    Raises
    ------
    ConflictError: ``unit_not_there``. InputError, NotAllowedError, NotFoundError: as for :func:`create_unit`.
    """
    name = cleaned(name, field="name", most=200)
    require_kind(kind)
    return _change(actor, unit_id, on, "organisation.unit.renamed", name=name, kind=kind)


def move_unit(*, actor: Actor, unit_id: UUID, parent_id: UUID, on: date) -> UnitSummary:
    """Hang a unit, with everything under it, under another one from a date on.

    Raises
    ------
    ConflictError: ``unit_cycle``, ``unit_not_there``, ``unit_parent_missing``. NotAllowedError: it takes the right to
    change both. NotFoundError.
    """
    visible_unit(actor, parent_id)
    actor.require(CHANGE, unit=parent_id)
    if parent_id == unit_id:
        raise ConflictError("unit_cycle", name="")
    return _change(actor, unit_id, on, "organisation.unit.moved", parent=parent_id)


@transaction.atomic
def end_unit(*, actor: Actor, unit_id: UUID, on: date, successor_id: UUID | None = None) -> UnitEnded:
    """End a unit on a date. What it still has goes to its successor: units below it, people, products; roles end.

    Raises
    ------
    ConflictError: ``unit_not_empty`` (children, members, products) where no successor is named; ``unit_not_there``,
    ``unit_ends_at_start``, ``unit_cycle`` where the successor lies below it, ``last_administrator``. NotAllowedError.
    NotFoundError.
    """
    visible_unit(actor, unit_id)
    actor.require(CHANGE, unit=unit_id)
    require_day(on)
    if successor_id is not None:
        visible_unit(actor, successor_id)
        actor.require(CHANGE, unit=successor_id)
        if successor_id == unit_id:
            raise InputError("unit_own_successor")
    take_turn()
    before = read_timeline()
    own = before.get(unit_id, ())
    after = {unit_id: ended(own, on)}
    children = {
        child: periods
        for child, periods in before.items()
        if any(one.parent == unit_id and (one.valid_until is None or one.valid_until > on) for one in periods)
    }
    handed = hand_over(actor, unit_id, successor_id, on, children=len(children))
    if successor_id is not None:
        after |= {child: _rehung(periods, unit_id, successor_id, on) for child, periods in children.items()}
    refuse_new_problems(before, after, on)
    for unit, periods in after.items():
        write_periods(unit, before[unit], periods)
    for child in children:
        moved = {"parent": successor_id, "on": on}
        record(
            actor,
            "organisation.unit.moved",
            subject=("unit", child),
            unit=child,
            before={"parent": unit_id},
            after=moved,
        )
    gone = {"on": on, "successor": successor_id, "members": handed.members, "products": handed.products}
    record(actor, "organisation.unit.ended", subject=("unit", unit_id), unit=unit_id, after=gone)
    return handed


def require_kind(kind: str) -> None:
    """Refuse a kind that units do not have (``unit_kind_unknown``)."""
    if kind not in UnitKind.values:
        raise InputError("unit_kind_unknown", kind=kind, known=list(UnitKind.values))


def require_day(day: date) -> None:
    """Refuse a date that can only be a slip (``date_out_of_range``)."""
    if not FIRST_DAY <= day < LAST_DAY:
        raise InputError("date_out_of_range", day=day, first=FIRST_DAY, last=LAST_DAY)


@transaction.atomic
def _change(
    actor: Actor,
    unit_id: UUID,
    on: date,
    event: str,
    *,
    name: str | None = None,
    kind: str | None = None,
    parent: UUID | None = None,
) -> UnitSummary:
    unit = visible_unit(actor, unit_id)
    actor.require(CHANGE, unit=unit_id)
    require_day(on)
    take_turn()
    before = read_timeline()
    own = before.get(unit_id, ())
    periods = changed(own, on, name=name, kind=kind, parent=parent)
    was, now = period_on(own, on), period_on(periods, on)
    if was is None or now is None:
        raise NotFoundError("unit_unknown", id=str(unit_id))
    if periods != own:
        refuse_new_problems(before, {unit_id: periods}, on)
        write_periods(unit_id, own, periods)
        told = {"name": name, "kind": kind, "parent": parent}
        names = [one for one, value in told.items() if value is not None]
        record(
            actor,
            event,
            subject=("unit", unit_id),
            unit=unit_id,
            before={one: getattr(was, one) for one in names},
            after={"on": on, **{one: getattr(now, one) for one in names}},
        )
    return summary(now, unit.code)


def _rehung(periods: tuple[Period, ...], old: UUID, new: UUID, on: date) -> tuple[Period, ...]:
    """Return the periods of a child of which everything from ``on`` under ``old`` hangs under ``new``."""
    found = periods
    for period in periods:
        if period.parent == old and (period.valid_until is None or period.valid_until > on):
            found = changed(found, max(on, period.valid_from), parent=new)
    return found
