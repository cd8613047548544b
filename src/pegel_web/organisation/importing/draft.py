"""An import while it is being planned: the organisation as it would be, and what has to be said about each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.structure_import import ImportLine, RejectedRow
from pegel_web.organisation.importing.current import Current, KnownPerson, KnownProduct, Span
from pegel_web.organisation.importing.reading import Row
from pegel_web.organisation.timeline import Period, period_on

#: Nobody plans beyond; it keeps typing errors such as 20206 out.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 1, 1)


@dataclass(slots=True)
class Draft:
    """The organisation as it would be after the import; it begins as a copy of what is.

    ``seed``: what the ids of new records are made from; it is forgotten with the rows, so that no id can ever be
    computed again from the sign of a person. ``complete``: what a table does not mention ends.
    """

    actor: Actor
    current: Current
    seed: UUID
    effective: date
    complete: bool
    timeline: dict[UUID, tuple[Period, ...]] = field(init=False)
    codes: dict[str, UUID] = field(init=False)
    people: dict[UUID, KnownPerson] = field(init=False)
    by_sign: dict[str, UUID] = field(init=False)
    memberships: dict[UUID, list[Span]] = field(init=False)
    roles: dict[UUID, list[Span]] = field(init=False)
    products: dict[str, KnownProduct] = field(init=False)
    lines: list[ImportLine] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    unchanged: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.timeline = dict(self.current.timeline)
        self.codes = dict(self.current.codes)
        self.people = dict(self.current.people)
        self.by_sign = dict(self.current.by_sign)
        self.memberships = {person: list(spans) for person, spans in self.current.memberships.items()}
        self.roles = {person: list(spans) for person, spans in self.current.roles.items()}
        self.products = dict(self.current.products)

    def new_id(self, kind: str, key: str) -> UUID:
        """Return the id of something new: the same whenever this import is planned."""
        return uuid5(self.seed, f"{kind}:{key}")

    def reject(self, kind: str, row: Row | None, reason: str, detail: str = "") -> None:
        """Note that a row, or what it leaves out, cannot be taken over."""
        cells = () if row is None else tuple(row.cells.items())
        number = None if row is None else row.number
        self.rejected.append(RejectedRow(kind=kind, row=number, reason=reason, detail=detail, cells=cells))

    def note(
        self,
        kind: str,
        verb: str,
        row: Row | None,
        what: str,
        *,
        before: Mapping[str, object],
        after: Mapping[str, object],
    ) -> None:
        """Note a change: only the values that differ."""
        differing = [name for name in after if before.get(name) != after[name]]
        self.lines.append(
            ImportLine(
                kind=kind,
                verb=verb,
                row=None if row is None else row.number,
                what=what,
                before=tuple((name, str(before[name])) for name in differing if before.get(name) is not None),
                after=tuple((name, str(after[name])) for name in differing if after[name] is not None),
            )
        )

    def ends_the_rest(self, kind: str, rows: Sequence[Row], sign: str) -> bool:
        """Tell whether what a table does not mention ends; not where a row cannot be read: nobody knows its meaning."""
        if not self.complete or not rows:
            return False
        readable = all(not row.broken and (row.cells.get(sign) or row.signs.get(sign)) for row in rows)
        if not readable:
            self.reject(kind, None, "complete_not_applied")
        return readable

    def unit_called(self, unit: UUID | None) -> str:
        """Return what a unit is called on the day of the import, or as close to it as there is a name."""
        if unit is None:
            return ""
        periods = self.timeline.get(unit) or self.current.timeline.get(unit, ())
        found = period_on(periods, self.effective) or (periods[-1] if periods else None)
        return "" if found is None else found.name

    def person_called(self, person: UUID) -> str:
        """Return a person's name, or what stands for it."""
        known = self.people[person]
        return known.name or known.pseudonym


def date_in(row: Row, name: str) -> date | None:
    """Return the date in a cell: ``2026-07-01``, ``01.07.2026``, or with a time behind it; None for an empty cell.

    Raises
    ------
    InputError: ``date_unreadable``, ``date_out_of_range``.
    """
    text = row.cells.get(name, "")
    if not text:
        return None
    first = text.replace("T", " ").split(" ")[0]
    try:
        if first.count(".") == 2:
            day, month, year = first.split(".")
            found = date(int(year), int(month), int(day))
        else:
            found = date.fromisoformat(first)
    except ValueError:
        raise InputError("date_unreadable", field=name) from None
    if not FIRST_DAY <= found < LAST_DAY:
        raise InputError("date_out_of_range", day=found, first=FIRST_DAY, last=LAST_DAY)
    return found
