"""From a file to figures, and weekly aggregates that follow the log."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pegel
from pegel.errors import InputError, NotFoundError
from pegel.eventlog.policy import dump_policy
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow, workflows
from tests.pegel.lake.rows import RowSource

SEEN_AT = datetime(2026, 3, 1, tzinfo=UTC)
CSV = """item;at;state;type
A;2026-01-05T08:00;Open;Bug
A;2026-01-06T08:00;In Progress;Bug
A;2026-01-08T08:00;Done;Bug
B;2026-01-06T08:00;Open;Story
B;2026-01-07T08:00;In Progress;Story
"""


def write(path: Path, text: str = CSV) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_from_a_file_to_figures(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    result = pegel.import_file(lake, write(tmp_path / "claims.csv"), seen_at=SEEN_AT)
    assert (result.account.rows_read, result.account.items, result.account.transitions) == (5, 2, 5)
    report = pegel.flow_report(pegel.open_log(lake))
    assert report.streams == ("claims",)
    # A: In Progress on 6 January, Done on 8 January, same hour: 2 days, all of it work.
    assert (report.flow_time.n, report.flow_time.p50, report.flow_efficiency.share) == (1, 2.0, 1.0)
    assert report.flow_load.now == 1
    assert report.flow_velocity.by_kind == {"defect": 1}


def test_working_time_counts_office_hours_only(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    # Friday 9 January 16:00 to Monday 12 January 10:00 in Berlin (UTC+1): 1 h on Friday + 1 h on Monday = 0.25 days.
    text = "item;at;state\nA;2026-01-09T15:00;In Progress\nA;2026-01-12T09:00;Done\n"
    pegel.import_file(lake, write(tmp_path / "f.csv", text), seen_at=SEEN_AT)
    log = pegel.open_log(lake, calendar=pegel.find_calendar("de"))
    report = pegel.flow_report(log)
    assert (report.unit, report.flow_time.p50) == ("working_days", 0.25)


def test_as_of_and_known_at(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    first, second = CSV, CSV + "B;2026-01-09T08:00;Done;Story\n"
    pegel.import_file(lake, write(tmp_path / "a.csv", first), pegel.ReadOptions(stream="S"), seen_at=SEEN_AT)
    later = datetime(2026, 3, 2, tzinfo=UTC)
    pegel.import_file(lake, write(tmp_path / "b.csv", second), pegel.ReadOptions(stream="S"), seen_at=later)

    def finished(**options: object) -> int | None:
        return pegel.flow_report(pegel.open_log(lake, **options)).flow_velocity.finished  # type: ignore[arg-type]

    assert finished() == 2
    assert finished(known_at=SEEN_AT) == 1
    assert finished(as_of=datetime(2026, 1, 7, tzinfo=UTC)) == 0


def test_policies_and_calendars_are_found_by_name_or_file(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    policy = pegel.find_policy("commitment_to_done")
    path = tmp_path / "mine.yaml"
    path.write_text(dump_policy(policy), encoding="utf-8")
    assert pegel.find_policy(str(path)) == policy
    (lake.root / "policies").mkdir()
    (lake.root / "policies" / "ours.yaml").write_text(dump_policy(policy), encoding="utf-8")
    assert pegel.find_policy("ours", lake) == policy
    with pytest.raises(NotFoundError) as missing:
        pegel.find_policy("theirs", lake)
    assert "ours" in missing.value.values["known"]  # type: ignore[operator]
    with pytest.raises(NotFoundError, match="no_such_file"):
        pegel.find_calendar(str(tmp_path / "none.yaml"))
    path.write_bytes(b"policy: \xff")
    with pytest.raises(InputError, match="not_utf8"):
        pegel.find_policy(str(path))


def test_a_confirmed_workflow_is_kept_in_versions_and_wins_over_the_suggestion(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    pegel.import_file(lake, write(tmp_path / "claims.csv"), seen_at=SEEN_AT)
    assert workflows(lake)["claims"].status == "suggested"
    mapping = load_workflow("states: {Open: waiting, In Progress: waiting, Done: done}")
    assert set_workflow(lake, "claims", mapping).version == 1
    assert set_workflow(lake, "claims", mapping).version == 1
    changed = load_workflow("states: {Open: new, In Progress: active, Done: done}")
    assert set_workflow(lake, "claims", changed).version == 2
    assert workflows(lake)["claims"].status == "confirmed"
    with pytest.raises(NotFoundError, match="unknown_stream"):
        set_workflow(lake, "nothing", mapping)


def test_a_confirmed_mapping_edited_by_hand_is_read_anew(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    pegel.import_file(lake, write(tmp_path / "claims.csv"), seen_at=SEEN_AT)
    set_workflow(lake, "claims", load_workflow("states: {Open: new, In Progress: active, Done: done}"))
    assert workflows(lake)["claims"].rule("Open").category == "new"
    (path,) = (lake.root / "workflows").glob("*.v0001.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("Open: {category: new}", "Open: {category: waiting}"))
    assert workflows(lake)["claims"].rule("Open").category == "waiting"
    assert workflows(lake)["claims"].status == "confirmed"
    path.write_text("states: [", encoding="utf-8")
    with pytest.raises(InputError, match="workflow_unreadable"):
        workflows(lake)


def test_what_is_created_after_the_last_transition_is_an_event_too(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    file = write(tmp_path / "list.csv", "id,created,closed\nA,2026-01-05,2026-01-07\nB,2026-01-20,\n")
    pegel.import_file(lake, file, seen_at=SEEN_AT)
    assert pegel.open_log(lake).as_of_us == 1_768_867_200_000_000  # 20 January 2026, 00:00 UTC
    earlier = pegel.flow_report(pegel.open_log(lake, as_of=datetime(2026, 1, 10, tzinfo=UTC)))
    assert earlier.counts.items == 1


def test_a_later_export_under_another_name_moves_nothing(tmp_path: Path) -> None:
    lake = pegel.create_lake(tmp_path / "lake")
    pegel.import_file(lake, write(tmp_path / "january.csv"), seen_at=SEEN_AT)
    set_workflow(lake, "january", load_workflow("states: {Open: new, In Progress: active, Done: done}"))
    more = CSV + "B;2026-01-09T08:00;Done;Story\nC;2026-01-09T08:00;Open;Story\n"
    result = pegel.import_file(lake, write(tmp_path / "february.csv", more), seen_at=SEEN_AT)
    assert result.notes["stream_kept"] == "january"
    assert (result.account.accepted, result.account.duplicate) == (2, 5)
    assert lake.streams() == ["january"]
    assert pegel.flow_report(pegel.open_log(lake)).counts.items == 3
    # Who names a stream moves the items there.
    moved = pegel.ReadOptions(stream="Claims")
    pegel.import_file(lake, tmp_path / "february.csv", moved, seen_at=SEEN_AT)
    assert lake.streams() == ["Claims"]


histories = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.integers(0, 40), st.sampled_from(["Open", "In Progress", "Done"])),
    min_size=1,
    max_size=25,
)


@given(first=histories, second=histories)
def test_weekly_aggregates_of_touched_items_equal_those_computed_anew(
    tmp_path_factory: pytest.TempPathFactory, first: list[tuple[str, int, str]], second: list[tuple[str, int, str]]
) -> None:
    lake = pegel.create_lake(tmp_path_factory.mktemp("w") / "lake")
    day_us = 86_400_000_000
    quiet = [(f"Q{n}", n * day_us // 10, ("In Progress", "Done")[n % 2]) for n in range(300)]

    def bring(rows: list[tuple[str, int, str]], name: str) -> None:
        timed = [(item, day * day_us, state) for item, day, state in rows]
        source = RowSource(timed if name == "2" else [*quiet, *timed])
        lake.import_source(source, file=name, fingerprint=name, seen_us=10**15)

    bring(first, "1")
    mapping = load_workflow("states: {Open: waiting, In Progress: active, Done: done}")
    set_workflow(lake, "S", mapping)
    assert pegel.weekly(lake)["finished"].sum() > 0
    bring(second, "2")
    followed = pegel.weekly(lake)
    shutil.rmtree(lake.root / "aggregates")
    assert followed.equals(pegel.weekly(lake))


def test_import_pegel_loads_nothing_heavy() -> None:
    script = "import sys, pegel; print(sorted({'polars', 'altair', 'deltalake', 'click'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves() -> None:
    assert [name for name in pegel.__all__ if not hasattr(pegel, name)] == []
