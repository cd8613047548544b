"""Weekly aggregates: what a page over months needs, without reading the intervals.

One row per stream, type and week with sums that can be added and taken away: finished items, flow time and active time
of those with a flow time, arrivals and departures. So a change of a few items is a subtraction of what they said before
and an addition of what they say now. Percentiles are no sums and are not here.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.arrivals_and_departures import arrivals_and_departures
from pegel.flow.attribution import attribute, of_streams
from pegel.flow.flow_velocity import finished_in
from pegel.flow.item_windows import item_windows
from pegel.flow.log import FlowLog
from pegel.flow.periods import week_of

KEYS: Final = ("stream", "type", "kind", "week_us")
SUMS: Final = ("finished", "with_flow_time", "flow_us", "active_us", "arrivals", "departures")
SCHEMA: Final[dict[str, pl.DataType]] = {
    "stream": pl.String(),
    "type": pl.String(),
    "kind": pl.String(),
    "week_us": pl.Int64(),
    **dict.fromkeys(SUMS, pl.Int64()),
}


def weekly_aggregates(log: FlowLog, policy: Policy) -> pl.DataFrame:
    """Return [stream, type, kind, week_us, finished, with_flow_time, flow_us, active_us, arrivals, departures].

    Sorted by stream, type, week; weeks in which nothing happened have no row.
    """
    windows = log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
    done = log.engine.collect(_finished(of_streams(log, windows)))
    moves = log.engine.collect(arrivals_and_departures(log, policy, windows, bucket=week_of))
    return add([done, moves.rename({"day_us": "week_us"})])


def add(tables: list[pl.DataFrame], *, less: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add tables of aggregates up, and take one away; rows that become zero in every sum disappear."""
    frames = [_complete(table) for table in tables]
    if less is not None:
        frames.append(_complete(less).with_columns(-pl.col(*SUMS)))
    summed = pl.concat(frames).group_by(*KEYS).agg(pl.col(*SUMS).sum())
    return summed.filter(pl.any_horizontal(pl.col(*SUMS) != 0)).sort("stream", "type", "kind", "week_us")


def _finished(windows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    defined = ~nw.col("flow_us").is_null()
    zero = nw.lit(0, dtype=nw.Int64())
    return (
        finished_in(windows, from_us=0, until_us=2**61)
        .with_columns(
            week_us=week_of(nw.col("end_us")),
            with_flow_time=nw.when(defined).then(nw.lit(1, dtype=nw.Int64())).otherwise(zero),
            flow_us=nw.col("flow_us").fill_null(0),
            active_us=nw.when(defined).then(nw.col("active_us")).otherwise(zero),
        )
        .group_by(*KEYS)
        .agg(nw.col("with_flow_time", "flow_us", "active_us").sum(), finished=nw.len())
    )


def _complete(table: pl.DataFrame) -> pl.DataFrame:
    """Give a table all columns, with zero where it has no such sum."""
    return table.select(
        pl.col(name).cast(kind) if name in table.columns else pl.lit(0).cast(kind).alias(name)
        for name, kind in SCHEMA.items()
    )
