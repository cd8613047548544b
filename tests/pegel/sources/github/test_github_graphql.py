"""Saved answers of the GraphQL API. The fixtures follow GitHub's schema, cut to the fields of the documented query."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.accounts import read
from tests.pegel.sources.github.saved import changes, opened, steps, table, warnings

from pegel.sources.github.graphql import FORMAT
from pegel.sources.reading import read_head


def _at(second: int) -> str:
    return f"1970-01-01T00:00:{second:02d}Z"


def _event(kind: str, second: int, **more: Any) -> dict[str, Any]:
    return {"__typename": kind, "id": f"{kind}{second}", "createdAt": _at(second), "actor": {"login": "hubot"}, **more}


def _issue(number: int, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "__typename": "Issue",
        "number": number,
        "title": "a private title",
        "state": "OPEN",
        "createdAt": _at(10),
        "closedAt": None,
        "labels": {"nodes": []},
        "timelineItems": {"totalCount": len(events), "pageInfo": {"hasNextPage": False}, "nodes": list(events)},
        **more,
    }


def _answer(*nodes: dict[str, Any], connection: str = "issues", more: bool = False, total: int = 0) -> dict[str, Any]:
    page = {
        "totalCount": total or len(nodes),
        "pageInfo": {"hasNextPage": more, "endCursor": "x"},
        "nodes": list(nodes),
    }
    return {"data": {"repository": {"nameWithOwner": "octo/hello", connection: page}}}


def _status(second: int, before: str, after: str) -> dict[str, Any]:
    return _event("ProjectV2ItemStatusChangedEvent", second, previousStatus=before, status=after)


_HISTORY = (
    _event("AddedToProjectV2Event", 11),
    _status(11, "", "Todo"),
    _event("AssignedEvent", 12, assignee={"login": "mona"}),
    _status(20, "Todo", "In Progress"),
    {"__typename": "IssueComment", "id": "c1", "createdAt": _at(25), "author": {"login": "mona"}, "body": "private"},
    _event("ClosedEvent", 30, stateReason="COMPLETED", closer={"__typename": "PullRequest", "number": 9}),
    _status(31, "In Progress", "Done"),
)
_DONE = _issue(7, *_HISTORY, closedAt=_at(30), issueType={"name": "Task"}, comments={"totalCount": 1})
_SHAPES = {
    "issues of a repository": _answer(_DONE),
    "pages in an array": [_answer(more=True), _answer(_DONE)],
    "json lines": json.dumps(_answer(more=True)) + "\n" + json.dumps(_answer(_DONE)) + "\n",
    "one issue": {"data": {"repository": {"nameWithOwner": "octo/hello", "issue": _DONE}}},
    "search": {"data": {"search": {"nodes": [{**_DONE, "repository": {"nameWithOwner": "octo/hello"}}]}}},
    "project": {
        "data": {"organization": {"projectV2": {"number": 1, "items": {"nodes": [
            {"content": {**_DONE, "url": "https://github.com/octo/hello/issues/7"}}
        ]}}}}
    },
    "edges": _answer({**_DONE, "timelineItems": {"edges": [{"node": node} for node in _HISTORY]}}),
    "a long timeline in two answers": [
        _answer({**_DONE, "timelineItems": {"pageInfo": {"hasNextPage": True}, "nodes": list(_HISTORY[:4])}}),
        {"data": {"repository": {"nameWithOwner": "octo/hello", "issue": {
            "number": 7, "timelineItems": {
                "pageInfo": {"hasNextPage": False, "hasPreviousPage": True}, "nodes": list(_HISTORY[2:])
            }
        }}}},
    ],
}  # fmt: skip


@pytest.mark.parametrize("shape", _SHAPES)
def test_every_shape_tells_the_same_by_hand(tmp_path: Path, shape: str) -> None:
    source = opened(FORMAT, tmp_path / "github.json", _SHAPES[shape])
    assert FORMAT.recognise(read_head(tmp_path / "github.json")) > 0.9
    batches, fates = read(source)
    assert fates["accepted"] == (2 if shape == "a long timeline in two answers" else 1)
    assert fates["ignored"] == (1 if shape in ("pages in an array", "json lines") else 0)
    assert steps(batches) == [
        ("octo/hello#7", 10.0, None, "Open"),
        ("octo/hello#7", 11.0, "Open", "Todo"),
        ("octo/hello#7", 20.0, "Todo", "In Progress"),
        ("octo/hello#7", 30.0, "In Progress", "Closed (completed)"),
        ("octo/hello#7", 31.0, "In Progress", "Done"),
    ]
    told = [change for change in changes(batches) if change[1] != "project_status"]
    assert told == [(12.0, "assignee", None, "mona", "hubot"), (25.0, "comment_count", "0", "1", "mona")]
    assert table(batches, "links").select("item", "kind", "other", "at_us").rows() == [
        ("octo/hello#7", "relates", "octo/hello#9", 30_000_000)
    ]
    assert set(table(batches, "items")["type"].drop_nulls()) == {"Task"}
    assert source.info().log_kind == "states"
    assert source.info().notes == {}
    # A status says when work begins, so that Open is not yet begun.
    assert source.info().state_hints == {"Closed (completed)": "done", "Open": "new"}
    assert not warnings(batches)
    assert "private" not in str([batch.items.rows() + batch.field_changes.rows() for batch in batches])


def test_a_pull_request(tmp_path: Path) -> None:
    events = (
        _event("ReviewRequestedEvent", 11, requestedReviewer={"login": "mona"}),
        _event("ConvertToDraftEvent", 12),
        _event("ReadyForReviewEvent", 13),
        {
            "__typename": "PullRequestReview",
            "id": "r1",
            "submittedAt": _at(14),
            "author": {"login": "mona"},
            "state": "DISMISSED",
        },
        _event("HeadRefForcePushedEvent", 15),
        _event("ReviewDismissedEvent", 16, previousReviewState="CHANGES_REQUESTED", review={"id": "r1"}),
        _event("MergedEvent", 20),
        _event("ClosedEvent", 20),
    )
    pull = {**_issue(9, *events, mergedAt=_at(20), closedAt=_at(20), isDraft=False), "__typename": "PullRequest"}
    batches, fates = read(opened(FORMAT, tmp_path / "a.json", _answer(pull, connection="pullRequests")))
    assert fates == {"accepted": 1}
    assert [step[1:] for step in steps(batches)] == [
        (10.0, None, "Open"),
        (11.0, "Open", "In review"),
        (12.0, "In review", "Draft"),
        (13.0, "Draft", "In review"),
        (14.0, "In review", "Changes requested"),
        (16.0, "Changes requested", "Open"),
        (20.0, "Open", "Merged"),
    ]
    assert table(batches, "items")["type"].to_list() == ["Pull request"]


def test_links_hold_as_long_as_they_are_not_taken_back(tmp_path: Path) -> None:
    def at(number: int) -> dict[str, Any]:
        return {"number": number, "repository": {"nameWithOwner": "octo/hello"}}

    one = _issue(
        1,
        _event("SubIssueAddedEvent", 11, subIssue=at(2)),
        _event("BlockingAddedEvent", 12, blockedIssue=at(3)),
        _event("BlockedByAddedEvent", 13, blockingIssue=at(3)),
        _event("BlockedByRemovedEvent", 14, blockingIssue=at(3)),
        _event("MarkedAsDuplicateEvent", 15, canonical=at(3)),
        _event("CrossReferencedEvent", 16, willCloseTarget=True, source=at(9)),
        _event("CrossReferencedEvent", 17, willCloseTarget=False, source=at(8)),
        _event("ConnectedEvent", 18, subject=at(6), source=at(1)),
        _event("DisconnectedEvent", 19, subject=at(6), source=at(1)),
    )
    two = _issue(2, _event("ParentIssueAddedEvent", 11, parent=at(1)), parent=at(1))
    three = _issue(3, _event("BlockedByAddedEvent", 12, blockingIssue=at(1)), subIssues={"nodes": [at(2)]})
    batches, _ = read(opened(FORMAT, tmp_path / "a.json", _answer(one, two, three)))
    found = {link[1:4] for link in table(batches, "links").rows()}
    assert found == {
        ("octo/hello#1", "parent", "octo/hello#2"),
        ("octo/hello#1", "blocks", "octo/hello#3"),
        ("octo/hello#1", "duplicates", "octo/hello#3"),
        ("octo/hello#1", "relates", "octo/hello#9"),
        ("octo/hello#3", "parent", "octo/hello#2"),
    }
    assert table(batches, "items")["parent"].to_list() == [None, "octo/hello#1", None]


def test_changed_types(tmp_path: Path) -> None:
    events = (
        _event("IssueTypeAddedEvent", 11, issueType={"name": "Task"}),
        _event("IssueTypeChangedEvent", 12, prevIssueType={"name": "Task"}, issueType={"name": "Bug"}),
        _event("IssueTypeRemovedEvent", 13, issueType={"name": "Bug"}),
    )
    batches, _ = read(opened(FORMAT, tmp_path / "a.json", _answer(_issue(1, *events))))
    assert [change[1:4] for change in changes(batches)] == [
        ("type", "Issue", "Task"),
        ("type", "Task", "Bug"),
        ("type", "Bug", "Issue"),
    ]


def test_a_status_that_no_event_tells_is_entered_when_it_was_set(tmp_path: Path) -> None:
    items = {"nodes": [{"fieldValueByName": {"name": "Done", "updatedAt": _at(40)}}]}
    missing = _issue(1, _status(11, "", "Todo"), projectItems=items)
    whole = _issue(2, _status(11, "", "Done"), projectItems=items)
    batches, _ = read(opened(FORMAT, tmp_path / "a.json", _answer(missing, whole)))
    assert [step[1:] for step in steps(batches) if step[0] == "octo/hello#1"] == [
        (10.0, None, "Open"),
        (11.0, "Open", "Todo"),
        (40.0, "Todo", "Done"),
    ]
    assert warnings(batches) == {"history_truncated": 1}


def test_cut_timelines_and_missing_pages_are_told(tmp_path: Path) -> None:
    cut = _issue(1, timelineItems={"pageInfo": {"hasNextPage": True}, "nodes": []})
    source = opened(FORMAT, tmp_path / "a.json", _answer(cut, more=True, total=9))
    batches, _ = read(source)
    assert warnings(batches) == {"history_truncated": 1}
    assert source.info().notes["pages_missing"] == "9"


def test_errors_and_foreign_answers_are_rejected(tmp_path: Path) -> None:
    content = [
        {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "message": "octocat's secret"}]},
        {"message": "Bad credentials"},
        {"something": "else"},
        3,
        _answer(_issue(1), _issue(1)),
        {"data": {"search": {"nodes": [_issue(4)]}}},
    ]
    batches, fates = read(opened(FORMAT, tmp_path / "a.json", content))
    assert table(batches, "rejects").select("reason", "detail").rows() == [
        ("answer_is_error", "NOT_FOUND"),
        ("answer_is_error", ""),
        ("unknown_table", "something"),
        ("not_an_object", "int"),
        ("repository_missing", ""),
    ]
    assert fates == {"accepted": 1, "duplicate": 1, "rejected": 5}


def test_broken_timeline_items_cost_only_themselves(tmp_path: Path) -> None:
    odd = {"nodes": [None, 4, _event("ClosedEvent", 3) | {"createdAt": 5}, _event("ReopenedEvent", 12), {"id": "?"}]}
    batches, fates = read(opened(FORMAT, tmp_path / "a.json", _answer(_issue(1, timelineItems=odd, labels=[1]))))
    assert fates == {"accepted": 1}
    assert warnings(batches) == {"unreadable_history_entry": 2}
