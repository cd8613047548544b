"""What queues say: who was overtaken, and who was taken along in a batch.

Overtaking
    Items that entered the same state of the same stream later, and left it earlier to go on. From the moment the first
    of them left, the order was not first come, first served. Items that merely passed through (no time in the state)
    or left because they were cancelled, deleted or retyped overtake nobody.
Batching
    At least three items that left the same queue within the same minute (by the clock: 10:07:00 up to 10:08:00), moved
    by the same person where that is known. An item has waited for its batch until the last of them had come in.
Source
    Lashkevich, Milani, Chapela-Campa, Suvorau & Dumas, *Why Am I Waiting? Data-Driven Analysis of Waiting Times in
    Business Processes*, CAiSE 2023, LNCS 13901: batching, prioritisation, contention, unavailability, extraneous.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.schema import HOUR_US, OPEN_US, SECOND_US
from pegel.flow.log import FlowLog
from pegel.waits.stays import NOBODY

#: Fewest items of a batch.
SMALLEST_BATCH: Final = 3
_MINUTE_US: Final = 60 * SECOND_US


def with_overtaken(stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``overtaken_us``: when the first item that came later left the queue before this one; null: never.

    ``stays``: all of the queues (``queue_stays``).
    """
    left = nw.col("left_us")
    leaves = nw.when(nw.col("goes_on") & (left > nw.col("joined_us"))).then(left).otherwise(nw.lit(OPEN_US))
    # Sorted by leaving among equal entries, a stay sees none of its equals leave before itself: they came together.
    first = nw.col("leaves_us").cum_min(reverse=True).over("queue", order_by=["joined_us", "left_us"])
    return (
        stays.with_columns(leaves_us=leaves)
        .with_columns(overtaken_us=first)
        .with_columns(overtaken_us=nw.when(nw.col("overtaken_us") < left).then(nw.col("overtaken_us")))
        .drop("leaves_us")
    )


def fine_streams(stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [stream_no] of the streams whose times are finer than full hours: only there a minute says something."""
    fine = (nw.col("left_us") % HOUR_US) != 0
    return stays.filter((nw.col("left_us") < OPEN_US) & fine).select("stream_no").unique()


def batches(
    log: FlowLog, stays: nw.LazyFrame[Any], fine: nw.LazyFrame[Any], *, actors: bool
) -> tuple[nw.LazyFrame[Any], list[str]]:
    """Return the batches and the columns that tell them apart: [*keys, complete_us].

    ``complete_us``: when the last of the batch had come into the queue. Stays get their keys from ``batch_keys``.
    """
    keys = ["queue", "minute", *(["mover"] if actors else [])]
    left = batch_keys(stays.filter(nw.col("left_us") < OPEN_US), actors=actors).join(fine, on="stream_no", how="semi")
    # Few stays leave together, so counting distinct items is left to them: of three in a row the first has the minute
    # of the third. Looking along each queue is much quicker than grouping by nearly every stay.
    back = nw.col("minute").shift(SMALLEST_BATCH - 1).over(*(key for key in keys if key != "minute"), order_by="minute")
    crowd = log.engine.keep(
        left.select(*keys)
        .with_columns(earlier=back)
        .filter(nw.col("earlier") == nw.col("minute"))
        .select(*keys)
        .unique()
    )
    found = (
        left.join(crowd, on=keys, how="semi")
        .group_by(*keys)
        .agg(complete_us=nw.col("joined_us").max(), members=nw.col("item").n_unique())
        .filter(nw.col("members") >= SMALLEST_BATCH)
        .drop("members")
    )
    return log.engine.keep(found), keys


def batch_keys(stays: nw.LazyFrame[Any], *, actors: bool) -> nw.LazyFrame[Any]:
    """Add ``minute`` of leaving and, with ``actors``, ``mover`` to stays."""
    mover = {"mover": nw.col("next_actor").fill_null(NOBODY)} if actors else {}
    return stays.with_columns(minute=nw.col("left_us") // _MINUTE_US, **mover)
