"""The five tables in Polars' streaming engine, written by hand for this one policy and this log.

Hash aggregation over all rows, then a second look at the few rows of the items that were paused.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from five_tables.question import MONDAY_US, Codes, Question
from pegel.eventlog.schema import OPEN_US, WEEK_US


def five_tables(root: Path) -> dict[str, pl.DataFrame]:
    """Return the five tables of the prepared intervals of a lake."""
    question = Question.read(root)
    return tables_of(_items(question), question)


def _items(question: Question) -> pl.DataFrame:
    places = question.places
    entered, left, k = pl.col("entered_us"), pl.col("left_us"), pl.col("k")
    category = pl.lit(places["category"]).gather(pl.col("place"))
    rows = pl.scan_parquet(question.files).select("item", "place", "entered_us", "left_us").with_columns(k=category)
    active, done, cancelled = (k == int(code) for code in (Codes.ACTIVE, Codes.DONE, Codes.CANCELLED))
    ignored = k == int(Codes.IGNORED)
    ended = pl.when(left == OPEN_US).then(question.now_us).otherwise(left)
    first = (
        rows.select(
            "item",
            "place",
            start=pl.when(active).then(entered),
            unstopped=pl.when(~done & ~ignored).then(left),
            done=pl.when(done).then(entered),
            uncancelled=pl.when(~cancelled & ~ignored).then(left),
            cancelled=pl.when(cancelled).then(entered),
            active_us=pl.when(active).then(ended - entered).otherwise(0),
            pauses=ignored,
        )
        .group_by("item")
        .agg(
            pl.col("place").first(),
            pl.col("start").min(),
            pl.col("unstopped").max(),
            pl.col("uncancelled").max(),
            pl.col("active_us").sum(),
            pl.col("pauses").any(),
            last_done=pl.col("done").max(),
            first_done=pl.col("done").min(),
            last_cancelled=pl.col("cancelled").max(),
            first_cancelled=pl.col("cancelled").min(),
        )
        .select(
            "item",
            "place",
            "start",
            "unstopped",
            "uncancelled",
            "active_us",
            "pauses",
            is_done=(pl.col("last_done") >= pl.col("unstopped").fill_null(0)).fill_null(value=False),
            is_cancelled=(pl.col("last_cancelled") >= pl.col("uncancelled").fill_null(0)).fill_null(value=False),
            done_at=pl.coalesce("unstopped", "first_done"),
            cancelled_at=pl.coalesce("uncancelled", "first_cancelled"),
        )
        .collect(engine="streaming")
    )
    special = first.filter("pauses").select("item", "start", "unstopped", "uncancelled", "is_done")
    looked = (
        rows.filter(done | cancelled | ignored)
        .join(special.lazy(), on="item", how="inner")
        .select(
            "item",
            "entered_us",
            "start",
            "is_done",
            length=pl.when(ignored).then(left - entered),
            done=pl.when(done & (entered >= pl.col("unstopped").fill_null(0))).then(entered),
            cancelled=pl.when(cancelled & (entered >= pl.col("uncancelled").fill_null(0))).then(entered),
        )
        .collect(engine="streaming")
    )
    ends = looked.group_by("item").agg(exact_done=pl.col("done").min(), exact_cancelled=pl.col("cancelled").min())
    paused = (
        looked.filter("is_done", pl.col("length").is_not_null())
        .join(ends, on="item")
        .filter(pl.col("entered_us").is_between(pl.col("start"), pl.col("exact_done"), closed="left"))
        .group_by("item")
        .agg(paused_us=pl.col("length").sum())
    )
    corrections = ends.join(paused, on="item", how="left")
    end = (
        pl.when("is_done")
        .then(pl.coalesce("exact_done", "done_at"))
        .when("is_cancelled")
        .then(pl.coalesce("exact_cancelled", "cancelled_at"))
    )
    return (
        first.join(corrections, on="item", how="left")
        .with_columns(end=end)
        .select(
            "place",
            "start",
            "end",
            "is_done",
            "active_us",
            flow_us=pl.when("is_done").then(pl.col("end") - pl.col("start") - pl.col("paused_us").fill_null(0)),
        )
    )


def tables_of(windows: pl.DataFrame, question: Question) -> dict[str, pl.DataFrame]:
    """Return the five tables of [place, start, end, is_done, active_us, flow_us], one row per item."""
    flow = pl.col("flow_us")
    names = question.places.lazy().select("place", "stream", "type", "kind")
    items = windows.lazy().join(names, on="place", how="left").with_columns(week_us=_week(pl.col("end")))
    finished = items.filter("is_done")
    timed = finished.filter(flow.is_not_null())
    velocity = finished.group_by("stream", "type", "kind", "week_us").agg(finished=pl.len())
    shares = (
        velocity.group_by("stream", "week_us", "kind")
        .agg(n=pl.col("finished").sum())
        .select("stream", "week_us", "kind", share=pl.col("n") / pl.col("n").sum().over("stream", "week_us"))
    )
    started = items.filter(pl.col("start").is_not_null())
    moments = pl.concat(
        [
            started.select("stream", week_us=_week(pl.col("start")), change=pl.lit(1)),
            started.filter(pl.col("end").is_not_null()).select("stream", "week_us", change=pl.lit(-1)),
        ]
    )
    load = (
        moments.group_by("stream", "week_us")
        .agg(pl.col("change").sum())
        .select("stream", "week_us", load=pl.col("change").cum_sum().over("stream", order_by="week_us"))
    )
    tables = {
        "velocity": velocity.select("stream", "type", "week_us", "finished"),
        "flow_time": timed.group_by("stream", "week_us").agg(
            n=pl.len(),
            mean_us=flow.mean(),
            **{f"p{share}_us": flow.quantile(share / 100, "linear") for share in (50, 70, 85, 95)},
        ),
        "efficiency": timed.group_by("stream", "week_us").agg(pl.col("active_us", "flow_us").sum()),
        "load": load,
        "distribution": shares,
    }
    return dict(zip(tables, pl.collect_all(list(tables.values()), engine="streaming"), strict=True))


def _week(moment: pl.Expr) -> pl.Expr:
    return (moment + MONDAY_US) // WEEK_US * WEEK_US - MONDAY_US
