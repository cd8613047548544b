"""Who waits for whom: hand arithmetic over a few items in three streams."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.flow.answer import Status
from pegel.network import StreamNetwork, if_relieved, stream_network
from pegel.network.streams import overtaken_share

WORKFLOW = load_workflow(
    "states: {Open: new, Doing: active, Waits: waiting, Hold: ignored, Done: done, Dropped: cancelled}"
)
POLICY = built_in_policy("first_active_to_last_done")
STREAMS = {"A": "IT", "B": "Claims", "C": "Claims", "D": "Legal"}
ROWS = [
    ("A", "2026-01-01", "Doing"),
    ("A", "2026-01-09", "Done"),
    # B waits from the 3rd to the 5th and from the 6th on; A is done on the 9th: 2 + 3 days of waiting for A.
    ("B", "2026-01-02", "Doing"),
    ("B", "2026-01-03", "Waits"),
    ("B", "2026-01-05", "Doing"),
    ("B", "2026-01-06", "Waits"),
    ("B", "2026-01-11", "Done"),
    # C is on hold, which does not count, and then ends although B is still open.
    ("C", "2026-01-02", "Doing"),
    ("C", "2026-01-04", "Hold"),
    ("C", "2026-01-07", "Waits"),
    ("C", "2026-01-08", "Done"),
    ("D", "2026-01-04", "Doing"),
    ("D", "2026-01-06", "Waits"),
]


def network(*, links: list[tuple[str, str, str]], **options: Any) -> StreamNetwork:
    log = log_of_rows(options.pop("rows", ROWS), WORKFLOW, links=links, **{"stream": STREAMS, **options})
    return stream_network(log, POLICY, attribute(log, POLICY, item_windows(log, POLICY), all_streams=True))


def board(found: StreamNetwork) -> list[tuple[Any, ...]]:
    rows = found.dependencies.board.sort("blocked", "blocker")
    return rows.select("blocked", "blocker", "status", "age_days", "waited_days").rows()


def test_waiting_counts_within_window_and_dependency_only() -> None:
    found = network(links=[("A", "blocks", "B"), ("B", "blocks", "C"), ("A", "blocks", "D")])
    assert board(found) == [
        (2, 1, "resolved", 7.0, 5.0),
        (3, 2, "ended_anyway", 6.0, 1.0),
        (4, 1, "resolved", 5.0, 3.0),
    ]
    edges = found.edges.select("from_stream", "to_stream", "volume", "waited_days").rows()
    assert edges == [("IT", "Claims", 1, 5.0), ("IT", "Legal", 1, 3.0)]
    assert (found.most_waited_for, found.most_waited_days) == ("IT", 8.0)
    assert found.dependencies.waited_days == 9.0
    assert (found.dependencies.across, found.dependencies.open) == (2, 0)
    assert if_relieved(found, "IT", 0.25) == 2.0


def test_an_open_blocker_holds_up_to_the_logs_moment_and_owners_are_teams() -> None:
    found = network(
        links=[("D", "blocks", "B"), ("C", "blocks", "D")],
        as_of="2026-01-10",
        changes=[("D", "2026-01-05", "team", None, "Contracts"), ("D", "2026-01-05", "assignee", None, "p-1")],
    )
    assert found.dependencies.open == 1
    first = found.dependencies.board.row(0, named=True)
    # B waits from the 6th on; the link exists since both exist, from the 4th: 1 day until the 5th, 4 until the 10th.
    assert (first["blocked"], first["blocker"], first["age_days"], first["waited_days"]) == (2, 4, 6.0, 5.0)
    assert first["blocker_team"] == "Contracts"
    assert found.dependencies.teams is Status.VALUE


def test_chains_and_circles_of_open_items() -> None:
    rows = [(name, "2026-01-0" + str(day), "Doing") for day, name in enumerate("ABCD", start=1)]
    found = network(rows=rows, links=[("A", "blocks", "B"), ("B", "blocks", "C"), ("C", "blocks", "B"),
                                      ("C", "blocks", "D")], as_of="2026-01-11")  # fmt: skip
    assert found.dependencies.cycles == ((2, 3),)
    assert found.dependencies.longest == (1, 2, 3, 4)
    # B is blocked since the 2nd, C since the 3rd, D since the 4th: 9 + 8 + 7 days.
    assert found.dependencies.oldest_days == 24.0
    assert found.cycles == ()


def test_streams_that_block_each_other_are_a_circle() -> None:
    found = network(links=[("A", "blocks", "B"), ("C", "blocks", "A")])
    assert found.cycles == (("Claims", "IT"),)


def test_moved_work_waits_until_it_is_taken_up() -> None:
    rows = [("A", "2026-01-01", "Doing"), ("A", "2026-01-02", "Open"), ("A", "2026-01-07", "Doing"),
            ("B", "2026-01-01", "Doing")]  # fmt: skip
    found = network(rows=rows, links=[], changes=[("A", "2026-01-03", "stream", "Claims", "IT")],
                    stream={"A": "IT", "B": "Claims"})  # fmt: skip
    (edge,) = found.edges.iter_rows(named=True)
    assert (edge["from_stream"], edge["to_stream"], edge["kind"]) == ("Claims", "IT", "moves")
    assert (edge["volume"], edge["waited_days"], edge["open"], edge["overtaken"]) == (1, 4.0, 0, 0.0)


def test_working_time_leaves_the_weekend_out() -> None:
    # 10 January 2026 is a Saturday. A typical working day of the German calendar has 8 hours.
    rows = [("A", "2026-01-08T08:00", "Doing"), ("A", "2026-01-12T08:00", "Done"), ("B", "2026-01-08T08:00", "Doing"),
            ("B", "2026-01-09T08:00", "Waits"), ("B", "2026-01-13T08:00", "Done")]  # fmt: skip
    elapsed = network(rows=rows, links=[("A", "blocks", "B")])
    working = network(rows=rows, links=[("A", "blocks", "B")], calendar=built_in_calendar("de"))
    assert elapsed.dependencies.waited_days == 3.0
    assert working.dependencies.waited_days == 1.0
    assert working.unit == "working_days"


def test_no_links_is_not_configured_and_links_within_a_stream_are_no_edges() -> None:
    nothing = network(links=[])
    assert (nothing.status, nothing.reason, nothing.edges.height) == (Status.NOT_CONFIGURED, "no_links", 0)
    inside = network(links=[("B", "blocks", "C")])
    assert (inside.status, inside.edges.height, inside.most_waited_for) == (Status.VALUE, 0, None)


def test_people_are_counted_only_in_groups_of_five() -> None:
    rows = [
        (f"{stream}{number}", "2026-01-05", "Doing", f"person {number}")
        for stream, people in (("x", 6), ("y", 5), ("z", 4))
        for number in range(people)
    ]
    streams = {row[0]: row[0][0].upper() for row in rows}
    found = network(rows=rows, links=[("x1", "relates", "y1")], stream=streams)
    assert found.people.rows() == [("X", "Y", 5)]
    assert "person" not in str(found.people)


def test_only_the_edges_of_the_chosen_stream(tmp_path: Any) -> None:
    del tmp_path
    links = [("A", "blocks", "B"), ("A", "blocks", "D"), ("B", "parent", "D")]
    whole = network(links=links)
    assert set(whole.edges["kind"]) == {"blocks", "parent"}
    assert whole.edges.filter(pl.col("kind") == "parent")["waited_days"].to_list() == [None]


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_beyond_all_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        if_relieved(network(links=[]), "IT", share)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=12, unique_by=lambda one: one[0]))
def test_overtaking_against_all_pairs(served: list[tuple[int, int]]) -> None:
    came, left = np.array([one for one, _ in served]), np.array([other for _, other in served])
    overtaken = [any(c2 > c and l2 < left_at for c2, l2 in served) for c, left_at in served]
    expected = sum(overtaken) / len(served) if served else None
    assert overtaken_share(came, left) == (None if expected is None else pytest.approx(expected))
