"""What the fields of items hold today, and ids that several streams share."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pegel import create_lake
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.lake.item_fields import field_names, item_values
from pegel.lake.shared_ids import shared_ids
from pegel.lake.store import Lake
from tests.pegel.lake.rows import RowSource


@dataclass
class Items:
    """Each item: (id, stream, attributes, created)."""

    rows: list[tuple[str, str, dict[str, str] | None, int | None]]
    changes: tuple[tuple[str, int, str, str | None], ...] = ()

    def batches(self) -> Iterator[Batch]:
        builder = BatchBuilder()
        for number, (item, stream, said, created) in enumerate(self.rows, start=1):
            kept = None if said is None else json.dumps(said)
            builder.item(number, item, stream=stream, attributes=kept, created_us=created)
            builder.transition(number, item, at_us=number, sequence=number, to_state="Doing")
        for number, (item, at_us, name, after) in enumerate(self.changes, start=len(self.rows) + 1):
            builder.field_change(number, item, at_us=at_us, sequence=number, field=name, to_value=after)
        yield builder.take()

    def info(self) -> SourceInfo:
        return SourceInfo(source="test", log_kind="states")

    def progress(self) -> float | None:
        return None


def bring(lake: Lake, source: Any, name: str) -> None:
    lake.import_source(source, file=name, fingerprint=name, seen_us=10**9)


def test_attributes_and_recorded_changes_by_name(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    rows: list[Any] = [
        ("a", "S", {"Komponente": " Kasse ", "Assignee": "Erika"}, None),
        ("b", "S", {"Komponente": 'sagt "x":', "jira_id": "7"}, None),
        ("c", "S", None, None),
    ]
    changes = (
        ("a", 5, "priority", "high"),
        ("a", 7, "priority", "low"),
        ("b", 6, "priority", None),
        ("c", 6, "assignee", "Erika"),
        ("c", 6, "rank", "1"),
    )
    bring(lake, Items(rows, changes), "one")
    # Neither people, nor ids, nor what the log says otherwise; a text with a colon among the values is no name.
    assert field_names(lake, lake.items()) == ["Komponente", "priority"]
    found = item_values(lake, lake.items(), ["Komponente", "priority"]).join(lake.items().collect(), on="item_no")
    assert {row["item"]: (row["Komponente"], row["priority"]) for row in found.iter_rows(named=True)} == {
        "a": ("Kasse", "low"),  # the last change counts
        "b": ('sagt "x":', ""),  # emptied
        "c": ("", ""),  # never known
    }


def test_an_attribute_counts_before_a_change_of_the_same_name(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(lake, Items([("a", "S", {"team": "Blau"}, None)], (("a", 3, "team", "Rot"),)), "one")
    assert item_values(lake, lake.items(), ["team"])["team"].to_list() == ["Blau"]
    assert item_values(lake, lake.items().filter(pl.col("item") == "z"), ["team"]).height == 0


def test_ids_that_two_streams_share(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(
        lake, Items([("1", "A", None, None), ("2", "A", None, 40), ("3", "A", None, 50), ("4", "A", None, None)]), "a"
    )
    bring(
        lake, Items([("1", "B", None, None), ("2", "B", None, 40), ("3", "B", None, 60), ("5", "B", None, None)]), "b"
    )
    # 2 was created at the same moment in both: it has moved. 3 was not: two items. 1 says nothing: it may be either.
    assert shared_ids(lake, ["A", "B"]) == ["1", "3"]
    assert shared_ids(lake, ["A"]) == []
    # A recorded move tells an item apart, too.
    bring(lake, RowSource([("4", 1, "Doing")], stream="B", changes=[("4", 2, "stream", "A", "B")]), "c")
    assert shared_ids(lake, ["A", "B"]) == ["1", "3"]
