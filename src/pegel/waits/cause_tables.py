"""The tables of waits by cause: per cause, stream, state, reason of blocking, approval step, and item."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import HOUR_US
from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.waits.cause import CAUSES, Cause, column
from pegel.waits.evidence import Verdict
from pegel.waits.flag_reasons import REASONS
from pegel.waits.numbering import places_of, queue_numbers
from pegel.waits.wait_parts import WaitParts

BY_CAUSE: Final = {
    "open": pl.Boolean(), "cause": pl.String(), "status": pl.String(), "reason": pl.String(), "days": pl.Float64(),
    "share": pl.Float64(), "items": pl.Int64(), "stays": pl.Int64(), "p50": pl.Float64(), "p85": pl.Float64(),
}  # fmt: skip
BY_STREAM: Final = {
    "open": pl.Boolean(), "stream": pl.String(), "items": pl.Int64(), "active_days": pl.Float64(),
    "wait_days": pl.Float64(), "active_hours": pl.Float64(),
}  # fmt: skip
BY_STATE: Final = {
    "open": pl.Boolean(), "stream": pl.String(), "state": pl.String(), "phase": pl.String(), "cause": pl.String(),
    "days": pl.Float64(), "share": pl.Float64(), "items": pl.Int64(), "stays": pl.Int64(),
}  # fmt: skip
BLOCKED: Final = {"open": pl.Boolean(), "reason": pl.String(), "days": pl.Float64(), "share": pl.Float64()}
APPROVALS: Final = {
    "open": pl.Boolean(), "stream": pl.String(), "state": pl.String(), "items": pl.Int64(), "days": pl.Float64(),
    "p50": pl.Float64(), "p85": pl.Float64(),
}  # fmt: skip
ITEMS: Final = {
    "item": pl.Int32(), "stream": pl.String(), "open": pl.Boolean(), "wait_days": pl.Float64(), "cause": pl.String(),
    "cause_days": pl.Float64(),
}  # fmt: skip


def without_nulls(by_place: pl.DataFrame, counted: list[str]) -> pl.DataFrame:
    """Take the null of stays without a cause out of the number of different items, which counts it as one."""
    return by_place.with_columns(
        (pl.col(f"{name}_items").cast(pl.Int64) - (pl.col(f"{name}_some") > 0).cast(pl.Int64)).alias(f"{name}_items")
        for name in counted
    )


def by_cause(waits: pl.DataFrame, by_place: pl.DataFrame, found: WaitParts, day_us: int) -> pl.DataFrame:
    """Return one row per cause, for finished and for open items."""
    rows = []
    for is_open in (False, True):
        mine = waits.filter(pl.col("open") == is_open)
        places = by_place.filter(pl.col("open") == is_open)
        rows += [_cause_row(cause, mine, places, found.verdicts[cause], day_us, is_open=is_open) for cause in CAUSES]
    return pl.DataFrame(rows, schema=BY_CAUSE)


def _cause_row(
    cause: Cause, waits: pl.DataFrame, places: pl.DataFrame, verdict: Verdict, day_us: int, *, is_open: bool
) -> dict[str, Any]:
    status, reason = verdict
    head = {"open": is_open, "cause": cause.value, "status": status.value, "reason": reason}
    if status is not Status.VALUE:
        return {name: head.get(name) for name in BY_CAUSE}
    name = column(cause)
    had = waits.filter(pl.col(name) > 0)
    time, total = total_us(had[name]), total_us(waits["wait_us"])
    return {
        **head,
        "days": time / day_us,
        "share": time / total if total else None,
        "items": had.height,
        "stays": total_us(places[f"{name}_stays"]),
        **_percentiles(had[name], day_us),
    }


def by_stream(windows: pl.DataFrame, waits: pl.DataFrame, day_us: int) -> pl.DataFrame:
    """Return active and waiting time per stream that items count to."""
    sums = (
        windows.join(waits.select("item", "wait_us"), on="item", how="left")
        .group_by("open", "stream")
        .agg(pl.col("active_us", "wait_us").cast(pl.Int128).sum(), items=pl.len().cast(pl.Int64))
    )
    return (
        sums.with_columns(
            active_days=pl.col("active_us") / day_us,
            wait_days=pl.col("wait_us") / day_us,
            active_hours=pl.col("active_us") / HOUR_US,
        )
        .select(*BY_STREAM)
        .sort("open", "wait_days", "stream", descending=[False, True, False])
    )


def by_state(log: FlowLog, by_place: pl.DataFrame, counted: list[str]) -> pl.DataFrame:
    """Return waits per stream, state, phase and cause, the longest first."""
    places = log.engine.collect(log.place_table()).select("place", "stream", "state", "phase")
    named = by_place.join(places, on="place", how="left")
    longs = [
        named.select(
            "open", "stream", "state", "phase", cause=pl.lit(name.removesuffix("_us")),
            time_us=pl.col(name).cast(pl.Int128), items=pl.col(f"{name}_items"), stays=pl.col(f"{name}_stays"),
        )
        for name in counted
    ]  # fmt: skip
    if not longs:
        return pl.DataFrame(schema=BY_STATE)
    summed = (
        pl.concat(longs)
        .filter(pl.col("time_us") > 0)
        .group_by("open", "stream", "state", "phase", "cause")
        .agg(pl.col("time_us").sum(), pl.col("items", "stays").sum().cast(pl.Int64))
    )
    return (
        summed.with_columns(
            days=pl.col("time_us") / log.day_us, share=pl.col("time_us") / pl.col("time_us").sum().over("open")
        )
        .select(*BY_STATE)
        .sort("open", "days", "stream", "state", "cause", descending=[False, True, False, False, False])
    )


def blocked_by(log: FlowLog, found: WaitParts) -> pl.DataFrame:
    """Return blocked time by the code of its reason."""
    if found.verdicts[Cause.BLOCKED][0] is not Status.VALUE:
        return pl.DataFrame(schema=BLOCKED)
    name = column(Cause.BLOCKED)
    sums = found.pieces.filter(nw.col("blocked") > 0).group_by("open", "item", "blocked").agg(nw.col(name).sum())
    table = (
        log.engine.collect(sums).group_by("open", "blocked").agg(time_us=pl.col(name).cast(pl.Int128).sum())
    ).with_columns(reason=pl.col("blocked").replace_strict(dict(enumerate(REASONS)), return_dtype=pl.String))
    shares = pl.col("time_us") / pl.col("time_us").sum().over("open")
    return (
        table.filter(pl.col("time_us") > 0)
        .with_columns(days=pl.col("time_us") / log.day_us, share=shares)
        .select(*BLOCKED)
        .sort("open", "days", "reason", descending=[False, True, False])
    )


def approvals(log: FlowLog, waited: nw.LazyFrame[Any], found: WaitParts) -> pl.DataFrame:
    """Wait per approval step: per item and state, all its stays there added up."""
    if found.verdicts[Cause.APPROVAL][0] is not Status.VALUE:
        return pl.DataFrame(schema=APPROVALS)
    name = column(Cause.APPROVAL)
    waits = waited.filter(nw.col(name) > 0).select("open", "item", "place", name)
    queued = waits.join(places_of(log), on="place", how="inner")
    table = log.engine.collect(queued.group_by("open", "queue", "item").agg(nw.col(name).sum()))
    names = [(number, *queue) for queue, number in queue_numbers(log).items()]
    queues = pl.DataFrame(names, schema={"queue": pl.Int32, "stream": pl.String, "state": pl.String}, orient="row")
    days = pl.col(name) / log.day_us
    return (
        table.group_by("open", "queue")
        .agg(
            items=pl.len().cast(pl.Int64),
            days=pl.col(name).cast(pl.Int128).sum() / log.day_us,
            p50=days.quantile(0.5, "linear"),
            p85=days.quantile(0.85, "linear"),
        )
        .join(queues, on="queue", how="left")
        .select(*APPROVALS)
        .sort("open", "days", "stream", "state", descending=[False, True, False, False])
    )


def longest(
    waits: pl.DataFrame, windows: pl.DataFrame, counted: list[str], day_us: int, most_items: int
) -> pl.DataFrame:
    """Return the items that waited longest, with the cause that claims most of it."""
    if not counted:
        return pl.DataFrame(schema=ITEMS)
    most = waits.filter(pl.col("wait_us") > 0).sort("wait_us", "item", descending=[True, False]).head(most_items)
    largest = pl.max_horizontal(*counted)
    # The first of equals, in the order in which causes claim time.
    cause = pl.coalesce(pl.when(pl.col(name) == largest).then(pl.lit(name.removesuffix("_us"))) for name in counted)
    return (
        most.join(windows.select("item", "stream"), on="item", how="left", maintain_order="left")
        .with_columns(wait_days=pl.col("wait_us") / day_us, cause=cause, cause_days=largest / day_us)
        .select(*ITEMS)
    )


def _percentiles(values: pl.Series, day_us: int) -> dict[str, float | None]:
    days = values / day_us
    return {f"p{share}": days.quantile(share / 100, "linear") for share in (50, 85)}


def total_us(values: pl.Series) -> int:
    """Add up as 128 bits: microseconds of a large log do not fit into 64."""
    return int(values.cast(pl.Int128).sum() or 0)
