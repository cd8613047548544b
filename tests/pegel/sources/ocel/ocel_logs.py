"""A small log, written in every form, and what the tests ask of a source."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from pegel.eventlog.batch import Batch, rows_of
from pegel.sources.formats import EventSource, ReadOptions, format_named

#: Two orders, a package that both share, an employee. Order o1 is the parent of o2. The last event names no order.
SMALL: dict[str, Any] = {
    "objectTypes": [{"name": name, "attributes": []} for name in ("order", "package", "employee")],
    "eventTypes": [],
    "objects": [
        {
            "id": "o1",
            "type": "order",
            "attributes": [
                {"name": "priority", "time": "1970-01-01T00:00:00Z", "value": "low"},
                {"name": "priority", "time": "2026-01-02T00:00:00Z", "value": "high"},
                {"name": "price", "time": "1970-01-01T00:00:00Z", "value": "5"},
                {"name": "price", "time": "2026-01-03T00:00:00Z", "value": "7"},
                {"name": "notes", "time": "1970-01-01T00:00:00Z", "value": "call Ann"},
            ],
            "relationships": [
                {"objectId": "o2", "qualifier": "parent of"},
                {"objectId": "p1", "qualifier": "shipped in"},
            ],
        },
        {
            "id": "o2",
            "type": "order",
            "attributes": [],
            "relationships": [
                {"objectId": "o1", "qualifier": "replaces its parent"},
                {"objectId": "p1", "qualifier": "shipped in"},
            ],
        },
        {"id": "p1", "type": "package", "attributes": [], "relationships": []},
        {"id": "Ann", "type": "employee", "attributes": [], "relationships": []},
    ],
    "events": [
        {
            "id": "e1",
            "type": "place",
            "time": "2026-01-01T10:00:00Z",
            "attributes": [{"name": "resource", "value": "Bob"}],
            "relationships": [{"objectId": "o1", "qualifier": ""}],
        },
        {
            "id": "e2",
            "type": "pack",
            "time": "2026-01-02T10:00:00Z",
            "attributes": [],
            "relationships": [
                {"objectId": "o1", "qualifier": "order"},
                {"objectId": "o2", "qualifier": "order"},
                {"objectId": "p1", "qualifier": "package"},
                {"objectId": "Ann", "qualifier": "packed by"},
            ],
        },
        {
            "id": "e3",
            "type": "ship",
            "time": "2026-01-03T10:00:00Z",
            "attributes": [],
            "relationships": [{"objectId": "p1", "qualifier": "package"}],
        },
    ],
}


def small_log(objects: Iterable[dict[str, Any]], events: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A log of OCEL 2.0 without declared types."""
    return {"objectTypes": [], "eventTypes": [], "objects": list(objects), "events": list(events)}


def an_object(name: Any, kind: Any = "order", *related: tuple[str, str], values: Any = ()) -> dict[str, Any]:
    relations = [{"objectId": other, "qualifier": qualifier} for other, qualifier in related]
    attributes = [{"name": name, "time": at, "value": value} for name, at, value in values]
    return {"id": name, "type": kind, "attributes": attributes, "relationships": relations}


def an_event(name: Any, at: Any, *objects: str, kind: Any = "work", **values: Any) -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "time": at,
        "attributes": [{"name": key, "value": value} for key, value in values.items()],
        "relationships": [{"objectId": one, "qualifier": ""} for one in objects],
    }


def write_json(path: Path, log: dict[str, Any]) -> Path:
    path.write_text(json.dumps(log), encoding="utf-8")
    return path


def write_xml(path: Path, log: dict[str, Any]) -> Path:
    parts = ["<?xml version='1.0' encoding='UTF-8'?>\n<log><object-types/><event-types/>"]
    for plural in ("objects", "events"):
        parts.append(f"<{plural}>")
        for one in log[plural]:
            own = "".join(f" {key}={quoteattr(one[key])}" for key in ("id", "type", "time") if key in one)
            parts.append(f"<{plural[:-1]}{own}><attributes>")
            for value in one["attributes"]:
                own = "".join(f" {key}={quoteattr(value[key])}" for key in ("name", "time") if key in value)
                parts.append(f"<attribute{own}>{escape(value['value'])}</attribute>")
            parts.append("</attributes><objects>")
            parts.extend(
                f"<relationship object-id={quoteattr(other['objectId'])} qualifier={quoteattr(other['qualifier'])} />"
                for other in one["relationships"]
            )
            parts.append(f"</objects></{plural[:-1]}>\n")
        parts.append(f"</{plural}>")
    path.write_text("".join(parts) + "</log>", encoding="utf-8")
    return path


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def write_sqlite(path: Path, log: dict[str, Any], *, table_of: dict[str, str] | None = None) -> Path:
    """Write a log; ``table_of``: type → ending of its table's name (default: the type's name)."""
    with sqlite3.connect(path) as database:
        for kind in ("event", "object"):
            database.execute(f"CREATE TABLE {kind} (ocel_id TEXT, ocel_type TEXT)")
            database.execute(f"CREATE TABLE {kind}_map_type (ocel_type TEXT, ocel_type_map TEXT)")
            records = log[f"{kind}s"]
            database.executemany(f"INSERT INTO {kind} VALUES (?, ?)", [(one["id"], one["type"]) for one in records])
            for type_name in dict.fromkeys(one["type"] for one in records):
                ending = (table_of or {}).get(type_name, type_name)
                table = quoted(f"{kind}_{ending}")
                database.execute(f"INSERT INTO {kind}_map_type VALUES (?, ?)", (type_name, ending))
                own = [one for one in records if one["type"] == type_name]
                names = sorted({value["name"] for one in own for value in one["attributes"]})
                columns = ["ocel_id", "ocel_time", *(["ocel_changed_field"] if kind == "object" else []), *names]
                database.execute(f"CREATE TABLE {table} ({', '.join(map(quoted, columns))})")
                for one in own:
                    rows = [{"ocel_id": one["id"], "ocel_time": one.get("time", "1970-01-01 00:00:00")}]
                    for value in one["attributes"]:
                        if kind == "event" or value["time"].startswith("1970"):
                            rows[0][value["name"]] = value["value"]
                        else:
                            changed = {"ocel_changed_field": value["name"], value["name"]: value["value"]}
                            rows.append({"ocel_id": one["id"], "ocel_time": value["time"], **changed})
                    for row in rows:
                        database.execute(
                            f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})",
                            [row.get(c) for c in columns],
                        )
            first, second = ("event", "object") if kind == "event" else ("source", "target")
            table = f"{kind}_object"
            database.execute(f"CREATE TABLE {table} (ocel_{first}_id TEXT, ocel_{second}_id TEXT, ocel_qualifier TEXT)")
            pairs = [
                (one["id"], other["objectId"], other["qualifier"]) for one in records for other in one["relationships"]
            ]
            database.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", pairs)
    database.close()
    return path


WRITERS = {"ocel.json": write_json, "ocel.xml": write_xml, "ocel.sqlite": write_sqlite}


def opened(path: Path, format_name: str = "ocel.json", **options: Any) -> EventSource:
    return format_named(format_name).open(path, ReadOptions(**options))


def read(source: EventSource) -> tuple[dict[str, pl.DataFrame], Batch]:
    """All tables, and one batch with everything that is counted."""
    batches = list(source.batches())
    tables = {
        name: pl.concat([getattr(batch, name) for batch in batches])
        for name in ("items", "transitions", "field_changes", "links", "rejects")
    }
    total = Batch(**tables)
    for batch in batches:
        total.merged += batch.merged
        total.duplicate += batch.duplicate
        total.ignored.update(batch.ignored)
        total.warnings.update(batch.warnings)
    return tables, total


def rows_read(source: EventSource) -> int:
    """Sum of the fates as the lake counts them: batch by batch."""
    return sum(
        len(rows_of(one)) + one.merged + one.duplicate + one.ignored.total() + one.rejects.height
        for one in source.batches()
    )
