"""Which stay follows which: consecutive stays of an item, with a value that was in force when each was entered."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.schema import OPEN_US
from pegel.flow.log import FlowLog
from pegel.waits.latest import with_latest
from pegel.waits.numbering import of_chosen_streams, places_of
from pegel.waits.signals import changes_with_before

#: Before every moment of a log: when the value held that the first change says it replaced.
_ALWAYS: Final = -1
_ORDER: Final = ["entered_us", "left_us", "place"]


def stays_of_states(log: FlowLog, *, actors: bool) -> nw.LazyFrame[Any]:
    """Return [item, place, entered_us, left_us, queue, stream_no(, actor)]: stays in a state, whatever the type.

    Stays that only a change of type cuts apart are one; moving to another stream is a new stay.
    """
    names = ["item", "place", "entered_us", "left_us", *(["actor"] if actors else [])]
    rows = log.rows().select(*names, "split").join(places_of(log), on="place", how="inner")
    moving = log.engine.keep(rows.filter(nw.col("split")))
    same = nw.col("queue") == nw.col("queue").shift(1).over("item", order_by=_ORDER)
    runs = (
        moving.with_columns(fresh=(~same).fill_null(value=True).cast(nw.Int64()))
        .with_columns(run=nw.col("fresh").cum_sum().over("item", order_by=_ORDER))
    )  # fmt: skip
    spans = runs.group_by("item", "run").agg(nw.col("left_us").max())
    joined = runs.filter(nw.col("fresh") == 1).drop("left_us").join(spans, on=["item", "run"], how="inner")
    columns = [*names, "queue", "stream_no"]
    return nw.concat([rows.filter(~nw.col("split")).select(*columns), joined.select(*columns)], how="vertical")


def with_following(stays: nw.LazyFrame[Any], *values: str) -> nw.LazyFrame[Any]:
    """Add ``next_…`` and ``third_…`` of queue and the given columns: those of the next stay and the one after it."""
    return stays.with_columns(
        *(
            nw.col(name).shift(-steps).over("item", order_by=_ORDER).alias(f"{prefix}_{name}")
            for name in ("queue", *values)
            for prefix, steps in (("next", 1), ("third", 2))
        )
    )


def moves_in(log: FlowLog, stays: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return the stays that were left for another within the period, in the streams the log was opened for."""
    left = nw.col("left_us")
    kept = stays.filter((left >= from_us) & (left < until_us) & (left < OPEN_US) & ~nw.col("next_queue").is_null())
    return of_chosen_streams(log, kept)


def with_value(
    log: FlowLog, stays: nw.LazyFrame[Any], field: str, *, at: str, strictly: bool = False
) -> nw.LazyFrame[Any]:
    """Add ``value``: what a field was at the time in column ``at``; "" nothing, null: the log does not say.

    What held before an item's first change is what that change replaced; items without any change have null.
    ``strictly``: changes at that very moment have not happened yet.
    """
    changed = log.engine.keep(changes_with_before(log, field))
    last = nw.col("sequence") == nw.col("sequence").max().over("item", "at_us")
    first = (nw.col("at_us") == nw.col("at_us").min().over("item")) & (
        nw.col("sequence") == nw.col("sequence").min().over("item", "at_us")
    )
    marks = log.engine.keep(
        nw.concat(
            [
                changed.filter(last).select("item", since_us="at_us", value="after"),
                changed.filter(first).select("item", since_us=nw.lit(_ALWAYS, dtype=nw.Int64()), value="before"),
            ],
            how="vertical",
        ).unique(subset=["item", "since_us"], keep="any")
    )
    known = marks.select("item").unique()
    asked = log.engine.keep(stays.join(known, on="item", how="semi"))
    found = with_latest(asked, marks, by=("item",), at=at, mark="since_us", strictly=strictly)
    valued = found.join(marks, on=["item", "since_us"], how="left").drop("since_us")
    names = valued.collect_schema().names()
    unknown = stays.join(known, on="item", how="anti").with_columns(value=nw.lit(None, dtype=nw.String()))
    return nw.concat([valued, unknown.select(*names)], how="vertical")
