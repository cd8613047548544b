"""The command line: shapes that others script, words for people, exit codes by kind of error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pegel.cli import run

CSV = """item;at;state
A;2026-01-05T08:00;Open
A;2026-01-06T08:00;In Progress
A;2026-01-07T08:00;Waiting for approval
A;2026-01-10T08:00;Done
B;2026-01-06T08:00;In Progress
C;not a date;Open
"""


@pytest.fixture
def lake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    file = tmp_path / "claims.csv"
    file.write_text(CSV, encoding="utf-8")
    path = str(tmp_path / "lake")
    assert run(["import", str(file), "--lake", path, "--json", "--seen-at", "2026-02-01"]) == 0
    capsys.readouterr()
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_import_accounts_for_every_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(CSV, encoding="utf-8")
    arguments = ["import", str(file), "--lake", str(tmp_path / "lake")]
    body = said(capsys, *arguments)
    fates = ("accepted", "merged", "duplicate", "ignored", "rejected")
    assert body["rows_read"] == 6 == sum(body[fate] for fate in fates)
    assert (body["items"], body["transitions"], body["rejected"]) == (2, 5, 1)
    assert body["reasons"] == {"unreadable_time": 1}
    again = said(capsys, *arguments)
    assert (again["status"], again["transitions"], again["items"]) == ("already_imported", 0, 0)
    assert again["rows_read"] == 6 == sum(again[fate] for fate in fates)


def test_rejected_rows_are_kept_with_their_reason(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = said(capsys, "lake", "rejects", "--lake", lake)
    assert (row["row"], row["reason"], row["detail"]) == (6, "unreadable_time", "not a date")


def test_the_report_keeps_its_shape(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    body = said(capsys, "flow", "report", "--lake", lake, "--stream", "claims")
    time = body["flow_time"]
    # A: started 6 January, done 10 January: 4 days; one of them work (In Progress 6 to 7 January).
    assert {name: time[name] for name in ("n", "mean", "p50", "p70", "p85", "p95", "unit")} == {
        "n": 1,
        "mean": 4.0,
        "p50": 4.0,
        "p70": 4.0,
        "p85": 4.0,
        "p95": 4.0,
        "unit": "days",
    }
    assert body["flow_efficiency"]["share"] == 0.25
    assert body["flow_velocity"]["finished"] == 1
    assert body["flow_load"]["now"] == 1
    for name in ("flow_time", "flow_velocity", "flow_efficiency", "flow_load", "flow_distribution"):
        assert body[name]["definition"] == f"{name}/1"
        assert body[name]["policy"] == {"name": "first_active_to_last_done", "version": 1}
        assert set(body[name]["period"]) == {"from_at", "until_at"}


def test_not_configured_no_data_undefined_and_zero_are_four_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def report(text: str, *options: str) -> Any:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(text, encoding="utf-8")
        folder = str(path.with_suffix(""))
        run(["import", str(path), "--lake", folder, "--json"])
        capsys.readouterr()
        return said(capsys, "flow", "report", "--lake", folder, *options)

    activities = "case,activity,timestamp\nA,Submit,2026-01-05T08:00\nA,Payment handled,2026-01-07T08:00\n"
    assert report(activities)["flow_efficiency"]["status"] == "not_configured"
    opened = "item,at,state\nA,2026-01-05T08:00,In Progress\n"
    assert report(opened)["flow_time"]["status"] == "no_data"
    # Done without ever being started: there is data, and no flow time.
    skipped = "item,at,state\nA,2026-01-05T08:00,Open\nA,2026-01-06T08:00,Done\nB,2026-01-06T08:00,In Progress\n"
    body = report(skipped, "--policy", "first_active_to_last_done")
    assert (body["flow_time"]["status"], body["flow_time"]["undefined"]) == ("undefined", 1)
    done = "item,at,state\nA,2026-01-05T08:00,In Progress\nA,2026-01-06T08:00,Done\n"
    load = report(done)["flow_load"]
    assert (load["status"], load["now"]) == ("value", 0)


def test_two_policies_stand_side_by_side(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    body = said(
        capsys, "flow", "report", "--lake", lake, "--policy", "first_active_to_last_done", "--policy", "process_time"
    )
    assert [one["flow_time"]["p50"] for one in body["reports"]] == [4.0, 1.0]
    rows = said(
        capsys, "flow", "compare", "--lake", lake, "--policy", "first_active_to_last_done", "--policy", "process_time"
    )
    assert [row["name"] for row in rows] == ["first_active_to_last_done", "process_time"]


def test_items_behind_the_figures(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    body = said(capsys, "flow", "items", "--lake", lake)
    assert [(row["item"], row["ending"], row["days"]) for row in body["items"]] == [
        ("A", "done", 4.0),
        ("B", "open", 4.0),
    ]


def test_workflow_suggest_edit_set(lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "claims.yaml"
    body = said(capsys, "workflow", "suggest", "--lake", lake, "--out", str(file))
    assert body["workflow"]["states"]["Waiting for approval"]["category"] == "waiting"
    assert body["workflow"]["states"]["Waiting for approval"]["friction"] == "approval"
    text = file.read_text(encoding="utf-8").replace("In Progress: {category: active", "In Progress: {category: waiting")
    file.write_text(text, encoding="utf-8")
    assert said(capsys, "workflow", "set", str(file), "--lake", lake)["workflow"]["status"] == "confirmed"
    shown = said(capsys, "workflow", "show", "--lake", lake)["workflow"]
    assert shown["states"]["In Progress"]["category"] == "waiting"
    assert said(capsys, "flow", "report", "--lake", lake)["flow_efficiency"]["status"] == "not_configured"


def test_a_misspelt_state_is_pointed_out(lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wf.yaml"
    file.write_text("states: {Open: new, In Progres: active, Done: done}", encoding="utf-8")
    body = said(capsys, "workflow", "set", str(file), "--lake", lake)
    assert body["unmapped_states"] == ["In Progress", "Waiting for approval"]
    assert body["states_that_do_not_occur"] == ["In Progres"]
    assert run(["workflow", "set", str(file), "--lake", lake, "--language", "en"]) == 0
    assert "spelling" in capsys.readouterr().out


def test_undo_and_info(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = said(capsys, "lake", "info", "--lake", lake)["imports"]
    assert said(capsys, "lake", "undo", line["import_id"], "--lake", lake) == {"undone": line["import_id"]}
    assert said(capsys, "lake", "info", "--lake", lake)["imports"][0]["event"] == "undone"
    assert run(["flow", "report", "--lake", lake]) == 5
    assert said(capsys, "lake", "vacuum", "--lake", lake)["parts"] > 0


@pytest.mark.parametrize("language", ["de", "en"])
def test_people_get_tables_in_their_language(lake: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = (
        ["flow", "report"],
        ["flow", "items"],
        ["flow", "weeks"],
        ["streams"],
        ["workflow", "suggest"],
        ["workflow", "show"],
        ["lake", "info"],
        ["lake", "rejects"],
    )
    label = {"de": "Durchlaufzeit", "en": "Flow time"}[language]
    for command in commands:
        assert run([*command, "--lake", lake, "--language", language]) == 0
        out = capsys.readouterr().out
        assert out.strip()
        if command == ["flow", "report"]:
            assert label in out


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["flow", "report", "--lake", "nowhere"], 5, "no_lake"),
        (["import", "nothing.csv", "--lake", "new"], 5, "no_such_file"),
        (["flow", "report", "--stream", "none"], 5, "unknown_stream"),
        (["flow", "report", "--policy", "none"], 5, "unknown_policy"),
        (["flow", "report", "--calendar", "none"], 5, "unknown_calendar"),
        (["lake", "undo", "none"], 5, "unknown_import"),
    ],
)
def test_errors_say_what_to_do_and_have_an_exit_code(
    lake: str,
    arguments: list[str],
    code: int,
    error: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(Path(lake).parent)
    chosen = arguments if "--lake" in arguments else [*arguments, "--lake", lake]
    assert run(chosen) == code
    assert "“" in capsys.readouterr().err
    assert run([*chosen, "--json"]) == code
    assert json.loads(capsys.readouterr().err)["error"] == error


def test_a_path_that_cannot_be_used_is_the_persons_to_mend(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "no folder" / "report.html"
    assert run(["flow", "report", "--lake", lake, "--html", str(page), "--language", "en"]) == 3
    said_words = capsys.readouterr().err
    assert "no folder" in said_words
    assert "report it" not in said_words


def test_ambiguous_dates_are_asked_not_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "us.csv"
    file.write_text("item,at,state\nA,01/02/2026 10:00,Open\nA,03/02/2026 10:00,Done\n", encoding="utf-8")
    arguments = ["import", str(file), "--lake", str(tmp_path / "lake")]
    assert run([*arguments, "--json"]) == 4
    assert json.loads(capsys.readouterr().err)["error"] == "ambiguous_dates"
    assert said(capsys, *arguments, "--dates", "mdy")["earliest_at"].startswith("2026-01-02")


def test_a_command_of_the_application_names_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pegel.cli.find_spec", lambda _: None)
    assert run(["serve"]) == 2
    assert "pegel[web]" in capsys.readouterr().err
    assert run(["nonsense"]) == 2


def test_the_html_report_is_one_file_without_network(lake: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert run(["flow", "report", "--lake", lake, "--html", str(page), "--language", "de"]) == 0
    text = page.read_text(encoding="utf-8")
    assert 'lang="de"' in text
    for outside in ('src="http', 'href="http', "@import", "url(http"):
        assert outside not in text


def test_rejected_rows_are_explained_in_words(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lake", "rejects", "--lake", lake, "--language", "de"]) == 0
    assert "Zeitpunkt ist nicht lesbar" in capsys.readouterr().out


def test_times_without_a_zone_and_empty_files_are_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "empty.csv"
    file.write_text("item;at;state\n", encoding="utf-8")
    assert run(["import", str(file), "--lake", str(tmp_path / "lake"), "--language", "en"]) == 0
    assert "no rows below its header" in capsys.readouterr().out
    file.write_text(CSV, encoding="utf-8")
    arguments = ["import", str(file), "--lake", str(tmp_path / "lake"), "--zone", "Europe/Berlin"]
    assert said(capsys, *arguments)["notes"]["zone_assumed"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["import", "{folder}", "--lake", "{folder}/new"], "not_a_file"),
        (["import", "{folder}/claims.csv", "--lake", "{folder}/new", "--stream", " "], "stream_name_unusable"),
        (["import", "{folder}/claims.csv", "--lake", "{folder}/new", "--stream", "a\nb"], "stream_name_unusable"),
        (["import", "{folder}/claims.csv", "--lake", "{folder}/new", "--sheet", "x"], "sheet_without_workbook"),
        (["import", "{folder}/report.pdf", "--lake", "{folder}/new"], "file_kind_unsupported"),
        (["flow", "report", "--lake", "{folder}/lake", "--from", "2026-02-01", "--until", "2026-01-01"],
         "period_backwards"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    assert lake
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7\n%...")
    assert run([one.replace("{folder}", str(tmp_path)) for one in arguments] + ["--json"]) == 3
    assert json.loads(capsys.readouterr().err)["error"] == code
