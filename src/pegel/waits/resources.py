"""How busy somebody was: the union of the active stays that the same person began, as a running clock.

People are compared as codes of pseudonyms, never listed. Busy time is looked up within one stream, so that the figures
of streams add up whatever the log was opened for.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.log import FlowLog
from pegel.waits.stays import with_streams

WHO: Final = ("stream_no", "person")


def busy_spans(log: FlowLog, calendar: WorkingTime | None) -> nw.LazyFrame[Any] | None:
    """Return the unbroken stretches in which somebody had work begun; None where no state is mapped as work.

    Returns
    -------
    Lazy frame [stream_no, person, start_us, end_us, before_us]: ``before_us`` is the person's busy time before the
    stretch in the log's time; with ``calendar`` also ``worked_before_us``, the part of it in its working hours.
    """
    active = log.in_category(StateCategory.ACTIVE)
    if active is None:
        return None
    left = nw.when(nw.col("left_us") == OPEN_US).then(nw.lit(log.as_of_us)).otherwise(nw.col("left_us"))
    stays = (
        with_streams(log, log.rows().filter(active & ~nw.col("actor").is_null()))
        .select("stream_no", person="actor", start_us="entered_us", end_us=left)
        .filter(nw.col("end_us") > nw.col("start_us"))
    )
    united = log.engine.united(stays, by=WHO, start="start_us", end="end_us")
    measured = log.measure(united, start="start_us", end="end_us", into="span")
    spans = ["span"]
    if calendar is not None:
        measured = calendar.add_working_time(measured, start="start_us", end="end_us", into="worked")
        spans.append("worked")
    before = [
        (nw.col(span).cum_sum().over(*WHO, order_by="start_us") - nw.col(span)).alias(into)
        for span, into in zip(spans, ("before_us", "worked_before_us"), strict=False)
    ]
    return log.engine.keep(measured.with_columns(*before).drop(*spans))


def busy_between(
    log: FlowLog,
    stretches: nw.LazyFrame[Any],
    busy: nw.LazyFrame[Any],
    calendar: WorkingTime | None,
) -> nw.LazyFrame[Any]:
    """Return [item, start, busy_us(, busy_worked_us)]: how long the person was busy during an item's stretches.

    ``stretches``: [item, start, stream_no, person, begin_us, end_us]; those with equal item and start are added up.
    """
    points = nw.concat(
        [
            stretches.select("item", "start", *WHO, at_us=nw.col(column), sign=nw.lit(sign, dtype=nw.Int64()))
            for column, sign in (("begin_us", -1), ("end_us", 1))
        ],
        how="vertical",
    )
    spans = ["since_us", "end_us", "before_us", *(["worked_before_us"] if calendar is not None else [])]
    marks = busy.select(*WHO, *spans[1:], since_us="start_us")
    located = log.engine.latest(points, marks, by=WHO, at="at_us", mark="since_us", values=spans)
    found = located.filter(~nw.col("since_us").is_null()).with_columns(reached_us=nw.min_horizontal("at_us", "end_us"))
    clock = log.measure(found, start="since_us", end="reached_us", into="part")
    sums = {"busy_us": ((nw.col("before_us") + nw.col("part")) * nw.col("sign"))}
    if calendar is not None:
        clock = calendar.add_working_time(clock, start="since_us", end="reached_us", into="worked_part")
        sums["busy_worked_us"] = (nw.col("worked_before_us") + nw.col("worked_part")) * nw.col("sign")
    return clock.with_columns(**sums).group_by("item", "start").agg(nw.col(*sums).sum())
