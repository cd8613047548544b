"""Variants by hand: which ways there are, how often, how long, and where work comes back."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pegel.charts.process_map import process_map
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.flow.variants import LONGEST, Variants, variant_key, variants, ways
from pegel.words import LANGUAGES
from pegel.words.variants import variants_sentences

MEANING = load_workflow(
    "states: {Open: new, Doing: {category: active, phase: execution}, Review: {category: waiting, phase: execution},"
    " Done: {category: done, phase: reporting}, Dropped: cancelled}"
)


def found(log: FlowLog, **period: int) -> Variants:
    policy = built_in_policy("first_active_to_last_done")
    return variants(log, policy, attribute(log, policy, item_windows(log, policy)), **period)


def way(item: str, *states: str, first: int = 1) -> list[tuple[str, str, str]]:
    """Return an item that enters a state a day, from a day in January on."""
    return [(item, f"2026-01-{first + day:02}", state) for day, state in enumerate(states)]


def test_four_items_by_hand() -> None:
    # A, B: Open 1, Doing 1, Done. C: Doing 1, Review 1, Doing 1, Done. D is cancelled, E is open: they have none.
    log = log_of_rows(
        [
            *way("A", "Open", "Doing", "Done"),
            *way("B", "Open", "Doing", "Done", first=3),
            *way("C", "Doing", "Review", "Doing", "Done"),
            *way("D", "Open", "Doing", "Dropped"),
            *way("E", "Open", "Doing", "Review"),
        ],
        MEANING,
    )
    it = found(log)
    assert (it.status, it.n, it.no_waits) == (Status.VALUE, 3, None)
    rows = it.variants.to_dicts()
    assert [row["states"] for row in rows] == [["Open", "Doing", "Done"], ["Doing", "Review", "Doing", "Done"]]
    assert [(row["items"], row["returns"], row["cut"]) for row in rows] == [(2, 0, False), (1, 1, False)]
    assert [row["share"] for row in rows] == pytest.approx([2 / 3, 1 / 3])
    assert [row["covered"] for row in rows] == pytest.approx([2 / 3, 1.0])
    # Flow time from the first Doing to Done: 1, 1 and 3 days; of C one of three days is waiting.
    assert [(row["p50"], row["p85"]) for row in rows] == [(1.0, 1.0), (3.0, 3.0)]
    assert [row["wait_share"] for row in rows] == pytest.approx([0.0, 1 / 3])
    steps = {(row["from_state"], row["to_state"]): row for row in it.steps.to_dicts()}
    assert {pair: row["moves"] for pair, row in steps.items()} == {
        ("Doing", "Done"): 3, ("Open", "Doing"): 2, ("Doing", "Review"): 1, ("Review", "Doing"): 1,
    }  # fmt: skip
    assert {pair for pair, row in steps.items() if row["back"]} == {("Review", "Doing")}
    assert {row["p50"] for row in steps.values()} == {1.0}
    states = it.states.select("state", "category", "phase", "items", "returns").rows()
    assert states == [
        ("Open", "new", None, 2, 0), ("Doing", "active", "execution", 3, 1), ("Review", "waiting", "execution", 1, 0),
        ("Done", "done", "reporting", 3, 0),
    ]  # fmt: skip


def test_a_part_of_the_items_is_shown_by_the_fewest_ways() -> None:
    log = log_of_rows(
        [line for name in "ABCD" for line in way(name, "Doing", "Done")] + way("E", "Doing", "Review", "Done"), MEANING
    )
    it = found(log)
    most = ways(it, 0.8)  # four of five items are 80 %
    assert (most.variants, most.items) == (1, 4)
    assert most.steps.select("from_state", "to_state", "moves").rows() == [("Doing", "Done", 4)]
    assert (ways(it, 0.81).variants, ways(it, 1).items) == (2, 5)
    assert ways(it, 1).steps.equals(it.steps)
    assert ways(it, 1).steps["moves"].sum() == 6


def test_the_same_state_again_is_no_step_and_what_follows_the_stop_is_no_part() -> None:
    twice = [("A", "2026-01-01", "Doing"), ("A", "2026-01-02", "Doing"), ("A", "2026-01-03", "Done")]
    retyped = log_of_rows(twice, MEANING, changes=[("A", "2026-01-02T12:00", "type", "Bug", "Story")])
    assert found(retyped).variants["states"].to_list() == [["Doing", "Done"]]
    both = load_workflow("states: {Doing: active, Done: done, Closed: done}")
    closed = log_of_rows(way("A", "Doing", "Done", "Closed"), both)
    assert found(closed).variants["states"].to_list() == [["Doing", "Done"]]
    reopened = log_of_rows(way("A", "Doing", "Done", "Doing", "Done"), MEANING)
    assert found(reopened).variants.select("states", "returns").rows() == [(["Doing", "Done", "Doing", "Done"], 2)]


def test_long_ways_are_cut_and_told_apart_from_short_ones() -> None:
    states = ["Doing", "Review"] * 40
    log = log_of_rows(
        [("A", f"2026-01-01T{n // 60:02}:{n % 60:02}", state) for n, state in enumerate([*states, "Done"])], MEANING
    )
    row = found(log).variants.to_dicts()[0]
    assert (len(row["states"]), row["cut"], row["returns"]) == (LONGEST, True, LONGEST - 2)
    assert found(log).steps["moves"].sum() == 80  # the steps are all counted
    assert variant_key(row["states"], cut=True) != variant_key(row["states"])


def test_only_what_was_finished_in_the_period_and_nothing_at_all() -> None:
    log = log_of_rows([*way("A", "Doing", "Done"), *way("B", "Doing", "Review", "Done", first=10)], MEANING)
    day = 86_400_000_000
    january = 20_454 * day  # 1 January 2026
    assert found(log, from_us=january, until_us=january + 5 * day).n == 1
    nothing = found(log, from_us=0, until_us=1)
    assert (nothing.status, nothing.reason, nothing.n) == (Status.NO_DATA, "nothing_finished", 0)
    assert ways(nothing, 0.8).variants == 0
    assert variants_sentences(nothing, "en")[0]


def test_without_active_states_there_is_no_waiting_and_never_zero() -> None:
    log = log_of_rows(way("A", "Sent", "Paid"), load_workflow("states: {Sent: waiting, Paid: done}"))
    policy = built_in_policy("commitment_to_done")
    it = variants(log, policy, attribute(log, policy, item_windows(log, policy)))
    assert it.no_waits == "no_active_states"
    assert it.variants["wait_share"].to_list() == [None]


def test_the_order_of_rows_and_hostile_names_change_nothing() -> None:
    names = ['<b>"', "=1+1", "a,b → c", "漢字 🌊", "x" * 300, "{n} %s"]
    states = ", ".join(f"{name!r}: active" for name in names)
    meaning = load_workflow(f"states: {{{states}, Done: done}}")
    rows = [line for item in ("A", "B") for line in way(item, *names, "Done")]
    it = found(log_of_rows(rows, meaning))
    assert it.variants["states"].to_list() == [[*names, "Done"]]
    assert found(log_of_rows([*rows[7:], *rows[:7]], meaning)).variants.equals(it.variants)
    assert it.states["state"].to_list() == [*names, "Done"]
    for language in LANGUAGES:
        assert all(variants_sentences(it, language))
        drawn = process_map(it.states.to_dicts(), it.steps.to_dicts(), [*names, "Done"], language)
        assert [box.full for box in drawn.boxes] == [*names, "Done"]


def map_of(it: Variants) -> Any:
    return process_map(it.states.to_dicts(), it.steps.to_dicts(), it.variants["states"][0].to_list(), "en")


def test_the_map_goes_from_left_to_right_and_side_paths_lie_below() -> None:
    log = log_of_rows(
        [
            *(line for name in "ABC" for line in way(name, "Open", "Doing", "Done")),
            *way("D", "Open", "Doing", "Review", "Doing", "Done"),
        ],
        MEANING,
    )
    drawn = map_of(found(log))
    boxes = {box.state: box for box in drawn.boxes}
    assert boxes["Open"].x < boxes["Doing"].x < boxes["Done"].x
    assert boxes["Open"].y == boxes["Doing"].y == boxes["Done"].y < boxes["Review"].y
    assert [one.name for one in drawn.phases] == ["execution", "reporting"]
    widest = max(drawn.arrows, key=lambda one: one.width)
    assert widest.label == "4"  # Open to Doing, four times, as often as Doing to Done
    assert sum(one.back for one in drawn.arrows) == 1
    assert all(box.x >= 0 and box.x + drawn.box_width <= drawn.width for box in drawn.boxes)
    assert all(box.y + drawn.box_height <= drawn.height for box in drawn.boxes)
    corners = [(box.x, box.y) for box in drawn.boxes]
    assert len(set(corners)) == len(corners)


def test_a_map_of_very_many_states_leaves_the_rare_ones_to_the_table() -> None:
    states = [f"S{number:02}" for number in range(60)]
    meaning = load_workflow("states: {" + ", ".join(f"{one}: active" for one in states) + ", Done: done}")
    rows = [line for n, one in enumerate(states) for line in way(f"I{n}", "S00", one, "Done")]
    drawn = map_of(found(log_of_rows(rows, meaning)))
    assert (len(drawn.boxes), len(drawn.arrows)) == (20, 28)
    assert drawn.states_left_out == 41
    assert drawn.steps_left_out == 2 * 59 + 1 - 28


def test_steps_of_all_ways_add_up() -> None:
    log = log_of_rows(
        [line for n in range(20) for line in way(f"I{n}", *(["Doing", "Review"] * (n % 4 + 1)), "Done")], MEANING
    )
    it = found(log)
    moves = it.variants.select((pl.col("items") * (pl.col("states").list.len() - 1)).sum()).item()
    assert it.steps["moves"].sum() == moves
    assert it.variants["items"].sum() == it.n == 20
