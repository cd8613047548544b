"""Rework: how often does work return to a step that it had left?

Definition
    A return: an item enters an active state that it had been in before, and left. ``loops``: items that returned to
    the same state more than once. Reopened: an item that was done and was worked on again (see ``item_windows``).
Unit
    Counts of returns in a period, of the items that entered the state in it; share of the items with a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.waits.numbering import of_chosen_streams, queue_numbers

_BY_STATE: Final = {
    "stream": pl.String(), "state": pl.String(), "items": pl.Int64(), "returns": pl.Int64(),
    "returning_items": pl.Int64(), "share": pl.Float64(), "loops": pl.Int64(),
}  # fmt: skip
_BY_STREAM: Final = {
    "stream": pl.String(), "items": pl.Int64(), "reopened": pl.Int64(), "share": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rework(Answer):
    """``count``: returns to earlier active states. ``by_state``: [stream, state, items, returns, returning_items,
    share, loops]; ``share``: of the items that entered the state.
    """

    count: int | None = None
    by_state: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopenings(Answer):
    """``count``: finished and open items that were done before. ``by_stream``: [stream, items, reopened, share]."""

    count: int | None = None
    by_stream: pl.DataFrame


def rework(log: FlowLog, stays: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> Rework:
    """Count returns to active states within a period; ``stays``: see ``stays_of_states``."""
    active = log.in_category(StateCategory.ACTIVE)
    if active is None:
        empty = pl.DataFrame(schema=_BY_STATE)
        return Rework(definition="rework/1", status=Status.NOT_CONFIGURED, reason="no_active_states", by_state=empty)
    entered = nw.col("entered_us")
    inside = ((entered >= from_us) & (entered < until_us)).cast(nw.Int64())
    queues = len(queue_numbers(log))
    # One number for item and queue: grouping by one column is much cheaper than by two.
    step = nw.col("item").cast(nw.Int64()) * queues + nw.col("queue")
    visits = (
        of_chosen_streams(log, stays.filter(active))
        .select("entered_us", inside=inside, step=step)
        .group_by("step")
        .agg(first_us=entered.min(), visits=nw.col("inside").sum())
        .filter(nw.col("visits") > 0)
        .with_columns(queue=(nw.col("step") % queues).cast(nw.Int32()))
    )
    first_inside = ((nw.col("first_us") >= from_us) & (nw.col("first_us") < until_us)).cast(nw.Int64())
    returns = visits.with_columns(returns=nw.col("visits") - first_inside)
    table = log.engine.collect(
        returns.with_columns(
            returning=(nw.col("returns") > 0).cast(nw.Int64()), loops=(nw.col("returns") > 1).cast(nw.Int64())
        )
        .group_by("queue")
        .agg(nw.col("returns", "returning", "loops").sum(), items=nw.len())
    )
    names = {number: name for name, number in queue_numbers(log).items()}
    rows = [
        {
            "stream": names[row["queue"]][0],
            "state": names[row["queue"]][1],
            "items": row["items"],
            "returns": row["returns"],
            "returning_items": row["returning"],
            "share": row["returning"] / row["items"],
            "loops": row["loops"],
        }
        for row in table.iter_rows(named=True)
    ]
    return Rework(
        definition="rework/1",
        status=Status.VALUE if rows else Status.NO_DATA,
        reason=None if rows else "no_moves",
        count=int(table["returns"].sum()) if rows else None,
        by_state=pl.DataFrame(rows, schema=_BY_STATE).sort(
            "returns", "stream", "state", descending=[True, False, False]
        ),
    )


def reopenings(log: FlowLog, windows: nw.LazyFrame[Any]) -> Reopenings:
    """Count the reopened among the windows of ``stays.windows_of``."""
    table = log.engine.collect(
        windows.with_columns(again=nw.col("reopened").cast(nw.Int64()))
        .group_by("stream")
        .agg(items=nw.len(), reopened=nw.col("again").sum())
    )
    by_stream = table.with_columns(share=pl.col("reopened") / pl.col("items")).select(
        pl.col(name).cast(kind) for name, kind in _BY_STREAM.items()
    )
    return Reopenings(
        definition="reopenings/1",
        status=Status.VALUE if table.height else Status.NO_DATA,
        reason=None if table.height else "nothing_started_or_finished",
        count=int(table["reopened"].sum()) if table.height else None,
        by_stream=by_stream.sort("reopened", "stream", descending=[True, False]),
    )
