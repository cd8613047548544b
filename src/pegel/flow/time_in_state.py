"""Time per state and phase: where do the items spend their flow time?

Definition
    For the items finished in a period: the part of each stay that lies inside the item's window (start to stop), summed
    per state, phase and category. The times of an item add up exactly, to the microsecond, to its flow time (paused
    stays are listed apart and are no part of it).
Unit
    Days of 24 hours; share of the sum of all flow times.
Clock
    That of the policy; an item that enters a state several times adds all its stays there.
Source
    GitLab value stream analytics (stage times are cumulative since 16.9); Lighthouse, "cumulative time per state".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.answer import Answer, Status
from pegel.flow.item_windows import clip, paused_stays, within_window
from pegel.flow.log import FlowLog

DEFINITION: Final = "time_in_state/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInState(Answer):
    """``by_state``: [stream, state, category, phase, friction, items, stays, days, share, days_per_item, paused].

    ``by_phase``: [phase, days, share]; ``by_category``: [category, days, share]. Shares are of the flow time of the
    finished items; paused stays have none.
    """

    unit: str = "days"
    flow_days: float = 0.0
    by_state: pl.DataFrame
    by_phase: pl.DataFrame
    by_category: pl.DataFrame


def stage_times(log: FlowLog, policy: Policy, finished: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, place, inside_us, paused], one row per stay inside the window of the given finished items.

    ``finished``: item windows with a start and a stop. ``inside_us``: microseconds of the stay within the window.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Open: new, Doing: active, Review: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-01", "Open"), ("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Review"),
    ...                    ("A", "2026-01-09", "Done")], workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> times = log.engine.collect(stage_times(log, policy, item_windows(log, policy)))
    >>> sorted(us // log.day_us for us in times["inside_us"])
    [1, 3]
    """
    bounds = finished.filter((~nw.col("start_us").is_null()) & (~nw.col("flow_us").is_null())).select(
        "item", "start_us", "end_us"
    )
    stays = (
        log.rows()
        .select("item", "place", "entered_us", "left_us", paused=paused_stays(log, policy))
        .join(bounds, on="item", how="inner")
        .filter(within_window(log, policy))
    )
    return clip(log, stays, begin="start_us", until="end_us").select("item", "place", "paused", inside_us="inside")


def time_in_state(log: FlowLog, policy: Policy, finished: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [place, paused, items, stays, time_us] of the given finished items."""
    return (
        stage_times(log, policy, finished)
        .group_by("item", "place", "paused")
        .agg(nw.col("inside_us").sum(), stays=nw.len())
        .group_by("place", "paused")
        .agg(items=nw.len(), stays=nw.col("stays").sum(), time_us=nw.col("inside_us").sum())
    )


def summarise_time_in_state(log: FlowLog, table: pl.DataFrame) -> TimeInState:
    """Summarise a collected ``time_in_state`` table."""
    day_us = log.day_us
    places = log.engine.collect(log.place_table()).select("place", "stream", "state", "category", "phase", "friction")
    named = table.join(places, on="place", how="left")
    # Added up as Python integers: microseconds of a large log do not fit into 64 bits.
    flow_us = sum(named.filter(~pl.col("paused"))["time_us"].to_list())
    named = named.with_columns(pl.col("time_us").cast(pl.Int128))
    share = pl.when(pl.col("paused") | (flow_us == 0)).then(None).otherwise(pl.col("time_us") / max(1, flow_us))

    def grouped(*by: str) -> pl.DataFrame:
        return (
            named.filter(~pl.col("paused"))
            .group_by(*by)
            .agg(pl.col("time_us").sum())
            .select(*by, days=pl.col("time_us") / day_us, share=pl.col("time_us") / max(1, flow_us))
            .sort("days", *by, descending=[True] + [False] * len(by), nulls_last=True)
        )

    by_state = (
        named.group_by("stream", "state", "category", "phase", "friction", "paused")
        .agg(pl.col("items", "stays").sum().cast(pl.Int64), pl.col("time_us").sum())
        .with_columns(
            days=pl.col("time_us") / day_us,
            share=share,
            days_per_item=pl.col("time_us") / day_us / pl.col("items"),
        )
        .drop("time_us")
        .sort("paused", "days", "stream", "state", descending=[False, True, False, False])
    )
    return TimeInState(
        definition=DEFINITION,
        status=Status.VALUE if named.height else Status.NO_DATA,
        reason=None if named.height else "nothing_finished",
        unit=log.unit,
        flow_days=flow_us / day_us,
        by_state=by_state,
        by_phase=grouped("phase"),
        by_category=grouped("category"),
    )
