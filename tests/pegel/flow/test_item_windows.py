"""Item windows: the rules of each policy on histories small enough to follow by hand, then both ways on any history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.policy import BUILT_IN, Attribution, Cancel, Delete, Policy, Reopen, Skip
from pegel.eventlog.workflow import load_workflow
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.flow.flow_report import flow_report
from pegel.flow.item_windows import Ending, exact_item_windows
from tests.pegel.flow import histories

WORKFLOW = load_workflow(histories.WORKFLOW.split("types:")[0])
FIRST_ACTIVE = BUILT_IN["first_active_to_last_done"]
DAY_US = 86_400_000_000


def window(*visits: tuple[int, str], policy: Policy = FIRST_ACTIVE, as_of: int = 30) -> dict[str, Any]:
    """Window of one item whose state changes are given as (day of January 2026, state); durations in days."""
    rows = [("A", f"2026-01-{day:02}", state) for day, state in visits]
    log = log_of_rows(rows, WORKFLOW, as_of=f"2026-01-{as_of:02}")
    (found,) = log.engine.collect(item_windows(log, policy)).to_dicts()
    first = log.engine.collect(log.intervals)["entered_us"].min()
    days = {name: found[f"{name}_us"] and found[f"{name}_us"] / DAY_US for name in ("flow", "active", "paused")}
    at = {
        name: None if found[f"{name}_us"] is None else (found[f"{name}_us"] - first) // DAY_US + visits[0][0]
        for name in ("start", "end")
    }
    return {**days, **at, "ending": Ending(found["ending"]), "reopened": found["reopened"]}


def test_first_active_to_last_done() -> None:
    # Idea 1–2, Ready 2–4, Doing 4–5 (1 day of work), Approval 5–9, Done on 9: 9 − 4 = 5 days, 1 of them work.
    found = window((1, "Idea"), (2, "Ready"), (4, "Doing"), (5, "Approval"), (9, "Done"))
    assert (found["start"], found["end"], found["flow"], found["active"]) == (4, 9, 5.0, 1.0)
    assert found["ending"] is Ending.DONE


def test_commitment_to_done_starts_with_the_first_wait() -> None:
    found = window((1, "Idea"), (2, "Ready"), (4, "Doing"), (9, "Done"), policy=BUILT_IN["commitment_to_done"])
    assert (found["start"], found["flow"]) == (2, 7.0)


def test_process_time_adds_the_stays_in_work_up() -> None:
    found = window((1, "Doing"), (3, "Approval"), (8, "Test"), (9, "Done"), policy=BUILT_IN["process_time"])
    assert found["flow"] == 3.0  # Doing 2 days + Test 1 day


def test_a_reopened_item_is_done_at_its_last_completion_and_all_time_counts() -> None:
    found = window((1, "Doing"), (3, "Done"), (7, "Doing"), (8, "Done"))
    assert (found["end"], found["flow"], found["active"], found["reopened"]) == (8, 7.0, 3.0, True)


def test_or_the_time_it_was_done_does_not_count() -> None:
    found = window(
        (1, "Doing"), (3, "Done"), (7, "Doing"), (8, "Done"), policy=replace(FIRST_ACTIVE, reopen=Reopen.PAUSE)
    )
    assert (found["flow"], found["paused"], found["active"]) == (3.0, 4.0, 3.0)


def test_or_the_first_completion_stops_the_clock_for_good() -> None:
    found = window(
        (1, "Doing"), (3, "Done"), (7, "Doing"), (8, "Done"), policy=replace(FIRST_ACTIVE, stop_at_first=True)
    )
    assert (found["end"], found["flow"], found["active"], found["reopened"]) == (3, 2.0, 2.0, False)


def test_moving_on_between_done_states_changes_nothing() -> None:
    found = window((1, "Doing"), (3, "Done"), (7, "Shipped"))
    assert (found["end"], found["flow"], found["reopened"]) == (3, 2.0, False)


def test_time_in_an_ignored_state_does_not_count() -> None:
    found = window((1, "Doing"), (3, "Parked"), (7, "Doing"), (8, "Done"))
    assert (found["flow"], found["paused"], found["active"]) == (3.0, 4.0, 3.0)


def test_an_ignored_state_after_done_decides_nothing() -> None:
    found = window((1, "Doing"), (3, "Done"), (9, "Parked"))
    assert (found["ending"], found["end"], found["flow"]) == (Ending.DONE, 3, 2.0)


def test_an_ignored_state_right_before_done_is_paused_and_the_end_is_the_entry_into_done() -> None:
    found = window((1, "Doing"), (3, "Parked"), (9, "Done"))
    assert (found["end"], found["flow"], found["paused"]) == (9, 2.0, 6.0)


def test_done_without_ever_starting_has_no_flow_time_or_one_from_creation() -> None:
    skipped = window((1, "Idea"), (5, "Done"))
    assert (skipped["ending"], skipped["start"], skipped["flow"]) == (Ending.DONE, None, None)
    created = window((1, "Idea"), (5, "Done"), policy=replace(FIRST_ACTIVE, skip=Skip.FROM_CREATION))
    assert (created["start"], created["flow"]) == (1, 4.0)


def test_a_cancelled_item_leaves_or_counts_as_finished() -> None:
    found = window((1, "Doing"), (4, "Rejected"))
    assert (found["ending"], found["end"], found["flow"]) == (Ending.CANCELLED, 4, None)
    counted = window((1, "Doing"), (4, "Rejected"), policy=replace(FIRST_ACTIVE, cancel=Cancel.FINISH))
    assert (counted["ending"], counted["flow"]) == (Ending.DONE, 3.0)


def test_an_open_item_has_no_end_and_its_work_counts_until_now() -> None:
    found = window((1, "Doing"), (4, "Approval"), (6, "Doing"), as_of=10)
    assert (found["ending"], found["end"], found["flow"], found["active"]) == (Ending.OPEN, None, None, 7.0)


def test_seen_from_an_earlier_day_later_events_have_not_happened() -> None:
    visits = ((1, "Doing"), (3, "Done"), (7, "Doing"), (8, "Done"))
    assert window(*visits, as_of=5)["end"] == 3
    assert window(*visits, as_of=7)["ending"] is Ending.OPEN


def test_a_stay_of_no_length_still_starts_the_clock() -> None:
    assert window((2, "Doing"), (2, "Approval"), (5, "Done"))["flow"] == 3.0


def test_deleted_items_leave_or_vanish() -> None:
    log = histories.log_of([(1, 0, "Doing"), (2, 0, "Doing"), (2, 24, "Done")], [(1, 48, "deleted", None, None)])
    kept = log.engine.collect(item_windows(log, FIRST_ACTIVE)).sort("item")
    assert kept["ending"].to_list() == [Ending.DELETED, Ending.DONE]
    assert kept["end_us"].to_list() == [2 * DAY_US, DAY_US]
    erased = log.engine.collect(item_windows(log, replace(FIRST_ACTIVE, delete=Delete.ERASE)))
    assert erased["item"].to_list() == [2]


@pytest.mark.parametrize("move", list(Attribution))
def test_a_moved_item_counts_where_it_was_or_where_it_is(move: Attribution) -> None:
    log = histories.log_of([(1, 0, "Test"), (1, 24, "Done")], [(1, 48, "stream", "South", "North")])
    policy = replace(FIRST_ACTIVE, move=move)
    (found,) = log.engine.collect(attribute(log, policy, item_windows(log, policy)))["stream"]
    assert found == ("South" if move is Attribution.AT_THE_TIME else "North")


@given(
    moves=histories.transitions,
    edits=histories.changes,
    policy=histories.policies,
    as_of=st.one_of(st.none(), st.integers(0, 110)),
)
def test_the_fast_way_and_the_exact_way_agree(
    moves: list[Any], edits: list[Any], policy: Policy, as_of: int | None
) -> None:
    log = histories.log_of(moves, edits, as_of_hour=as_of)
    columns = pl.exclude("place", "place_today")
    fast = log.engine.collect(item_windows(log, policy)).sort("item")
    exact = log.engine.collect(exact_item_windows(log, policy)).sort("item")
    assert fast.select(columns).rows() == exact.select(columns).rows()
    split = pl.col("split")
    assert (
        fast.filter(split).select("place", "place_today").rows()
        == exact.filter(split).select("place", "place_today").rows()
    )


@given(moves=histories.transitions, edits=histories.changes, policy=histories.policies)
def test_a_window_is_consistent(moves: list[Any], edits: list[Any], policy: Policy) -> None:
    log = histories.log_of(moves, edits)
    for found in log.engine.collect(item_windows(log, policy)).iter_rows(named=True):
        ended = found["ending"] != Ending.OPEN
        assert ended == (found["end_us"] is not None)
        assert found["active_us"] >= 0
        assert found["paused_us"] >= 0
        if found["flow_us"] is not None:
            assert found["ending"] == Ending.DONE
            assert found["flow_us"] >= 0
        if found["start_us"] is not None and ended and not policy.stop_at_first:
            assert found["start_us"] <= found["end_us"] or found["ending"] != Ending.DONE


def test_an_item_that_moved_on_was_in_the_load_of_the_stream_it_came_from() -> None:
    """Three items in North on day 0: one moves to South and is done there, one is done, one moves and is open."""
    moves = [(2, 0, "Test"), (4, 0, "Test"), (6, 0, "Test"), (2, 96, "Done"), (4, 72, "Done")]
    edits = [(2, 48, "stream", "North", "South"), (6, 24, "stream", "North", "South")]
    log = histories.log_of(moves, edits)
    north = replace(log, streams=frozenset({"North"}))
    report = flow_report(north, FIRST_ACTIVE, from_us=0, until_us=5 * DAY_US)
    days = report.flow_load.by_day.group_by("day_us").agg(pl.col("load").sum()).sort("day_us")["load"].to_list()
    assert days == [3, 2, 1, 0, 0]
    moved = report.arrivals_and_departures
    assert (moved.arrivals, moved.departures) == (3, 3)
    both = [flow_report(replace(log, streams=frozenset({name})), FIRST_ACTIVE) for name in histories.STREAMS]
    whole = flow_report(log, FIRST_ACTIVE)
    assert sum(one.flow_load.now or 0 for one in both) == whole.flow_load.now == 1


def test_arrivals_and_departures_keep_to_the_period_to_the_microsecond() -> None:
    log = histories.log_of([(1, 10, "Doing"), (1, 30, "Done"), (5, 11, "Doing"), (5, 31, "Done")], [])
    hour = histories.HOUR_US
    report = flow_report(log, FIRST_ACTIVE, from_us=11 * hour, until_us=31 * hour)
    assert (report.arrivals_and_departures.arrivals, report.arrivals_and_departures.departures) == (1, 1)


def test_stays_of_no_length_at_the_start_and_the_stop() -> None:
    # Ready and Doing begin in the same hour: Ready lies before the start. Done and Shipped too: Done is the stop.
    log = histories.log_of(
        [(1, 0, "Ready"), (1, 0, "Doing"), (1, 0, "Approval"), (1, 5, "Done"), (1, 5, "Shipped")], []
    )
    times = flow_report(log, FIRST_ACTIVE).time_in_state.by_state
    assert sorted(times["state"].to_list()) == ["Approval", "Doing"]
    pace = flow_report(log, FIRST_ACTIVE).work_item_age.pace
    assert {row["state"]: row["p50"] for row in pace.iter_rows(named=True)} == pytest.approx(
        {"Doing": 0.0, "Approval": 5 / 24}
    )


def test_adding_states_up_leaves_an_item_that_never_started_undefined() -> None:
    found = window((1, "Idea"), (5, "Done"), policy=BUILT_IN["process_time"])
    assert (found["ending"], found["flow"]) == (Ending.DONE, None)


def test_the_same_report_whatever_the_order_of_rows() -> None:
    moves = [(n % 6 + 1, n * 3 % 70, histories.STATES[n * 7 % 10]) for n in range(60)]
    one, other = (flow_report(histories.log_of(rows, []), FIRST_ACTIVE) for rows in (moves, moves[::-1]))
    assert one.work_item_age.pace.equals(other.work_item_age.pace)
    assert one.flow_time.mean == other.flow_time.mean
