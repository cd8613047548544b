"""Prepared intervals: built anew or brought up to date, the answer is the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.eventlog.schema import CREATED_STATE, DELETED_STATE, OPEN_US
from pegel.lake import intervals, prepared
from pegel.lake.store import create_lake
from tests.pegel.lake.rows import RowSource

EVENTS = {
    "item_no": pl.Int32(),
    "at_us": pl.Int64(),
    "sequence": pl.Int64(),
    "import_no": pl.Int32(),
    "from_state": pl.String(),
    "to_state": pl.String(),
}
ITEMS = {"item_no": pl.Int32(), "stream": pl.String(), "type": pl.String(), "created_us": pl.Int64()}


def build(
    items: list[tuple[object, ...]], transitions: list[tuple[object, ...]], changes: Sequence[tuple[object, ...]] = ()
) -> list[tuple[object, ...]]:
    frame = intervals.build(
        pl.DataFrame(items, schema=ITEMS, orient="row"),
        pl.DataFrame(transitions, schema=EVENTS, orient="row"),
        pl.DataFrame(list(changes), schema=intervals.CHANGES, orient="row"),
    )
    return frame.select("item", "stream", "type", "state", "entered_us", "left_us").rows()


def test_an_interval_ends_where_the_next_begins() -> None:
    found = build([(1, "S", "Bug", None)], [(1, 10, 1, 1, None, "Open"), (1, 30, 2, 1, "Open", "Done")])
    assert found == [(1, "S", "Bug", "Open", 10, 30), (1, "S", "Bug", "Done", 30, OPEN_US)]


def test_creation_before_the_first_change_gives_the_state_it_came_from() -> None:
    known = build([(1, "S", None, 5)], [(1, 10, 1, 1, "Backlog", "Open")])
    unknown = build([(1, "S", None, 5)], [(1, 10, 1, 1, None, "Open")])
    assert known[0] == (1, "S", None, "Backlog", 5, 10)
    assert unknown[0] == (1, "S", None, CREATED_STATE, 5, 10)
    assert build([(1, "S", None, 5)], []) == [(1, "S", None, CREATED_STATE, 5, OPEN_US)]
    assert build([(1, "S", None, None)], []) == []


def test_a_change_of_type_or_stream_cuts_the_interval_and_the_past_keeps_its_own() -> None:
    found = build(
        [(1, "Home", "Story", None)],
        [(1, 10, 1, 1, None, "Open")],
        [(1, 20, 2, 1, "type", "Bug", "Story"), (1, 30, 3, 1, "stream", "Old", "Home")],
    )
    assert found == [
        (1, "Old", "Bug", "Open", 10, 20),
        (1, "Old", "Story", "Open", 20, 30),
        (1, "Home", "Story", "Open", 30, OPEN_US),
    ]


def test_deletion_ends_an_item_and_equal_times_keep_their_sequence() -> None:
    found = build(
        [(1, "S", None, None)],
        [(1, 10, 2, 1, None, "B"), (1, 10, 1, 1, None, "A")],
        [(1, 40, 3, 1, "deleted", None, None)],
    )
    assert [(state, entered, left) for _, _, _, state, entered, left in found] == [
        ("A", 10, 10),
        ("B", 10, 40),
        (DELETED_STATE, 40, OPEN_US),
    ]


def test_a_deletion_that_was_taken_back_puts_the_item_where_it_was() -> None:
    changes = [(1, 20, 2, 1, "deleted", None, "true"), (1, 30, 3, 1, "deleted", "true", "false")]
    found = build([(1, "S", None, None)], [(1, 10, 1, 1, None, "Open"), (1, 40, 4, 1, "Open", "Done")], changes)
    assert [(state, entered, left) for _, _, _, state, entered, left in found] == [
        ("Open", 10, 20),
        (DELETED_STATE, 20, 30),
        ("Open", 30, 40),
        ("Done", 40, OPEN_US),
    ]
    # The same for an item that also changed its type, which is built another way.
    retyped = [*changes, (1, 15, 5, 1, "type", "Bug", "Story")]
    found = build([(1, "S", "Story", None)], [(1, 10, 1, 1, None, "Open")], retyped)
    assert [(type_, state, entered) for _, _, type_, state, entered, _ in found] == [
        ("Bug", "Open", 10),
        ("Story", "Open", 15),
        ("Story", DELETED_STATE, 20),
        ("Story", "Open", 30),
    ]


histories = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), st.integers(0, 60), st.sampled_from(["x", "y", "z"])), min_size=1, max_size=40
)


def rows_by_name(lake_path: Path) -> list[tuple[object, ...]]:
    """Intervals with names in place of codes, in a fixed order."""
    lake = create_lake(lake_path)
    state = lake.prepared()
    names = lake.items().select(item=pl.col("item_no"), name=pl.col("item"))
    return sorted(
        state.scan()
        .join(state.places.lazy(), on="place")
        .join(names, on="item")
        .select("name", "stream", "state", "entered_us", "left_us")
        .collect()
        .rows()
    )


@settings(max_examples=12, deadline=None)
@given(first=histories, second=histories, third=histories)
def test_touched_items_only_gives_what_building_anew_gives(
    tmp_path_factory: object, first: list[tuple[str, int, str]], second: list[tuple[str, int, str]], third: object
) -> None:
    path = tmp_path_factory.mktemp("lake") / "lake"  # type: ignore[attr-defined]
    lake = create_lake(path)
    # Many items that are never touched again, so that the small imports stay below the share that rewrites everything.
    quiet = [(f"Q{n}", n, "x") for n in range(400)]
    lake.import_source(RowSource([*quiet, *first]), file="1", fingerprint="1", seen_us=100)
    lake.import_source(RowSource(second), file="2", fingerprint="2", seen_us=200)
    last = lake.import_source(RowSource(third), file="3", fingerprint="3", seen_us=300)  # type: ignore[arg-type]
    step_by_step = rows_by_name(path)
    assert len(lake.prepared().segments) > 1
    lake.prepare(anew=True)
    assert len(lake.prepared().segments) == 1
    assert rows_by_name(path) == step_by_step
    lake.undo(last.import_id)
    undone = rows_by_name(path)
    lake.prepare(anew=True)
    assert rows_by_name(path) == undone


def test_row_order_never_matters(tmp_path: Path) -> None:
    rows = [(f"I{n % 5}", (n * 37) % 50, f"s{n % 4}") for n in range(60)]
    seen = []
    for name, order in (("a", rows), ("b", rows[::-1])):
        numbered = RowSource(order)
        lake = create_lake(tmp_path / name)
        lake.import_source(numbered, file="f", fingerprint="f", seen_us=100)
        state = lake.prepared()
        names = lake.items().select(item=pl.col("item_no"), name=pl.col("item")).collect()
        table = state.scan().collect().join(names, on="item").join(state.places, on="place")
        seen.append(
            sorted(table.group_by("name").agg(first=pl.col("entered_us").min(), last=pl.col("entered_us").max()).rows())
        )
    assert seen[0] == seen[1]


def test_segments_split_by_item_number_hold_the_same_intervals(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    rows = [(f"I{n % 50:02}", n, f"s{n % 3}") for n in range(300)]
    lake.import_source(RowSource(rows), file="f", fingerprint="f", seen_us=1000)
    before = rows_by_name(lake.root)
    state = prepared.bring_up_to_date(lake.root, anew=True, segment_transitions=70)
    assert len(state.segments) == 5
    assert rows_by_name(lake.root) == before


def test_known_at_shows_what_was_imported_by_then(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    lake.import_source(RowSource([("A", 1, "Open")]), file="1", fingerprint="1", seen_us=100)
    lake.import_source(RowSource([("A", 2, "Done"), ("B", 3, "Open")]), file="2", fingerprint="2", seen_us=200)
    assert lake.prepared(known_at_us=150).scan().collect().height == 1
    assert lake.prepared(known_at_us=200).scan().collect().height == 3
    assert lake.prepared(known_at_us=50).scan().collect().height == 0
    assert lake.prepared().scan().collect().height == 3
