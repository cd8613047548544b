"""Saved answers of the REST API. The fixtures follow the examples of GitHub's documentation, cut to what is read."""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.accounts import read
from tests.pegel.sources.github.saved import changes, opened, steps, table, warnings

from pegel.errors import InputError, NotFoundError
from pegel.sources.formats import ReadOptions
from pegel.sources.github import FORMATS
from pegel.sources.github.rest import FORMAT
from pegel.sources.reading import read_head

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[4] / ".." / "shared" / "data"))
_RAW = _SAMPLES / "devlake-raw-tables" / "github"
_REPO = "https://api.github.com/repos/octo/hello"


def _at(second: int) -> str:
    return f"1970-01-01T00:{second // 60:02d}:{second % 60:02d}Z"


def _user(name: str, kind: str = "User") -> dict[str, Any]:
    return {"login": name, "id": 1, "type": kind, "html_url": f"https://github.com/{name}"}


def _issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "url": f"{_REPO}/issues/{number}",
        "repository_url": _REPO,
        "html_url": f"https://github.com/octo/hello/issues/{number}",
        "number": number,
        "title": "a private title",
        "body": "a private body",
        "user": _user("octocat"),
        "labels": [],
        "state": "open",
        "comments": 0,
        "created_at": _at(10),
        "updated_at": _at(10),
        "closed_at": None,
        "state_reason": None,
        **more,
    }


def _event(event_id: int, name: str, second: int, **more: Any) -> dict[str, Any]:
    return {"id": event_id, "event": name, "created_at": _at(second), "actor": _user("hubot", "Bot"), **more}


_TIMELINE = [
    _event(1, "labeled", 11, label={"name": "Blocked"}),
    _event(2, "labeled", 11, label={"name": "priority: high"}),
    _event(3, "labeled", 11, label={"name": "help wanted"}),
    _event(4, "assigned", 12, assignee=_user("mona")),
    _event(5, "subscribed", 12),
    {"id": 6, "event": "commented", "created_at": _at(13), "user": _user("mona"), "body": "a private comment"},
    _event(7, "unlabeled", 14, label={"name": "Blocked"}),
    _event(8, "unassigned", 15, assignee=_user("mona")),
    _event(9, "closed", 20, state_reason="completed"),
]
_CLOSED = _issue(7, state="closed", closed_at=_at(20), state_reason="completed", comments=1, labels=[{"name": "bug"}])
_EVENTS = [{**event, "issue": _CLOSED} for event in _TIMELINE if event["event"] != "commented"]
_COMMENT = {**_TIMELINE[5], "issue_url": f"{_REPO}/issues/7", "event": None}
_SHAPES = {
    "issue and timeline": {"issue": _CLOSED, "timeline": _TIMELINE},
    "array": [{"issue": _CLOSED, "timeline": _TIMELINE}],
    "json lines": json.dumps({"issue": _CLOSED, "timeline": _TIMELINE}) + "\n",
    "member timeline": [{**_CLOSED, "timeline": _TIMELINE}],
    "member timeline_items": {**_CLOSED, "timeline_items": _TIMELINE},
    "search answer": {"total_count": 1, "items": [{**_CLOSED, "timeline": _TIMELINE}]},
    "array of pages": [[{**_CLOSED, "timeline": _TIMELINE}], []],
    "events apart, newest first": [_CLOSED, *reversed(_EVENTS), _COMMENT],
    "events before their issue": json.dumps(_EVENTS) + json.dumps([_COMMENT]) + json.dumps([_CLOSED]),
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_every_shape_tells_the_same_by_hand(tmp_path: Path, shape: str) -> None:
    source = opened(FORMAT, tmp_path / "github.json", _SHAPES[shape])
    assert FORMAT.recognise(read_head(tmp_path / "github.json")) > 0.9
    batches, fates = read(source)
    assert steps(batches) == [
        ("octo/hello#7", 10.0, None, "Open"),
        ("octo/hello#7", 20.0, "Open", "Closed (completed)"),
    ]
    assert changes(batches) == [
        (11.0, "flag", None, "Blocked", "hubot"),
        (11.0, "priority", None, "high", "hubot"),
        (12.0, "assignee", None, "mona", "hubot"),
        (13.0, "comment_count", "0", "1", "mona"),
        (14.0, "flag", "Blocked", None, "hubot"),
        (15.0, "assignee", "mona", None, "hubot"),
    ]
    # Sequences are places within a second, from 2: labels 2 and 3 of second 11, whatever the shape.
    assert table(batches, "field_changes").sort("at_us", "sequence")["sequence"].to_list() == [2, 3, 2, 2, 2, 2]
    item = table(batches, "items").row(0, named=True)
    assert (item["item"], item["stream"], item["type"], item["title"]) == ("octo/hello#7", "hello", "Bug", None)
    assert source.info().notes == {}
    assert source.info().log_kind == "states"
    assert source.info().state_hints == {"Open": "waiting", "Closed (completed)": "done"}
    assert not warnings(batches)
    # Apart: seven events of use, the subscription and "help wanted" are ignored; the comment and the issue.
    assert fates == ({"accepted": 8, "ignored": 2} if "events" in shape else {"accepted": 1})
    assert "private" not in str([batch.items.rows() + batch.field_changes.rows() for batch in batches])
    assert source.progress() == 1.0


@pytest.mark.parametrize("batch_rows", [1, 3])
def test_small_batches_say_the_same(tmp_path: Path, batch_rows: int) -> None:
    content = [_issue(1, timeline=_TIMELINE), _CLOSED, *_EVENTS, _issue(2)]
    small, fates = read(opened(FORMAT, tmp_path / "a.json", content, batch_rows=batch_rows))
    whole, same = read(opened(FORMAT, tmp_path / "b.json", content))
    assert fates == same
    assert steps(small) == steps(whole)
    assert len(small) > 1 == len(whole)


def test_a_pull_request_of_issue_pull_events_and_reviews(tmp_path: Path) -> None:
    issue = _issue(8, pull_request={"url": f"{_REPO}/pulls/8", "merged_at": _at(50)}, state="closed", closed_at=_at(50))
    pull = {
        "url": f"{_REPO}/pulls/8",
        "number": 8,
        "draft": False,
        "created_at": _at(10),
        "closed_at": _at(50),
        "merged_at": _at(50),
        "head": {"ref": "x"},
        "base": {"ref": "main", "repo": {"full_name": "octo/hello"}},
    }
    events = [
        {**_event(1, "review_requested", 20, requested_reviewer=_user("mona")), "issue": issue},
        {**_event(3, "merged", 50), "issue": issue},
        {**_event(4, "closed", 50), "issue": issue},
    ]
    review = {
        "id": 2,
        "user": _user("mona"),
        "state": "APPROVED",
        "submitted_at": _at(30),
        "pull_request_url": f"{_REPO}/pulls/8",
    }
    batches, fates = read(opened(FORMAT, tmp_path / "github.json", [issue, pull, *events, review]))
    assert [step[1:] for step in steps(batches)] == [
        (10.0, None, "Open"),
        (20.0, "Open", "In review"),
        (30.0, "In review", "Approved"),
        (50.0, "Approved", "Merged"),
    ]
    assert set(table(batches, "items")["type"]) == {"Pull request"}
    assert table(batches, "transitions")["actor"].to_list() == [None, "hubot", "mona", "hubot"]
    # The closing beside the merge says nothing new.
    assert fates == {"accepted": 5, "ignored": 1}


def test_dates_only_where_no_timeline_was_saved(tmp_path: Path) -> None:
    closed = _issue(1, state="closed", closed_at=_at(40), state_reason="not_planned")
    source = opened(FORMAT, tmp_path / "github.json", [closed, _issue(2)])
    batches, _ = read(source)
    assert [step[1:] for step in steps(batches)] == [
        (10.0, None, "Open"),
        (40.0, "Open", "Closed (not planned)"),
        (10.0, None, "Open"),
    ]
    assert source.info().log_kind == "dates"
    assert source.info().notes == {"no_state_history": "2"}
    assert source.info().state_hints == {"Open": "waiting", "Closed (not planned)": "cancelled"}
    assert not warnings(batches)


def test_a_cut_timeline_is_completed_from_the_issue_and_told(tmp_path: Path) -> None:
    batches, _ = read(
        opened(FORMAT, tmp_path / "github.json", {"issue": {**_CLOSED, "comments": 3}, "timeline": _TIMELINE[:6]})
    )
    assert steps(batches)[-1] == ("octo/hello#7", 20.0, "Open", "Closed (completed)")
    assert warnings(batches) == {"history_truncated": 1, "comments_truncated": 1}


def test_project_statuses_without_a_name_are_told(tmp_path: Path) -> None:
    unnamed = _event(1, "project_v2_item_status_changed", 15)
    named = _event(2, "project_v2_item_status_changed", 16, status="Doing", previous_status="Todo")
    batches, fates = read(
        opened(FORMAT, tmp_path / "a.json", [_issue(1, timeline=[unnamed, named]), {**unnamed, "issue": _issue(2)}])
    )
    assert warnings(batches) == {"project_status_unnamed": 1}
    assert fates == {"accepted": 1, "ignored": 1}
    assert batches[0].ignored == {"project_status_unnamed": 1}
    assert steps(batches)[-1] == ("octo/hello#1", 16.0, "Todo", "Doing")


def test_an_issue_told_twice_adds_nothing_twice(tmp_path: Path) -> None:
    early = _issue(7, timeline=_TIMELINE[:6])
    late = {**_CLOSED, "updated_at": _at(30), "timeline": _TIMELINE}
    once, _ = read(opened(FORMAT, tmp_path / "a.json", [late]))
    batches, fates = read(opened(FORMAT, tmp_path / "b.json", [early, late, late, _EVENTS[0]]))
    assert fates == {"accepted": 2, "duplicate": 2}
    assert (steps(batches), changes(batches)) == (steps(once), changes(once))
    assert set(table(batches, "items")["type"]) == {"Bug"}  # the newest version of the issue counts


def test_types_parents_titles_and_attributes(tmp_path: Path) -> None:
    child = _issue(2, type={"name": "Epic"}, parent_issue_url=f"{_REPO}/issues/1", milestone={"title": "v1"})
    batches, _ = read(opened(FORMAT, tmp_path / "a.json", [child, _issue(1)], titles=True, attributes=("milestone",)))
    first = table(batches, "items").row(0, named=True)
    assert (first["type"], first["parent"], first["title"]) == ("Epic", "octo/hello#1", "a private title")
    assert json.loads(first["attributes"]) == {"milestone": "v1"}
    # The link begins at issue 1, which comes second.
    assert table(batches, "links").rows() == [(2, "octo/hello#1", "parent", "octo/hello#2", None)]
    named, _ = read(opened(FORMAT, tmp_path / "a.json", [child], stream="Mine"))
    assert named[0].items["stream"].to_list() == ["Mine"]


def test_a_parent_outside_the_file_is_told(tmp_path: Path) -> None:
    source = opened(FORMAT, tmp_path / "a.json", [_issue(2, parent_issue_url=f"{_REPO}/issues/1")])
    assert table(read(source)[0], "links").height == 0
    assert source.info().notes["links_outside"] == "1"


def test_records_that_are_no_issues_are_rejected_with_their_reason(tmp_path: Path) -> None:
    broken = [
        1,
        {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"},
        {"number": 3, "created_at": _at(1)},
        _issue(4, created_at="soon"),
        {**_event(1, "closed", 1), "created_at": "0000-00-00", "issue": _issue(5)},
        {**_event(1, "closed", 1)},
        {**_issue(6), "url": f"{_REPO}\x00/issues/6"},
    ]
    batches, fates = read(opened(FORMAT, tmp_path / "a.json", broken))
    assert table(batches, "rejects")["reason"].to_list() == [
        "not_an_object",
        "unknown_table",
        "repository_missing",
        "unreadable_created",
        "unreadable_time",
        "item_missing",
        "nul_byte",
    ]
    assert fates == {"rejected": 7}


def test_a_broken_event_costs_only_itself(tmp_path: Path) -> None:
    odd = [None, 7, {"event": "closed", "created_at": "9999-12-31T00:00:00Z"}, {"event": ["closed"]}, _TIMELINE[8]]
    batches, fates = read(opened(FORMAT, tmp_path / "a.json", [_issue(1, timeline=odd, labels={"a": 1}, type="x")]))
    assert fates == {"accepted": 1}
    assert warnings(batches) == {"unreadable_history_entry": 3}
    assert steps(batches)[-1][3] == "Closed (completed)"


def test_missing_pages_are_told(tmp_path: Path) -> None:
    source = opened(FORMAT, tmp_path / "a.json", {"total_count": 9, "items": [_issue(1)]})
    read(source)
    assert source.info().notes["pages_missing"] == "9"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('[{"number": 1, "created_at": ', "json_truncated"),
        ('[{"number": 1}, oops]', "json_invalid"),
        ('[{"number": 1, "body": ' + "[" * 100_000, "json_too_deep"),
    ],
)
def test_broken_and_hostile_files_end_in_a_code(tmp_path: Path, content: str, code: str) -> None:
    for form in FORMATS:
        with pytest.raises(InputError) as raised:
            list(opened(form, tmp_path / "a.json", content).batches())
        assert raised.value.code == code


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        FORMAT.open(tmp_path / "nothing.json", ReadOptions())


@pytest.mark.parametrize(
    "text",
    [
        "id;created;closed\n1;2;3\n",
        '{"result": [{"sys_id": "1", "number": "INC1"}]}',
        '{"issues": [{"key": "A-1", "fields": {}, "changelog": {"histories": []}}]}',
        '{"id": "1", "name": "Board", "lists": [], "cards": [{"idList": "1", "idBoard": "2"}]}',
        "",
        "[",
    ],
)
def test_other_files_are_not_taken_for_github(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").write_text(text)
    assert [form.recognise(read_head(tmp_path / "other")) for form in FORMATS] == [0.0, 0.0]


def _raw(name: str) -> list[dict[str, Any]]:
    csv.field_size_limit(10**9)
    with gzip.open(_RAW / f"_raw_github_api_{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return [json.loads(row["data"]) for row in csv.DictReader(file)]


@pytest.mark.skipif(not _RAW.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_RAW} is missing")
def test_real_answers_of_a_public_repository(tmp_path: Path) -> None:
    names = ("issues", "pull_requests", "events", "pull_request_reviews", "comments")
    pages = [_raw(name) for name in names]
    assert [len(page) for page in pages] == [42, 50, 50, 31, 95]
    source = opened(FORMAT, tmp_path / "github.json", "".join(map(json.dumps, pages)))
    assert FORMAT.recognise(read_head(tmp_path / "github.json")) > 0.9
    batches, fates = read(source)
    assert fates.total() == 42 + 50 + 50 + 31 + 95
    assert fates["rejected"] == 0
    items = table(batches, "items").unique("item", keep="first")
    numbers = {int(item.rpartition("#")[2]) for item in items["item"]}
    told = {row["number"] for row in (*pages[0], *pages[1])} | {row["issue"]["number"] for row in pages[2]}
    assert numbers >= told
    assert set(items["stream"]) == {"ants"}
    found = table(batches, "transitions")
    merged = {row["number"] for row in pages[1] if row["merged_at"]}
    merged |= {row["number"] for row in pages[0] if (row.get("pull_request") or {}).get("merged_at")}
    states = {number: found.filter(found["item"] == f"panjf2000/ants#{number}") for number in told}
    assert {n for n, frame in states.items() if "Merged" in frame["to_state"].to_list()} == merged
    closed = {row["number"] for row in pages[0] if row["closed_at"] and "pull_request" not in row}
    ended = {n for n, frame in states.items() if "Closed (completed)" in frame["to_state"].to_list()}
    assert closed <= ended
    # 94 different comments (one is told twice) were written; each raises a count by one.
    counted = [change for change in changes(batches) if change[1] == "comment_count"]
    assert len(counted) == len({row["id"] for row in pages[4]}) == 94
    # Issue 228: opened 2022-06-02, labelled, assigned, closed a week later.
    last = states[228].sort("at_us").row(-1, named=True)
    assert (last["to_state"], last["actor"]) == ("Closed (completed)", "ZhMaio")
