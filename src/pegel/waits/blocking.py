"""When an item was blocked: its flag was raised, or an item that blocks it was not done.

A flag is raised by a change to a value and lowered by a change to none. What had been raised before the log begins is
not known to have been raised since any moment, and does not count. A blocker blocks from the moment of its link (from
its own beginning, where the link has no date) as long as it is neither done nor cancelled nor deleted; blockers that
the log does not hold, because they are in other streams than those it was opened for, are not seen.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.schema import OPEN_US
from pegel.flow.log import FlowLog
from pegel.waits.flag_reasons import DEPENDENCY, reason_number
from pegel.waits.stays import finals

#: A moment that belongs to no stay.
_OUTSIDE: Final = -1
_MARKS: Final = ("item", "at_us", "rank", "sequence", "flag", "step", "start_us")


def uncut(stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return stays as pieces none of which is blocked."""
    return stays.with_columns(blocked=nw.lit(0, dtype=nw.Int32()))


def cut(log: FlowLog, stays: nw.LazyFrame[Any], *, flags: bool, links: bool) -> nw.LazyFrame[Any]:
    """Cut stays where blocking begins, ends or changes its reason; add ``blocked``.

    ``stays``: with [item, from_us, until_us], none of them overlapping. ``blocked``: number in
    ``flag_reasons.REASONS``, 0 where nothing blocks. ``flags``, ``links``: whether the log has any.
    """
    if not (flags or links):
        return uncut(stays)
    blocking = [*([flag_marks(log)] if flags else []), *([link_marks(log)] if links else [])]
    marks = log.engine.keep(nw.concat(blocking, how="vertical"))
    touched = log.engine.keep(marks.select("item").unique())
    concerned = log.engine.keep(stays.join(touched, on="item", how="semi"))
    pieces = _pieces(marks, concerned)
    bounded = concerned.drop("until_us").join(
        pieces.rename({"start_us": "from_us"}), on=["item", "from_us"], how="inner"
    )
    parts = bounded.drop("from_us").rename({"begins_us": "from_us", "ends_us": "until_us"})
    free = uncut(stays.join(touched, on="item", how="anti"))
    names = [*stays.collect_schema().names(), "blocked"]
    return nw.concat([free.select(*names), parts.select(*names)], how="vertical")


def flag_marks(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return the moments at which a flag was raised or lowered, as marks: ``flag`` is the number of its reason."""
    changed = log.changes_of("flag").select("item", "at_us", "sequence", value="to_value")
    found = log.engine.collect(changed.select("value").unique())["value"].drop_nulls().to_list()
    numbers = log.engine.table(
        {"value": found, "flag": [reason_number(value) for value in found]}, {"value": nw.String(), "flag": nw.Int32()}
    ).with_columns(value=nw.col("value").cast(nw.String()))
    return (
        changed.join(numbers, on="value", how="left")
        .with_columns(
            rank=nw.lit(2, dtype=nw.Int32()),
            flag=nw.col("flag").fill_null(0),
            step=nw.lit(0, dtype=nw.Int32()),
            start_us=nw.lit(None, dtype=nw.Int64()),
        )
        .select(*_MARKS)
    )


def link_marks(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return the moments at which a blocker began or ceased to block, as marks: ``step`` is +1 or −1."""
    links = (
        log.links_of("blocks")
        .filter(~nw.col("other").is_null() & (nw.col("item") != nw.col("other")))
        .select("other", blocker="item", since_us=nw.col("at_us").fill_null(0))
        .group_by("other", "blocker")
        .agg(nw.col("since_us").min())
    )
    lives = (
        log.rows()
        .filter(~finals(log))
        .select("entered_us", "left_us", blocker="item")
        .join(links, on="blocker", how="inner")
        .with_columns(
            begin=nw.max_horizontal("entered_us", "since_us"),
            end=nw.when(nw.col("left_us") == OPEN_US).then(nw.lit(log.as_of_us)).otherwise(nw.col("left_us")),
        )
        .filter(nw.col("begin") < nw.col("end"))
    )

    def marks(at: str, step: int) -> nw.LazyFrame[Any]:
        return lives.select(
            nw.col("other").alias("item"),
            nw.col(at).alias("at_us"),
            nw.lit(2, dtype=nw.Int32()).alias("rank"),
            nw.lit(0, dtype=nw.Int64()).alias("sequence"),
            nw.lit(None, dtype=nw.Int32()).alias("flag"),
            nw.lit(step, dtype=nw.Int32()).alias("step"),
            nw.lit(None, dtype=nw.Int64()).alias("start_us"),
        )

    return nw.concat([marks("begin", 1), marks("end", -1)], how="vertical")


def _pieces(marks: nw.LazyFrame[Any], stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Sweep over each item's time: [item, start_us (of the stay), begins_us, ends_us, blocked]."""

    def stay_marks(at: str, rank: int, start: nw.Expr) -> nw.LazyFrame[Any]:
        return stays.select(
            "item",
            nw.col(at).alias("at_us"),
            nw.lit(rank, dtype=nw.Int32()).alias("rank"),
            nw.lit(0, dtype=nw.Int64()).alias("sequence"),
            nw.lit(None, dtype=nw.Int32()).alias("flag"),
            nw.lit(0, dtype=nw.Int32()).alias("step"),
            start.alias("start_us"),
        )

    ends = stay_marks("until_us", 0, nw.lit(_OUTSIDE, dtype=nw.Int64()))
    starts = stay_marks("from_us", 1, nw.col("from_us"))
    order = ["at_us", "rank", "sequence"]
    swept = nw.concat([marks, ends, starts], how="vertical").with_columns(
        flag=nw.col("flag").fill_null(strategy="forward").over("item", order_by=order),
        start_us=nw.col("start_us").fill_null(strategy="forward").over("item", order_by=order),
        depth=nw.col("step").cum_sum().over("item", order_by=order),
        next_us=nw.col("at_us").shift(-1).over("item", order_by=order),
    )
    flag = nw.col("flag").fill_null(0)
    blocked = nw.when(flag > 0).then(flag).otherwise(nw.when(nw.col("depth") > 0).then(nw.lit(DEPENDENCY)).otherwise(0))
    segments = swept.filter((nw.col("next_us") > nw.col("at_us")) & (nw.col("start_us") >= 0)).with_columns(
        blocked=blocked.cast(nw.Int32())
    )
    # Moments that change nothing about the item (a second flag, a blocker of several) do not cut.
    same = [nw.col(name) == nw.col(name).shift(1).over("item", order_by="at_us") for name in ("blocked", "start_us")]
    runs = segments.with_columns(fresh=(~(same[0] & same[1])).fill_null(value=True).cast(nw.Int32())).with_columns(
        run=nw.col("fresh").cum_sum().over("item", order_by="at_us")
    )
    return (
        runs.group_by("item", "run")
        .agg(nw.col("start_us", "blocked").min(), begins_us=nw.col("at_us").min(), ends_us=nw.col("next_us").max())
        .drop("run")
    )
