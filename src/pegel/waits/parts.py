"""Cutting each wait into disjoint parts by cause: exact, because every part lies between two points of one clock.

A piece runs from p0 to p5. Blocked pieces and pieces in a state with a friction belong to that cause as a whole. Any
other piece is cut at

    p0 ≤ p1 (its batch was complete) ≤ p2, p3 (first and last comment) ≤ p4 (overtaken or put back) ≤ p5

into batching [p0, p1), prioritisation [p4, p5), and the rest [p1, p4): handed over as a whole, or status queries
[p2, p3) and two remaining stretches, in which contention (the next person was busy), off-hours and what nobody can
explain are told apart. Durations are differences of the log's clock at these points, so the parts add up exactly; so do
the last three, because busy and working time of a stretch are differences of running clocks too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw

from pegel.eventlog.calendar_time import WorkingTime
from pegel.flow.log import FlowLog
from pegel.waits.cause import Cause, column, number_of
from pegel.waits.resources import busy_between, busy_spans

_ZERO: Final = nw.lit(0, dtype=nw.Int64())
#: What signals add to pieces; where the log has none of a kind, its columns are null.
SIGNALS: Final = ("complete_us", "overtaken_us", "lowered_us", "first_comment_us", "last_comment_us")
_POINTS: Final = ("p0", "p1", "p2", "p3", "p4", "p5")


def divide(
    log: FlowLog, pieces: nw.LazyFrame[Any], *, contention: bool, comments: bool, calendar: WorkingTime | None
) -> nw.LazyFrame[Any]:
    """Add the nine columns of ``cause.PARTS`` to pieces.

    ``pieces``: [item, from_us, until_us, blocked, friction, handed, stream_no, own, next_actor, *SIGNALS].
    ``calendar``: whose off-hours are a cause of their own; only where the log measures elapsed time.
    """
    pointed = _with_points(pieces)
    whole = nw.col("whole")
    stretched = pointed.with_columns(
        rest=whole.is_null() & ~nw.col("handed") & ((nw.col("p2") > nw.col("p1")) | (nw.col("p4") > nw.col("p3")))
    )
    if calendar is not None or contention:
        stretched = log.engine.keep(stretched)
    busy = busy_spans(log, calendar) if contention else None
    stretched = _with_busy(log, stretched, busy, calendar, comments=comments)
    stretched = _with_off_hours(stretched, calendar)
    clocked = _clocked(log, stretched, comments=comments)
    return _parts(clocked)


def _with_points(pieces: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    start, end = nw.col("from_us"), nw.col("until_us")
    blocked = nw.lit(number_of(Cause.BLOCKED), dtype=nw.Int32())
    whole = nw.when(nw.col("blocked") > 0).then(blocked).otherwise(nw.col("friction"))
    back = nw.min_horizontal("overtaken_us", "lowered_us")

    def held(moment: nw.Expr, low: str, high: str, otherwise: nw.Expr) -> nw.Expr:
        bounded = nw.max_horizontal(low, nw.min_horizontal(moment, nw.col(high)))
        return nw.when(moment.is_null()).then(otherwise).otherwise(bounded)

    return (
        pieces.with_columns(p0=start, p5=end, whole=whole)
        .with_columns(p1=held(nw.col("complete_us"), "p0", "p5", start))
        .with_columns(p4=held(back, "p1", "p5", end))
        .with_columns(p2=held(nw.col("first_comment_us"), "p1", "p4", nw.col("p4")))
        .with_columns(p3=held(nw.col("last_comment_us"), "p2", "p4", nw.col("p4")))
    )


def _with_busy(
    log: FlowLog,
    pieces: nw.LazyFrame[Any],
    busy: nw.LazyFrame[Any] | None,
    calendar: WorkingTime | None,
    *,
    comments: bool,
) -> nw.LazyFrame[Any]:
    """Add ``busy_us`` and ``busy_worked_us`` of the remaining stretches."""
    if busy is None:
        return pieces.with_columns(busy_us=_ZERO, busy_worked_us=_ZERO)
    asked = pieces.filter(nw.col("rest") & nw.col("own") & ~nw.col("next_actor").is_null())
    stretches = nw.concat(
        [
            asked.filter(nw.col(end) > nw.col(begin)).select(
                "item", "stream_no", start="from_us", person="next_actor", begin_us=begin, end_us=end
            )
            for begin, end in _stretches(comments=comments)
        ],
        how="vertical",
    )
    found = busy_between(log, stretches, busy, calendar).rename({"start": "from_us"})
    joined = pieces.join(found, on=["item", "from_us"], how="left").with_columns(busy_us=nw.col("busy_us").fill_null(0))
    worked = nw.col("busy_worked_us").fill_null(0) if calendar is not None else _ZERO
    return joined.with_columns(busy_worked_us=worked)


def _with_off_hours(pieces: nw.LazyFrame[Any], calendar: WorkingTime | None) -> nw.LazyFrame[Any]:
    """Add ``off_us``: off-hours of the remaining stretches in which the next person was not busy either."""
    if calendar is None:
        return pieces.with_columns(off_us=_ZERO)
    for begin, end, into in (("p1", "p2", "__first"), ("p3", "p4", "__second")):
        pieces = calendar.add_working_time(pieces, start=begin, end=end, into=into)
    elapsed = nw.col("p2") - nw.col("p1") + nw.col("p4") - nw.col("p3")
    worked = nw.col("__first") + nw.col("__second")
    off = (elapsed - worked) - (nw.col("busy_us") - nw.col("busy_worked_us"))
    return pieces.with_columns(off_us=nw.when(nw.col("rest")).then(off).otherwise(_ZERO)).drop("__first", "__second")


def _stretches(*, comments: bool) -> Sequence[tuple[str, str]]:
    """Between which points the rest lies; without comments p2 and p3 are p4."""
    return (("p1", "p2"), ("p3", "p4")) if comments else (("p1", "p2"),)


def _clocked(log: FlowLog, pieces: nw.LazyFrame[Any], *, comments: bool) -> nw.LazyFrame[Any]:
    """Turn the points into readings of the log's clock."""
    if log.working is None:
        return pieces
    for point in _POINTS:
        if point in ("p2", "p3") and not comments:
            continue
        pieces = log.working.add_working_clock(pieces, at=point, into="__clock").drop(point).rename({"__clock": point})
    return pieces if comments else pieces.with_columns(p2=nw.col("p4"), p3=nw.col("p4"))


def _parts(pieces: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    whole, handed = nw.col("whole"), nw.col("handed")
    total = nw.col("p5") - nw.col("p0")
    divided = whole.is_null()
    rest = nw.col("p2") - nw.col("p1") + nw.col("p4") - nw.col("p3")

    def of(cause: Cause, condition: nw.Expr, value: nw.Expr) -> nw.Expr:
        return nw.when(condition).then(value).otherwise(_ZERO).alias(column(cause))

    def wholly_or(cause: Cause, condition: nw.Expr, value: nw.Expr) -> nw.Expr:
        otherwise = nw.when(divided & condition).then(value).otherwise(_ZERO)
        return nw.when(whole == number_of(cause)).then(total).otherwise(otherwise).alias(column(cause))

    always = nw.lit(value=True)
    remaining = divided & ~handed
    return pieces.with_columns(
        of(Cause.BLOCKED, whole == number_of(Cause.BLOCKED), total),
        of(Cause.APPROVAL, whole == number_of(Cause.APPROVAL), total),
        of(Cause.BATCHING, divided, nw.col("p1") - nw.col("p0")),
        wholly_or(Cause.PRIORITISATION, always, nw.col("p5") - nw.col("p4")),
        wholly_or(Cause.HAND_OFF, handed, nw.col("p4") - nw.col("p1")),
        wholly_or(Cause.STATUS_QUERY, ~handed, nw.col("p3") - nw.col("p2")),
        of(Cause.CONTENTION, remaining, nw.col("busy_us")),
        of(Cause.CALENDAR, remaining, nw.col("off_us")),
        of(Cause.UNEXPLAINED, remaining, rest - nw.col("busy_us") - nw.col("off_us")),
    )
