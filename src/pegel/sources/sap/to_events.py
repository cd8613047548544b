"""Maps the rows of one object to event-log rows: pure, no reading.

A change of a status field is a change of state. Statuses of the tables JEST and JCDS are many at a time: setting one
opens its state; taking the one away that the object stands in leads back to the one set last before it, if that is
still set. Of equal times the change number, then the place in the file decides, and setting goes before taking away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder, Category
from pegel.sources.sap.meaning import (
    BLOCKED,
    DELETED,
    DELETION_FIELD,
    FIELDS,
    HEADER_TABLES,
    INSERTED,
    KEY_FIELD,
    STATUS_FIELDS,
    STATUS_TABLES,
    SYSTEM_STATUSES,
    category_of,
    state_of_field,
    state_of_status,
)

_STATUS_CODE: Final = re.compile(r"[EI][0-9]{4}$")


class Change(NamedTuple):
    """One row: a changed field of an object, as :mod:`pegel.sources.sap.rows` gives it."""

    row: int
    at_us: int
    item: str
    type: str
    sequence: str
    actor: str
    table: str
    key: str
    field: str
    indicator: str
    new: str
    old: str


@dataclass(frozen=True, slots=True)
class StatusChoice:
    """Which changes are states: the known ones, or exactly those that a person named (``EKKO-FRGZU``, ``I0340``)."""

    named: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str | None) -> StatusChoice:
        """Read names with commas between.

        >>> sorted(StatusChoice.parse("ekko-frgzu, ZZSTATUS").named)
        ['EKKO-FRGZU', 'ZZSTATUS']
        """
        return cls(frozenset(name.strip().upper() for name in (text or "").split(",") if name.strip()))

    def is_field(self, table: str, name: str) -> bool:
        """Tell whether changes of a field (not of JEST or JCDS) are states."""
        if self.named:
            return name in self.named or f"{table}-{name}" in self.named
        return any(name in group for group in STATUS_FIELDS.get(table, ()))

    def is_status(self, code: str) -> bool:
        """Tell whether a status of JEST or JCDS is a state."""
        codes = {name for name in self.named if _STATUS_CODE.match(name)}
        if codes:
            return code in codes
        if self.named and not self.named & {*STATUS_TABLES, "STAT"}:
            return False
        return code in SYSTEM_STATUSES or code.startswith("E")

    def told_twice(self, found: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of the status fields (table, field) of an object those whose story another one tells."""
        if self.named:
            return set()
        return {
            (table, name)
            for table, groups in STATUS_FIELDS.items()
            for group in groups
            for name in [name for name in group if (table, name) in found][1:]
        }


@dataclass(slots=True)
class ObjectMapping:
    """Writes objects into a builder and remembers what occurred."""

    choice: StatusChoice
    stream: str | None
    hints: dict[str, Category] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)

    def add(self, builder: BatchBuilder, rows: Iterable[Change]) -> None:
        """Add all rows of one object."""
        ordered = sorted(rows, key=lambda row: (row.at_us, row.sequence, self._takes_away(row), row.row))
        life = _Life(builder, ordered, self)
        for place, row in enumerate(ordered):
            life.add(place, row)

    def _takes_away(self, row: Change) -> bool:
        return row.table in STATUS_TABLES and not _is_set(row)

    def note(self, state: str, table: str, name: str) -> str:
        """Remember a state and where it was said."""
        category = category_of(state)
        if category:
            self.hints.setdefault(state, category)
        self.fields.add(table if table in STATUS_TABLES else f"{table}-{name}")
        return state


class _Life:
    """The life of one object, row by row."""

    def __init__(self, builder: BatchBuilder, rows: Sequence[Change], mapping: ObjectMapping) -> None:
        self._builder = builder
        self._mapping = mapping
        self._first = rows[0]
        self._header = HEADER_TABLES.get(rows[0].type)
        fields = {(row.table, row.field) for row in rows if mapping.choice.is_field(row.table, row.field)}
        self._told_twice = mapping.choice.told_twice(fields)
        self._recorded = False
        self._created = False
        self._deleted_us: int | None = None
        self._state: str | None = None
        self._set: dict[str, str] = {}  # status code → state, in the order of setting

    def add(self, place: int, row: Change) -> None:
        if row.table in STATUS_TABLES:
            self._add_status(place, row)
        elif row.field == KEY_FIELD and row.indicator in INSERTED:
            self._add_creation(row)
        elif row.indicator in DELETED:
            self._add_deletion(place, row, now=row.table == self._header)
        elif row.field == DELETION_FIELD and not self._mapping.choice.is_field(row.table, row.field):
            self._add_deletion_flag(place, row)
        elif (row.table, row.field) in self._told_twice:
            self._builder.ignored["other_status_field"] += 1
        elif self._mapping.choice.is_field(row.table, row.field):
            known = row.old or (row.indicator == "U" and row.new)
            state = self._mapping.note(state_of_field(row.field, row.new), row.table, row.field)
            self._enter(place, row, state, state_of_field(row.field, row.old) if known else None)
        else:
            self._add_field(place, row)

    def _add_status(self, place: int, row: Change) -> None:
        code = _code_of(row)
        if code is None:
            self._builder.reject(row.row, "unknown_state", row.key or row.new)
        elif not self._mapping.choice.is_status(code):
            self._builder.ignored["status_beside"] += 1
        elif _is_set(row):
            state = self._mapping.note(state_of_status(code), row.table, row.field)
            self._set.pop(code, None)
            self._set[code] = state
            self._enter(place, row, state, None)
        else:
            gone = self._set.pop(code, None)
            if gone is not None and gone == self._state and self._set:
                self._enter(place, row, next(reversed(self._set.values())), None)
            else:
                self._builder.ignored["status_removed"] += 1

    def _enter(self, place: int, row: Change, state: str, before: str | None) -> None:
        if state == self._state:
            self._builder.ignored["no_state_change"] += 1
            return
        self._record(row)
        known = self._state or before
        if self._builder.transition(
            row.row,
            row.item,
            at_us=row.at_us,
            sequence=place,
            from_state=known,
            to_state=state,
            actor=row.actor or None,
        ):
            self._state = state

    def _add_creation(self, row: Change) -> None:
        """Add that the object was made; of an unknown class only what happened first can be its making."""
        is_object = row.table == self._header if self._header else row.at_us == self._first.at_us
        if not is_object:
            self._builder.ignored["field_not_needed"] += 1
        elif self._created or self._recorded:
            self._builder.ignored["no_state_change"] += 1
        else:
            self._created = True
            self._record(row, created_us=row.at_us)

    def _add_deletion_flag(self, place: int, row: Change) -> None:
        of_object = row.table in HEADER_TABLES.values() and row.table == (self._header or row.table)
        if not of_object or row.new == BLOCKED or (not row.new and self._deleted_us is None):
            self._builder.ignored["field_not_needed"] += 1
        elif row.new:
            self._add_deletion(place, row, now=True)
        else:
            # Back in the state before: what was taken back is no deletion any more.
            self._deleted_us = None
            self._builder.transition(
                row.row,
                row.item,
                at_us=row.at_us,
                sequence=place,
                from_state=schema.DELETED_STATE,
                to_state=self._state or schema.CREATED_STATE,
                actor=row.actor or None,
            )

    def _add_deletion(self, place: int, row: Change, *, now: bool) -> None:
        if not now:
            self._builder.ignored["field_not_needed"] += 1
        elif self._deleted_us is not None:
            self._builder.merged += 1  # a deletion may be told field by field
        else:
            self._deleted_us = row.at_us
            self._field_change(place, row, "deleted", None, "true")

    def _add_field(self, place: int, row: Change) -> None:
        name = FIELDS.get(row.field)
        if name is None:
            self._builder.ignored["field_not_needed"] += 1
        else:
            self._field_change(place, row, name, row.old or None, row.new or None)

    def _field_change(self, place: int, row: Change, name: str, before: str | None, now: str | None) -> None:
        self._record(row)
        self._builder.field_change(
            row.row,
            row.item,
            at_us=row.at_us,
            sequence=place,
            field=name,
            from_value=before,
            to_value=now,
            actor=row.actor or None,
        )

    def _record(self, row: Change, created_us: int | None = None) -> None:
        """Add the item's record with its first row that is kept."""
        if not self._recorded:
            stream = self._mapping.stream or row.type
            self._recorded = self._builder.item(row.row, row.item, stream=stream, type=row.type, created_us=created_us)


def is_of_use(choice: StatusChoice, table: str, name: str, indicator: str) -> bool:
    """Tell whether rows of such a kind can say anything at all; the many others need not be kept in memory."""
    if table in STATUS_TABLES or name in (KEY_FIELD, DELETION_FIELD) or name in FIELDS:
        return True
    return indicator in DELETED or choice.is_field(table, name)


def _code_of(row: Change) -> str | None:
    """Code of the status that a row of JEST or JCDS speaks of: its new value, else the end of the key."""
    found = _STATUS_CODE.match(row.new.upper()) if row.field == "STAT" else None
    found = found or _STATUS_CODE.search(row.key.upper())
    return found.group() if found else None


def _is_set(row: Change) -> bool:
    if row.indicator in DELETED:
        return False
    return not (row.field == "INACT" and row.new.upper() == "X")
