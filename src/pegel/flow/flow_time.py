"""Flow time: how long does work take from start to done?

Definition
    Stop − start of the finished items of a period, less the time that the policy pauses; both moments as the policy
    says. Under a policy that adds up states: the time spent in those states.
Unit
    Days of 24 hours of elapsed time, or working days of the calendar.
Clock
    A reopened item is finished at its last completion and all its time counts (unless the policy pauses it). Unfinished
    items are not in this figure: see work item age. Items that were finished without ever being started have no flow
    time; they are counted as ``undefined``.
Percentiles
    Linear interpolation between order statistics (type 7 in Hyndman & Fan, *Sample Quantiles in Statistical Packages*,
    The American Statistician 50 (1996) 361–365), as in NumPy, R and Excel's PERCENTILE.INC.
Source
    Kersten, *Project to Product* (2018), ch. 3; Kanban Guide (2020): cycle time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import DAY_US
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_velocity import finished_in
from pegel.flow.periods import week_of

DEFINITION: Final = "flow_time/1"
PERCENTILES: Final = (50, 70, 85, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTime(Answer):
    """Distribution of flow times in ``unit``: n, mean, percentiles; ``undefined``: finished without ever starting.

    ``by_week``: [week_us, n, p50, p85] by the week of finishing.
    """

    unit: str = "days"
    n: int = 0
    mean: float | None = None
    p50: float | None = None
    p70: float | None = None
    p85: float | None = None
    p95: float | None = None
    undefined: int = 0
    by_week: pl.DataFrame


def flow_time(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return [item, stream, type, kind, start_us, end_us, week_us, flow_us] of the items finished in the period.

    ``flow_us`` is null where the flow time is undefined.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Done"),
    ...                    ("B", "2026-01-06", "Doing"), ("B", "2026-01-09", "Done")], workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> items = attribute(log, policy, item_windows(log, policy))
    >>> table = log.engine.collect(flow_time(items, from_us=0, until_us=2**60))
    >>> summary = summarise_flow_time(table, day_us=DAY_US)
    >>> summary.n, summary.mean, summary.p50
    (2, 2.5, 2.5)
    """
    return (
        finished_in(items, from_us=from_us, until_us=until_us)
        .with_columns(week_us=week_of(nw.col("end_us")))
        .select("item", "stream", "type", "kind", "start_us", "end_us", "week_us", "flow_us")
    )


def flow_time_by_week(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return [stream, week_us, n, mean_us, p50_us, p70_us, p85_us, p95_us], defined flow times only."""
    flow = nw.col("flow_us")
    return (
        flow_time(items, from_us=from_us, until_us=until_us)
        .filter(~flow.is_null())
        .group_by("stream", "week_us")
        .agg(
            n=nw.len(),
            mean_us=flow.mean(),
            **{f"p{share}_us": flow.quantile(share / 100, interpolation="linear") for share in PERCENTILES},
        )
    )


def summarise_flow_time(table: pl.DataFrame, *, day_us: int = DAY_US, unit: str = "days") -> FlowTime:
    """Summarise a collected ``flow_time`` table; ``day_us`` is the length of a day in the table's time."""
    defined = table.filter(pl.col("flow_us").is_not_null())
    undefined = table.height - defined.height
    days = defined.select("week_us", days=pl.col("flow_us") / day_us)
    by_week = (
        days.group_by("week_us")
        .agg(
            n=pl.len().cast(pl.Int64),
            p50=pl.col("days").quantile(0.5, "linear"),
            p85=pl.col("days").quantile(0.85, "linear"),
        )
        .sort("week_us")
    )
    if not defined.height:
        status = Status.UNDEFINED if undefined else Status.NO_DATA
        return FlowTime(
            definition=DEFINITION,
            status=status,
            reason="never_started" if undefined else "nothing_finished",
            unit=unit,
            undefined=undefined,
            by_week=by_week,
        )
    values = days["days"]
    p50, p70, p85, p95 = (float(values.quantile(share / 100, "linear") or 0.0) for share in PERCENTILES)
    return FlowTime(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=unit,
        n=defined.height,
        # From the sum of whole microseconds: the same whatever the order of the rows.
        mean=int(defined["flow_us"].cast(pl.Int128).sum()) / defined.height / day_us,
        undefined=undefined,
        by_week=by_week,
        p50=p50,
        p70=p70,
        p85=p85,
        p95=p95,
    )
