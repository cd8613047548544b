"""What a table of units would do: begin, rename, move and end them on the day of the import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from pegel.errors import InputError, UserError
from pegel_web.core.errors import ConflictError, LimitedError
from pegel_web.organisation.importing.draft import Draft, date_in
from pegel_web.organisation.importing.reading import Row
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.timeline import Period, begun, changed, ended, period_on, problems

_MOST_DATES: Final = 50
_KINDS: Final[Mapping[str, str]] = {
    **{kind.value: kind.value for kind in UnitKind},
    "unternehmen": UnitKind.ORGANISATION,
    "bereich": UnitKind.DIVISION,
    "abteilung": UnitKind.DEPARTMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUnit:
    """A unit as a row wants it."""

    table: str
    row: Row
    unit: UUID
    code: str
    name: str
    kind: str
    parent_code: str
    until: date | None


def plan_units(draft: Draft, tables: Mapping[str, tuple[Row, ...]]) -> dict[UUID, WantedUnit]:
    """Plan the tables of units and teams; returns the rows that stand, by unit.

    Raises
    ------
    LimitedError: ``import_too_many_dates``.
    """
    wanted = _wanted(draft, tables)
    if len({one.until for one in wanted.values()}) > _MOST_DATES:
        raise LimitedError("import_too_many_dates", most=_MOST_DATES)
    for one in list(wanted.values()):
        try:
            draft.timeline[one.unit] = _after(draft, one)
        except ConflictError as refused:
            _withdraw(draft, wanted, one.unit, refused.code)
    rows = (*tables.get("units", ()), *tables.get("teams", ()))
    if draft.ends_the_rest("units", rows, "code"):
        # A row that is rejected still says that its unit is meant to stay.
        _end_the_rest(draft, {draft.codes[code] for row in rows if (code := row.cells["code"]) in draft.codes})
    settle(draft, wanted)
    return wanted


def settle(draft: Draft, wanted: dict[UUID, WantedUnit]) -> None:
    """Take back whatever would leave the tree wrong on some day, until nothing does."""
    before = problems(draft.current.timeline, draft.effective)
    while new := problems(draft.timeline, draft.effective) - before:
        back = 0
        for problem in sorted(new, key=lambda one: (one.code, str(one.unit))):
            missing = problem.other
            if missing is not None and problem.unit not in wanted and _touched(draft, missing):
                back += _withdraw(draft, wanted, missing, "unit_has_children")
            elif _touched(draft, problem.unit):
                back += _withdraw(draft, wanted, problem.unit, problem.code)
            elif missing is not None and _touched(draft, missing):
                back += _withdraw(draft, wanted, missing, "unit_has_children")
        if not back:
            raise ConflictError(next(iter(new)).code, name="")


def keep_what_is_not_empty(draft: Draft, wanted: dict[UUID, WantedUnit]) -> None:
    """Take back the end of units that people or products would still belong to."""
    latest: dict[UUID, tuple[date, str]] = {}
    spans = [(span.unit, span.valid_until, "unit_has_members") for one in draft.memberships.values() for span in one]
    spans += [(one.owner, one.valid_until, "unit_has_products") for one in draft.products.values()]
    for unit, until, reason in spans:
        latest[unit] = max(latest.get(unit, (date.min, "")), (until or date.max, reason))
    for unit, periods in list(draft.timeline.items()):
        end = periods[-1].valid_until
        if end is not None and _touched(draft, unit) and unit in latest and latest[unit][0] > end:
            _withdraw(draft, wanted, unit, latest[unit][1])
    settle(draft, wanted)


def note_units(draft: Draft, wanted: Mapping[UUID, WantedUnit]) -> None:
    """Say what happens to each unit, comparing what would be with what is."""
    codes = {unit: code for code, unit in draft.codes.items()}
    for unit in [*wanted, *(one for one in draft.timeline if one not in wanted and _touched(draft, one))]:
        row = wanted[unit].row if unit in wanted else None
        old, new = draft.current.timeline.get(unit, ()), draft.timeline[unit]
        if old == new:
            draft.unchanged["units"] += 1
            continue
        was, now = period_on(old, draft.effective), period_on(new, draft.effective)
        verb = "added" if was is None and now is not None else "changed"
        if new[-1].valid_until is not None and old and old[-1].valid_until != new[-1].valid_until:
            verb = "ended"
        draft.note(
            "units",
            verb,
            row,
            f"{codes[unit]} · {(now or new[-1]).name}",
            before=_said(draft, was, old),
            after=_said(draft, now, new),
        )


def _said(draft: Draft, period: Period | None, periods: tuple[Period, ...]) -> dict[str, object]:
    if not periods:
        return {}
    said: dict[str, object] = {"valid_until": periods[-1].valid_until}
    if period is not None:
        said |= {"name": period.name, "kind": period.kind, "parent_code": draft.unit_called(period.parent) or None}
    return said


def _wanted(draft: Draft, tables: Mapping[str, tuple[Row, ...]]) -> dict[UUID, WantedUnit]:
    found: dict[str, WantedUnit] = {}
    for table in ("units", "teams"):
        for row in tables.get(table, ()):
            try:
                one = _read(draft, table, row)
            except UserError as refused:
                draft.reject(table, row, refused.code, str(refused.values.get("field", "")))
                continue
            if one.code in found:
                draft.reject(table, row, "duplicate_in_file", one.code)
                continue
            found[one.code] = one
    # A parent may stand further down in the file; one that was refused is none.
    known = {code for code, unit in draft.current.codes.items() if draft.current.timeline.get(unit)} | set(found)
    while orphans := [one for one in found.values() if one.parent_code and one.parent_code not in known]:
        for one in orphans:
            del found[one.code]
            if not draft.current.timeline.get(one.unit):
                known.discard(one.code)
            draft.reject(one.table, one.row, "parent_unknown", one.parent_code)
    draft.codes |= {one.code: one.unit for one in found.values()}
    return {one.unit: one for one in found.values()}


def _read(draft: Draft, table: str, row: Row) -> WantedUnit:
    if row.broken:
        raise InputError(row.broken)
    code = cleaned(row.cells.get("code", ""), field="code", most=60)
    kind = "team" if table == "teams" else _KINDS.get(row.cells.get("kind", "").casefold(), "")
    if not kind:
        raise InputError("unit_kind_unknown", kind=row.cells.get("kind", ""), known=list(UnitKind.values), field="kind")
    until = date_in(row, "valid_until")
    return WantedUnit(
        table=table,
        row=row,
        unit=draft.codes.get(code) or draft.new_id("unit", code),
        code=code,
        name=cleaned(row.cells.get("name", ""), field="name", most=200),
        kind=kind,
        parent_code=row.cells.get("parent_code", ""),
        until=until,
    )


def _after(draft: Draft, one: WantedUnit) -> tuple[Period, ...]:
    """Return the periods of a unit after its row.

    Raises
    ------
    ConflictError: ``unit_exists_then``, ``unit_ends_at_start``, ``unit_not_there``.
    """
    day = draft.effective
    periods = draft.timeline.get(one.unit, ())
    parent = draft.codes[one.parent_code] if one.parent_code else None
    if one.until is not None and one.until <= day:
        over = bool(periods) and periods[-1].valid_until is not None and periods[-1].valid_until <= one.until
        return periods if over else ended(periods, one.until)
    there = period_on(periods, day)
    if there is None:
        new = Period(unit=one.unit, parent=parent, name=one.name, kind=one.kind, valid_from=day)
        periods = begun(periods, new)
    elif parent is None and there.parent is not None:
        # A change without a parent keeps the old one, so the move to the top is made here (and usually refused).
        moved = changed(periods, day, name=one.name, kind=one.kind)
        periods = tuple(replace(period, parent=None) if period.holds(day) else period for period in moved)
    else:
        periods = changed(periods, day, name=one.name, kind=one.kind, parent=parent)
    last = periods[-1].valid_until
    return ended(periods, one.until) if one.until is not None and (last is None or last > one.until) else periods


def _end_the_rest(draft: Draft, named: Iterable[UUID]) -> None:
    kept = set(named)
    for unit, periods in list(draft.timeline.items()):
        there = period_on(periods, draft.effective) is not None
        if unit not in kept and there and periods[0].valid_from < draft.effective:
            draft.timeline[unit] = ended(periods, draft.effective)


def _touched(draft: Draft, unit: UUID) -> bool:
    return draft.timeline.get(unit, ()) != draft.current.timeline.get(unit, ())


def _withdraw(draft: Draft, wanted: dict[UUID, WantedUnit], unit: UUID, reason: str) -> int:
    """Take back what was planned for a unit, and with one that would be new everything new under it; say how many."""
    below: dict[UUID | None, list[UUID]] = defaultdict(list)
    for one, periods in draft.timeline.items():
        below[periods[-1].parent].append(one)
    waiting, back = [(unit, reason)], 0
    while waiting:
        one, why = waiting.pop()
        row = wanted.pop(one, None)
        old = draft.current.timeline.get(one)
        code = next((code for code, at in draft.codes.items() if at == one), "")
        draft.reject("units" if row is None else row.table, None if row is None else row.row, why, code)
        back += 1
        if old is None:
            draft.timeline.pop(one, None)
            draft.codes.pop(code, None)
            waiting += [(child, "parent_unknown") for child in below[one] if child in wanted]
        else:
            draft.timeline[one] = old
    return back
