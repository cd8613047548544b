"""``pegel bottlenecks``: the sentence first, tables in both languages, JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pegel.cli import run
from tests.pegel.waits.flows import day

_WORKFLOW = """
workflow: Claims
status: confirmed
states:
  Doing: {category: active, phase: execution}
  Review: {category: waiting, phase: execution, friction: approval}
  Side: waiting
  Done: {category: done, phase: reporting}
"""


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Twelve weeks with five items each: one day of work, two of review, half a day in a side state."""
    monkeypatch.chdir(tmp_path)
    lines = ["Item,At,State"]
    for week in range(12):
        for number in range(5):
            for at, state in ((0, "Doing"), (1, "Review"), (3, "Side"), (3.5, "Done")):
                lines.append(f"I-{week}-{number},{day(7 * week + at)},{state}")
    lines.append(f"last,{day(84)},Doing")
    Path("claims.csv").write_text("\n".join(lines), encoding="utf-8")
    Path("claims.yaml").write_text(_WORKFLOW, encoding="utf-8")
    assert run(["import", "claims.csv", "--lake", "lake"]) == 0
    assert run(["workflow", "set", "claims.yaml", "--lake", "lake"]) == 0
    capsys.readouterr()
    return "lake"


def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["bottlenecks", *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_sentence_stands_first(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = _shown(capsys, "--lake", lake, "--language", "en")
    # Review: 2 of 3.5 days.
    assert text.startswith(
        "If nothing waited in “Review” any more, 2 days per item would go (57% of flow time); if it were only as quick "
        "as its own best quarter, 0 minutes. It comes first in 100% of 500 resamples."
    )
    assert "“Review”: Approvals: delegate the right" in text
    assert "not configured" in text


def test_and_in_german(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = _shown(capsys, "--lake", lake, "--language", "de")
    assert text.startswith("Wenn in „Review“ nichts mehr wartete, fielen 2 Tage je Arbeitseinheit weg")
    assert "Engpässe: was je Stelle wegfallen könnte" in text


def test_the_picker_names_the_step_and_its_baseline(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = _shown(capsys, "--lake", lake, "--language", "en", "--pick")
    assert text.startswith(
        "Start with “Review”, phase execution: 240 hours are lost there per week (95% interval 240 to 240), 57% of the "
        "flow time. Baseline 5 Jan 2026 – 29 Mar 2026: 60 items, 5 per week; half within 2 days, 85% within 2 days, "
        "2 days on average. One step that loses time belongs to no phase"
    )
    assert "Without a phase (not configured)" in text


def test_json_holds_both(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bottlenecks", "--lake", lake, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["policy"] == {"name": "first_active_to_last_done", "version": 1}
    assert body["bottlenecks"]["stages"][0]["state"] == "Review"
    assert body["bottlenecks"]["from_at"] == "2026-01-05T00:00:00+00:00"
    assert body["start_small"]["pick"]["baseline"]["n"] == 60
    assert {one["option"] for one in body["bottlenecks"]["options"]} == {"approvals"}


def test_a_period_backwards_is_refused(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["bottlenecks", "--lake", lake, "--from", "2026-02-01", "--until", "2026-01-01", "--json"])
    assert code == 3
    assert json.loads(capsys.readouterr().err)["error"] == "period_backwards"


def test_no_answer_says_why(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--lake", lake, "--from", "2025-01-01", "--until", "2025-02-01", "--language", "en")
    assert _shown(capsys, *arguments).startswith("Nothing was finished in this period.")
    assert _shown(capsys, *arguments, "--pick").startswith("No step can be named yet. Nothing was finished")
