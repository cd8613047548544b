"""Confirmed mappings of a lake."""

from datetime import UTC, datetime
from pathlib import Path

from pegel import create_lake, import_file
from pegel.eventlog.workflow import Workflow
from pegel.lake.workflows import is_confirmed, set_workflow


def test_a_mapping_is_confirmed_once_somebody_has_said_so(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("item,at,state\nA-1,2026-01-01T09:00:00Z,One\nA-1,2026-01-02T09:00:00Z,Two\n", encoding="utf-8")
    lake = create_lake(tmp_path / "lake")
    import_file(lake, path, seen_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert not is_confirmed(lake, "log")
    set_workflow(lake, "log", Workflow(name="log"))
    assert is_confirmed(lake, "log")
    assert not is_confirmed(lake, "another")
