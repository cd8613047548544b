"""Lakes made of a few rows, exports of them, and what must be the same in a lake that was made from an export."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pegel.cli.flow import report_body
from pegel.eventlog.batch import Batch, BatchBuilder, LogKind, SourceInfo
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import from_us
from pegel.eventlog.workflow import Workflow
from pegel.lake.store import Lake, create_lake
from pegel.lake.workflows import set_workflow
from pegel.sources.formats import ReadOptions
from pegel.workbench import flow_report, import_file, open_log

DAY_US = 86_400_000_000
SEEN_AT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Rows:
    """A source: items (id → fields of ``BatchBuilder.item``), moves (item, at_us, state), changes (item, at_us, field,
    from, to), links (item, kind, other, at_us)."""

    items: Mapping[str, Mapping[str, Any]]
    moves: Sequence[tuple[str, int, str]] = ()
    changes: Sequence[tuple[str, int, str, str | None, str | None]] = ()
    links: Sequence[tuple[str, str, str, int | None]] = ()
    actor: str | None = None
    log_kind: LogKind = "states"
    from_state: str | None = None  # of the first move of each item
    _seen: set[str] = field(default_factory=set)

    def batches(self) -> Iterator[Batch]:
        builder, row = BatchBuilder(), 0
        self._seen.clear()
        for item, about in self.items.items():
            row += 1
            builder.item(row, item, **{"stream": "S", **about})
        for item, at_us, state in self.moves:
            row += 1
            before = self.from_state if item not in self._seen else None
            self._seen.add(item)
            builder.transition(
                row, item, at_us=at_us, sequence=row, to_state=state, from_state=before, actor=self.actor
            )
        for item, at_us, name, old, new in self.changes:
            row += 1
            builder.field_change(
                row, item, at_us=at_us, sequence=row, field=name, from_value=old, to_value=new, actor=self.actor
            )
        for item, kind, other, at_us_or_none in self.links:
            row += 1
            builder.link(row, item, kind=kind, other=other, at_us=at_us_or_none)
        yield builder.take()

    def info(self) -> SourceInfo:
        return SourceInfo(source="test", log_kind=self.log_kind)

    def progress(self) -> float | None:
        return None


def lake_of(root: Path, *sources: Rows, days_apart: int = 1) -> Lake:
    """Make a lake of sources, each seen some days after the one before."""
    lake = create_lake(root)
    for number, source in enumerate(sources):
        seen_us = int((SEEN_AT + timedelta(days=number * days_apart)).timestamp() * 1_000_000)
        lake.import_source(source, file=f"{number}", fingerprint=f"{number:064}", seen_us=seen_us)
    return lake


def read_back(file: Path, root: Path, *, format: str, columns: Mapping[str, str] | None = None) -> Lake:  # noqa: A002
    """Import an export into a new lake; every row must be usable."""
    lake = create_lake(root)
    result = import_file(lake, file, ReadOptions(columns=columns or {}), seen_at=SEEN_AT, format=format)
    assert result.account.rejected == 0, result.account.reasons
    return lake


def intervals_of(lake: Lake) -> list[tuple[Any, ...]]:
    """Return what the figures are made of: [item, stream, type, state, entered, left], sorted."""
    state = lake.prepared()
    names = lake.items().select("item_no", name="item").collect()
    table = state.scan().collect().with_row_index("order")
    return (
        table.join(names, left_on="item", right_on="item_no")
        .join(state.places, on="place")
        .sort("name", "order")
        .select("name", "stream", "type", "state", "entered_us", "left_us")
        .rows()
    )


def transitions_of(lake: Lake) -> list[tuple[Any, ...]]:
    """Return [item, at_us, to_state] in the order of events."""
    table = lake.table("transitions").sort("item", "at_us", "import_no", "sequence", "row_id", maintain_order=True)
    return table.select("item", "at_us", "to_state").collect().rows()


def figures_of(
    lake: Lake,
    workflow: Callable[[str], Workflow],
    *,
    as_of_us: int,
    streams: Collection[str] | None = None,
    policy: str = "first_active_to_last_done",
) -> dict[str, Any]:
    """Return what ``flow report --json`` says, with names for the numbers of items."""
    for stream in lake.streams():
        set_workflow(lake, stream, workflow(stream))
    log = open_log(lake, streams=streams, as_of=from_us(as_of_us))
    names = dict(lake.items().select("item_no", "item").collect().iter_rows())
    body = report_body(flow_report(log, policy=BUILT_IN[policy]))
    for row in body["work_item_age"].get("items", []):
        row["item"] = names[row["item"]]
    body["work_item_age"].get("items", []).sort(key=lambda row: row["item"])
    return body


def table_of(path: Path) -> pl.DataFrame:
    """Read a CSV file by other means than ours; nothing but text."""
    return pl.read_csv(path, infer_schema=False, missing_utf8_is_empty_string=False)
