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

_MARKS: Final = ("item", "at_us", "sequence", "flag", "step")


def uncut(stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return stays as pieces none of which is blocked."""
    return stays.with_columns(blocked=nw.lit(0, dtype=nw.Int32()), cut=nw.lit(value=False))


def cut(log: FlowLog, stays: nw.LazyFrame[Any], *, flags: nw.LazyFrame[Any] | None, links: bool) -> nw.LazyFrame[Any]:
    """Cut stays where blocking begins, ends or changes its reason; add ``blocked`` and ``cut``.

    ``stays``: with [item, from_us, until_us], none of them overlapping. ``blocked``: number in
    ``flag_reasons.REASONS``, 0 where nothing blocks. ``cut``: the stay may be several pieces now. ``flags``: changes of
    flags (``Records.changes``), ``links``: whether the log has any.
    """
    if flags is None and not links:
        return uncut(stays)
    blocking = [*([] if flags is None else [flag_marks(log, flags)]), *([link_marks(log)] if links else [])]
    marks = log.engine.keep(nw.concat(blocking, how="vertical"))
    timeline = log.engine.keep(_timeline(log, marks))
    changing = timeline.select("item", changes_us="at_us")
    begun = log.engine.latest(stays, timeline, by=("item",), at="from_us", mark="at_us", values=("blocked",))
    begun = begun.with_columns(blocked=nw.col("blocked").fill_null(0), after_us=nw.col("from_us") + 1)
    known = log.engine.earliest(begun, changing, by=("item",), at="after_us", mark="changes_us").drop("after_us")
    divided = (nw.col("changes_us") < nw.col("until_us")).fill_null(value=False)
    names = [*stays.collect_schema().names(), "blocked", "cut"]
    first = known.with_columns(cut=divided, until_us=nw.min_horizontal("until_us", "changes_us"))
    rest = (
        known.filter(divided)
        .drop("blocked")
        .join(timeline, on="item", how="inner")
        .filter((nw.col("at_us") > nw.col("from_us")) & (nw.col("at_us") < nw.col("until_us")))
        .with_columns(cut=nw.lit(value=True), from_us="at_us", until_us=nw.min_horizontal("until_us", "next_us"))
    )
    return nw.concat([first.select(*names), rest.select(*names)], how="vertical")


def flag_marks(log: FlowLog, flags: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the moments at which a flag was raised or lowered, as marks: ``flag`` is the number of its reason."""
    found = log.engine.collect(flags.select("after").unique())["after"].to_list()
    named = log.engine.table(
        {"after": found, "flag": [reason_number(value) for value in found]}, {"after": nw.String(), "flag": nw.Int32()}
    )
    numbers = log.engine.coded(named.with_columns(nw.col("after").cast(nw.String())), "after")
    marked = flags.join(numbers, on="after", how="left").with_columns(step=nw.lit(0, dtype=nw.Int32()))
    return marked.select(*_MARKS)


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
            nw.lit(0, dtype=nw.Int64()).alias("sequence"),
            nw.lit(None, dtype=nw.Int32()).alias("flag"),
            nw.lit(step, dtype=nw.Int32()).alias("step"),
        )

    return nw.concat([marks("begin", 1), marks("end", -1)], how="vertical")


def _timeline(log: FlowLog, marks: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, at_us, blocked, next_us] in order: since when what blocks an item, until it changes (null: never).

    Moments that change nothing about the item (a second flag, a blocker of several) are left out.
    """
    order = ["at_us", "sequence"]
    swept = log.engine.ordered(marks, "item", *order).with_columns(
        flag=nw.col("flag").fill_null(strategy="forward").over("item", order_by=order),
        depth=nw.col("step").cum_sum().over("item", order_by=order),
    )
    flag = nw.col("flag").fill_null(0)
    blocked = nw.when(flag > 0).then(flag).otherwise(nw.when(nw.col("depth") > 0).then(nw.lit(DEPENDENCY)).otherwise(0))

    def beside(rows: nw.LazyFrame[Any], name: str, steps: int, into: str) -> nw.LazyFrame[Any]:
        return log.engine.following(rows, {into: (name, steps)}, by="item", order_by=order)

    said = swept.with_columns(blocked=blocked.cast(nw.Int32()))
    # What holds after a moment is what the last mark of that moment says.
    settled = beside(said, "at_us", 1, "next_us").filter((nw.col("at_us") != nw.col("next_us")).fill_null(value=True))
    news = nw.col("blocked") != nw.col("before").fill_null(0)
    changed = beside(settled.drop("next_us"), "blocked", -1, "before").filter(news)
    return beside(changed, "at_us", 1, "next_us").select("item", "at_us", "blocked", "next_us")
