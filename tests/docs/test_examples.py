"""What the pages show is what the program does: tutorials and worked examples are run."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from pegel.cli import run
from tests.docs.pages import DOCS, blocks

_CHECKER = doctest.OutputChecker()
_LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize(("name", "language"), [("first-report", "en"), ("erster-bericht", "de")])
def test_the_tutorial_runs(
    name: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEGEL_LANGUAGE", language)
    shown, ran = "", 0
    for block in blocks(DOCS / "tutorials" / f"{name}.md"):
        if block.name:
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            shown = ""
            for line in block.text.splitlines():
                if line.startswith("pegel "):
                    code = run(shlex.split(line)[1:])
                    output = capsys.readouterr()
                    assert code == 0, (line, output.err)
                    shown += output.out
                    ran += 1
        elif block.language == "text":
            wanted, got = (" ".join(re.sub("─+", "", text).split()) + "\n" for text in (block.text, shown))
            assert _CHECKER.check_output(wanted, got, _LOOSE), f"page:\n{wanted}\nprogram:\n{got}"
    assert ran >= 8
    reports = list(tmp_path.glob("*.html"))
    assert len(reports) == 1
    page = reports[0].read_text(encoding="utf-8")
    assert f'lang="{language}"' in page


def _example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Names that the blocks of the methods pages use: what the page of the example defines."""
    monkeypatch.chdir(tmp_path)
    page = DOCS / "methods" / "example.md"
    for block in blocks(page):
        if block.name:
            Path(block.name).write_text(block.text, encoding="utf-8")
    names: dict[str, Any] = {}
    assert _failures(page, names) == ""
    return names


def _failures(page: Path, names: dict[str, Any]) -> str:
    text = page.read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    test.globs = names
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=report.append, clear_globs=False)
    return "".join(report)


PAGES_WITH_EXAMPLES = [
    page for page in sorted((DOCS / "methods").glob("*.md")) if ">>> " in page.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("page", PAGES_WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_worked_example_is_what_the_code_computes(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _failures(page, _example(tmp_path, monkeypatch)) == ""


def test_the_notebook_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(DOCS / "tutorials" / "first-report.md"):
        if block.name == "claims.csv":
            Path(block.name).write_text(block.text, encoding="utf-8")
    assert _failures(DOCS / "how-to" / "use-in-a-notebook.md", {}) == ""


def test_the_lists_of_the_excel_page_are_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    found = {}
    for block in blocks(DOCS / "how-to" / "excel-lists.md"):
        if block.language == "csv":
            Path(block.name).write_text(block.text, encoding="utf-8")
            assert run(["import", block.name, "--lake", "lake", "--json"]) == 0
            body = json.loads(capsys.readouterr().out)
            found[block.name] = (body["source"], body["rows_read"], body["accepted"])
    assert found == {"list.csv": ("csv.dates", 3, 3), "steps.csv": ("csv.actionable_agile", 2, 2)}


def test_the_json_report_has_the_members_that_its_page_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    claims = next(one for one in blocks(DOCS / "tutorials" / "first-report.md") if one.name == "claims.csv")
    Path("claims.csv").write_text(claims.text, encoding="utf-8")
    assert run(["import", "claims.csv", "--lake", "lake", "--json"]) == 0
    imported = json.loads(capsys.readouterr().out)
    assert run(["flow", "report", "--lake", "lake", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    page = (DOCS / "reference" / "json-report.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page))))
    metrics = {name: body for name, body in report.items() if isinstance(body, dict) and "definition" in body}
    assert len(metrics) == 10
    for members in (imported, report, *metrics.values()):
        assert set(members) <= named, sorted(set(members) - named)
    for body in metrics.values():
        for series in body.values():
            if isinstance(series, list) and series and isinstance(series[0], dict):
                assert set(series[0]) <= named, sorted(set(series[0]) - named)


def test_the_weeks_have_the_members_that_the_page_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    claims = next(one for one in blocks(DOCS / "tutorials" / "first-report.md") if one.name == "claims.csv")
    Path("claims.csv").write_text(claims.text, encoding="utf-8")
    assert run(["import", "claims.csv", "--lake", "lake", "--json"]) == 0
    capsys.readouterr()
    assert run(["flow", "weeks", "--lake", "lake", "--json"]) == 0
    weeks = json.loads(capsys.readouterr().out)
    page = (DOCS / "reference" / "json-report.md").read_text(encoding="utf-8")
    listed = re.search(r"`pegel flow weeks --json`: a list of `\{([^}]+)\}`", page)
    assert listed is not None
    assert set(weeks[0]) == set(listed[1].split(", "))
