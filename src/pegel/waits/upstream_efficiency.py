"""Upstream efficiency: how much of the time before commitment is work, and how much of the time after it?

Definition
    For the items finished in the period, from their first known moment to their stop: Σ active time ÷ Σ time, in the
    phases intake and planning (upstream) and in execution and reporting (downstream) apart. Paused time counts in
    neither. The window of the policy plays no part: most of the upstream lies before its start.
Unit
    Share, 0 to 1; days.
Clock
    First known moment to stop. Without a state in those phases that is mapped as active the share is "not
    configured", and only the time is given.
Source
    Kersten, *Project to Product* (2018), ch. 3; Anderson & Carmichael, *Essential Kanban Condensed* (2016): commitment
    point, upstream Kanban.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.workflow import Phase, StateCategory
from pegel.flow.answer import Answer, Status
from pegel.flow.item_windows import clip, paused_stays
from pegel.flow.log import FlowLog

DEFINITION: Final = "upstream_efficiency/1"
UPSTREAM: Final = (Phase.INTAKE.value, Phase.PLANNING.value)
DOWNSTREAM: Final = (Phase.EXECUTION.value, Phase.REPORTING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEfficiency(Answer):
    """Efficiency of one part of the way: ``share`` of active time, ``days`` in it, ``active_days`` of these."""

    part: str
    share: float | None = None
    days: float | None = None
    active_days: float | None = None


def phase_times(log: FlowLog, policy: Policy, finished: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [place, time_us]: time of the finished items between their first known moment and their stop."""
    bounds = finished.select("item", "first_us", "end_us")
    stays = (
        log.rows()
        .select("item", "place", "entered_us", "left_us", paused=paused_stays(log, policy))
        .join(bounds, on="item", how="inner")
        .filter((nw.col("entered_us") < nw.col("end_us")) & ~nw.col("paused"))
    )
    inside = clip(log, stays, begin="first_us", until="end_us")
    return inside.group_by("place").agg(time_us=nw.col("inside").sum())


def upstream_efficiency(log: FlowLog, table: pl.DataFrame) -> tuple[PartEfficiency, PartEfficiency]:
    """Return the parts before and after commitment of a collected ``phase_times`` table."""
    places = log.engine.collect(log.place_table())
    if log.streams is not None:
        places = places.filter(pl.col("stream").is_in(sorted(log.streams)))
    times = places.join(table, on="place", how="left")
    upstream, downstream = _part("upstream", UPSTREAM, times, log), _part("downstream", DOWNSTREAM, times, log)
    return upstream, downstream


def _part(part: str, phases: tuple[str, ...], times: pl.DataFrame, log: FlowLog) -> PartEfficiency:
    mine = times.filter(pl.col("phase").is_in(phases))
    works = pl.col("category") == StateCategory.ACTIVE.value
    # Added up as Python integers: microseconds of a large log do not fit into 64 bits.
    total = sum(mine["time_us"].drop_nulls().to_list())
    active = sum(mine.filter(works)["time_us"].drop_nulls().to_list())
    days = total / log.day_us

    def without(status: Status, reason: str, known: float | None = None) -> PartEfficiency:
        return PartEfficiency(definition=DEFINITION, status=status, reason=reason, part=part, days=known)

    if not mine.height:
        return without(Status.NOT_CONFIGURED, "no_phases_mapped")
    if not mine.filter(works).height:
        return without(Status.NOT_CONFIGURED, "no_active_states_in_part", days)
    if not times["time_us"].drop_nulls().len():
        return without(Status.NO_DATA, "nothing_finished")
    if not total:
        return without(Status.UNDEFINED, "no_time_in_part", 0.0)
    return PartEfficiency(
        definition=DEFINITION,
        status=Status.VALUE,
        part=part,
        share=active / total,
        days=days,
        active_days=active / log.day_us,
    )
