"""``pegel export``: what people and programs get, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pegel.cli import run
from pegel.cli.export import readme_text
from pegel.exports import FORMATS
from pegel.exports.parquet import TABLES
from pegel.words import say
from tests.pegel.exports.lakes import Rows, lake_of

HOUR_US = 3_600_000_000
SOURCE = Rows(
    items={"A": {"stream": "Claims"}, "B": {"stream": "Ops"}, "C": {}},
    moves=[("A", HOUR_US, "Open"), ("A", 2 * HOUR_US, "Do\x01ne"), ("B", 3 * HOUR_US, "Open")],
)


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(lake_of(tmp_path / "lake", SOURCE).root)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(["export", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_accounts_for_what_was_written(lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "log.xes")
    body = said(capsys, "--lake", lake, "--format", "xes", "--output", path)
    assert body == {
        "format": "xes",
        "path": path,
        "items": 3,
        "rows": {"events": 3},
        "bytes": Path(path).stat().st_size,
        "remarks": {"items_without_events": 1, "characters_replaced": 1},
    }


def test_streams_and_times_are_handed_on(lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--lake", lake, "--format", "csv", "--output", str(tmp_path / "log.csv"), "--overwrite")
    assert said(capsys, *arguments, "--stream", "Claims", "--stream", "Ops")["rows"] == {"rows": 3}
    assert said(capsys, *arguments, "--stream", "Ops")["rows"] == {"rows": 1}
    assert said(capsys, *arguments, "--as-of", "1970-01-01T02:00")["rows"] == {"rows": 2}
    assert run(["export", *arguments, "--known-at", "2026-01-01"]) == 5


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("format_name", FORMATS)
def test_people_get_a_table_in_their_language(
    lake: str, tmp_path: Path, language: str, format_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "log")
    assert run(["export", "--lake", lake, "--format", format_name, "--output", path, "--language", language]) == 0
    shown = capsys.readouterr().out
    assert {"de": "Arbeitseinheiten", "en": "Items"}[language] in shown
    if format_name == "xes":
        assert {"de": "1 Zeichen, das XML nicht kennt", "en": "1 character that XML"}[language] in shown
    if format_name == "parquet":
        assert (tmp_path / "log" / "README.txt").read_text(encoding="utf-8") == readme_text(language)  # type: ignore[arg-type]  # de or en


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_readme_names_every_table_and_column(language: Any) -> None:
    text = readme_text(language)
    for table, columns in TABLES.items():
        section = text.partition(f"{table}.parquet: ")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in section.splitlines()[1:]] == [*columns]


def test_an_empty_export_says_so(lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--stream", "Claims", "--as-of", "1970-01-01", "--language", "en"]
    assert run(["export", "--lake", lake, "--format", "csv", "--output", str(tmp_path / "log.csv"), *arguments]) == 0
    assert say("export.nothing", "en")[:30] in capsys.readouterr().out
    assert pl.read_csv(tmp_path / "log.csv").height == 0


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["--stream", "none"], 5, "unknown_stream"),
        (["--lake", "nowhere"], 5, "no_lake"),
        (["--output", "none/log.csv"], 5, "no_such_folder"),
        (["--output", "lake/log.csv"], 2, "export_inside_lake"),
        (["--output", "there.csv"], 2, "export_exists"),
        (["--output", "lake/.."], 3, "not_a_file"),
        (["--output", "there.csv", "--format", "parquet"], 3, "not_a_folder"),
        (["--output", ".", "--format", "parquet", "--overwrite"], 2, "export_folder_foreign"),
        (["--output", "x" * 300], 3, "path_unusable"),
        (["--format", "xls"], 2, None),
    ],
)
def test_errors_say_what_to_do_and_have_an_exit_code(
    lake: str,
    arguments: list[str],
    code: int,
    error: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("mine")
    chosen = ["export", "--lake", lake, "--format", "csv", "--output", "log.csv", *arguments]
    before = {one.name for one in tmp_path.iterdir()}
    assert run([*chosen, "--language", "en"]) == code
    assert error is None or "“" in capsys.readouterr().err
    if error is not None:
        assert run([*chosen, "--json"]) == code
        assert json.loads(capsys.readouterr().err)["error"] == error
    assert {one.name for one in tmp_path.iterdir()} == before


def test_an_empty_lake_has_nothing_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = str(lake_of(tmp_path / "empty").root)
    assert run(["export", "--lake", lake, "--format", "csv", "--output", str(tmp_path / "log.csv"), "--json"]) == 5
    assert json.loads(capsys.readouterr().err)["error"] == "lake_empty"
