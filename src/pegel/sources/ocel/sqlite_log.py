"""Reads object-centric logs in SQLite (https://www.ocel-standard.org/specification/formats/sqlite/).

An event is spread over tables: ``event`` (id, type), one table per type (time, attributes) and ``event_object``; an
object likewise. Each is read in the order of the ids, which SQLite sorts on disk where there is no index, and the three
are zipped together, so that memory holds one record. Records therefore come in the order of their ids, while their
``number`` is their place in ``event`` or ``object``.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from pegel.errors import InputError
from pegel.sources.ocel.model import LogEvent, LogObject, LogRecord, Needs, Relation, Value, name_of, text_of
from pegel.sources.ocel.sqlite_file import Database, open_database, quoted

#: Types of events or objects: each has a table that is read beside the others.
MOST_TYPES: Final = 1000

#: Id as bytes (their order is the same in SQLite and here), place in its table, and the wanted columns.
Row = tuple[Any, ...]


class SqliteLog:
    """An object-centric log in SQLite; see :class:`pegel.sources.ocel.model.LogReader`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._share = 0.0
        self._loose: Counter[str] = Counter()

    def records(self, needs: Needs | None) -> Iterator[LogRecord]:
        """Yield the objects, then the events, each in the order of their ids.

        Raises
        ------
        InputError: ``ocel_table_missing``, ``ocel_column_missing``, ``ocel_too_many_types``, ``sqlite_broken``, as
        :func:`pegel.sources.ocel.sqlite_file.open_database`.
        """
        self._share, self._loose = 0.0, Counter()
        with open_database(self._path) as database:
            for kind in ("event", "object"):
                database.require(kind, "ocel_id", "ocel_type")
                database.require(f"{kind}_map_type", "ocel_type", "ocel_type_map")
            database.require("event_object", "ocel_event_id", "ocel_object_id")
            total = sum(_count(database, kind) for kind in ("event", "object")) or 1
            log = _Tables(database, needs, self._path, self._loose)
            for done, record in enumerate(log.records(), start=1):
                self._share = min(1.0, done / total)
                yield record

    def share_read(self) -> float:
        """Return the share of the records that was read."""
        return self._share

    def loose_parts(self) -> Mapping[str, int]:
        """Count rows of the other tables whose event or object is in neither ``event`` nor ``object``."""
        return self._loose


class _Parts(NamedTuple):
    """One record with its rows in the other tables."""

    id: str | None
    type: str | None
    number: int
    details: list[Row]
    relations: list[Row]


class _Tables:
    def __init__(self, database: Database, needs: Needs | None, path: Path, loose: Counter[str]) -> None:
        self._database = database
        self._needs = needs
        self._path = path
        self._loose = loose
        self._encoding = {"UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}.get(database.encoding, "utf-8")

    def records(self) -> Iterator[LogRecord]:
        needs = self._needs
        if needs is None:
            for row in self._main("object"):
                yield LogObject(row[1], self._text(row[0]), name_of(row[2]), (), ())
            return
        for one in self._zipped("object", needs.of_object, ("object_object", "ocel_source_id", "ocel_target_id")):
            values = [value for row in sorted(one.details, key=_place) for value in _object_values(row)]
            yield LogObject(one.number, one.id, one.type, values, _relations(one))
        for one in self._zipped("event", needs.of_event, ("event_object", "ocel_event_id", "ocel_object_id")):
            at = next((text_of(row[2]) for row in one.details if row[2] is not None), None)
            event_values = {
                name: text for row in one.details for name, value in row[4] if (text := text_of(value)) is not None
            }
            yield LogEvent(one.number, one.id, one.type, at, event_values, _relations(one))

    def _main(self, kind: str) -> Iterator[Row]:
        """Yield (id, place, type) of every row of ``event`` or ``object``."""
        return self._sorted(kind, "ocel_id", [quoted("ocel_type")])

    def _zipped(
        self, kind: Literal["event", "object"], is_needed: Callable[[str], bool], related: tuple[str, str, str]
    ) -> Iterator[_Parts]:
        details = _Follower(heapq.merge(*self._details(kind, is_needed), key=_key))
        relations = _Follower(self._related(*related))
        for key, rows in groupby(self._main(kind), key=_key):
            own, others = details.of(key), relations.of(key)
            # Ids that occur more than once share what the other tables say.
            for row in rows:
                yield _Parts(self._text(key), name_of(row[2]), row[1], own, others)
        loose = details.loose() + relations.loose()
        if loose:
            self._loose["unknown_event" if kind == "event" else "unknown_object"] += loose

    def _details(self, kind: Literal["event", "object"], is_needed: Callable[[str], bool]) -> Iterator[Iterator[Row]]:
        """Yield, for each type, the rows (id, place, time, changed field, [(name, value)]) of its table."""
        database = self._database
        names = f"SELECT ocel_type, ocel_type_map FROM {kind}_map_type"  # noqa: S608  constant
        mapped = list(database.rows(f"{names} LIMIT {MOST_TYPES + 1}"))
        if len(mapped) > MOST_TYPES:
            raise InputError("ocel_too_many_types", path=str(self._path), limit=MOST_TYPES)
        tables: dict[str, None] = {}
        for type_name, name in mapped:
            table = f"{kind}_{text_of(name)}"
            if database.has(table):
                tables[table.lower()] = None
            elif kind == "event" and self._occurs(type_name):
                raise InputError("ocel_table_missing", path=str(self._path), table=table)
        for table in tables:
            database.require(table, "ocel_id", "ocel_time")
            special = {name.lower(): name for name in database.columns(table)}
            wanted = [name for lower, name in special.items() if not lower.startswith("ocel_") and is_needed(name)]
            if kind == "event" or wanted:
                changed = special.get("ocel_changed_field")
                yield self._detail_rows(table, changed, wanted)

    def _detail_rows(self, table: str, changed: str | None, wanted: list[str]) -> Iterator[Row]:
        columns = [quoted("ocel_time"), quoted(changed) if changed else "NULL", *map(quoted, wanted)]
        for key, place, at, field, *values in self._sorted(table, "ocel_id", columns):
            yield key, place, at, field, list(zip(wanted, values, strict=True))

    def _related(self, table: str, source: str, target: str) -> Iterator[Row]:
        if not self._database.has(table):  # object_object is missing in older files
            return iter(())
        self._database.require(table, source, target)
        has_role = "ocel_qualifier" in {name.lower() for name in self._database.columns(table)}
        return self._sorted(table, source, [quoted(target), quoted("ocel_qualifier") if has_role else "NULL"])

    def _occurs(self, type_name: object) -> bool:
        found = self._database.rows("SELECT 1 FROM event WHERE ocel_type = ? LIMIT 1", (type_name,))
        return next(found, None) is not None

    def _sorted(self, table: str, column: str, columns: list[str]) -> Iterator[Row]:
        """Yield (id, place in the table, columns …) in the order of the id's bytes."""
        inner = ", ".join(f"{name} AS c{number}" for number, name in enumerate(columns))
        outer = ", ".join(f"c{number}" for number in range(len(columns)))
        return self._database.rows(
            f"SELECT k, n, {outer} FROM (SELECT CAST(CAST({quoted(column)} AS TEXT) AS BLOB) AS k, "  # noqa: S608  quoted
            f"row_number() OVER () AS n, {inner} FROM {quoted(table)}) ORDER BY k, n"
        )

    def _text(self, key: bytes) -> str | None:
        return name_of(key.decode(self._encoding, "pegel.mark_broken")) if key else None


class _Follower:
    """Gives the rows of each id in turn; counts those whose id was never asked for."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)
        self._skipped = 0

    def of(self, key: bytes | None) -> list[Row]:
        """Rows of an id that comes after every id asked for before."""
        found: list[Row] = []
        while self._next is not None and (self._next[0] or b"") <= (key or b""):
            if key and self._next[0] == key:
                found.append(self._next)
            else:
                self._skipped += 1
            self._next = next(self._rows, None)
        return found

    def loose(self) -> int:
        """Read the remaining rows; the number of all that belonged to no id."""
        return self._skipped + (self._next is not None) + sum(1 for _ in self._rows)


def _key(row: Row) -> bytes:
    return row[0] or b""


def _place(row: Row) -> int:
    return int(row[1])


def _object_values(row: Row) -> Iterator[Value]:
    """Values of a row of an object's table: of a change only the changed field counts."""
    _, _, at, changed, values = row
    for name, value in values:
        text = text_of(value)
        if text is not None and (changed is None or text_of(changed) == name):
            yield Value(name, text_of(at), text)


def _relations(one: _Parts) -> list[Relation]:
    return [Relation(other, text_of(row[3]) or "") for row in one.relations if (other := name_of(row[2])) is not None]


def _count(database: Database, table: str) -> int:
    counted = next(database.rows(f"SELECT count(*) FROM {quoted(table)}"))  # noqa: S608  quoted
    return int(str(counted[0]))
