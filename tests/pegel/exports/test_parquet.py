"""The Parquet tables: every record of the event log, typed and in order."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pegel.eventlog.schema import from_us
from pegel.exports import export_log, view
from pegel.exports.parquet import FILES, TABLES
from pegel.lake.store import Lake
from tests.pegel.exports.lakes import DAY_US, SEEN_AT, Rows, lake_of

LIFE = Rows(
    items={
        "A": {"type": "Bug", "created_us": DAY_US, "attributes": '{"x": "1"}', "title": "Free text"},
        "B": {"stream": "T", "parent": "A"},
    },
    moves=[("A", 2 * DAY_US, "Open"), ("B", 3 * DAY_US, "Open"), ("A", DAY_US + 1, "Idea")],
    changes=[("A", 3 * DAY_US, "type", "Task", "Bug"), ("A", 3 * DAY_US, "assignee", "Ann", "Bob")],
    links=[("A", "blocks", "B", 4 * DAY_US), ("A", "parent", "B", None)],
)


def tables(lake: Lake, folder: Path, **options: object) -> dict[str, pl.DataFrame]:
    export_log(lake, folder, format="parquet", **options)  # type: ignore[arg-type]  # handed on
    assert {one.name for one in folder.iterdir()} == FILES
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}


def test_all_records_are_there(tmp_path: Path) -> None:
    found = tables(lake_of(tmp_path / "lake", LIFE), tmp_path / "log", readme="read me")
    assert (tmp_path / "log" / "README.txt").read_text(encoding="utf-8") == "read me"
    day = [from_us(number * DAY_US) for number in range(6)]
    assert found["items"].rows() == [
        ("A", "S", "Bug", None, day[1], '{"x": "1"}'),
        ("B", "T", None, "A", None, None),
    ]
    assert found["transitions"].columns == [*TABLES["transitions"]]
    assert found["transitions"].select("item", "at", "sequence", "from_state", "to_state").rows() == [
        ("A", from_us(DAY_US + 1), 1, None, "Idea"),
        ("A", day[2], 2, None, "Open"),
        ("B", day[3], 1, None, "Open"),
    ]
    assert found["transitions"]["seen_at"].unique().to_list() == [SEEN_AT]
    assert found["transitions"]["import_id"].unique().to_list() == ["000001-00000000"]
    changes = found["field_changes"]
    assert changes.select("item", "at", "sequence", "field").rows() == [
        ("A", day[3], 1, "type"),
        ("A", day[3], 2, "assignee"),
    ]
    assert changes["to_value"][0] == "Bug"
    assert changes["to_value"][1].startswith("p-")
    assert found["links"].select("item", "kind", "other", "at").rows() == [
        ("A", "blocks", "B", day[4]),
        ("A", "parent", "B", None),
    ]
    for name, frame in found.items():
        assert dict(frame.schema) == {key: kind for key, kind in TABLES[name].items() if key != "title"}


def test_titles_only_where_wanted(tmp_path: Path) -> None:
    found = tables(lake_of(tmp_path / "lake", LIFE), tmp_path / "log", titles=True)
    assert found["items"]["title"].to_list() == ["Free text", None]


def test_as_of_and_stream(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", LIFE)
    found = tables(lake, tmp_path / "then", as_of=from_us(2 * DAY_US))
    # A is a task until day 3, B not begun; the link of day 4 is not known, the undated one is.
    assert found["items"].select("item", "type").rows() == [("A", "Task")]
    assert [found[name].height for name in ("transitions", "field_changes", "links")] == [2, 0, 1]
    found = tables(lake, tmp_path / "stream", streams=frozenset({"T"}))
    assert found["items"]["item"].to_list() == ["B"]
    assert [found[name].height for name in ("transitions", "field_changes", "links")] == [1, 0, 0]


def test_chunks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = lake_of(tmp_path / "lake", LIFE)
    whole = tables(lake, tmp_path / "whole")
    monkeypatch.setattr(view.LogView.__init__, "__kwdefaults__", {"chunk_transitions": 1})
    pieces = tables(lake, tmp_path / "pieces")
    assert all(whole[name].equals(pieces[name]) for name in TABLES)


def test_compressed_with_zstd(tmp_path: Path) -> None:
    tables(lake_of(tmp_path / "lake", LIFE), tmp_path / "log")
    metadata = pytest.importorskip("pyarrow.parquet", reason="another reader, only to look at the file").read_metadata
    codec = metadata(tmp_path / "log" / "transitions.parquet").row_group(0).column(0).compression
    assert codec == "ZSTD"
