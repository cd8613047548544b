"""The tree of units over time, as plain values: what a reorganisation does to it, and what it must never become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from pegel_web.core.errors import ConflictError

Timeline = Mapping[UUID, tuple["Period", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a unit is called and where it hangs in ``[valid_from, valid_until)``."""

    unit: UUID
    parent: UUID | None
    name: str
    kind: str
    valid_from: date
    valid_until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a tree: ``unit_cycle``, ``unit_parent_missing`` (other: the parent), ``unit_second_top``."""

    code: str
    unit: UUID
    other: UUID | None = None


def period_on(periods: Iterable[Period], day: date) -> Period | None:
    """Return the period that holds a day."""
    return next((period for period in periods if period.holds(day)), None)


def begun(periods: tuple[Period, ...], new: Period) -> tuple[Period, ...]:
    """Return the periods of a unit that begins, or begins again after it had ended.

    Raises
    ------
    ConflictError: ``unit_exists_then``, where it is there on that day or later already.
    """
    if any(period.valid_until is None or period.valid_until > new.valid_from for period in periods):
        raise ConflictError("unit_exists_then", on=new.valid_from)
    return (*periods, new)


def changed(
    periods: tuple[Period, ...],
    on: date,
    *,
    name: str | None = None,
    kind: str | None = None,
    parent: UUID | None = None,
) -> tuple[Period, ...]:
    """Return the periods of a unit that is called otherwise or hangs elsewhere from a day; what was before stays.

    The change lasts as long as the period it falls into, so that a reorganisation planned for later still comes.

    Raises
    ------
    ConflictError: ``unit_not_there`` on that day.
    """
    found = period_on(periods, on)
    if found is None:
        raise ConflictError("unit_not_there", on=on)
    new = replace(
        found, name=name or found.name, kind=kind or found.kind, parent=found.parent if parent is None else parent
    )
    if new == found:
        return periods
    kept = [replace(found, valid_until=on)] if found.valid_from < on else []
    parts = [*kept, replace(new, valid_from=on)]
    return tuple(one for period in periods for one in (parts if period is found else [period]))


def ended(periods: tuple[Period, ...], on: date) -> tuple[Period, ...]:
    """Return the periods of a unit that is no longer there from a day on; what was planned for later falls away.

    Raises
    ------
    ConflictError: ``unit_not_there`` on that day, ``unit_ends_at_start`` where nothing of it would remain.
    """
    if period_on(periods, on) is None:
        raise ConflictError("unit_not_there", on=on)
    kept = tuple(
        period if period.valid_until is not None and period.valid_until <= on else replace(period, valid_until=on)
        for period in periods
        if period.valid_from < on
    )
    if not kept:
        raise ConflictError("unit_ends_at_start", on=on)
    return kept


def problems(timeline: Timeline, since: date) -> set[Problem]:
    """Return what is wrong with the tree on any day from ``since`` on.

    Nothing changes between two boundaries of periods, so those days are all that need looking at.
    """
    every = [period for periods in timeline.values() for period in periods]
    edges = {edge for period in every for edge in (period.valid_from, period.valid_until) if edge and edge > since}
    return {problem for day in (since, *edges) for problem in _problems_on(every, day)}


def _problems_on(every: list[Period], day: date) -> Iterable[Problem]:
    parents = {period.unit: period.parent for period in every if period.holds(day)}
    tops = sorted((unit for unit, parent in parents.items() if parent is None), key=str)
    yield from (Problem(code="unit_second_top", unit=unit) for unit in (tops if len(tops) > 1 else ()))
    sound: set[UUID] = set()
    for unit in parents:
        way: list[UUID] = []
        at: UUID | None = unit
        while at is not None and at not in sound and at not in way:
            if at not in parents:
                yield Problem(code="unit_parent_missing", unit=way[-1], other=at)
                break
            way.append(at)
            at = parents[at]
        if at is not None and at in way:
            yield from (Problem(code="unit_cycle", unit=one) for one in way[way.index(at) :])
        sound.update(way)
