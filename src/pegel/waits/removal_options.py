"""Ways to remove a bottleneck that the evidence suggests, with the numbers that suggest them; never more than that.

Every option names its evidence and how strongly it speaks: ``strong``, or ``hint`` (worth a look). No option at all is
an answer too. Thresholds stand in ``docs/methods/bottlenecks.md`` and below. Who did something is only ever compared
(the same person or another), and only over ``MIN_ITEMS`` items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.workflow import Friction
from pegel.flow.log import FlowLog
from pegel.waits.certainty import MIN_ITEMS
from pegel.waits.removal_evidence import stage_evidence
from pegel.waits.stage_queues import QueueTrend
from pegel.waits.stages import StageKind, StageSums


class Option(StrEnum):
    """What could be done about a stage; each is a kind of cause that can be removed."""

    SCARCITY = "scarcity"  # too little capacity at or behind it
    APPROVALS = "approvals"
    HAND_OFFS = "hand_offs"
    DEPENDENCIES = "dependencies"
    BATCHING = "batching"  # items leave in heaps
    PROCESS_TIMING = "process_timing"  # items leave on a certain day of the week
    AUTOMATION = "automation"
    PRIORITISATION = "prioritisation"
    STATUS_QUERIES = "status_queries"
    REWORK = "rework"


class Strength(StrEnum):
    """How strongly the evidence speaks."""

    STRONG = "strong"
    HINT = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalOption:
    """An option for one stage. ``evidence``: code → number (a share, a count, days); null: a fact without number."""

    rank: int
    stream: str
    type: str | None
    state: str
    option: Option
    strength: Strength
    evidence: Mapping[str, float | None]


#: Fewer items with a stage than this are no evidence of anything.
_FEWEST: Final = 5
_MAPPED: Final = {
    Friction.APPROVAL: Option.APPROVALS,
    Friction.HAND_OFF: Option.HAND_OFFS,
    Friction.PRIORITISATION: Option.PRIORITISATION,
    Friction.STATUS_QUERY: Option.STATUS_QUERIES,
}
_Finding = tuple[Option, Strength, dict[str, float | None]]


def removal_options(
    log: FlowLog, policy: Policy, sums: StageSums, ranked: pl.DataFrame, by_day: pl.DataFrame
) -> tuple[RemovalOption, ...]:
    """Return the options for ranked stages, in their order, strong ones first.

    Parameters
    ----------
    ranked: rows of ``Bottlenecks.stages`` with ``stage``. by_day: [stage, day_us, arrivals, departures].
    """
    stages = ranked.filter((pl.col("delay_days") > 0) & (pl.col("items") >= _FEWEST))
    if not stages.height:
        return ()
    evidence = stage_evidence(log, policy, sums, stages["stage"].to_list(), by_day)
    out = []
    for row in stages.join(evidence, on="stage", how="left", maintain_order="left").iter_rows(named=True):
        workflow = log.workflows.get(row["stream"])
        confirmed = workflow is not None and workflow.status == "confirmed"
        found = [*_judged(row, sums.weeks, confirmed=confirmed)]
        for option, strength, numbers in sorted(found, key=lambda one: (one[1] is not Strength.STRONG, one[0])):
            # Few items never speak strongly.
            weighed = strength if row["items"] >= MIN_ITEMS else Strength.HINT
            names = {name: row[name] for name in ("rank", "stream", "type", "state")}
            out.append(RemovalOption(**names, option=option, strength=weighed, evidence=numbers))
    return tuple(out)


def _judged(row: dict[str, Any], weeks: float, *, confirmed: bool) -> Iterator[_Finding]:
    """Yield one finding per option at most: what a person mapped and what was measured are put together."""
    mapped = _MAPPED.get(Friction(row["friction"])) if row["friction"] else None
    measured = {option: (strength, numbers) for option, strength, numbers in _measured(row, weeks)}
    if mapped is not None:
        own = Strength.STRONG if confirmed else Strength.HINT
        told: dict[str, float | None] = {"friction_confirmed" if confirmed else "friction_suggested": None}
        strength, numbers = measured.pop(mapped, (own, {}))
        best = Strength.STRONG if Strength.STRONG in (own, strength) else Strength.HINT
        yield mapped, best, {**told, "delay_per_item_days": row["per_item_days"], **numbers}
    for option, (strength, numbers) in measured.items():
        yield option, strength, numbers


def _measured(row: dict[str, Any], weeks: float) -> Iterator[_Finding]:
    yield from _scarcity(row)
    yield from _leaving(row)
    if row["stage_kind"] == StageKind.WORK.value:
        yield from _automation(row, weeks)
    enough = row["items"] >= MIN_ITEMS
    if enough and row["actor_pairs"] >= MIN_ITEMS and row["actor_change_share"] >= 0.5:
        yield (
            Option.HAND_OFFS,
            _level(row["actor_change_share"], 0.8),
            {"actor_change_share": row["actor_change_share"]},
        )
    if row["flagged_share"] >= 0.2:
        yield Option.DEPENDENCIES, _level(row["flagged_share"], 0.5), _of(row, "flagged_share", "blocked_time_share")
    elif row["blocked_time_share"] >= 0.2:
        # A link rarely says since when it held: it never speaks strongly.
        yield Option.DEPENDENCIES, Strength.HINT, _of(row, "blocked_time_share")
    if row["reranked_share"] >= 0.3:
        yield Option.PRIORITISATION, _level(row["reranked_share"], 0.5), _of(row, "reranked_share")
    if row["comments_per_item"] >= 2:
        yield Option.STATUS_QUERIES, Strength.HINT, _of(row, "comments_per_item")
    returns = (row["stays"] - row["items"]) / row["stays"]
    if row["stage_kind"] == StageKind.ENDED.value:
        yield Option.REWORK, Strength.STRONG, {"reopened_items": float(row["items"])}
    elif returns >= 0.15:
        yield Option.REWORK, _level(returns, 0.3), {"return_share": returns}


def _scarcity(row: dict[str, Any]) -> Iterator[_Finding]:
    """A queue that grows, or a long wait whose next step is work: somebody has no time yet."""
    growing = row["trend"] == QueueTrend.GROWING.value
    before_work = row["stage_kind"] == StageKind.WAIT.value and (row["to_active_share"] or 0.0) >= 0.5
    numbers: dict[str, float | None] = {}
    if growing:
        numbers |= _of(row, "net_per_week", "now")
    if before_work:
        numbers |= _of(row, "to_active_share", "share_of_stream")
    if growing and (before_work or row["stage_kind"] == StageKind.WORK.value):
        yield Option.SCARCITY, Strength.STRONG, numbers
    elif growing or (before_work and (row["share_of_stream"] or 0.0) >= 0.2):
        yield Option.SCARCITY, Strength.HINT, numbers


def _leaving(row: dict[str, Any]) -> Iterator[_Finding]:
    """How items leave, against how they come: on one day of the week, or in heaps."""
    if (row["departures"] or 0) < MIN_ITEMS or (row["arrivals"] or 0) < MIN_ITEMS:
        return
    out, into = row["busiest_departure_share"], row["busiest_arrival_share"]
    if out >= 0.4 and out >= 1.5 * into:
        strength = Strength.STRONG if out >= 0.6 and out >= 2 * into else Strength.HINT
        numbers = _of(row, "busiest_weekday", "busiest_departure_share", "busiest_arrival_share")
        yield Option.PROCESS_TIMING, strength, numbers
    heap, usual = row["departures_per_day"], row["arrivals_per_day"]
    if heap >= 3 and heap >= 2 * usual:
        yield Option.BATCHING, _level(heap / usual, 4), _of(row, "departures_per_day", "arrivals_per_day")


def _automation(row: dict[str, Any], weeks: float) -> Iterator[_Finding]:
    """Short, frequent and regular work: worth asking whether a machine can do it; the data cannot answer that."""
    per_week = row["items"] / weeks if weeks else 0.0
    if per_week >= 5 and 0 < row["p50_days"] <= 0.25 and row["p85_days"] <= 2 * row["p50_days"]:
        yield Option.AUTOMATION, Strength.HINT, {"items_per_week": per_week, **_of(row, "p50_days", "p85_days")}


def _level(value: float, strong_from: float) -> Strength:
    return Strength.STRONG if value >= strong_from else Strength.HINT


def _of(row: dict[str, Any], *names: str) -> dict[str, float | None]:
    return {name: float(row[name]) for name in names if row[name] is not None}
