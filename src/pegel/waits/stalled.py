"""Stalled items: which open items has nothing happened to?

Definition
    Open items whose clock runs and whose last activity of any kind (a transition, a changed field, a comment) lies at
    least ``after_days`` before the log's moment.
Unit
    Items; days of 24 hours, or working days where the log measures working time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog

DEFINITION: Final = "stalled_items/1"
#: Days without any activity from which on an item is stalled, if nobody says otherwise.
STALLED_AFTER: Final = 5.0
_ITEMS: Final = {
    "item": pl.Int32(), "stream": pl.String(), "state": pl.String(), "idle_days": pl.Float64(),
    "last_activity_us": pl.Int64(),
}  # fmt: skip
_BY_STREAM: Final = {
    "stream": pl.String(), "open": pl.Int64(), "stalled": pl.Int64(), "share": pl.Float64(),
    "longest_days": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledItems(Answer):
    """``count`` of ``open_items``; ``by_stream``: [stream, open, stalled, share, longest_days]; ``items``: [item,
    stream, state, idle_days, last_activity_us], the longest without activity first, at most as many as asked for.
    """

    unit: str = "days"
    after_days: float = STALLED_AFTER
    count: int | None = None
    open_items: int = 0
    by_stream: pl.DataFrame
    items: pl.DataFrame


def stalled_items(
    log: FlowLog, windows: nw.LazyFrame[Any], *, after_days: float = STALLED_AFTER, most_items: int = 50
) -> StalledItems:
    """Find the stalled among the open windows of ``stays.windows_of``."""
    opened = log.engine.keep(windows.filter(nw.col("open")).select("item", "stream"))
    mine = opened.select("item", mine=nw.lit(value=True))

    def of_open(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return log.engine.looked_up(rows, mine, on="item").filter(~nw.col("mine").is_null())

    still = nw.col("left_us") > log.as_of_us
    moved = (
        of_open(log.rows().select("item", "place", "entered_us", "left_us"))
        .with_columns(here=nw.when(still).then(nw.col("place")))
        .group_by("item")
        .agg(moved_us=nw.col("entered_us").max(), place=nw.col("here").max())
    )
    seen = log.changes.filter(nw.col("at_us") <= log.as_of_us).select("item", "at_us")
    changed = of_open(seen).group_by("item").agg(changed_us=nw.col("at_us").max())
    active = (
        opened.join(moved, on="item", how="left")
        .join(changed, on="item", how="left")
        .with_columns(last_us=nw.max_horizontal("moved_us", "changed_us"), now_us=nw.lit(log.as_of_us))
    )
    table = log.engine.collect(
        log.measure(active, start="last_us", end="now_us", into="idle_us").select(
            "item", "stream", "place", "last_us", "idle_us"
        )
    )
    if not table.height:
        return StalledItems(
            definition=DEFINITION,
            status=Status.NO_DATA,
            reason="nothing_open",
            unit=log.unit,
            after_days=after_days,
            by_stream=pl.DataFrame(schema=_BY_STREAM),
            items=pl.DataFrame(schema=_ITEMS),
        )
    return _summarised(log, table, after_days=after_days, most_items=most_items)


def _summarised(log: FlowLog, table: pl.DataFrame, *, after_days: float, most_items: int) -> StalledItems:
    places = log.engine.collect(log.place_table()).select("place", "state")
    found = table.with_columns(idle_days=pl.col("idle_us") / log.day_us, last_activity_us="last_us").with_columns(
        stalled=pl.col("idle_us") >= after_days * log.day_us
    )
    by_stream = found.group_by("stream").agg(
        open=pl.len().cast(pl.Int64),
        stalled=pl.col("stalled").sum().cast(pl.Int64),
        share=pl.col("stalled").mean(),
        longest_days=pl.col("idle_days").max(),
    )
    stalled = found.filter("stalled").sort("idle_us", "item", descending=[True, False]).head(most_items)
    return StalledItems(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        after_days=after_days,
        count=int(found["stalled"].sum()),
        open_items=found.height,
        by_stream=by_stream.select(*_BY_STREAM).sort("stalled", "stream", descending=[True, False]),
        items=stalled.join(places, on="place", how="left", maintain_order="left").select(*_ITEMS),
    )
