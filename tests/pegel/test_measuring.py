"""From a lake to a verdict: streams are units, weeks are periods, and the lake itself answers some checks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import to_us
from pegel.lake.store import create_lake
from pegel.lake.workflows import set_workflow
from pegel.measuring import measure_plan, panel_data, read_plan, read_table
from pegel.worlds.company import company

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = """plan: 1
name: Copilot
data: {{lake: lake, adoption: adoption.csv{more}}}
metric: {{name: {metric}, better: lower, smallest_effect: 20%}}
draws: 99
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("measuring")
    world = company(seed=1, until=UNTIL)
    lake = create_lake(path / "lake")
    lake.import_source(world.source(), file="company", fingerprint="company", seen_us=to_us(UNTIL))
    for stream in world.streams:
        set_workflow(lake, stream, world.workflow(stream))
    first = world.streams[0] if isinstance(world.streams, list | tuple) else next(iter(world.streams))
    (path / "adoption.csv").write_text(f"unit,adopted_date\n{first},2025-07-07\n", encoding="utf-8")
    return path


def written(folder: Path, name: str, **values: str) -> Path:
    path = folder / name
    path.write_text(PLAN.format(**{"more": "", "metric": "flow_time_days", **values}), encoding="utf-8")
    return path


def test_the_panel_of_a_lake(folder: Path) -> None:
    plan = read_plan(written(folder, "plan.yaml"))
    frame, plan = panel_data(plan, folder)
    assert set(frame.columns) >= {"unit", "time", "flow_time_days", "cohort", "unfinished"}
    assert frame["unfinished"].dropna().between(0, 1).all()
    adopters = frame.loc[frame["cohort"].notna(), "unit"].unique()
    assert len(adopters) == 1
    assert (plan.checks.unfinished, plan.checks.definition_changes) == ("unfinished", ())


def test_a_verdict_from_a_lake_says_what_few_streams_can_say(folder: Path) -> None:
    found = measure_plan(written(folder, "plan.yaml"))
    assert found.verdict.answer.value == "cannot_tell_yet"
    assert found.panel.axis.unit == "week"


def test_what_a_lake_does_not_have_is_refused(folder: Path) -> None:
    with pytest.raises(InputError) as refusal:
        measure_plan(written(folder, "other.yaml", metric="velocity_points"))
    assert (refusal.value.code, refusal.value.values["place"]) == ("plan_invalid", "metric.name")
    with pytest.raises(NotFoundError):
        panel_data(read_plan(written(folder, "none.yaml", more=", streams: [Nowhere]")), folder)


def test_tables_are_read_as_germany_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    path.write_bytes("\ufeffteam;week;y\n007;2026-W01;1,5\nNA;2026-W01;\n".encode())
    table = read_table(path, texts=("team",))
    assert table["team"].tolist() == ["007", "NA"]
    assert table["y"].tolist()[0] == 1.5
    assert table["y"].isna().tolist() == [False, True]
