"""Status asks and re-ranking: how often is work asked about and put in another order instead of being done?

Definition
    A status ask: a comment without a transition of the item at the same moment, inside the item's window. Re-ranking: a
    change of priority or rank while the item waits inside its window. (A comment may of course be a real one: the count
    says how much is talked about an item, its growth is the sign.)
Unit
    Counts, and per item with a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.waits import stays
from pegel.waits.records import Records
from pegel.waits.signals import RANKING, within

_BY_STREAM: Final = {
    "stream": pl.String(), "items": pl.Int64(), "count": pl.Int64(), "touched_items": pl.Int64(),
    "per_item": pl.Float64(), "most": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruptions(Answer):
    """``count`` in all; ``by_stream``: [stream, items, count, touched_items, per_item, most].

    ``items``: all with a window; ``touched_items``: those with any; ``most``: of one item.
    """

    count: int | None = None
    by_stream: pl.DataFrame


def status_asks(log: FlowLog, records: Records, windows: nw.LazyFrame[Any]) -> Interruptions:
    """Count comments without transition in the windows of ``stays.windows_of``."""
    if "comment_count" not in records.changes:
        return _none("status_asks/1", "no_comments")
    asked = records.comments.join(windows.select("item", "start_us", "end_us"), on="item", how="inner")
    at = nw.col("at_us")
    inside = asked.filter((at >= nw.col("start_us")) & (at <= nw.col("end_us")))
    return _summed(log, "status_asks/1", inside, windows)


def reranking(log: FlowLog, policy: Policy, records: Records, windows: nw.LazyFrame[Any]) -> Interruptions:
    """Count changes of priority and rank while items wait in the windows of ``stays.windows_of``."""
    if not records.evidence.ranks:
        return _none("reranking/1", "no_ranking_evidence")
    before, after = nw.col("before"), nw.col("after")
    kept = [one.filter((before != after) & (before != "")) for one in records.of(*RANKING)]
    changed = log.engine.keep(nw.concat([one.select("item", "at_us") for one in kept], how="vertical"))
    concerned = windows.join(changed.select("item").unique(), on="item", how="semi")
    idle = stays.idle_stays(log, policy, actors=False).filter(~nw.col("ends"))
    waiting = log.engine.keep(stays.inside(log, policy, idle, concerned))
    inside = within(log, changed, waiting, start="from_us", end="until_us")
    return _summed(log, "reranking/1", inside, windows)


def _summed(log: FlowLog, definition: str, moments: nw.LazyFrame[Any], windows: nw.LazyFrame[Any]) -> Interruptions:
    counted = windows.select("item", "stream").join(moments.group_by("item").agg(count=nw.len()), on="item", how="left")
    table = log.engine.collect(
        counted.with_columns(count=nw.col("count").fill_null(0).cast(nw.Int64()))
        .with_columns(touched=(nw.col("count") > 0).cast(nw.Int64()))
        .group_by("stream")
        .agg(nw.col("count").sum(), items=nw.len(), touched_items=nw.col("touched").sum(), most=nw.col("count").max())
    )
    by_stream = table.with_columns(per_item=pl.col("count") / pl.col("items")).select(
        pl.col(name).cast(kind) for name, kind in _BY_STREAM.items()
    )
    return Interruptions(
        definition=definition,
        status=Status.VALUE if table.height else Status.NO_DATA,
        reason=None if table.height else "nothing_started_or_finished",
        count=int(table["count"].sum()) if table.height else None,
        by_stream=by_stream.sort("count", "stream", descending=[True, False]),
    )


def _none(definition: str, reason: str) -> Interruptions:
    empty = pl.DataFrame(schema=_BY_STREAM)
    return Interruptions(definition=definition, status=Status.NOT_CONFIGURED, reason=reason, by_stream=empty)
