"""Start small: one phase in one concrete workflow that is provably too slow, with the baseline to measure against.

Definition
    Every workflow step (state of a stream) of a mapped phase, ranked by the hours lost in it per week: the delay of
    ``bottlenecks`` (all time in waiting stages, time above the own best quarter in stages of work). Time between a
    first end and being reopened belongs to no step. A step is *proven*
    when its baseline is sufficient and even the lower end of the interval is at least ``PROVEN_SHARE`` of the stream's
    flow time. The pick is the first proven step.
Baseline
    The time of finished items in the step over the reference period: n per week, mean, p50 and p85 with 95 % intervals
    that know that items of one week are alike. It is sufficient with at least ``MIN_ITEMS`` items and ``MIN_WEEKS``
    weeks with data.
Unit
    Hours of the log (elapsed, or working hours), per week; days of the log per item.
Source
    Woodruff, *Journal of the American Statistical Association* 47 (1952) 635–646 (intervals of percentiles); Cochran,
    *Sampling Techniques* (1977), ch. 6 (ratio estimator).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import HOUR_US, WEEK_US
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.waits.bottlenecks import Bottlenecks, bottlenecks
from pegel.waits.certainty import (
    MIN_WEEKS,
    RESAMPLES,
    SEED,
    percentile_interval,
    ratio_interval,
    slope_interval,
    too_little,
)
from pegel.waits.stages import StageKind, StageSums, stage_sums

DEFINITION: Final = "start_small/1"
#: The delay that a step must have for certain, as share of its stream's flow time, to be called too slow.
PROVEN_SHARE: Final = 0.05
#: Steps that get a baseline with intervals: the first so many.
MOST_WITH_BASELINE: Final = 20


class Pace(StrEnum):
    """How the time of items in a step changed over the weeks."""

    SLOWER = "slower"
    STEADY = "steady"
    QUICKER = "quicker"
    UNKNOWN = "unknown"  # too few weeks with data


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval; bounds are null where there is too little data."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a later measurement compares with: time of finished items in one step, over one period.

    ``mean``, ``p50``, ``p85`` in days. ``by_week``: [week_us, n, mean_days], weeks with data. ``reason``: why it is not
    sufficient.
    """

    from_us: int
    until_us: int
    n: int
    n_per_week: float
    weeks_with_data: int
    mean: Interval
    p50: Interval
    p85: Interval
    sufficient: bool
    reason: str | None
    by_week: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A workflow step with what it loses; ``lost_hours_per_week``: of all its items; ``share_of_stream``: flow time."""

    rank: int
    phase: str
    stream: str
    type: str | None
    state: str
    category: str
    friction: str | None
    stage_kind: str
    lost_hours_per_week: Interval
    lost_days_per_item: float
    share_of_stream: float
    items: int
    pace: Pace
    queue: str | None
    now: int | None
    oldest_days: float | None
    proven: bool
    baseline: Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSmall(Answer):
    """``pick``: the first proven step, or None with ``pick_reason``. ``steps``: those with a baseline, by rank.

    ``by_phase``: [stream, phase, hours_per_week, share_of_stream], all mapped steps. ``not_configured``: [stream, type,
    state, category, hours_per_week, share_of_stream], steps that lose time but belong to no phase.
    """

    unit: str
    from_us: int
    until_us: int
    weeks: float
    n: int
    workflow_status: str
    pick: Step | None = None
    pick_reason: str | None = None
    steps: tuple[Step, ...] = ()
    by_phase: pl.DataFrame = field(default_factory=pl.DataFrame)
    not_configured: pl.DataFrame = field(default_factory=pl.DataFrame)


def start_small(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    by_type: bool = False,
    seed: int = SEED,
    resamples: int = RESAMPLES,
    sums: StageSums | None = None,
    ranked: Bottlenecks | None = None,
) -> StartSmall:
    """Rank the steps of mapped phases by lost hours per week and name the one to start with.

    Parameters
    ----------
    from_us, until_us: reference period, half-open; None: the last 12 full weeks before the log's moment.
    sums, ranked: what ``stage_sums`` and ``bottlenecks`` gave for the same arguments.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: {category: waiting, phase: execution}, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Review"),
    ...                    ("A", "2026-01-09", "Done")], workflow, as_of="2026-01-12")
    >>> found = start_small(log, built_in_policy("first_active_to_last_done"))
    >>> found.pick_reason, [(step.phase, step.state, step.lost_hours_per_week.value) for step in found.steps]
    ('none_proven', [('execution', 'Review', 72.0)])
    """
    known = sums or stage_sums(log, policy, from_us=from_us, until_us=until_us, by_type=by_type)
    found = ranked or bottlenecks(log, policy, seed=seed, resamples=resamples, sums=known)
    head: dict[str, Any] = {
        "definition": DEFINITION,
        "unit": log.unit,
        "from_us": known.from_us,
        "until_us": known.until_us,
        "weeks": known.weeks,
        "n": known.n,
        "workflow_status": found.workflow_status,
    }
    if found.status is not Status.VALUE:
        return StartSmall(status=found.status, reason=found.reason, **head)
    hours = pl.col("per_week_days") * (log.day_us / HOUR_US)
    # Time after a first end is no step of the workflow: it is rework, and stands with the bottlenecks.
    lost = (pl.col("delay_days") > 0) & (pl.col("stage_kind") != StageKind.ENDED.value)
    losing = found.stages.filter(lost).with_columns(hours_per_week=hours)
    mapped = losing.filter(pl.col("phase").is_not_null())
    tables: dict[str, Any] = {
        "by_phase": mapped.group_by("stream", "phase")
        .agg(pl.col("hours_per_week", "share_of_stream").sum())
        .sort("hours_per_week", "stream", "phase", descending=[True, False, False]),
        "not_configured": losing.filter(pl.col("phase").is_null()).select(
            "stream", "type", "state", "category", "hours_per_week", "share_of_stream"
        ),
    }
    if found.stages["phase"].null_count() == found.stages.height:
        return StartSmall(status=Status.NOT_CONFIGURED, reason="no_phases_mapped", **head, **tables)
    rows = mapped.head(MOST_WITH_BASELINE).join(
        known.stages.select("stage", "stream", "type", "state", "category", "phase", "friction"),
        on=["stream", "type", "state", "category", "phase", "friction"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    values = _values(log, known, rows["stage"].to_list())
    steps = tuple(
        _step(log, known, row, number, values[row["stage"]])
        for number, row in enumerate(rows.iter_rows(named=True), start=1)
    )
    pick = next((step for step in steps if step.proven), None)
    reason = None if pick else "nothing_lost" if not steps else "none_proven"
    return StartSmall(status=Status.VALUE, pick=pick, pick_reason=reason, steps=steps, **head, **tables)


def _values(log: FlowLog, sums: StageSums, stages: list[int]) -> dict[int, pl.DataFrame]:
    """Return [time_us, week_us] of the items in each stage."""
    chosen = sums.times.filter(nw.col("stage").is_in(stages)).select("stage", "item", "time_us", "week_us")
    table = log.engine.collect(chosen).sort("stage", "item")
    found = table.partition_by("stage", as_dict=True)
    return {int(key[0]): part for key, part in found.items()}


def _step(log: FlowLog, sums: StageSums, row: dict[str, Any], rank: int, values: pl.DataFrame) -> Step:
    baseline = _baseline(log, sums, values)
    # Lost hours per week vary as the delay per item does: its interval, scaled to the week's items.
    per_item = row["per_item_days"]
    lost = Interval(
        value=row["hours_per_week"],
        low=_scaled(row["per_item_low"], row["hours_per_week"], per_item),
        high=_scaled(row["per_item_high"], row["hours_per_week"], per_item),
    )
    certain = _scaled(row["per_item_low"], row["share_of_stream"], per_item)
    return Step(
        rank=rank,
        **{name: row[name] for name in ("phase", "stream", "type", "state", "category", "friction", "stage_kind")},
        lost_hours_per_week=lost,
        lost_days_per_item=per_item,
        share_of_stream=row["share_of_stream"],
        items=row["items"],
        pace=_pace(baseline),
        queue=row["trend"],
        now=row["now"],
        oldest_days=row["oldest_days"],
        proven=baseline.sufficient and certain is not None and certain >= PROVEN_SHARE,
        baseline=baseline,
    )


def _scaled(bound: float | None, value: float, per_item: float) -> float | None:
    return None if bound is None else value * bound / per_item


def _baseline(log: FlowLog, sums: StageSums, values: pl.DataFrame) -> Baseline:
    """Describe the time of items in a stage, with intervals where there is enough data."""
    days = values["time_us"].to_numpy().astype(np.float64) / log.day_us
    weeks = values["week_us"].to_numpy()
    by_week = (
        values.group_by("week_us")
        .agg(n=pl.len().cast(pl.Int64), mean_days=pl.col("time_us").mean() / log.day_us)
        .sort("week_us")
    )
    short = too_little(items=len(days), weeks=by_week.height)
    bounds: dict[str, tuple[float, float]] = {}
    if short is None:
        counts = by_week["n"].to_numpy().astype(np.float64)
        bounds["mean"] = ratio_interval(by_week["mean_days"].to_numpy() * counts, counts)
        bounds["p50"], bounds["p85"] = (percentile_interval(days, weeks, share) for share in (0.5, 0.85))
    points = {"mean": float(days.mean()), "p50": float(np.percentile(days, 50)), "p85": float(np.percentile(days, 85))}
    figures = {
        name: Interval(value=point, low=max(0.0, bounds[name][0]), high=bounds[name][1])
        if name in bounds
        else Interval(value=point)
        for name, point in points.items()
    }
    return Baseline(
        from_us=sums.from_us,
        until_us=sums.until_us,
        n=len(days),
        n_per_week=len(days) / sums.weeks if sums.weeks else 0.0,
        weeks_with_data=by_week.height,
        **figures,
        sufficient=short is None,
        reason=short,
        by_week=by_week,
    )


def _pace(baseline: Baseline) -> Pace:
    """Tell whether the weekly mean rises or falls: the 95 % interval of its slope lies beside 0."""
    if baseline.weeks_with_data < MIN_WEEKS:
        return Pace.UNKNOWN
    steps = (baseline.by_week["week_us"].to_numpy() - baseline.from_us) / WEEK_US
    _, low, high = slope_interval(np.column_stack([steps, baseline.by_week["mean_days"].to_numpy()]))
    return Pace.SLOWER if low > 0 else Pace.QUICKER if high < 0 else Pace.STEADY
