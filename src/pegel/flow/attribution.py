"""To which stream, type and kind of work an item counts."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.policy import Attribution, Policy
from pegel.flow.log import FlowLog

#: Columns that ``attribute`` adds.
ATTRIBUTES: Final = ("stream", "type", "kind")


def attribute(
    log: FlowLog, policy: Policy, windows: nw.LazyFrame[Any], *, all_streams: bool = False
) -> nw.LazyFrame[Any]:
    """Add ``stream``, ``type`` and ``kind`` (feature, defect, risk, debt; null: not mapped) to item windows.

    The policy's ``move`` and ``retype`` say whether the stream and the type at the end of the window count or today's.
    Items of streams that the log was not opened for are dropped, unless ``all_streams`` keeps them: an item that moved
    away was once in the load of a stream that it does not count to any more.
    """
    places = log.place_table().select("place", "stream", "type", "kind")
    by_stream = _column(policy.move)
    by_type = _column(policy.retype)
    if by_stream == by_type:
        out = windows.join(places, left_on=by_stream, right_on="place", how="left")
    else:
        out = windows.join(places.select("place", "stream"), left_on=by_stream, right_on="place", how="left").join(
            places.select("place", "type", "kind"), left_on=by_type, right_on="place", how="left"
        )
    return out if all_streams else of_streams(log, out)


def of_streams(log: FlowLog, table: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the rows of a table with a column ``stream`` that belong to the streams the log was opened for."""
    return table if log.streams is None else table.filter(nw.col("stream").is_in(sorted(log.streams)))


def _column(rule: Attribution) -> str:
    return "place" if rule is Attribution.AT_THE_TIME else "place_today"
