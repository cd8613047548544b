"""Saved Jira files of every shape: the same issues give the same events, and every row has one fate."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.pegel.sources.accounts import read

from pegel.errors import InputError, NotFoundError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, EventSource
from pegel.sources.formats import ReadOptions
from pegel.sources.jira.rest import FORMAT
from pegel.sources.reading import read_head

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[4] / ".." / "shared" / "data"))
_RAW = _SAMPLES / "devlake-raw-tables" / "jira"


def _issue(number: int, *, changes: int = 1, **more: Any) -> dict[str, Any]:
    histories = [
        {
            "id": str(100 * number + change),
            "created": f"2026-01-0{change + 2}T00:00:00.000+0000",
            "items": [{"field": "status", "fromString": f"S{change}", "toString": f"S{change + 1}"}],
        }
        for change in range(changes)
    ]
    fields = {"created": "2026-01-01T00:00:00.000+0000", "status": {"name": f"S{changes}"}, "project": {"name": "P"}}
    return {
        "id": str(number),
        "key": f"P-{number}",
        "fields": fields,
        "changelog": {"histories": histories, "total": changes},
        **more,
    }


def _open(path: Path, content: object, **options: Any) -> EventSource:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return FORMAT.open(path, ReadOptions(**options))


def _table(batches: list[Batch], name: str) -> pl.DataFrame:
    return pl.concat([getattr(batch, name) for batch in batches])


def _events(batches: list[Batch]) -> list[tuple[object, ...]]:
    frame = _table(batches, "transitions").sort("item", "at_us", "sequence")
    return frame.select("item", "at_us", "sequence", "from_state", "to_state").rows()


_ISSUES = [_issue(number, changes=number % 4) for number in range(1, 6)]
_SHAPES = {
    "one page": {"expand": "names", "startAt": 0, "maxResults": 50, "total": 5, "issues": _ISSUES},
    "cloud pages": [{"issues": _ISSUES[:3], "nextPageToken": "x"}, {"issues": _ISSUES[3:], "isLast": True}],
    "array of issues": _ISSUES,
    "json lines": "\n".join(map(json.dumps, _ISSUES)),
    "pages in lines": json.dumps({"issues": _ISSUES[:1]}) + "\n" + json.dumps({"issues": _ISSUES[1:]}),
    "pretty pages": json.dumps({"issues": _ISSUES[:1]}, indent=2) + json.dumps({"issues": _ISSUES[1:]}, indent=2),
    "changelog as values": [
        {**issue, "changelog": {"values": issue["changelog"]["histories"], "total": issue["changelog"]["total"]}}
        for issue in _ISSUES
    ],
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_every_shape_gives_the_same_events(tmp_path: Path, shape: str) -> None:
    source = _open(tmp_path / "jira.json", _SHAPES[shape])
    assert FORMAT.recognise(read_head(tmp_path / "jira.json")) > 0.9
    batches, fates = read(source)
    assert fates == {"accepted": 5}
    # 1 + 2 + 3 + 0 + 1 changes and five beginnings.
    assert len(_events(batches)) == 12
    assert _events(batches) == _events(list(_open(tmp_path / "one.json", _ISSUES).batches()))
    assert source.info().log_kind == "states"
    assert source.info().notes == {}
    assert source.progress() == 1.0
    again = list(source.batches())
    assert [batch.transitions.rows() for batch in again] == [batch.transitions.rows() for batch in batches]


def test_small_batches_give_the_same_events(tmp_path: Path) -> None:
    batches, fates = read(_open(tmp_path / "jira.json", _ISSUES, batch_rows=2))
    assert [batch.items.height for batch in batches] == [2, 2, 1]
    assert fates == {"accepted": 5}


def test_gzip_and_utf_16_with_mark(tmp_path: Path) -> None:
    text = json.dumps({"issues": _ISSUES})
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "wide.json").write_bytes(text.encode("utf-16"))
    for name in ("packed.json.gz", "wide.json"):
        assert FORMAT.recognise(read_head(tmp_path / name)) > 0.9
        assert len(_events(list(FORMAT.open(tmp_path / name, ReadOptions()).batches()))) == 12


def test_an_issue_on_two_pages_is_a_duplicate_and_a_newer_version_adds_its_news(tmp_path: Path) -> None:
    pages = [{"issues": [_issue(1, changes=1)]}, {"issues": [_issue(1, changes=1), _issue(1, changes=2)]}]
    batches, fates = read(_open(tmp_path / "jira.json", pages))
    assert fates == {"accepted": 2, "duplicate": 1}
    assert [event[3:] for event in _events(batches)] == [(None, "S0"), ("S0", "S1"), ("S1", "S2")]


@pytest.mark.parametrize("changelogs_first", [False, True])
@pytest.mark.parametrize("batch_rows", [1, 100])
def test_changelogs_saved_apart_join_their_issue(tmp_path: Path, changelogs_first: bool, batch_rows: int) -> None:
    whole = [_issue(1, changes=3), _issue(2, changes=0)]
    bare = [{name: value for name, value in issue.items() if name != "changelog"} for issue in whole]
    histories = whole[0]["changelog"]["histories"]
    pages = [
        {"key": "P-1", "changelog": {"startAt": start, "total": 3, "values": histories[start : start + 2]}}
        for start in (0, 2)
    ]
    empty = {"key": "P-2", "changelog": {"startAt": 0, "total": 0, "values": []}}
    records = [*pages, empty, *bare] if changelogs_first else [*bare, empty, *pages[::-1]]
    source = _open(tmp_path / "jira.json", records, batch_rows=batch_rows)
    batches, fates = read(source)
    assert fates == {"accepted": 4, "ignored": 1}
    assert _events(batches) == _events(list(_open(tmp_path / "whole.json", whole).batches()))
    assert set(_table(batches, "items")["stream"]) == {"P"}
    assert source.info().log_kind == "states"


def test_a_changelog_without_its_issue_still_tells_its_story(tmp_path: Path) -> None:
    lonely = {"key": "P-1", "changelog": {"values": _issue(1, changes=2)["changelog"]["histories"]}}
    batches, fates = read(_open(tmp_path / "jira.json", [lonely]))
    assert fates == {"accepted": 1}
    assert [event[3:] for event in _events(batches)] == [(None, "S0"), ("S0", "S1"), ("S1", "S2")]
    assert _table(batches, "items")["stream"].to_list() == ["P"]


def test_a_search_without_changelog_is_a_file_of_dates(tmp_path: Path) -> None:
    issue = {name: value for name, value in _issue(1).items() if name != "changelog"}
    source = _open(tmp_path / "jira.json", {"issues": [issue]})
    read(source)
    assert source.info().log_kind == "dates"
    assert source.info().notes == {"no_state_history": "1"}
    assert source.info().state_hints == {schema.CREATED_STATE: "waiting"}


def test_missing_pages_are_told(tmp_path: Path) -> None:
    for page in ({"total": 7, "issues": [_issue(1)]}, {"isLast": False, "issues": [_issue(1)]}):
        source = _open(tmp_path / "jira.json", page)
        read(source)
        assert list(source.info().notes) == ["pages_missing"]


def test_records_that_are_no_issues_are_rejected(tmp_path: Path) -> None:
    batches, fates = read(
        _open(tmp_path / "jira.json", {"issues": [1, None, [], {"id": "7"}, {"key": " "}, _issue(1)]})
    )
    assert fates == {"accepted": 1, "rejected": 5}
    assert _table(batches, "rejects")["detail"].to_list() == ["int", "NoneType", "list", "id", "key"]
    assert _table(batches, "rejects")["reason"].to_list() == ["not_an_object"] * 3 + ["item_missing"] * 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"issues": [{"key": "A-1", "fields": {"created": ', "json_truncated"),
        ('{"issues": [{"key": "A-1"}, oops]}', "json_invalid"),
        ('{"issues": [{"key": "A-1", "fields": {"description": ' + "[" * 100_000, "json_too_deep"),
    ],
)
def test_broken_and_hostile_files_end_in_a_code(tmp_path: Path, text: str, code: str) -> None:
    source = _open(tmp_path / "jira.json", text)
    with pytest.raises(InputError) as raised:
        list(source.batches())
    assert raised.value.code == code


def test_a_cut_gzip_ends_in_a_code(tmp_path: Path) -> None:
    path = tmp_path / "jira.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"issues": _ISSUES}).encode())[:-40])
    with pytest.raises(InputError) as raised:
        list(FORMAT.open(path, ReadOptions()).batches())
    assert raised.value.code == "archive_broken"


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as raised:
        FORMAT.open(tmp_path / "nothing.json", ReadOptions())
    assert raised.value.code == "file_not_found"


@pytest.mark.parametrize(
    "text",
    [
        "id;created;closed\n1;2;3\n",
        '{"result": [{"sys_id": "1", "number": "INC1"}]}',
        '{"type": "FeatureCollection", "features": []}',
        "",
        "[",
    ],
)
def test_other_files_are_not_taken_for_jira(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").write_text(text)
    assert FORMAT.recognise(read_head(tmp_path / "other")) == 0.0


@pytest.mark.skipif(not _RAW.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_RAW.name} is missing")
def test_real_issues_of_a_cloud_instance(tmp_path: Path) -> None:
    csv.field_size_limit(10**9)
    with gzip.open(_RAW / "_raw_jira_api_issues.csv.gz", "rt", encoding="utf-8", newline="") as file:
        issues = [json.loads(row["data"]) for row in csv.DictReader(file)]
    source = _open(tmp_path / "jira.json", {"startAt": 0, "total": len(issues), "issues": issues})
    batches, fates = read(source)
    assert fates == {"accepted": 33}
    transitions = _table(batches, "transitions")
    # The README counts 33 issues; their changelogs hold 165 changes of status.
    assert transitions.height == 33 + 165
    assert transitions.filter(pl.col("from_state").is_null()).height == 33
    assert transitions.filter(pl.col("item") == "EE-1").sort("at_us")["to_state"].to_list() == [
        "Inbox",
        "Ready for Dev",
        "In Development",
        "Open",
        "Closed",
        "已完成",
    ]
    assert Counter(_table(batches, "field_changes")["field"].to_list())["assignee"] == 41
    assert not any(batch.warnings for batch in batches)
    assert "Dingding" not in str(_table(batches, "field_changes").rows())
