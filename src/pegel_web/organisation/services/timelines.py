"""Units over time, between the database and the plain values that reorganisations are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from pegel_web.core.errors import ConflictError
from pegel_web.organisation.models import UnitPeriod
from pegel_web.organisation.timeline import Period, Timeline, problems

T = TypeVar("T")
#: So many rows are written at once.
AT_ONCE: Final = 500


def refuse_new_problems(before: Timeline, changes: Timeline, since: date) -> None:
    """Refuse a change after which the tree would be wrong on any day, where it was not before.

    Raises
    ------
    ConflictError: the code of the :class:`~pegel_web.organisation.timeline.Problem`, with the unit's ``name``.
    """
    since = min([since, *(period.valid_from for periods in changes.values() for period in periods[-1:])])
    after = {**before, **changes}
    new = problems(after, since) - problems(before, since)
    for problem in sorted(new, key=lambda one: (one.code, str(one.unit))):
        raise ConflictError(problem.code, name=after[problem.unit][-1].name)


def write_periods(unit: UUID, before: tuple[Period, ...], after: tuple[Period, ...]) -> None:
    """Bring the periods of one unit from one state to another."""
    write_timeline({unit: before}, {unit: after})


def write_timeline(before: Timeline, after: Timeline) -> None:
    """Bring the periods of some units from one state to another; those of a unit are told apart by their first day."""
    old = {(unit, period.valid_from): period for unit in after for period in before.get(unit, ())}
    new = {(unit, period.valid_from): period for unit, periods in after.items() for period in periods}
    gone, differing = old.keys() - new.keys(), [at for at in old.keys() & new.keys() if old[at] != new[at]]
    ids = _ids({unit for unit, _ in (*gone, *differing)})
    for part in in_parts([ids[at] for at in gone]):
        UnitPeriod.objects.filter(id__in=part).delete()
    # Those that end come first: only one period of a unit may be open.
    for is_open in (False, True):
        rows = [_row(new[at], id=ids[at]) for at in differing if (new[at].valid_until is None) is is_open]
        UnitPeriod.objects.bulk_update(rows, ["parent", "name", "kind", "valid_until"], batch_size=AT_ONCE)
    begun = sorted(new.keys() - old.keys(), key=lambda at: (at[1], str(at[0])))
    UnitPeriod.objects.bulk_create([_row(new[at]) for at in begun], batch_size=AT_ONCE)


def _ids(units: Collection[UUID]) -> dict[tuple[UUID, date], int]:
    found: dict[tuple[UUID, date], int] = {}
    for part in in_parts(list(units)):
        rows = UnitPeriod.objects.filter(unit_id__in=part).values_list("unit_id", "valid_from", "id")
        found |= {(unit, day): at for unit, day, at in rows}
    return found


def _row(period: Period, **more: int) -> UnitPeriod:
    return UnitPeriod(
        unit_id=period.unit,
        parent_id=period.parent,
        name=period.name,
        kind=period.kind,
        valid_from=period.valid_from,
        valid_until=period.valid_until,
        **more,
    )


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield as much at a time as a question to the database may hold."""
    yield from (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
