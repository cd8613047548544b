"""The five tables in Polars' streaming engine, written by hand: it uses that an item's rows lie together, in order.

No hashing of items at all: running sums, the row before and the last value so far say everything, and one row per item
is left over. What the engine does with a row's neighbours it does in one thread, but without a table of ten million
items.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from five_tables.polars_streaming import tables_of
from five_tables.question import Codes, Question
from pegel.eventlog.schema import OPEN_US


def five_tables(root: Path) -> dict[str, pl.DataFrame]:
    """Return the five tables of the prepared intervals of a lake."""
    question = Question.read(root)
    category = pl.lit(question.places["category"]).gather(pl.col("place"))
    entered, left, k = pl.col("entered_us"), pl.col("left_us"), pl.col("k")
    active = k == int(Codes.ACTIVE)
    ended = pl.when(left == OPEN_US).then(question.now_us).otherwise(left)
    zero = pl.lit(0, dtype=pl.Int64)
    begins, last = pl.col("item") != pl.col("item").shift(1), pl.col("item") != pl.col("item").shift(-1)
    running = (
        pl.scan_parquet(question.files)
        .select("item", "place", "entered_us", "left_us", k=category)
        .select(
            "item",
            "place",
            "entered_us",
            "k",
            # Sums over everything may run over 64 bits; their differences within an item do not.
            paused=pl.when(k == int(Codes.IGNORED)).then(left - entered).otherwise(zero).cum_sum(),
            worked=pl.when(active).then(ended - entered).otherwise(zero).cum_sum(),
        )
        .filter(k != int(Codes.IGNORED))
        .with_columns(begins=begins.fill_null(value=True), last=last.fill_null(value=True))
        .with_columns(
            enters=pl.col("begins") | (k != k.shift(1)),
            nth=active.cast(pl.Int32).cum_sum(),
        )
        .with_columns(before=pl.when("begins").then(pl.col("nth") - active.cast(pl.Int32)).forward_fill())
        .with_columns(starts=active & (pl.col("nth") == pl.col("before") + 1))
        .select(
            "place",
            "k",
            "worked",
            "last",
            started=pl.col("nth") > pl.col("before"),
            start=pl.when("starts").then(entered).forward_fill(),
            paused_at_start=pl.when("starts").then("paused").forward_fill(),
            end=pl.when("enters").then(entered).forward_fill(),
            paused_at_end=pl.when("enters").then("paused").forward_fill(),
        )
        .filter("last")
        .collect(engine="streaming")
    )
    done, over = k == int(Codes.DONE), k.is_in([int(Codes.DONE), int(Codes.CANCELLED)])
    window = pl.col("end") - pl.col("start") - pl.col("paused_at_end") + pl.col("paused_at_start")
    items = running.select(
        "place",
        start=pl.when("started").then("start"),
        end=pl.when(over).then("end"),
        is_done=done,
        active_us=pl.col("worked") - pl.col("worked").shift(1, fill_value=0),
        flow_us=pl.when(done & pl.col("started")).then(window),
    )
    return tables_of(items, question)
