"""Imports: idempotent, resumable, undoable, all tables at once or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest

from pegel.errors import BusyError, InputError, NotFoundError
from pegel.lake.store import Lake, create_lake, open_lake
from pegel.lake.writing import exclusive
from tests.pegel.lake.rows import RowSource

HISTORY = [("A", 10, "Open"), ("A", 20, "Done"), ("B", 15, "Open")]


def bring(lake: Lake, source: RowSource, name: str, *, seen_us: int = 1000) -> dict[str, object]:
    result = lake.import_source(source, file=name, fingerprint=name, seen_us=seen_us)
    return {"status": result.status, "id": result.import_id, **result.account.to_dict()}


def events(lake: Lake) -> list[tuple[str, int, str]]:
    table = lake.table("transitions").select("item", "at_us", "to_state").collect()
    return sorted(table.rows())


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    account = bring(create_lake(tmp_path / "lake"), RowSource(HISTORY), "one")
    assert (account["rows_read"], account["accepted"], account["items"], account["transitions"]) == (3, 3, 2, 3)
    assert (account["earliest_us"], account["latest_us"]) == (10, 20)


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(lake, RowSource(HISTORY), "one")
    again = bring(lake, RowSource(HISTORY), "one")
    assert (again["status"], again["transitions"], again["duplicate"]) == ("already_imported", 0, 3)
    assert events(lake) == sorted(HISTORY)


def test_a_later_export_adds_only_what_is_new(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(lake, RowSource(HISTORY), "january")
    later = bring(lake, RowSource([*HISTORY, ("B", 30, "Done"), ("C", 31, "Open")]), "february")
    assert (later["duplicate"], later["accepted"], later["transitions"], later["items"]) == (3, 2, 2, 1)
    assert len(events(lake)) == 5


def test_equal_events_of_one_moment_are_told_apart_by_counting(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    there_and_back = [("A", 10, "Open"), ("A", 10, "Review"), ("A", 10, "Open")]
    assert bring(lake, RowSource(there_and_back), "one")["transitions"] == 3
    assert bring(lake, RowSource(there_and_back, batch_rows=500), "two")["transitions"] == 0


def test_undo_takes_back_what_only_that_import_said_and_it_can_be_imported_again(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(lake, RowSource(HISTORY), "one")
    second = bring(lake, RowSource([("B", 30, "Done")]), "two")
    lake.undo(str(second["id"]))
    assert events(lake) == sorted(HISTORY)
    assert lake.prepared().scan().collect().height == 3
    third = bring(lake, RowSource([("B", 30, "Done")]), "two", seen_us=3000)
    assert (third["status"], third["transitions"]) == ("imported", 1)
    with pytest.raises(NotFoundError, match="unknown_import"):
        lake.undo(str(second["id"]))


def test_undo_keeps_what_a_later_import_has_said_too(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    more = [*HISTORY, ("B", 30, "Done")]
    changes = [("A", 12, "priority", "High", "Low")]
    first = bring(lake, RowSource([*HISTORY, ("C", 5, "Open")], changes=changes), "january")
    second = bring(lake, RowSource(more, changes=changes), "february")
    third = bring(lake, RowSource(HISTORY), "march")
    lake.undo(str(first["id"]))
    # C was said by the first import alone; everything else by the second one too.
    assert events(lake) == sorted(more)
    assert lake.table("field_changes").collect().height == 1
    assert set(lake.items().collect()["item"]) == {"A", "B"}
    assert lake.prepared().scan().collect().height == 4
    lake.undo(str(second["id"]))
    assert events(lake) == sorted(HISTORY)
    assert lake.table("field_changes").collect().height == 0
    lake.undo(str(third["id"]))
    assert events(lake) == []
    assert lake.vacuum()["parts"] > 0
    assert bring(lake, RowSource(more), "february", seen_us=3000)["transitions"] == 4


def test_undo_keeps_nothing_twice(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    ids = [str(bring(lake, RowSource(HISTORY), name)["id"]) for name in ("one", "two", "three")]
    lake.undo(ids[0])
    assert events(lake) == sorted(HISTORY)
    # A record that was taken over is known: a further export confirms it and adds nothing.
    assert bring(lake, RowSource(HISTORY), "four")["transitions"] == 0
    lake.undo(ids[1])
    lake.undo(ids[2])
    assert events(lake) == sorted(HISTORY)


def test_a_source_that_fails_leaves_the_lake_as_it_was(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(lake, RowSource(HISTORY), "one")

    def fail(number: int) -> None:
        if number == 1:
            raise InputError("xml_broken", line=7)

    with pytest.raises(InputError, match="xml_broken"):
        bring(lake, RowSource([("C", 1, "Open"), ("D", 2, "Open")], batch_rows=1, before_batch=fail), "two")
    assert events(lake) == sorted(HISTORY)
    assert lake.table("items").collect().height == 2
    assert not list((tmp_path / "lake" / "open-imports").iterdir())


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from pegel.lake import importing, prepared
    from pegel.lake.store import open_lake
    from tests.pegel.lake.rows import RowSource
    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)
    moment = {moment!r}
    rows = [(f"I{{n % 7}}", 100 + n, f"state {{n % 3}}") for n in range(40)]
    def before(number):
        if moment == "batch" and number == 2:
            die()
    if moment == "between tables":
        real, seen = importing.tables.append, []
        def append(root, table, frame, *, part):
            seen.append(table)
            if len(seen) == 7:
                die()
            real(root, table, frame, part=part)
        importing.tables.append = append
    if moment == "before commit":
        importing.tables.append_imports = die
    if moment == "before preparation":
        prepared.bring_up_to_date = die
    if moment == "before publishing":
        prepared._publish = die
    lake = open_lake(Path(sys.argv[1]))
    lake.import_source(
        RowSource(rows, batch_rows=10, before_batch=before), file="f", fingerprint="big", seen_us=1000
    )
    """
)


@pytest.mark.parametrize(
    "moment", ["batch", "between tables", "before commit", "before preparation", "before publishing"]
)
def test_a_killed_import_shows_nothing_and_goes_on_without_loss_or_double(tmp_path: Path, moment: str) -> None:
    root = Path(__file__).parents[3]
    lake = create_lake(tmp_path / "lake")
    bring(lake, RowSource(HISTORY), "one")
    script = KILLED.format(root=str(root), moment=moment)
    killed = subprocess.run([sys.executable, "-c", script, str(lake.root)], check=False, env={**os.environ})
    assert killed.returncode == -signal.SIGKILL
    committed = moment in ("before preparation", "before publishing")
    if not committed:
        assert events(open_lake(lake.root)) == sorted(HISTORY)
    rows = [(f"I{n % 7}", 100 + n, f"state {n % 3}") for n in range(40)]
    resumed = bring(lake, RowSource(rows, batch_rows=10), "big")
    assert resumed["status"] == ("already_imported" if committed else "resumed")
    assert resumed["rows_read"] == 40
    if not committed:
        assert (resumed["accepted"], resumed["transitions"], resumed["items"]) == (40, 40, 7)
    assert events(lake) == sorted([*HISTORY, *rows])
    assert lake.prepared().scan().select("item").collect()["item"].n_unique() == 9


def test_only_one_process_writes(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    with exclusive(lake.root), pytest.raises(BusyError, match="lake_busy"):
        bring(lake, RowSource(HISTORY), "one")


def test_names_of_people_never_reach_the_disk(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    changes = [("A", 12, "assignee", "Erika Mustermann", "erika mustermann "), ("A", 13, "priority", "High", "Low")]
    bring(lake, RowSource(HISTORY, actor="Erika Mustermann", changes=changes), "one")
    actors = set(lake.table("transitions").collect()["actor"])
    table = lake.table("field_changes").collect()
    assigned = table.filter(pl.col("field") == "assignee")
    assert len(actors) == 1
    assert {*assigned["from_value"], *assigned["to_value"]} == actors
    assert table.filter(pl.col("field") == "priority")["to_value"].to_list() == ["Low"]
    everything = b"".join(path.read_bytes() for path in lake.root.rglob("*") if path.is_file())
    assert b"Mustermann" not in everything
    assert b"mustermann" not in everything


def test_two_lakes_give_one_person_two_pseudonyms(tmp_path: Path) -> None:
    seen = set()
    for name in ("one", "two"):
        lake = create_lake(tmp_path / name)
        bring(lake, RowSource(HISTORY, actor="Erika"), "f")
        seen |= set(lake.table("transitions").collect()["actor"])
        assert (lake.root / "pseudonym.key").stat().st_mode & 0o077 == 0
    assert len(seen) == 2


def test_events_after_the_import_are_kept_and_reported_but_do_not_move_the_last_moment(tmp_path: Path) -> None:
    account = bring(create_lake(tmp_path / "lake"), RowSource([("A", 10, "Open"), ("A", 5000, "Done")]), "one")
    assert account["warnings"] == {"future_time": 1}
    assert account["latest_us"] == 10


def test_vacuum_removes_what_nobody_can_see_and_nothing_else(tmp_path: Path) -> None:
    lake = create_lake(tmp_path / "lake")
    bring(lake, RowSource(HISTORY), "one")
    second = bring(lake, RowSource([("Z", 30, "Done")]), "two")
    lake.undo(str(second["id"]))
    assert lake.vacuum()["parts"] == 1
    assert events(lake) == sorted(HISTORY)
    assert lake.prepared().scan().collect().height == 3
    assert not list((lake.root / "transitions").glob(f"part={second['id']}*/*.parquet"))


def test_a_folder_with_something_else_is_no_lake(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("hello")
    with pytest.raises(InputError, match="not_a_lake"):
        create_lake(tmp_path)
    with pytest.raises(NotFoundError, match="no_lake"):
        open_lake(tmp_path)
