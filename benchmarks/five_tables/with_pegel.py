"""The five tables with Pegel's public functions, as a user of the library would write it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from five_tables.question import POLICY
from pegel.eventlog.calendar import Calendar
from pegel.eventlog.policy import built_in_policy
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
    workflows = {stream: workflow for stream in state.places["stream"].unique()}
    return tables_of(log_of_prepared(state, workflows, calendar=calendar), (state.span_us() or (0, 0))[0])


def tables_of(log: FlowLog, from_us: int) -> dict[str, pl.DataFrame]:
    """Return the five tables of a log."""
    policy = built_in_policy(POLICY)
    collect = log.engine.collect
    items = log.engine.keep(attribute(log, policy, item_windows(log, policy)))
    period = {"from_us": from_us, "until_us": log.as_of_us + 1}
    changes = arrivals_and_departures(log, policy, items, bucket=week_of)
    shares = collect(flow_distribution(items, **period)).group_by("stream", "week_us", "kind").agg(n=pl.col("finished").sum())
    return {
        "velocity": collect(flow_velocity(items, **period)).select("stream", "type", "week_us", "finished"),
        "flow_time": collect(flow_time_by_week(items, **period)),
        "efficiency": collect(flow_efficiency(items, **period)).select("stream", "week_us", "active_us", "flow_us"),
        "load": collect(flow_load(changes)).rename({"day_us": "week_us"}),
        "distribution": shares.select(
            "stream", "week_us", "kind", share=pl.col("n") / pl.col("n").sum().over("stream", "week_us")
        ),
    }
