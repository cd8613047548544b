"""Queues of stages: do more items come in than go out, how many are there now, how old is the oldest?

Definition
    Arrivals: stays that begin in the period; departures: stays that end in it; of all items, finished or not, whatever
    their clock says. The queue grows (shrinks) when the 95 % interval of the mean weekly difference lies above (below)
    0; it is stable when the interval holds 0. With fewer than ``MIN_WEEKS`` weeks or ``MIN_MOVES`` arrivals and
    departures nothing is said.
Unit
    Items, items per week; age in days of the log.
Source
    Little, *Operations Research* 9 (1961) 383–387; Vacanti, *Actionable Agile Metrics for
    Predictability* (2015), ch. 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.schema import OPEN_US
from pegel.flow.log import FlowLog
from pegel.flow.periods import day_of, week_start_us
from pegel.waits.certainty import MIN_WEEKS, mean_intervals
from pegel.waits.stages import StageKind, StageSums, place_lookup

#: Fewer arrivals and departures together say nothing about a trend.
MIN_MOVES: Final = 10
_NO_QUEUE: Final = ("ignored",)


class QueueTrend(StrEnum):
    """What a queue does over the weeks of the period."""

    GROWING = "growing"
    STABLE = "stable"
    SHRINKING = "shrinking"
    UNKNOWN = "unknown"  # too few weeks or moves to say


@dataclass(frozen=True, slots=True, kw_only=True)
class StageQueues:
    """Queues of the stages that items can wait or be worked on in (those after an end have none).

    Attributes
    ----------
    table: [stage, arrivals, departures, net_per_week, net_low, net_high, trend, now, oldest_days], one row per stage
        in which anything was. ``now`` and ``oldest_days`` (in the stage) are those at the log's moment.
    by_week: [stage, week_us, arrivals, departures, level], ``level``: items in it at the end of the week.
    by_day: [stage, day_us, arrivals, departures], days on which something moved.
    """

    table: pl.DataFrame
    by_week: pl.DataFrame
    by_day: pl.DataFrame


def stage_queues(log: FlowLog, sums: StageSums) -> StageQueues:
    """Count arrivals, departures and levels of every stage over the period of the sums."""
    present = _present(log, sums)
    opening, now = _levels(log, sums, present)
    by_day = log.engine.collect(_moves(sums, present)).sort("stage", "day_us")
    by_week = _by_week(sums, by_day, opening)
    known = by_week.group_by("stage").agg(pl.col("arrivals", "departures").sum()).join(now, on="stage", how="left")
    named = known.filter((pl.col("arrivals") + pl.col("departures") + pl.col("now").fill_null(0)) > 0).sort("stage")
    return StageQueues(table=_with_trend(sums, named, by_week), by_week=by_week, by_day=by_day)


def _present(log: FlowLog, sums: StageSums) -> nw.LazyFrame[Any]:
    """Return [stage, entered_us, left_us], kept: stays that had not ended before the period."""
    waiting = sums.stages.filter(
        (pl.col("stage_kind") != StageKind.ENDED.value) & ~pl.col("category").is_in(_NO_QUEUE)
    )["stage"]
    places = sums.places.filter(pl.col("stage").is_in(waiting.implode()))
    rows = log.rows().filter(nw.col("left_us") >= sums.from_us).select("place", "entered_us", "left_us")
    found = rows.join(place_lookup(log, places), on="place", how="inner")
    return log.engine.keep(found.select("stage", "entered_us", "left_us"))


def _levels(log: FlowLog, sums: StageSums, present: nw.LazyFrame[Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return [stage, opening]: items in it when the period began, and [stage, now, oldest_days] at the log's moment."""
    opening = present.filter(nw.col("entered_us") < sums.from_us).group_by("stage").agg(opening=nw.len())
    still = (
        present.filter(nw.col("left_us") == OPEN_US)
        .group_by("stage")
        .agg(now=nw.len(), oldest_us=nw.col("entered_us").min())
        .with_columns(moment_us=nw.lit(log.as_of_us))
    )
    aged = log.measure(still, start="oldest_us", end="moment_us", into="age_us").select("stage", "now", "age_us")
    now = log.engine.collect(aged).select(
        "stage", pl.col("now").cast(pl.Int64), oldest_days=pl.col("age_us") / log.day_us
    )
    return log.engine.collect(opening).with_columns(pl.col("opening").cast(pl.Int64)), now


def _moves(sums: StageSums, present: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [stage, day_us, arrivals, departures]."""
    one, none = nw.lit(1, dtype=nw.Int64()), nw.lit(0, dtype=nw.Int64())

    def at(moment: str, arrivals: nw.Expr, departures: nw.Expr) -> nw.LazyFrame[Any]:
        inside = (nw.col(moment) >= sums.from_us) & (nw.col(moment) < sums.until_us)
        return (
            present.filter(inside)
            .with_columns(day_us=day_of(nw.col(moment)))
            .group_by("stage", "day_us")
            .agg(moves=nw.len())
            .with_columns(moves=nw.col("moves").cast(nw.Int64()))
            .select("stage", "day_us", arrivals=nw.col("moves") * arrivals, departures=nw.col("moves") * departures)
        )

    both = nw.concat([at("entered_us", one, none), at("left_us", none, one)], how="vertical")
    return both.group_by("stage", "day_us").agg(nw.col("arrivals", "departures").sum())


def _by_week(sums: StageSums, by_day: pl.DataFrame, opening: pl.DataFrame) -> pl.DataFrame:
    """Return the weekly table with a row for every week of every stage in which anything was."""
    stages = pl.concat([by_day["stage"], opening["stage"]]).unique().sort().to_frame()
    weeks = pl.DataFrame({"week_us": sums.week_starts}, schema={"week_us": pl.Int64})
    starts = {day: week_start_us(day) for day in by_day["day_us"].unique()}
    moved = (
        by_day.with_columns(week_us=pl.col("day_us").replace_strict(starts, return_dtype=pl.Int64))
        .group_by("stage", "week_us")
        .agg(pl.col("arrivals", "departures").sum())
    )
    return (
        stages.join(weeks, how="cross")
        .join(moved, on=["stage", "week_us"], how="left")
        .join(opening, on="stage", how="left")
        .with_columns(pl.col("arrivals", "departures", "opening").fill_null(0))
        .sort("stage", "week_us")
        .with_columns(level=pl.col("opening") + (pl.col("arrivals") - pl.col("departures")).cum_sum().over("stage"))
        .drop("opening")
    )


def _with_trend(sums: StageSums, named: pl.DataFrame, by_week: pl.DataFrame) -> pl.DataFrame:
    """Add the weekly net change with its interval, and what it says."""
    weeks = len(sums.week_starts)
    nothing = pl.lit(None, pl.Float64)
    bounds: pl.DataFrame = named.select("stage", net_low=nothing, net_high=nothing)
    if weeks >= MIN_WEEKS and by_week.height:
        # Every stage has a row for every week, in order.
        net = (by_week["arrivals"] - by_week["departures"]).to_numpy().astype(np.float64).reshape(-1, weeks).T
        low, high = mean_intervals(net)
        stages = by_week["stage"].gather_every(weeks)
        bounds = pl.DataFrame({"stage": stages, "net_low": low, "net_high": high})
    enough = (pl.col("arrivals") + pl.col("departures") >= MIN_MOVES) & pl.col("net_low").is_not_null()
    net_per_week = (pl.col("arrivals") - pl.col("departures")) / sums.weeks if sums.weeks else nothing
    return named.join(bounds, on="stage", how="left").select(
        "stage",
        "arrivals",
        "departures",
        net_per_week=net_per_week,
        net_low=pl.when(enough).then("net_low"),
        net_high=pl.when(enough).then("net_high"),
        trend=pl.when(~enough)
        .then(pl.lit(QueueTrend.UNKNOWN.value))
        .when(pl.col("net_low") > 0)
        .then(pl.lit(QueueTrend.GROWING.value))
        .when(pl.col("net_high") < 0)
        .then(pl.lit(QueueTrend.SHRINKING.value))
        .otherwise(pl.lit(QueueTrend.STABLE.value)),
        now=pl.col("now").fill_null(0),
        oldest_days="oldest_days",
    )
