"""The table of transitions, byte by byte; what is left out by time, by import and by stream; what cannot be said."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pegel.errors import NotFoundError
from pegel.eventlog.schema import from_us
from pegel.exports import export_log, view
from pegel.lake.store import Lake, create_lake
from pegel.worlds.scale import ScaleSource
from tests.pegel.exports.lakes import DAY_US, SEEN_AT, Rows, lake_of

LIFE = Rows(
    items={
        "A": {"type": "Bug", "created_us": DAY_US},
        'B "two"': {"stream": "T", "type": "Bug", "parent": "A"},
        "C": {"created_us": 9 * DAY_US},
        "D": {},
    },
    moves=[("A", 2 * DAY_US, "Open"), ("A", 4 * DAY_US + 1, "=Done"), ('B "two"', 3 * DAY_US, "Zu prüfen")],
    changes=[
        ("A", 3 * DAY_US, "stream", "R", "S"),
        ("A", 3 * DAY_US, "priority", "1", "2"),
        ('B "two"', 5 * DAY_US, "deleted", None, None),
    ],
    from_state="Idea",
)


def exported(lake: Lake, path: Path, **options: Any) -> list[dict[str, str]]:
    export_log(lake, path, format="csv", overwrite=True, **options)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def short(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [(row["item"][0], row["state"], row["stream"]) for row in rows]


def test_every_row_says_what_is_true_from_then_on(tmp_path: Path) -> None:
    result = export_log(lake_of(tmp_path / "lake", LIFE), tmp_path / "log.csv", format="csv")
    # A is created in the state its first move came from; C has no move; of D nothing is known.
    assert (tmp_path / "log.csv").read_bytes().decode() == (
        "item,at,state,sequence,type,stream,parent,actor\n"
        "A,1970-01-02T00:00:00.000000Z,Idea,1,Bug,R,,\n"
        "A,1970-01-03T00:00:00.000000Z,Open,2,Bug,R,,\n"
        "A,1970-01-04T00:00:00.000000Z,Open,3,Bug,S,,\n"
        "A,1970-01-05T00:00:00.000001Z,=Done,4,Bug,S,,\n"
        '"B ""two""",1970-01-04T00:00:00.000000Z,Zu prüfen,1,Bug,T,A,\n'
        '"B ""two""",1970-01-06T00:00:00.000000Z,(deleted),2,Bug,T,A,\n'
        "C,1970-01-10T00:00:00.000000Z,(created),1,,S,,\n"
    )
    assert (result.items, result.rows, result.remarks) == (4, {"rows": 7}, {"items_without_events": 1})
    assert result.bytes == (tmp_path / "log.csv").stat().st_size


def test_people_are_pseudonyms(tmp_path: Path) -> None:
    source = Rows(items={"A": {}}, moves=[("A", 1, "Open")], actor="Ann Example")
    (row,) = exported(lake_of(tmp_path / "lake", source), tmp_path / "log.csv")
    assert row["actor"].startswith("p-")
    assert "Ann" not in (tmp_path / "log.csv").read_text(encoding="utf-8")


def test_as_of_leaves_out_what_happened_later(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", LIFE)
    # The moment itself is seen; C was created on day 9 and does not exist yet.
    rows = exported(lake, tmp_path / "log.csv", as_of=from_us(3 * DAY_US))
    assert short(rows) == [("A", "Idea", "R"), ("A", "Open", "R"), ("A", "Open", "S"), ("B", "Zu prüfen", "T")]
    assert short(exported(lake, tmp_path / "log.csv", as_of=from_us(2 * DAY_US))) == [
        ("A", "Idea", "R"),
        ("A", "Open", "R"),
    ]


def test_known_at_leaves_out_later_imports(tmp_path: Path) -> None:
    later = Rows(items={"A": {"type": "Story"}}, moves=[("A", 2 * DAY_US, "Open"), ("A", DAY_US, "Ready")])
    lake = lake_of(tmp_path / "lake", Rows(items={"A": {"type": "Bug"}}, moves=[("A", 2 * DAY_US, "Open")]), later)
    rows = exported(lake, tmp_path / "log.csv", known_at=SEEN_AT)
    assert [(row["state"], row["type"]) for row in rows] == [("Open", "Bug")]
    rows = exported(lake, tmp_path / "log.csv")
    assert [(row["state"], row["type"]) for row in rows] == [("Ready", "Story"), ("Open", "Story")]
    with pytest.raises(NotFoundError, match="lake_empty"):
        export_log(lake, tmp_path / "none.csv", format="csv", known_at=datetime.fromisoformat("2020-01-01T00:00Z"))
    assert not (tmp_path / "none.csv").exists()


def test_a_stream_gives_the_whole_life_of_items_that_were_ever_in_it(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", LIFE)
    chosen = {"streams": frozenset({"R"})}
    assert {row["item"] for row in exported(lake, tmp_path / "log.csv", **chosen)} == {"A"}
    assert len(exported(lake, tmp_path / "log.csv", **chosen)) == 4
    assert {row["item"] for row in exported(lake, tmp_path / "log.csv", streams=frozenset({"S"}))} == {"A", "C"}
    # On day 2 nobody could know that A would come into S.
    assert exported(lake, tmp_path / "log.csv", streams=frozenset({"S"}), as_of=from_us(2 * DAY_US)) == []
    with pytest.raises(NotFoundError) as caught:
        export_log(lake, tmp_path / "none.csv", format="csv", streams=frozenset({"X"}))
    assert (caught.value.code, caught.value.values["known"]) == ("unknown_stream", ["R", "S", "T"])


def test_titles_only_where_wanted_and_known(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", Rows(items={"A": {"title": "Free text"}}, moves=[("A", 1, "Open")]))
    assert "title" not in exported(lake, tmp_path / "log.csv")[0]
    assert exported(lake, tmp_path / "log.csv", titles=True)[0]["title"] == "Free text"
    none = lake_of(tmp_path / "none", Rows(items={"A": {}}, moves=[("A", 1, "Open")]))
    assert "title" not in exported(none, tmp_path / "log.csv", titles=True)[0]


def test_what_a_reader_would_take_otherwise_is_counted(tmp_path: Path) -> None:
    source = Rows(
        items={" A": {}, "B": {"type": "None"}, "C": {"type": None}, "?": {}},
        moves=[(" A", 1, "Open"), ("B", 1, "Open\r"), ("C", 1, "Open"), ("?", 1, "NA")],
        changes=[("C", 2, "type", "Bug", None), ("C", 2, "type", None, "Bug"), ("C", 3, "type", "Bug", None)],
    )
    result = export_log(lake_of(tmp_path / "lake", source), tmp_path / "log.csv", format="csv")
    # " A" by its blank, B by its state and its type in one row; "?" is a name like any other for an item.
    assert result.remarks == {"cells_read_differently": 2, "taken_away": 2}


def test_chunks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = create_lake(tmp_path / "lake")
    seen_us = int(SEEN_AT.timestamp() * 1_000_000)
    lake.import_source(ScaleSource(transitions=3000), file="scale", fingerprint="0" * 64, seen_us=seen_us)
    shares: list[tuple[int, float]] = []
    export_log(lake, tmp_path / "one.csv", format="csv")
    monkeypatch.setattr(view.LogView.__init__, "__kwdefaults__", {"chunk_transitions": 70})
    result = export_log(
        lake, tmp_path / "many.csv", format="csv", on_part=lambda rows, share: shares.append((rows, share))
    )
    assert (tmp_path / "many.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert len(shares) > 30
    assert shares == sorted(shares)
    assert shares[-1] == (result.rows["rows"], 1.0)


def test_packed_files_are_the_same_each_time(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", LIFE)
    for name in ("log.csv", "log.csv.gz", "again.csv.gz"):
        export_log(lake, tmp_path / name, format="csv")
    packed = (tmp_path / "log.csv.gz").read_bytes()
    assert packed == (tmp_path / "again.csv.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "log.csv").read_bytes()


def test_a_moment_before_everything_gives_a_header(tmp_path: Path) -> None:
    source = Rows(items={"A": {}}, moves=[("A", 5, "Open")])
    result = export_log(lake_of(tmp_path / "lake", source), tmp_path / "log.csv", format="csv", as_of=from_us(4))
    assert result.items == 0
    assert list(csv.reader(io.StringIO((tmp_path / "log.csv").read_text(encoding="utf-8"))))[1:] == []
