"""Predictability: does the work flow steadily, and may the past be used to look ahead?

One answer of process behaviour charts (weekly throughput, weekly median flow time, single flow times), the tail ratio
and the change points of both weekly series. Whole weeks only: a week that the period or the log's moment cuts is no
value of a series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import WEEK_US
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_velocity import finished_in
from pegel.flow.log import FlowLog
from pegel.flow.periods import week_of, week_start_us
from pegel.prediction.change_points import ChangePoint, change_points
from pegel.prediction.process_behaviour import ProcessBehaviour, process_behaviour
from pegel.prediction.tail import TailRatio, tail_ratio

DEFINITION: Final = "predictability/1"
#: Single flow times that are charted: the last ones.
LAST_ITEMS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictability(Answer):
    """``throughput`` (items per week), ``flow_time`` (weekly median), ``single`` (last items), ``tail``.

    ``changes``: [series, week_us, before, after, p_value]; series ``throughput`` | ``flow_time``. ``finding``:
    ``steady`` | ``signals`` | ``changed``, the first of them that is not steady counting from the last.
    """

    unit: str = "days"
    from_us: int = 0
    until_us: int = 0
    seed: int = 0
    finding: str | None = None
    throughput: ProcessBehaviour
    flow_time: ProcessBehaviour
    single: ProcessBehaviour
    tail: TailRatio
    changes: pl.DataFrame


def weekly_flow(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return [week_us, finished, median_us] of attributed item windows; weeks without any have no row."""
    flow = nw.col("flow_us")
    return (
        finished_in(items, from_us=from_us, until_us=until_us)
        .with_columns(week_us=week_of(nw.col("end_us")))
        .group_by("week_us")
        .agg(finished=nw.len(), median_us=flow.median())
    )


def last_finished(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return [item, end_us, flow_us] of the last ``LAST_ITEMS`` items with a flow time, in no order."""
    defined = finished_in(items, from_us=from_us, until_us=until_us).filter(~nw.col("flow_us").is_null())
    return defined.select("item", "end_us", "flow_us").top_k(LAST_ITEMS, by=["end_us", "item"])


def predictability(
    log: FlowLog,
    policy: Policy,
    *,
    items: nw.LazyFrame[Any] | None = None,
    from_us: int | None = None,
    until_us: int | None = None,
    seed: int = 0,
) -> Predictability:
    """Return how predictable the flow was in [from, until).

    Parameters
    ----------
    items: attributed item windows, where they are at hand. ``from_us``: None: the first completion. ``until_us``:
        None: the log's moment. ``seed``: of the permutation tests.
    """
    windows = log.engine.keep(attribute(log, policy, item_windows(log, policy))) if items is None else items
    until = min(log.as_of_us + 1 if until_us is None else until_us, log.as_of_us + 1)
    period = {"from_us": -(2**61) if from_us is None else from_us, "until_us": until}
    weeks = log.engine.collect(weekly_flow(windows, **period)).sort("week_us")
    if not weeks.height:
        return _nothing(log, period["from_us"], until, seed)
    begin = int(weeks["week_us"][0]) if from_us is None else from_us
    table = _whole_weeks(weeks, begin, until)
    single = log.engine.collect(last_finished(windows, **period)).sort("end_us", "item")
    defined = finished_in(windows, **period).filter(~nw.col("flow_us").is_null()).select("flow_us")
    tail = tail_ratio(log.engine.collect(defined)["flow_us"].to_numpy() / log.day_us, unit=log.unit)
    with_time = table.filter(pl.col("median_us").is_not_null())
    throughput = process_behaviour(table["week_us"].to_list(), table["finished"].to_list())
    medians = (with_time["median_us"] / log.day_us).to_list()
    flow_time = process_behaviour(with_time["week_us"].to_list(), medians, unit=log.unit)
    changes = [
        *_changes("throughput", table["week_us"].to_list(), table["finished"].to_list(), seed),
        *_changes("flow_time", with_time["week_us"].to_list(), medians, seed),
    ]
    few = throughput.status is not Status.VALUE
    news = throughput.signals or flow_time.signals
    return Predictability(
        definition=DEFINITION,
        status=Status.NO_DATA if few else Status.VALUE,
        reason="too_few_points" if few else None,
        unit=log.unit,
        from_us=begin,
        until_us=until,
        seed=seed,
        finding=None if few else "changed" if changes else "signals" if news else "steady",
        throughput=throughput,
        flow_time=flow_time,
        single=process_behaviour(single["end_us"].to_list(), (single["flow_us"] / log.day_us).to_list(), unit=log.unit),
        tail=tail,
        changes=pl.DataFrame(changes, schema=_CHANGES, orient="row"),
    )


_CHANGES: Final = {
    "series": pl.String(),
    "week_us": pl.Int64(),
    "before": pl.Float64(),
    "after": pl.Float64(),
    "p_value": pl.Float64(),
}


def _whole_weeks(weeks: pl.DataFrame, from_us: int, until_us: int) -> pl.DataFrame:
    """Every whole week of the period, those without a completion with 0."""
    first = week_start_us(from_us + WEEK_US - 1)
    last = week_start_us(until_us)
    every = pl.int_range(first, max(first, last), WEEK_US, eager=True).alias("week_us").to_frame()
    return every.join(weeks, on="week_us", how="left").sort("week_us").with_columns(pl.col("finished").fill_null(0))


def _changes(
    series: str, weeks: list[int], values: list[float], seed: int
) -> list[tuple[str, int, float, float, float]]:
    found: tuple[ChangePoint, ...] = change_points(values, seed=seed)
    return [(series, weeks[one.index], one.before, one.after, one.p_value) for one in found]


def _nothing(log: FlowLog, from_us: int, until_us: int, seed: int) -> Predictability:
    empty = process_behaviour([], [], unit=log.unit)
    return Predictability(
        definition=DEFINITION,
        status=Status.NO_DATA,
        reason="nothing_finished",
        unit=log.unit,
        from_us=max(0, from_us),
        until_us=until_us,
        seed=seed,
        throughput=process_behaviour([], []),
        flow_time=empty,
        single=empty,
        tail=tail_ratio(np.array([]), unit=log.unit),
        changes=pl.DataFrame(schema=_CHANGES),
    )
