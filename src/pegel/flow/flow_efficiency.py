"""Flow efficiency: which share of the flow time is work, and which is waiting?

Definition
    Σ active time ÷ Σ flow time over the finished items of a period (a ratio of sums, so that long items weigh what
    they cost). Time in the window that is not active is waiting, whatever the state is called; paused time counts in
    neither.
Unit
    Share, 0 to 1.
Clock
    That of the policy. Without any state that is mapped as *active* the answer is "not configured", never 0 and never
    1: an activity log without start events cannot tell work from waiting. Under a policy that adds up states it is
    undefined.
Source
    Kersten, *Project to Product* (2018), ch. 3; Modig & Åhlström, *This is Lean* (2012), ch. 2.
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

DEFINITION: Final = "flow_efficiency/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEfficiency(Answer):
    """``share`` of active time, the two sums in days, and n items. ``by_week``: [week_us, share]."""

    unit: str = "share"
    n: int = 0
    share: float | None = None
    active_days: float | None = None
    waiting_days: float | None = None
    by_week: pl.DataFrame


def flow_efficiency(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return [stream, week_us, n, active_us, flow_us] summed over the finished items with a flow time.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Review"),
    ...                    ("A", "2026-01-09", "Done")], workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> items = attribute(log, policy, item_windows(log, policy))
    >>> summarise_flow_efficiency(log.engine.collect(flow_efficiency(items, from_us=0, until_us=2**60))).share
    0.25
    """
    return (
        finished_in(items, from_us=from_us, until_us=until_us)
        .filter(~nw.col("flow_us").is_null())
        .with_columns(week_us=week_of(nw.col("end_us")))
        .group_by("stream", "week_us")
        .agg(nw.col("active_us", "flow_us").sum(), n=nw.len())
        .select("stream", "week_us", "n", "active_us", "flow_us")
    )


def summarise_flow_efficiency(
    table: pl.DataFrame,
    *,
    finished: int | None = None,
    unanswered: tuple[Status, str] | None = None,
    day_us: int = DAY_US,
) -> FlowEfficiency:
    """Summarise a collected ``flow_efficiency`` table; ``unanswered``: status and reason why there is no answer.

    ``finished``: finished items of the period, those without a flow time included.
    """
    by_week = (
        table.group_by("week_us")
        .agg(pl.col("active_us", "flow_us").cast(pl.Int128).sum())
        .filter(pl.col("flow_us") > 0)
        .select("week_us", share=pl.col("active_us") / pl.col("flow_us"))
        .sort("week_us")
    )
    if unanswered is not None:
        status, reason = unanswered
        return FlowEfficiency(definition=DEFINITION, status=status, reason=reason, by_week=by_week.clear())
    # Added up as Python integers: microseconds of a large log do not fit into 64 bits.
    n, active, flow = (sum(table[name].to_list()) for name in ("n", "active_us", "flow_us"))
    if n == 0 and finished:
        return FlowEfficiency(definition=DEFINITION, status=Status.UNDEFINED, reason="never_started", by_week=by_week)
    if n == 0:
        return FlowEfficiency(definition=DEFINITION, status=Status.NO_DATA, reason="nothing_finished", by_week=by_week)
    if flow == 0:
        return FlowEfficiency(
            definition=DEFINITION, status=Status.UNDEFINED, reason="no_time_passed", n=n, by_week=by_week
        )
    return FlowEfficiency(
        definition=DEFINITION,
        status=Status.VALUE,
        n=n,
        share=active / flow,
        active_days=active / day_us,
        waiting_days=(flow - active) / day_us,
        by_week=by_week,
    )
