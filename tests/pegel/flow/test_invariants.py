"""Promises that every log keeps: parts add up to the whole, to the microsecond and to the item."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import given

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.policy import BUILT_IN, Policy, Reopen
from pegel.flow import attribute, item_windows
from pegel.flow.arrivals_and_departures import arrivals_and_departures
from pegel.flow.cumulative_flow import cumulative_flow, summarise_cumulative_flow
from pegel.flow.flow_load import summarise_flow_load
from pegel.flow.flow_report import flow_report
from pegel.flow.flow_velocity import flow_velocity
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.flow.time_in_state import stage_times
from tests.pegel.flow import histories

DAY_US = 86_400_000_000
WINDOW_POLICIES = [BUILT_IN["first_active_to_last_done"], BUILT_IN["commitment_to_done"]]


def stage_sums(log: FlowLog, policy: Policy) -> dict[int, int]:
    table = log.engine.collect(stage_times(log, policy, item_windows(log, policy)))
    sums = table.filter(~pl.col("paused")).group_by("item").agg(pl.col("inside_us").sum())
    return dict(sums.iter_rows())


@given(moves=histories.transitions, edits=histories.changes)
def test_the_stage_times_of_an_item_are_its_flow_time_to_the_microsecond(moves: list[Any], edits: list[Any]) -> None:
    for policy in (*WINDOW_POLICIES, replace(WINDOW_POLICIES[0], reopen=Reopen.PAUSE)):
        # An odd number of microseconds per hour, so that any rounding would show.
        log = histories.log_of(moves, edits, unit_us=3_600_000_001)
        sums = stage_sums(log, policy)
        for found in log.engine.collect(item_windows(log, policy)).iter_rows(named=True):
            if found["flow_us"] is not None:
                assert sums.get(found["item"], 0) == found["flow_us"]


@given(moves=histories.transitions, edits=histories.changes)
def test_so_they_are_in_working_time(moves: list[Any], edits: list[Any]) -> None:
    calendar = built_in_calendar("de")
    assert calendar is not None
    log = histories.log_of(moves, edits)
    worked = replace(log, working=WorkingTime(calendar, 0, max(log.as_of_us, 1)))
    policy = WINDOW_POLICIES[0]
    sums = stage_sums(worked, policy)
    elapsed = {row["item"]: row for row in log.engine.collect(item_windows(log, policy)).iter_rows(named=True)}
    for found in log.engine.collect(item_windows(worked, policy)).iter_rows(named=True):
        if found["flow_us"] is not None:
            assert sums.get(found["item"], 0) == found["flow_us"]
            assert found["flow_us"] <= elapsed[found["item"]]["flow_us"]
            assert found["active_us"] <= elapsed[found["item"]]["active_us"]


@given(moves=histories.transitions, edits=histories.changes, policy=histories.policies)
def test_load_is_arrivals_less_departures_and_counts_the_open_windows(
    moves: list[Any], edits: list[Any], policy: Policy
) -> None:
    log = histories.log_of(moves, edits)
    windows = log.engine.keep(attribute(log, policy, item_windows(log, policy)))
    changes = log.engine.collect(arrivals_and_departures(log, policy, windows))
    load = summarise_flow_load(changes, from_us=0, until_us=log.as_of_us + 1)
    table = log.engine.collect(windows)
    started = table.filter(pl.col("start_us").is_not_null())
    if not started.height:
        return
    assert load.now == started.filter(pl.col("ending") == Ending.OPEN).height
    # On every day: windows that have begun and not ended by its end (counted one by one).
    by_day = dict(load.by_day.group_by("day_us").agg(pl.col("load").sum()).iter_rows())
    for day_us, counted in by_day.items():
        end = day_us + DAY_US
        present = [
            row
            for row in started.iter_rows(named=True)
            if row["start_us"] < end and (row["end_us"] is None or row["end_us"] >= end)
        ]
        assert counted == len(present)


@given(moves=histories.transitions, edits=histories.changes)
def test_disjoint_streams_add_up(moves: list[Any], edits: list[Any]) -> None:
    policy = WINDOW_POLICIES[0]
    whole = histories.log_of(moves, edits)
    period = {"from_us": 0, "until_us": whole.as_of_us + 1}
    reports = [
        flow_report(replace(whole, streams=frozenset({stream})), policy, **period) for stream in histories.STREAMS
    ]
    everything = flow_report(whole, policy, **period)
    for name in ("items", "finished", "open", "cancelled", "deleted", "reopened", "not_started"):
        assert sum(getattr(report.counts, name) for report in reports) == getattr(everything.counts, name)
    assert sum(report.flow_time.n for report in reports) == everything.flow_time.n
    assert sum(report.flow_velocity.finished or 0 for report in reports) == everything.flow_velocity.finished
    assert sum(report.flow_load.now or 0 for report in reports) == (everything.flow_load.now or 0)
    assert sum(report.work_item_age.n for report in reports) == everything.work_item_age.n
    total = sum(report.time_in_state.flow_days for report in reports)
    assert abs(total - everything.time_in_state.flow_days) < 1e-9


@given(moves=histories.transitions, edits=histories.changes)
def test_the_cumulative_flow_counts_every_item_once(moves: list[Any], edits: list[Any]) -> None:
    log = histories.log_of(moves, edits)
    diagram = summarise_cumulative_flow(
        log, log.engine.collect(cumulative_flow(log)), from_us=0, until_us=log.as_of_us + 1
    )
    last = diagram.by_category.filter(pl.col("day_us") == pl.col("day_us").max())["items"].sum()
    counts = flow_report(log, WINDOW_POLICIES[0]).counts
    deleted_now = {item for item, _ in _last_states(log) if _ == "(deleted)"}
    assert last == counts.items - len(deleted_now)


def _last_states(log: FlowLog) -> list[tuple[int, str]]:
    states = {place.code: place.state for place in log.places}
    table = log.engine.collect(log.intervals).filter(pl.col("left_us") == 2**61)
    return [(item, states[place]) for item, place in table.select("item", "place").iter_rows()]


@given(moves=histories.transitions, edits=histories.changes)
def test_velocity_over_weeks_is_the_number_of_finished_items(moves: list[Any], edits: list[Any]) -> None:
    log = histories.log_of(moves, edits)
    policy = WINDOW_POLICIES[0]
    windows = attribute(log, policy, item_windows(log, policy))
    table = log.engine.collect(flow_velocity(windows, from_us=0, until_us=2**60))
    done = log.engine.collect(item_windows(log, policy)).filter(pl.col("ending") == Ending.DONE).height
    assert table["finished"].sum() == done
