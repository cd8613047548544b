"""Friction counts by hand: hand-offs, ping-pong, rework, re-ranking, asking, stalling, nobody responsible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.waits.friction import FrictionCounts, friction_counts
from tests.pegel.waits import reference

POLICY = built_in_policy("first_active_to_last_done")
WORKFLOW = load_workflow("states: {Open: new, Doing: active, Review: waiting, Test: active, Done: done}")


def counts(
    rows: list[tuple[str, ...]], *, changes: Sequence[tuple[Any, ...]] = (), as_of: str = "2026-01-30", **options: Any
) -> FrictionCounts:
    """Count on days of January 2026: (item, day, state[, person])."""
    period = {name: options.pop(name) for name in ("from_us", "until_us", "stalled_after") if name in options}
    log = log_of_rows(
        [(item, _at(day), *rest) for item, day, *rest in rows],
        WORKFLOW,
        as_of=as_of,
        changes=[(item, _at(day), *rest) for item, day, *rest in changes],
        **options,
    )
    return friction_counts(log, POLICY, **period)


def _at(day: str) -> str:
    date, _, time = str(day).partition("T")
    return f"2026-01-{int(date):02}T{time or '09:00'}"


def team(people: Sequence[str] = "abcde") -> list[tuple[str, ...]]:
    """One item per person: brought into Doing by one, into Review by the next, into Done by that next one too."""
    return [
        step
        for index, person in enumerate(people)
        for step in (
            (f"I{index}", "5", "Doing", person),
            (f"I{index}", "6", "Review", people[(index + 1) % len(people)]),
            (f"I{index}", "7", "Done", people[(index + 1) % len(people)]),
        )
    ]


def test_a_hand_off_is_a_move_by_another_person() -> None:
    # Five items with two moves each: Doing → Review always changes hands, Review → Done never. 5 of 10.
    found = counts(team()).hand_offs
    assert found.status is Status.VALUE
    assert found.by_stream.rows() == [("Example", "actor", "value", None, 10, 5, 0.5, 0)]
    assert found.by_pair.rows() == [
        ("Example", "Doing", "Review", "actor", 5, 5, 1.0),
        ("Example", "Review", "Done", "actor", 5, 0, 0.0),
    ]


def test_of_fewer_than_five_people_nothing_is_said() -> None:
    found = counts(team("abcd")).hand_offs
    assert (found.status, found.reason) == (Status.UNDEFINED, "group_too_small")
    assert found.by_stream.rows() == [("Example", "actor", "undefined", "group_too_small", None, None, None, None)]
    assert found.by_pair.height == 0


def test_a_small_stream_beside_a_large_one_stays_silent() -> None:
    rows = [*team(), ("X", "5", "Doing", "a"), ("X", "6", "Review", "b")]
    streams = {**{f"I{index}": "Large" for index in range(5)}, "X": "Small"}
    found = counts(rows, stream=streams).hand_offs
    assert found.by_stream.select("stream", "status", "hand_offs").rows() == [
        ("Large", "value", 5),
        ("Small", "undefined", None),
    ]
    assert set(found.by_pair["stream"]) == {"Large"}


def test_unknown_people_hand_nothing_over() -> None:
    rows = [*team(), ("X", "5", "Doing"), ("X", "6", "Review", "b")]
    assert counts(rows).hand_offs.by_stream["moves"].to_list() == [10]


def test_assignees_and_teams_hand_over_what_was_assigned_when_the_state_was_entered() -> None:
    rows = [
        (f"I{index}", day, state)
        for index in range(5)
        for day, state in (("5", "Doing"), ("7", "Review"), ("9", "Done"))
    ]
    assigned = [(f"I{index}", "4", "assignee", None, f"p{index}") for index in range(5)]
    # I0 goes from p0 to p1 during Doing; I1 gets its first team, which is no hand-off; I2 changes its team when it
    # enters Review.
    changes = [*assigned, ("I0", "6", "assignee", "p0", "p1"), ("I1", "6", "team", None, "North"),
               ("I2", "7", "team", "North", "South")]  # fmt: skip
    found = counts(rows, changes=changes).hand_offs
    assert found.by_stream.select("by", "moves", "hand_offs").rows() == [("assignee", 10, 1), ("team", 3, 1)]
    assert found.by_pair.filter(pl.col("hand_offs") > 0).select("from_state", "to_state", "by").rows() == [
        ("Doing", "Review", "assignee"),
        ("Doing", "Review", "team"),
    ]


def test_without_people_or_assignments_there_is_no_answer() -> None:
    found = counts([("A", "5", "Doing"), ("A", "6", "Done")]).hand_offs
    assert (found.status, found.reason) == (Status.NOT_CONFIGURED, "no_handover_evidence")


def test_ping_pong_is_there_and_straight_back() -> None:
    rows = [("A", str(day), state) for day, state in enumerate(["Doing", "Review", "Doing", "Review", "Done"], 5)]
    # Doing → Review → Doing and Review → Doing → Review: two of four moves came straight back.
    found = counts(rows).ping_pong
    assert found.count == 2
    assert found.by_pair.select("state", "other_state", "moves", "ping_pong").rows() == [
        ("Doing", "Review", 2, 1),
        ("Review", "Doing", 1, 1),
    ]


def test_ping_pong_between_people() -> None:
    # Person a, then b, then a again: one move from a to b that came back (and one of b that did not).
    rows = [*team(), ("X", "5", "Doing", "a"), ("X", "6", "Review", "b"), ("X", "7", "Done", "a")]
    assert counts(rows).hand_offs.by_stream.select("hand_offs", "ping_pong").rows() == [(7, 1)]


def test_a_change_of_type_is_no_move() -> None:
    rows = [("A", "5", "Doing"), ("A", "8", "Done")]
    found = counts(rows, changes=[("A", "6", "type", "Bug", "Story")])
    assert (found.ping_pong.count, found.rework.count) == (0, 0)


def test_rework_is_a_return_to_an_active_state() -> None:
    rows = [("A", str(day), state) for day, state in enumerate(["Doing", "Test", "Doing", "Test", "Doing", "Done"], 5)]
    found = counts([*rows, ("B", "5", "Doing"), ("B", "6", "Done")]).rework
    # A returns to Doing twice (a loop) and to Test once; B never. Half of the items in Doing came back.
    assert found.count == 3
    assert found.by_state.drop("stream").rows() == [("Doing", 2, 2, 1, 0.5, 1), ("Test", 1, 1, 1, 1.0, 0)]


def test_the_period_counts_the_moves_that_lie_in_it() -> None:
    rows = [("A", str(day), state) for day, state in enumerate(["Doing", "Test", "Doing", "Test", "Doing", "Done"], 5)]
    log = log_of_rows([(item, _at(day), state) for item, day, state in rows], WORKFLOW)
    ninth = log.as_of_us - 86_400_000_000
    assert friction_counts(log, POLICY, from_us=ninth).rework.count == 1  # the second return to Doing, on the 9th
    assert friction_counts(log, POLICY, until_us=ninth).rework.count == 2


def test_reopened_items() -> None:
    rows = [("A", "5", "Doing"), ("A", "6", "Done"), ("A", "7", "Doing"), ("A", "8", "Done"), ("B", "5", "Doing")]
    found = counts(rows).reopenings
    assert found.by_stream.rows() == [("Example", 2, 1, 0.5)]


def test_reranking_counts_while_an_item_waits() -> None:
    rows = [("A", "5", "Doing"), ("A", "7", "Review"), ("A", "10", "Done"), ("B", "5", "Doing"), ("B", "6", "Done")]
    changes = [
        ("A", "6", "priority", "High", "Low"),
        ("A", "8", "priority", "Low", "High"),
        ("A", "9", "rank", "3", "7"),
    ]
    found = counts(rows, changes=changes).reranking
    assert found.by_stream.rows() == [("Example", 2, 2, 1, 1.0, 2)]
    silent = counts(rows).reranking
    assert (silent.status, silent.reason) == (Status.NOT_CONFIGURED, "no_ranking_evidence")


def test_status_asks_are_comments_without_a_move_inside_the_window() -> None:
    rows = [("A", "5", "Doing"), ("A", "7", "Review"), ("A", "10", "Done"), ("B", "5", "Doing"), ("B", "6", "Done")]
    changes = [("A", day, "comment_count", "0", "1") for day in ("4", "6", "7", "8", "11")]
    # The 4th and 11th lie outside of the window, the one of the 7th came with the move: two are left.
    found = counts(rows, changes=changes).status_asks
    assert (found.count, found.by_stream["per_item"].to_list()) == (2, [1.0])


def test_stalled_items_have_had_no_activity_of_any_kind() -> None:
    rows = [("A", "5", "Doing"), ("B", "5", "Doing"), ("C", "5", "Open"), ("D", "5", "Doing"), ("D", "6", "Done")]
    found = counts(rows, changes=[("B", "8", "comment_count", "0", "1")], as_of="2026-01-12T09:00").stalled_items
    # A: 7 days since its move; B: 4 days since a comment; C has not started; D is done.
    assert (found.count, found.open_items, found.after_days) == (1, 2, 5.0)
    assert found.items.select("item", "state", "idle_days").rows() == [(1, "Doing", 7.0)]
    assert counts(rows, as_of="2026-01-12T09:00", stalled_after=7).stalled_items.count == 2
    assert counts(rows, as_of="2026-01-12T09:00", stalled_after=7.1).stalled_items.count == 0
    assert counts(rows[3:]).stalled_items.reason == "nothing_open"


def test_stalled_in_working_days() -> None:
    # Monday 5th 09:00 UTC (10:00 in Berlin) to Monday 12th 09:00 UTC: 5 working days of 8 hours; all of Germany worked.
    found = counts([("A", "5", "Doing")], as_of="2026-01-12T09:00", calendar=built_in_calendar("de")).stalled_items
    assert (found.unit, found.count, found.items["idle_days"].to_list()) == ("working_days", 1, [5.0])


def test_nobody_assigned_is_told_from_not_knowing() -> None:
    rows = [(item, day, state) for item in "ABC" for day, state in (("5", "Doing"), ("7", "Review"))]
    # A: assigned all the time; B: given back on the 6th; C: the log says nothing.
    changes = [("A", "5", "assignee", None, "p"), ("B", "5", "assignee", None, "p"), ("B", "6", "assignee", "p", None)]
    found = counts(rows, changes=changes).responsibility
    table = found.by_field.rows(named=True)
    names = ("stays", "without", "unknown", "share", "open_without", "states_without")
    assert [table[0][name] for name in names] == [6, 2, 2, 0.5, 1, 0]
    assert (table[1]["status"], table[1]["reason"]) == ("not_configured", "no_team_evidence")
    assert found.by_state.select("state", "without", "open_without").sort("state").rows() == [
        ("Doing", 1, 0),
        ("Review", 1, 1),
    ]


def test_who_picks_up_at_the_end_was_not_responsible_before() -> None:
    rows = [("A", "5", "Doing"), ("A", "7", "Review"), ("A", "9", "Done")]
    found = counts(rows, changes=[("A", "4", "team", None, None), ("A", "9", "team", None, "North")]).responsibility
    assert found.by_field["without"].to_list() == [None, 2]
    assert found.by_field["states_without"].to_list() == [None, 2]


@given(steps=reference.moves, changes=reference.signals)
def test_counts_are_shares_of_what_there_is(steps: list[Any], changes: list[Any]) -> None:
    found = friction_counts(reference.log_of(steps, changes, unit_us=3_600_000_000), POLICY)
    pairs = found.ping_pong.by_pair
    assert (pairs["ping_pong"] <= pairs["moves"]).all()
    assert found.hand_offs.by_pair.height == 0  # three people at most
    assert not found.hand_offs.by_stream.filter(pl.col("hand_offs").is_not_null()).height
    fields = found.responsibility.by_field.filter(pl.col("status") == "value")
    assert (fields["without"] + fields["unknown"] <= fields["stays"]).all()
    stalled = found.stalled_items
    assert stalled.count is None or stalled.count <= stalled.open_items
    assert found.rework.by_state.filter(pl.col("returns") < pl.col("returning_items")).height == 0


def test_no_person_is_named_anywhere() -> None:
    found = counts(team(["anna", "bert", "carl", "dora", "emil"]), changes=[("I0", "6", "assignee", "anna", "bert")])
    tables = [value for name in found.__slots__ for value in _tables(getattr(found, name))]
    texts = {str(value) for table in tables for row in table.iter_rows() for value in row}
    assert len(tables) == 11
    assert not texts & {"anna", "bert", "carl", "dora", "emil"}
    assert not any(text.startswith("p-") for text in texts)


def _tables(answer: Any) -> list[pl.DataFrame]:
    return [value for name in answer.__slots__ if isinstance(value := getattr(answer, name), pl.DataFrame)]


@pytest.mark.parametrize("field", ["hand_offs", "ping_pong", "rework", "reopenings"])
def test_an_empty_history_is_no_data_or_not_configured(field: str) -> None:
    found = getattr(counts([("A", "5", "Open")]), field)
    assert found.status in (Status.NO_DATA, Status.NOT_CONFIGURED)
    assert found.reason
