"""What is wrong with transitions: by hand, and brought up to date for touched items only."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pegel.lake.flaws import FLAWS, flaws
from pegel.lake.store import Lake, create_lake
from tests.pegel.lake.rows import RowSource

ITEMS = {"item_no": pl.Int32(), "created_us": pl.Int64()}
ORDERED = {
    "item_no": pl.Int32(),
    "at_us": pl.Int64(),
    "from_state": pl.String(),
    "to_state": pl.String(),
    "seen_us": pl.Int64(),
}


def found(
    items: list[tuple[int, int | None]], ordered: list[tuple[int, int, str | None, str, int]]
) -> list[tuple[object, ...]]:
    table = flaws(pl.DataFrame(items, schema=ITEMS, orient="row"), pl.DataFrame(ordered, schema=ORDERED, orient="row"))
    assert table.schema == FLAWS
    return table.rows()


def test_an_item_without_flaws_is_not_listed() -> None:
    assert found([(1, 5)], [(1, 10, None, "Open", 99), (1, 20, "Open", "Done", 99)]) == []
    assert found([], []) == []


def test_an_event_after_it_was_seen_lies_in_the_future() -> None:
    ordered = [(1, 10, None, "Open", 99), (1, 100, "Open", "Done", 99), (2, 99, None, "Open", 99)]
    assert found([(1, 5), (2, 5)], ordered) == [(1, True, False, False)]


def test_a_history_begins_late_when_its_first_moment_leaves_a_state() -> None:
    leaves = [(1, 10, "Before", "Open", 99)]
    assert found([(1, None)], leaves) == [(1, False, True, False)]
    assert found([(1, 10)], leaves) == [(1, False, True, False)]
    assert found([(1, 9)], leaves) == []  # its creation is known
    # Any transition of the first moment counts, none of a later one.
    assert found([(1, None)], [(1, 10, None, "A", 99), (1, 10, "A", "B", 99)]) == [(1, False, True, False)]
    assert found([(1, None)], [(1, 10, None, "A", 99), (1, 11, "A", "B", 99)]) == []


def test_something_is_missing_where_another_state_is_left_than_was_entered() -> None:
    ordered = [(1, 10, None, "A", 99), (1, 20, "B", "C", 99), (2, 30, None, "A", 99)]
    assert found([(1, 5), (2, 5)], ordered) == [(1, False, False, True)]
    # What another item did before says nothing, nor does a transition that names no state it left.
    assert found([(1, 5), (2, 5)], [(1, 10, None, "A", 99), (2, 20, None, "B", 99), (2, 30, None, "C", 99)]) == []


def of(lake: Lake) -> dict[str, tuple[bool, bool, bool]]:
    names = lake.items().select(item="item_no", name="item").collect()
    table = lake.prepared().flaws().join(names, on="item", how="inner")
    return {name: (future, late, gap) for _, future, late, gap, name in table.sort("name").rows()}


def test_touched_items_only_gives_what_building_anew_gives(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    quiet = [(f"Q{n}", n % 50, "x") for n in range(400)]
    lake.import_source(RowSource([*quiet, ("A", 10, "x"), ("B", 60, "x")]), file="1", fingerprint="1", seen_us=50)
    assert of(lake) == {"B": (True, False, False)}
    second = lake.import_source(RowSource([("A", 90, "y"), ("C", 95, "x")]), file="2", fingerprint="2", seen_us=80)
    assert len(lake.prepared().segments) == 2
    step_by_step = of(lake)
    assert step_by_step == dict.fromkeys("ABC", (True, False, False))
    lake.prepare(anew=True)
    assert len(lake.prepared().segments) == 1
    assert of(lake) == step_by_step
    lake.undo(second.import_id)
    assert of(lake) == {"B": (True, False, False)}
    assert lake.prepared(known_at_us=60).flaws()["future"].to_list() == [True]


def test_what_an_earlier_version_prepared_is_prepared_anew(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    lake.import_source(RowSource([("B", 60, "x")]), file="1", fingerprint="1", seen_us=50)
    manifest = lake.root / "prepared" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"format": 4', '"format": 3'), encoding="utf-8")
    assert of(lake) == {"B": (True, False, False)}
    assert '"format": 4' in manifest.read_text(encoding="utf-8")
