"""The five tables with Pegel's public functions, as a user of the library would write it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from five_tables.question import POLICY
from pegel.eventlog.calendar import Calendar
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.schema import WEEK_US
from pegel.flow import attribute, item_windows, log_of_prepared
from pegel.flow.arrivals_and_departures import arrivals_and_departures
from pegel.flow.flow_distribution import flow_distribution
from pegel.flow.flow_efficiency import flow_efficiency
from pegel.flow.flow_load import flow_load
from pegel.flow.flow_time import flow_time_by_week
from pegel.flow.flow_velocity import flow_velocity
from pegel.flow.log import FlowLog
from pegel.flow.periods import week_of
from pegel.lake import prepared
from pegel.worlds.scale import scale_workflow


def five_tables(root: Path, *, calendar: Calendar | None = None) -> dict[str, pl.DataFrame]:
    """Return the five tables of the prepared intervals of a lake."""
    state = prepared.read(root)
    workflow = scale_workflow()
    workflows = dict.fromkeys(state.places["stream"].unique(), workflow)
    return tables_of(log_of_prepared(state, workflows, calendar=calendar))


def tables_of(log: FlowLog, *, weeks: int | None = None) -> dict[str, pl.DataFrame]:
    """Return the five tables of a log: of all time, or of its last weeks."""
    policy = built_in_policy(POLICY)
    collect = log.engine.collect
    items = log.engine.keep(attribute(log, policy, item_windows(log, policy)))
    until_us = log.as_of_us + 1
    period = {"from_us": 0 if weeks is None else until_us - weeks * WEEK_US, "until_us": until_us}
    changes = arrivals_and_departures(log, policy, items, bucket=week_of)
    velocity = collect(flow_velocity(items, **period))
    kinds = flow_distribution(velocity).group_by("stream", "week_us", "kind").agg(n=pl.col("finished").sum())
    return {
        "velocity": velocity.select("stream", "type", "week_us", "finished"),
        "flow_time": collect(flow_time_by_week(items, **period)),
        "efficiency": collect(flow_efficiency(items, **period)).select("stream", "week_us", "active_us", "flow_us"),
        "load": collect(flow_load(changes)).rename({"day_us": "week_us"}),
        "distribution": kinds.select(
            "stream", "week_us", "kind", share=pl.col("n") / pl.col("n").sum().over("stream", "week_us")
        ),
    }
