"""Reads a source and checks what is true of every one: each row has one fate, and items are recorded when spoken of."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, EventSource
from pegel.sources.formats import Format, ReadOptions


def opened(form: Format, path: Path, content: object, **options: object) -> EventSource:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return form.open(path, ReadOptions(**options))  # type: ignore[arg-type]  # options of many types


def table(batches: list[Batch], name: str) -> pl.DataFrame:
    return pl.concat([getattr(batch, name) for batch in batches])


def steps(batches: list[Batch]) -> list[tuple[object, ...]]:
    """(item, second, from, to) of every transition, in the order of the log."""
    frame = table(batches, "transitions").sort("item", "at_us", "sequence")
    rows = frame.select("item", "at_us", "from_state", "to_state").rows()
    return [(item, at_us / schema.SECOND_US, before, after) for item, at_us, before, after in rows]


def changes(batches: list[Batch]) -> list[tuple[object, ...]]:
    """(second, field, from, to, actor) of every field change."""
    frame = table(batches, "field_changes").sort("item", "at_us", "sequence")
    rows = frame.select("at_us", "field", "from_value", "to_value", "actor").rows()
    return [(at_us / schema.SECOND_US, *rest) for at_us, *rest in rows]


def warnings(batches: list[Batch]) -> Counter[str]:
    found: Counter[str] = Counter()
    for batch in batches:
        found += batch.warnings
    return found
