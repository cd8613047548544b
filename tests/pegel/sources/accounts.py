"""Reads a source as the lake does, and holds it to its account: one fate per row, and no event without its item."""

from __future__ import annotations

from collections import Counter

import polars as pl

from pegel.eventlog.batch import Batch, EventSource, rows_of

_TABLES = ("items", "transitions", "field_changes", "links", "rejects")


def read(source: EventSource) -> tuple[list[Batch], Counter[str]]:
    """Read a source; every row has one fate, lies in one batch, and every item has a record when it is spoken of."""
    batches = list(source.batches())
    fates: Counter[str] = Counter()
    accepted: set[int] = set()
    known: set[str] = set()
    for batch in batches:
        rows = set(rows_of(batch).to_list())
        assert not rows & accepted
        assert not rows & set(batch.rejects["row"].to_list())
        accepted |= rows
        known |= set(batch.items["item"].to_list())
        for frame in (batch.transitions, batch.field_changes, batch.links):
            assert set(frame["item"].to_list()) <= known
        fates["duplicate"] += batch.duplicate
        fates["merged"] += batch.merged
        fates["rejected"] += batch.rejects.height
        fates["ignored"] += batch.ignored.total()
    fates["accepted"] = len(accepted)
    return batches, +fates


def read_whole(source: EventSource) -> tuple[Batch, Counter[str]]:
    """Read a source as one batch; see ``read``."""
    batches, fates = read(source)
    frames = {name: pl.concat([getattr(batch, name) for batch in batches]) for name in _TABLES}
    ignored, warnings = (
        sum((getattr(batch, name) for batch in batches), start=Counter()) for name in ("ignored", "warnings")
    )
    return Batch(**frames, ignored=ignored, warnings=warnings), fates
