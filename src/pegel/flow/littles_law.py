"""Little's law: do load, throughput and time agree with each other?

Definition
    L = λ · W over a period: mean load (exact time average), departures per day, and mean time in the window of the
    items that departed. ``ratio`` = λW ÷ L. It is 1 in a stable system observed long enough. Clearly above 1: old items
    left, the system is being emptied of old work; clearly below 1: work is piling up, and flow time of finished items
    alone looks better than it is.
Unit
    Items, items per day, days; ratio without unit.
Clock
    That of the policy, cancelled and deleted items included as departures, pauses not taken off: the law holds for the
    time between arriving and leaving, whatever happens within.
Source
    Little, *A Proof for the Queuing Formula L = λW*, Operations Research 9 (1961) 383–387; Little & Graves, *Little's
    Law*, in Building Intuition (2008), on finite periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import DAY_US
from pegel.flow.answer import Answer, Status

DEFINITION: Final = "littles_law/1"
#: A ratio outside 1 ± this is worth a remark.
TOLERANCE: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class LittlesLaw(Answer):
    """``load`` (mean), ``departures_per_day``, ``days`` (mean time of departed items), ``ratio`` = λW ÷ L.

    ``finding``: ``agree`` | ``piling_up`` (ratio below 1 − tolerance) | ``emptying`` (above 1 + tolerance).
    """

    load: float | None = None
    departures_per_day: float | None = None
    days: float | None = None
    ratio: float | None = None
    finding: str | None = None


def littles_law(items: nw.LazyFrame[Any], *, from_us: int, until_us: int, as_of_us: int) -> nw.LazyFrame[Any]:
    """Return [stream, present_us, departures, time_us]: item-time in the period, departures in it, their whole time."""
    end = nw.col("end_us").fill_null(as_of_us)
    present = nw.min_horizontal(end, nw.lit(until_us)) - nw.max_horizontal(nw.col("start_us"), nw.lit(from_us))
    departed = (~nw.col("end_us").is_null()) & (nw.col("end_us") >= from_us) & (nw.col("end_us") < until_us)
    none = nw.lit(0, dtype=nw.Int64())
    return (
        items.filter(~nw.col("start_us").is_null())
        .with_columns(present_us=present)
        .with_columns(
            present_us=nw.when(nw.col("present_us") > 0).then(nw.col("present_us")).otherwise(none),
            departures=nw.when(departed).then(nw.lit(1, dtype=nw.Int64())).otherwise(none),
            time_us=nw.when(departed).then(nw.col("end_us") - nw.col("start_us")).otherwise(none),
        )
        .group_by("stream")
        .agg(nw.col("present_us", "departures", "time_us").sum())
    )


def summarise_littles_law(table: pl.DataFrame, *, from_us: int, until_us: int) -> LittlesLaw:
    """Summarise a collected ``littles_law`` table.

    >>> table = pl.DataFrame({"stream": ["S"], "present_us": [20 * DAY_US], "departures": [5],
    ...                       "time_us": [20 * DAY_US]})
    >>> law = summarise_littles_law(table, from_us=0, until_us=10 * DAY_US)  # L 2, λ 0.5 per day, W 4 days
    >>> law.load, law.departures_per_day, law.days, law.ratio
    (2.0, 0.5, 4.0, 1.0)
    """
    length = until_us - from_us
    # Added up as Python integers: microseconds of a large log do not fit into 64 bits.
    present, departures, time = (sum(table[name].to_list()) for name in ("present_us", "departures", "time_us"))
    if present == 0 and departures:
        return LittlesLaw(definition=DEFINITION, status=Status.UNDEFINED, reason="no_time_passed")
    if not table.height or length <= 0 or present == 0:
        return LittlesLaw(definition=DEFINITION, status=Status.NO_DATA, reason="nothing_started")
    load = present / length
    per_day = departures * DAY_US / length
    if departures == 0:
        return LittlesLaw(
            definition=DEFINITION,
            status=Status.UNDEFINED,
            reason="nothing_departed",
            load=load,
            departures_per_day=per_day,
        )
    days = time / departures / DAY_US
    ratio = per_day * days / load
    finding = "agree" if abs(ratio - 1) <= TOLERANCE else "piling_up" if ratio < 1 else "emptying"
    return LittlesLaw(
        definition=DEFINITION,
        status=Status.VALUE,
        load=load,
        departures_per_day=per_day,
        days=days,
        ratio=ratio,
        finding=finding,
    )
