"""Units over time, between the database and the plain values that reorganisations are made of."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel_web.core.errors import ConflictError
from pegel_web.organisation.models import UnitPeriod
from pegel_web.organisation.timeline import Period, Timeline, problems


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
    """Bring the periods of one unit from one state to another; periods are told apart by the day they begin."""
    old = {period.valid_from: period for period in before}
    new = {period.valid_from: period for period in after}
    rows = UnitPeriod.objects.filter(unit_id=unit)
    if gone := old.keys() - new.keys():
        rows.filter(valid_from__in=gone).delete()
    # Those that end come first: only one period of a unit may be open.
    for day in sorted(old.keys() & new.keys(), key=lambda one: (new[one].valid_until is None, one)):
        if old[day] != new[day]:
            rows.filter(valid_from=day).update(**_values(new[day]))
    for day in sorted(new.keys() - old.keys()):
        UnitPeriod.objects.create(unit_id=unit, valid_from=day, **_values(new[day]))


def _values(period: Period) -> dict[str, object]:
    return {
        "parent_id": period.parent,
        "name": period.name,
        "kind": period.kind,
        "valid_until": period.valid_until,
    }
