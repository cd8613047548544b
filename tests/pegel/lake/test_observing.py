"""What a suggestion rests on: how items behave in each state."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pegel import create_lake, import_file
from pegel.lake.observing import observe


def test_the_place_of_a_state_in_an_item_s_life_is_between_0_and_1(tmp_path: Path) -> None:
    lines = ["item,at,state"]
    for item in range(3):
        lines += [f"A-{item},2026-01-0{day}T09:00:00Z,{state}" for day, state in enumerate(("One", "Two", "Three"), 1)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    lake = create_lake(tmp_path / "lake")
    import_file(lake, path, seen_at=datetime(2026, 2, 1, tzinfo=UTC))
    seen = {one.state: one.mean_position for one in observe(lake.prepared(), ["log"])["log"]}
    # First, second and last of three stays, in every item alike: 0, 1/2, 2/2.
    assert seen == pytest.approx({"One": 0.0, "Two": 0.5, "Three": 1.0})
