"""``pegel impact``: freeze, run, power, design; what it refuses, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pegel.cli import run
from pegel.worlds.panels import planted_panel

PLAN = """plan: 1
name: Drafting assistant
# said together in December
data: {panel: panel.csv, unit: team, time: week, cohort: adopted}
metric: {name: flow_time, better: lower, smallest_effect: 10%, scale: log}
guards:
  - {name: reopened, better: lower, smallest_effect: 0.02}
checks: {definition_changes: []}
looks: [2025-03-31]
draws: 199
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    world = planted_panel(
        units=14, periods=48, cohorts={24: 4, 28: 3}, effect=-0.5, outcome="lognormal", noise=0.1, seed=1
    ).panel
    names = {"unit": "team", "time": "week", "outcome": "flow_time", "cohort": "adopted"}
    world.rename(columns=names).assign(reopened=lambda rows: 0.1 + rows.index % 7 / 100).to_csv(
        tmp_path / "panel.csv", index=False
    )
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_plan_is_frozen_once_and_keeps_what_people_wrote(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["impact", "freeze", "--plan", str(plan), "--date", "2025-12-15", "--language", "en"]) == 0
    assert "frozen, 15 Dec 2025" in capsys.readouterr().out
    text = plan.read_text(encoding="utf-8")
    assert text.startswith(PLAN)
    assert text.splitlines()[-1].startswith("frozen: {date: 2025-12-15, hash: ")
    assert run(["impact", "freeze", "--plan", str(plan)]) == 2
    plan.write_text(text.replace("10%", "5%"), encoding="utf-8")
    assert run(["impact", "run", "--plan", str(plan), "--language", "de"]) == 2
    assert "nach dem Festschreiben geändert" in capsys.readouterr().err


def test_run_says_the_verdict_in_words_and_as_json(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["impact", "run", "--plan", str(plan), "--language", "en"]) == 0
    words = capsys.readouterr().out
    assert words.startswith("Helped. flow_time fell by ")
    body = said(capsys, "impact", "run", "--plan", str(plan))
    assert (body["verdict"], body["grade"], body["scale"]) == ("helped", "B", "log")
    assert body["interval"][0] < -0.5 < body["interval"][1] < 0
    assert [guard["estimate"]["outcome"] for guard in body["guards"]] == ["reopened"]
    assert body["worse_guards"] == []
    assert {caveat["code"] for caveat in body["caveats"]} >= {"plan_not_frozen", "checks_not_made"}
    assert body["summary"]["en"] == words.strip()


def test_the_same_plan_and_data_give_the_same_bytes_and_are_kept(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = said(capsys, "impact", "run", "--plan", str(plan))
    kept = tmp_path / "kept"
    assert said(capsys, "impact", "run", "--plan", str(plan), "--cache", str(kept)) == first
    (file,) = kept.iterdir()
    file.write_text(json.dumps({**first, "name": "from the cache"}), encoding="utf-8")
    assert said(capsys, "impact", "run", "--plan", str(plan), "--cache", str(kept))["name"] == "from the cache"
    panel = tmp_path / "panel.csv"
    panel.write_text(panel.read_text(encoding="utf-8").replace("U01", "U1"), encoding="utf-8")
    assert said(capsys, "impact", "run", "--plan", str(plan), "--cache", str(kept))["name"] == "Drafting assistant"
    assert len(list(kept.iterdir())) == 2


def test_a_page_is_written_and_a_look_recorded(plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, looks = tmp_path / "verdict.html", tmp_path / "looks.jsonl"
    arguments = ["impact", "run", "--plan", str(plan), "--html", str(page), "--looks", str(looks)]
    assert run(arguments) == 2  # a look has a day
    assert run([*arguments, "--at", "2025-03-31", "--language", "de"]) == 0
    assert "Der Befund steht in" in capsys.readouterr().out
    html = page.read_text(encoding="utf-8")
    assert '<html lang="de">' in html
    assert "Hat geholfen." in html
    lines = [json.loads(line) for line in looks.read_text(encoding="utf-8").splitlines()]
    assert [line.get("at") for line in lines] == [None, "2025-03-31"]


def test_a_look_that_no_plan_names_is_refused_and_an_unplanned_one_concludes_nothing(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = tmp_path / "looks.jsonl"
    arguments = ["impact", "run", "--plan", str(plan), "--looks", str(looks), "--language", "en", "--at"]
    assert run([*arguments, "2025-01-31"]) == 0
    assert capsys.readouterr().out.startswith("This look was not planned")
    assert run([*arguments, "2025-03-31"]) == 0
    assert run([*arguments, "2025-03-31"]) == 2  # the same look twice
    plan.write_text(PLAN.replace("looks: [2025-03-31]\n", ""), encoding="utf-8")
    capsys.readouterr()
    other = tmp_path / "other.jsonl"
    assert run(["impact", "run", "--plan", str(plan), "--looks", str(other), "--at", "2025-03-31", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"] == "impact_looks_not_planned"
    assert not other.exists()


def test_power_and_design(plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = said(capsys, "impact", "power", "--plan", str(plan), "--more-periods", "4")
    assert body["scale"] == "log"
    assert body["mde"] > 0
    assert {row["periods_more"] for row in body["curve"]} >= {0, 4}
    order = tmp_path / "order.csv"
    panel = str(tmp_path / "panel.csv")
    body = said(
        capsys, "impact", "design", "--panel", panel, "--unit", "team", "--time", "week", "--outcome", "flow_time",
        "--start", "2024-12-09", "--waves", "2", "--every", "4", "--out", str(order),
    )  # fmt: skip
    assert sorted({row["wave"] for row in body["order"]}) == [1, 2]
    assert len(body["order"]) == 14 == len(order.read_text(encoding="utf-8").splitlines()) - 1
    assert len(body["hash"]) == 64


@pytest.mark.parametrize(
    ("change", "code", "exit_code"),
    [
        (("name: Drafting assistant", "name:"), "plan_invalid", 3),
        (("10%", "a lot"), "plan_invalid", 3),
        (("better: lower, smallest_effect: 10%", "better: less, smallest_effect: 10%"), "plan_invalid", 3),
        (("panel.csv", "nowhere.csv"), "panel_not_found", 5),
        (("name: flow_time", "name: flow_tim"), "impact_column_missing", 3),
        (("unit: team", "unit: week"), "impact_duplicate_unit_periods", 3),
        (("plan: 1", "plan: 1\nplan: 2"), "plan_unreadable", 3),
        (("looks: [2025-03-31]", "looks: [soon]"), "plan_invalid", 3),
        (("draws: 199", "draws: 1"), "plan_invalid", 3),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    plan: Path, change: tuple[str, str], code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PLAN.replace(*change)
    assert text != PLAN
    plan.write_text(text, encoding="utf-8")
    assert run(["impact", "run", "--plan", str(plan), "--json"]) == exit_code
    assert json.loads(capsys.readouterr().err or capsys.readouterr().out)["error"] == code


def test_broken_files_are_refused(plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["impact", "run", "--plan", str(tmp_path / "none.yaml")]) == 5
    panel = tmp_path / "panel.csv"
    text = panel.read_text(encoding="utf-8")
    for broken, expected in (
        (b"\xff\xfe\x00\x81", 3),
        (b"", 3),
        (text.encode() + text.splitlines()[1].encode(), 3),  # a unit and week twice
        (text.replace("flow_time", "flow_time;x", 1).encode(), 3),
    ):
        panel.write_bytes(broken)
        assert run(["impact", "run", "--plan", str(plan)]) == expected
        assert capsys.readouterr().err
