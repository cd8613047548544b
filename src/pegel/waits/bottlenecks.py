"""Bottlenecks: which stage, if it were fixed, would take most delay away?

Definition
    Delay of a stage = count × duration that would go: in a waiting stage all time of the period's finished items, in a
    stage of work the time above the stage's own best quarter (25th percentile of the items' time in it). Both numbers
    are given for every stage; stages are ranked by the delay, per finished item of the stream and per week, and as
    share of the flow time. Beside it: arrivals against departures, the present queue, the age of the oldest in it.
Unit
    Days of the log (24 hours, or working days) per item and per week; share.
Clock
    That of the policy: only time inside the windows counts, pauses do not. The delays of all stages add up to no more
    than the flow time.
Certainty
    Weeks are resampled (seeded bootstrap with multinomial weights): the interval of each delay, and in which share of
    the resamples a stage comes first. The best quarter itself is held fixed. None below the minimum of data.
Source
    Goldratt & Cox, *The Goal* (1984); Reinertsen, *The Principles of Product Development Flow* (2009), ch. 3; Efron &
    Tibshirani, *An Introduction to the Bootstrap* (1993), ch. 8 (clustered data).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy, TimeKind
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.waits.certainty import RESAMPLES, SEED, Numbers, first_share, interval, too_little, week_weights
from pegel.waits.removal_options import RemovalOption, removal_options
from pegel.waits.stage_queues import stage_queues
from pegel.waits.stages import StageKind, StageSums, mapping_status, stage_sums
from pegel.waits.upstream_efficiency import PartEfficiency, phase_times, upstream_efficiency

DEFINITION: Final = "bottlenecks/1"
#: Stages for which removal options are looked for: the first so many.
MOST_WITH_OPTIONS: Final = 20
_NAMES: Final = ("stream", "type", "state", "category", "phase", "friction", "stage_kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottlenecks(Answer):
    """Stages by the delay that would go.

    Attributes
    ----------
    from_us, until_us: reference period, half-open; ``weeks`` its length; ``weeks_with_data``: those in which something
        was finished.
    n: finished items with a flow time; ``flow_days`` its sum.
    workflow_status: suggested | confirmed | mixed: whether somebody has confirmed what the states mean.
    certainty: status and reason of the intervals; ``resamples``, ``seed``: how they were drawn.
    stages: the first first: [rank, stream, type, state, category, phase, friction, stage_kind, items, stays,
        time_days, best_quarter_days, excess_days, delay_days, per_week_days, per_item_days, per_item_low,
        per_item_high, excess_per_item_days, share, share_of_stream, first_share, rank_by_excess, days_per_visitor,
        rank_by_longest, arrivals, departures, net_per_week, net_low, net_high, trend, now, oldest_days]. Stages in
        which no finished item spent time, but that hold or held others, come last, without a rank.
    queues: [stream, type, state, week_us, arrivals, departures, level].
    options: what the evidence suggests for the first stages, never more.
    upstream, downstream: flow efficiency before and after commitment.
    """

    unit: str
    from_us: int
    until_us: int
    as_of_us: int
    weeks: float
    weeks_with_data: int
    n: int
    flow_days: float
    by_type: bool
    workflow_status: str
    certainty: Answer
    resamples: int
    seed: int
    stages: pl.DataFrame
    queues: pl.DataFrame
    options: tuple[RemovalOption, ...]
    upstream: PartEfficiency
    downstream: PartEfficiency


def bottlenecks(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    by_type: bool = False,
    seed: int = SEED,
    resamples: int = RESAMPLES,
    sums: StageSums | None = None,
) -> Bottlenecks:
    """Rank the stages of a log by the delay that would go.

    Parameters
    ----------
    from_us, until_us: reference period, half-open; None: the last 12 full weeks before the log's moment.
    by_type: rank state and type instead of states. ``sums``: what ``stage_sums`` gave for the same arguments.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Review"),
    ...                    ("A", "2026-01-09", "Done")], workflow, as_of="2026-01-12")
    >>> found = bottlenecks(log, built_in_policy("first_active_to_last_done"))
    >>> found.stages.select("rank", "state", "delay_days", "share").rows()
    [(1, 'Review', 3.0, 0.75), (2, 'Doing', 0.0, 0.0)]
    """
    known = sums or stage_sums(log, policy, from_us=from_us, until_us=until_us, by_type=by_type)
    queues = stage_queues(log, known)
    costs = _with_certainty(known, _costs(log, known), seed=seed, resamples=resamples)
    table = _ranked(costs, queues.table.join(known.stages, on="stage", how="inner"))
    first = table.filter(pl.col("rank") <= MOST_WITH_OPTIONS)
    upstream, downstream = upstream_efficiency(
        log, log.engine.collect(phase_times(known.lives, policy, known.finished))
    )
    status, reason = _status(known, policy)
    answered = status is Status.VALUE
    by_week = queues.by_week.join(known.stages.select("stage", "stream", "type", "state"), on="stage", how="inner")
    return Bottlenecks(
        definition=DEFINITION,
        status=status,
        reason=reason,
        unit=log.unit,
        from_us=known.from_us,
        until_us=known.until_us,
        as_of_us=log.as_of_us,
        weeks=known.weeks,
        weeks_with_data=known.weeks_with_data,
        n=known.n,
        flow_days=known.flow_us / log.day_us,
        by_type=known.by_type,
        workflow_status=mapping_status(log, known),
        certainty=certainty_of(known),
        resamples=resamples,
        seed=seed,
        stages=table.drop("stage") if answered else table.drop("stage").clear(),
        queues=by_week.select("stream", "type", "state", "week_us", "arrivals", "departures", "level").sort(
            "stream", "state", "type", "week_us"
        ),
        options=removal_options(log, policy, known, first, queues.by_day) if answered else (),
        upstream=upstream,
        downstream=downstream,
    )


def delay_of_kind(kind: str) -> pl.Expr:
    """Return which column of sums is the delay: all time, or what lies above the best quarter."""
    whole = pl.col(kind).is_in([StageKind.WAIT.value, StageKind.ENDED.value])
    return pl.when(whole).then(pl.col("time_us")).otherwise(pl.col("excess_us"))


def certainty_of(sums: StageSums) -> Answer:
    """Return whether there is enough data for intervals, and why not."""
    short = too_little(items=sums.n, weeks=sums.weeks_with_data)
    status = Status.VALUE if short is None else Status.UNDEFINED if sums.n else Status.NO_DATA
    return Answer(definition=DEFINITION, status=status, reason=short)


def week_matrix(sums: StageSums, table: pl.DataFrame, column: str, key: str, keys: list[object]) -> Numbers:
    """Return a long weekly table as an array of shape (weeks, keys), 0 where nothing was.

    ``table``: [key, week_us, column]. ``keys``: values of ``key``, in the order of the columns.
    """
    rows = {week: number for number, week in enumerate(sums.week_starts)}
    columns = {one: number for number, one in enumerate(keys)}
    out = np.zeros((len(rows), len(columns)))
    chosen = table.select(
        pl.col("week_us").replace_strict(rows, return_dtype=pl.Int64),
        pl.col(key).replace_strict(columns, default=None, return_dtype=pl.Int64),
        pl.col(column).cast(pl.Float64),
    ).drop_nulls()
    out[chosen["week_us"].to_numpy(), chosen[key].to_numpy()] = chosen[column].to_numpy()
    return out


def _status(sums: StageSums, policy: Policy) -> tuple[Status, str | None]:
    if policy.time is TimeKind.SUM_OF_STATES:
        return Status.UNDEFINED, "policy_adds_up_states"
    if not sums.week_starts:
        return Status.NO_DATA, "no_full_week"
    if not sums.n:
        return Status.NO_DATA, "nothing_finished"
    return (Status.VALUE, None) if sums.flow_us else (Status.UNDEFINED, "no_time_passed")


def _costs(log: FlowLog, sums: StageSums) -> pl.DataFrame:
    """Return what each stage costs over the whole period, in days."""
    day = log.day_us
    excess = sums.weekly.group_by("stage").agg(pl.col("excess_us").cast(pl.Int128).sum())
    streams = sums.by_stream.group_by("stream").agg(
        stream_us=pl.col("time_us").cast(pl.Int128).sum(), stream_items=pl.col("items").sum()
    )
    delay, items = pl.col("delay_us"), pl.col("stream_items")
    return (
        sums.totals.with_columns(pl.col("time_us").cast(pl.Int128))
        .join(excess, on="stage", how="inner")
        .join(sums.stages, on="stage", how="inner")
        .join(streams, on="stream", how="inner")
        .with_columns(delay_us=delay_of_kind("stage_kind"))
        .select(
            "stage",
            *_NAMES,
            pl.col("items", "stays").cast(pl.Int64),
            time_days=pl.col("time_us") / day,
            best_quarter_days=pl.col("quarter_us") / day,
            excess_days=pl.col("excess_us") / day,
            delay_days=delay / day,
            per_week_days=delay / day / sums.weeks if sums.weeks else pl.lit(None, pl.Float64),
            per_item_days=delay / day / items,
            excess_per_item_days=pl.col("excess_us") / day / items,
            share=delay / max(1, sums.flow_us),
            share_of_stream=pl.when(pl.col("stream_us") > 0).then(delay / pl.col("stream_us")),
            days_per_visitor=pl.col("time_us") / day / pl.col("items"),
            day_us=pl.lit(day),
        )
        .sort("stage")
    )


def _with_certainty(sums: StageSums, costs: pl.DataFrame, *, seed: int, resamples: int) -> pl.DataFrame:
    """Add interval and share of first places; null where there is too little data."""
    if too_little(items=sums.n, weeks=sums.weeks_with_data) or not costs.height:
        nothing = pl.lit(None, pl.Float64)
        return costs.with_columns(per_item_low=nothing, per_item_high=nothing, first_share=nothing)
    weekly = sums.weekly.join(sums.stages.select("stage", "stage_kind"), on="stage", how="inner")
    delays = week_matrix(
        sums, weekly.with_columns(delay_us=delay_of_kind("stage_kind")), "delay_us", "stage", costs["stage"].to_list()
    )
    streams = sorted(set(costs["stream"]))
    items = week_matrix(sums, sums.by_stream, "items", "stream", [*streams])
    weights = week_weights(len(sums.week_starts), seed=seed, resamples=resamples)
    drawn, counted = weights @ delays, weights @ items
    of_stage = [streams.index(name) for name in costs["stream"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        per_item = np.where(counted[:, of_stage] > 0, drawn / counted[:, of_stage], np.nan)
    low, high = interval(per_item / float(costs["day_us"][0]))
    return costs.with_columns(
        per_item_low=pl.Series(low), per_item_high=pl.Series(high), first_share=pl.Series(first_share(drawn))
    )


def _ranked(costs: pl.DataFrame, queues: pl.DataFrame) -> pl.DataFrame:
    """Put the stages in order, with three ranks, and add the queues; stages with a queue only come last."""
    order = ["stream", "state", "type", "stage"]

    def rank(by: str) -> pl.Expr:
        return pl.struct(-pl.col(by), *order).rank("ordinal").cast(pl.Int64)

    ranked = costs.drop("day_us").with_columns(
        rank=rank("delay_days"), rank_by_excess=rank("excess_days"), rank_by_longest=rank("days_per_visitor")
    )
    return (
        ranked.join(queues, on="stage", how="full", coalesce=True)
        .with_columns(pl.coalesce(name, f"{name}_right") for name in _NAMES)
        .select(
            "stage",
            "rank",
            *_NAMES,
            "items",
            "stays",
            "time_days",
            "best_quarter_days",
            "excess_days",
            "delay_days",
            "per_week_days",
            "per_item_days",
            "per_item_low",
            "per_item_high",
            "excess_per_item_days",
            "share",
            "share_of_stream",
            "first_share",
            "rank_by_excess",
            "days_per_visitor",
            "rank_by_longest",
            "arrivals",
            "departures",
            "net_per_week",
            "net_low",
            "net_high",
            "trend",
            "now",
            "oldest_days",
        )
        .sort("rank", "now", *order, descending=[False, True, *[False] * len(order)], nulls_last=True)
    )
