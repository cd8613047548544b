"""The mapping of one Jira issue: first a case to check by hand, then what real exports lack or have twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder
from pegel.sources.formats import ReadOptions
from pegel.sources.jira.changelog import changelog_of, moment_us
from pegel.sources.jira.links import link_kind
from pegel.sources.jira.to_events import IssueMapping, Target


def _at(second: int) -> str:
    """A time in Jira's notation, ``second`` seconds after 1970 began, told from two hours east."""
    return f"1970-01-01T02:{second // 60:02d}:{second % 60:02d}.000+0200"


def _change(number: int, second: int, *items: dict[str, Any], author: object = None) -> dict[str, Any]:
    return {"id": str(number), "created": _at(second), "author": author, "items": list(items)}


def _status(before: str, after: str) -> dict[str, Any]:
    return {"field": "status", "fieldId": "status", "fieldtype": "jira", "fromString": before, "toString": after}


def _issue(
    key: str, *changes: dict[str, Any], status: str, changelog: object = None, **fields: object
) -> dict[str, Any]:
    return {
        "id": "10001",
        "key": key,
        "fields": {"created": _at(10), "status": {"name": status}, "project": {"key": "A", "name": "Alpha"}, **fields},
        "changelog": changelog if changelog is not None else {"histories": list(changes), "total": len(changes)},
    }


def _map(*issues: dict[str, Any], **options: Any) -> tuple[Batch, IssueMapping]:
    builder, mapping = BatchBuilder(), IssueMapping(ReadOptions(**options))
    for row, issue in enumerate(issues, start=1):
        mapping.add_issue(Target(builder, row, issue["key"]), issue, changelog_of(issue))
    return builder.take(), mapping


def _steps(batch: Batch) -> list[tuple[float, int, str | None, str]]:
    """(second, sequence, from, to) in the order of the log."""
    frame = batch.transitions.sort("item", "at_us", "sequence")
    rows = frame.select("at_us", "sequence", "from_state", "to_state").rows()
    return [(at_us / schema.SECOND_US, sequence, before, after) for at_us, sequence, before, after in rows]


def test_one_issue_by_hand() -> None:
    # Created at 10 s in "Open" (what the first change left), in work from 20 s, done at 50 s. The export lists the
    # newest change first; entry 7 gives the sequences 7001 and 7002 to its two items, entry 3 gives 3001.
    issue = _issue(
        "A-1",
        _change(
            7, 50, {"field": "resolution", "fromString": None, "toString": "Fixed"}, _status("In Progress", "Done")
        ),
        _change(3, 20, _status("Open", "In Progress"), author={"accountId": "u1", "displayName": "Ann"}),
        status="Done",
    )
    batch, _ = _map(issue)
    assert _steps(batch) == [
        (10.0, 0, None, "Open"),
        (20.0, 3001, "Open", "In Progress"),
        (50.0, 7002, "In Progress", "Done"),
    ]
    assert batch.transitions["actor"].to_list() == [None, "u1", None]
    changes = batch.field_changes.select("item", "at_us", "sequence", "field", "from_value", "to_value").rows()
    assert changes == [("A-1", 50_000_000, 7001, "resolution", None, "Fixed")]
    item = batch.items.row(0, named=True)
    assert (item["stream"], item["created_us"], item["title"]) == ("Alpha", 10_000_000, None)
    assert json.loads(item["attributes"]) == {"jira_id": "10001"}
    assert batch.rejects.height == 0
    assert not batch.warnings


def test_without_any_change_the_issue_was_created_in_its_status() -> None:
    assert _steps(_map(_issue("A-1", status="Open"))[0]) == [(10.0, 0, None, "Open")]


def test_without_changelog_only_the_dates_are_known() -> None:
    resolved = _issue("A-1", status="Done", resolutiondate=_at(40))
    still_open = _issue("A-2", status="Review")
    del resolved["changelog"], still_open["changelog"]
    batch, mapping = _map(resolved, still_open)
    assert _steps(batch) == [
        (10.0, 0, None, schema.CREATED_STATE),
        (40.0, 1, schema.CREATED_STATE, "Done"),
        (10.0, 0, None, schema.CREATED_STATE),
    ]
    assert (mapping.without_history, mapping.with_history) == (2, 0)
    assert json.loads(batch.items["attributes"][1]) == {"jira_id": "10001", "status": "Review"}


def test_newest_first_and_cut_the_unknown_beginning_is_not_filled_with_a_later_state() -> None:
    # Jira counts five entries and gives the newest three: what was before the one at 30 s, nobody knows.
    newest = [_change(9, 60, _status("Review", "Done")), _change(8, 50), _change(7, 30, {"field": "Rank"})]
    issue = _issue("A-1", status="Done", changelog={"histories": newest, "startAt": 0, "maxResults": 3, "total": 5})
    batch, _ = _map(issue)
    assert _steps(batch) == [
        (10.0, 0, None, schema.CREATED_STATE),
        (30.0, 7000, None, "Review"),
        (60.0, 9001, "Review", "Done"),
    ]
    assert batch.warnings == {"history_truncated": 1}


def test_oldest_first_and_cut_the_beginning_is_known() -> None:
    oldest = [_change(1, 20, _status("Open", "Doing")), _change(2, 30, {"field": "Rank"})]
    issue = _issue("A-1", status="Done", changelog={"values": oldest, "startAt": 0, "total": 9, "isLast": False})
    batch, _ = _map(issue)
    assert _steps(batch) == [(10.0, 0, None, "Open"), (20.0, 1001, "Open", "Doing")]
    assert batch.warnings == {"history_truncated": 1}


def test_equal_times_are_ordered_by_entry_and_place() -> None:
    issue = _issue(
        "A-1",
        _change(12, 20, _status("C", "D")),
        _change(11, 20, _status("A", "B"), _status("B", "C")),
        status="D",
    )
    assert [step[2:] for step in _steps(_map(issue)[0])] == [(None, "A"), ("A", "B"), ("B", "C"), ("C", "D")]


def test_a_change_before_the_creation_does_not_put_the_initial_state_last() -> None:
    batch, _ = _map(_issue("A-1", _change(1, 4, _status("Open", "Done")), status="Done"))
    assert _steps(batch) == [(4.0, 0, None, "Open"), (4.0, 1001, "Open", "Done")]
    assert batch.items["created_us"].to_list() == [10_000_000]
    assert batch.warnings == {"change_before_creation": 1}


def test_a_broken_entry_costs_only_itself() -> None:
    broken = {"id": "2", "created": "yesterday", "items": [_status("Open", "Nowhere")]}
    issue = _issue("A-1", _change(1, 20, _status("Open", "Done")), broken, "no entry", status="Done")  # type: ignore[arg-type]
    batch, _ = _map(issue)
    assert _steps(batch) == [(10.0, 0, None, "Open"), (20.0, 1001, "Open", "Done")]
    assert batch.warnings == {"unreadable_history_entry": 2}


@pytest.mark.parametrize(
    "created", [None, "", "soon", "0000-01-01T00:00:00.000+0000", "9999-12-31T00:00:00.000+0000", []]
)
def test_without_creation_and_history_the_issue_is_rejected(created: object) -> None:
    batch, _ = _map(_issue("A-1", status="Open", created=created))
    assert batch.rejects.select("row", "reason").rows() == [(1, "unreadable_created")]
    assert batch.items.height == batch.transitions.height == 0


def test_without_creation_a_history_still_counts() -> None:
    batch, _ = _map(_issue("A-1", _change(1, 20, _status("Open", "Done")), status="Done", created="soon"))
    assert _steps(batch) == [(20.0, 0, None, "Open"), (20.0, 1001, "Open", "Done")]
    assert batch.warnings == {"unreadable_created": 1}


def test_an_issue_seen_again_adds_only_what_is_new() -> None:
    early = _issue("A-1", _change(1, 20, _status("Open", "Doing")), status="Doing")
    late = _issue(
        "A-1", _change(2, 30, _status("Doing", "Done")), _change(1, 20, _status("Open", "Doing")), status="Done"
    )
    batch, _ = _map(early, late)
    frame = batch.transitions.select("row", "to_state").rows()
    assert frame == [(1, "Open"), (1, "Doing"), (2, "Done")]
    assert batch.items["row"].to_list() == [1, 2]


def test_fields_and_persons() -> None:
    items = [
        {"field": "assignee", "from": None, "fromString": None, "to": "u2", "toString": "Bob Example"},
        {"field": "Vorgangstyp", "fieldId": "issuetype", "fromString": "Task", "toString": "Bug"},
        {"field": "project", "from": "1", "fromString": "Beta", "to": "2", "toString": "Alpha"},
        {"field": "Key", "fromString": "B-9", "toString": "A-1"},
        {"field": "Flagged", "fieldtype": "custom", "fromString": "", "toString": "Impediment"},
        {"field": "Sprint", "fieldtype": "custom", "fromString": "S1", "toString": "S1, S2"},
        {"field": "status", "fieldtype": "custom", "fromString": "red", "toString": "green"},
        {"field": "description", "fromString": "secret", "toString": "more secret"},
        {"field": "reporter", "from": "u3", "to": "u4"},
        {"field": "labels", "fromString": "", "toString": "x"},
    ]
    batch, _ = _map(_issue("A-1", _change(5, 20, *items), status="Open"))
    assert batch.field_changes.select("sequence", "field", "from_value", "to_value").rows() == [
        (5001, "assignee", None, "u2"),
        (5002, "type", "Task", "Bug"),
        (5003, "stream", "Beta", "Alpha"),
        (5004, "key", "B-9", "A-1"),
        (5005, "flag", None, "Impediment"),
        (5006, "sprint", "S1", "S1, S2"),
    ]
    assert _steps(batch) == [(10.0, 0, None, "Open")]
    named, _ = _map(_issue("A-1", _change(5, 20, *items), status="Open"), stream="Mine")
    assert named.items["stream"].to_list() == ["Mine"]
    assert "stream" not in named.field_changes["field"].to_list()


def test_comments_are_counted_and_never_read() -> None:
    comments = [
        {"id": "22", "created": _at(40), "author": {"name": "bob"}, "body": "a secret"},
        {"id": "21", "created": _at(30), "author": {"name": "ann"}, "body": {"type": "doc"}},
        {"id": "23", "created": "?", "body": "x"},
    ]
    batch, _ = _map(_issue("A-1", status="Open", comment={"comments": comments, "total": 5}))
    assert batch.field_changes.select("at_us", "field", "from_value", "to_value", "actor").rows() == [
        (30_000_000, "comment_count", "0", "1", "ann"),
        (40_000_000, "comment_count", "1", "2", "bob"),
    ]
    assert batch.warnings == {"comments_truncated": 1}
    assert "secret" not in str([batch.items.rows(), batch.field_changes.rows(), batch.transitions.rows()])


def test_titles_and_attributes_only_where_switched_on() -> None:
    issue = _issue("A-1", status="Open", summary="A title", customfield_7={"value": "Gold"}, labels=["x", "y"])
    plain, _ = _map(issue)
    assert (plain.items["title"][0], json.loads(plain.items["attributes"][0])) == (None, {"jira_id": "10001"})
    told, _ = _map(issue, titles=True, attributes=("customfield_7", "labels", "nothing"))
    assert told.items["title"][0] == "A title"
    assert json.loads(told.items["attributes"][0]) == {"jira_id": "10001", "customfield_7": "Gold", "labels": "x, y"}


def test_links_begin_at_issues_of_the_file_and_are_dated_where_the_changelog_says_so() -> None:
    blocks = {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
    first = _issue(
        "A-1",
        _change(1, 20, {"field": "Link", "to": "A-2", "toString": "This issue blocks A-2"}),
        status="Open",
        issuelinks=[
            {"type": blocks, "outwardIssue": {"key": "A-2"}},
            {"type": blocks, "inwardIssue": {"key": "X-1"}},
        ],
        subtasks=[{"key": "A-3"}],
    )
    third = _issue(
        "A-3",
        status="Open",
        parent={"key": "A-1"},
        issuelinks=[{"type": blocks, "inwardIssue": {"key": "A-4"}}],
    )
    batch, mapping = _map(first, third, _issue("A-4", status="Open"))
    assert batch.links.rows() == [
        (1, "A-1", "parent", "A-3", None),
        (1, "A-1", "blocks", "A-2", 20_000_000),
        (2, "A-1", "parent", "A-3", None),
        (3, "A-4", "blocks", "A-3", None),  # told by A-3, kept when A-4 came
    ]
    assert mapping.links_outside == 1  # X-1 blocks A-1: nothing is known of X-1
    assert set(batch.links["item"]) <= set(batch.items["item"])
    assert batch.items["parent"].to_list() == [None, "A-1", None]


def test_parents_from_epic_field_epic_link_and_changelog() -> None:
    epic_change = {"field": "Epic Link", "fieldtype": "custom", "from": None, "to": "17", "toString": "A-9"}
    batch, _ = _map(
        _issue("A-1", status="Open", epic={"key": "A-7"}),
        _issue("A-2", status="Open", customfield_10014="A-8"),
        _issue("A-3", _change(1, 20, epic_change), status="Open"),
        _issue("A-4", _change(1, 20, epic_change), status="Open", parent=None),
    )
    assert batch.items["parent"].to_list() == ["A-7", "A-8", "A-9", None]


@pytest.mark.parametrize(
    ("name", "outward", "direction", "expected"),
    [
        ("Blocks", "blocks", "outward", ("blocks", True)),
        ("Blocks", "blocks", "inward", ("blocks", False)),
        ("Dependency", "depends on", "outward", ("blocks", False)),
        ("Dependency", "depends on", "inward", ("blocks", True)),
        ("Blockiert", "wird blockiert durch", "outward", ("blocks", False)),
        ("Duplicate", "duplicates", "outward", ("duplicates", True)),
        ("Cloners", "clones", "outward", ("relates", True)),
        ("Relates", "relates to", "inward", ("relates", False)),
    ],
)
def test_link_kinds(name: str, outward: str, direction: str, expected: tuple[str, bool]) -> None:
    assert link_kind({"name": name, "outward": outward}, direction) == expected


def test_the_tool_says_the_category_of_current_states_by_majority() -> None:
    def status(name: str, key: str) -> dict[str, object]:
        return {"name": name, "statusCategory": {"key": key}}

    rows = [("Done", "done"), ("Open", "new"), ("Open", "new"), ("Open", "indeterminate"), ("Odd", "undefined")]
    issues = [_issue(f"A-{n}", status="") for n in range(len(rows))]
    for issue, row in zip(issues, rows, strict=True):
        issue["fields"]["status"] = status(*row)
    assert _map(*issues)[1].state_hints() == {"Done": "done", "Open": "new"}


def test_hostile_values_are_rejected_with_their_reason() -> None:
    batch, _ = _map(
        _issue("A\x00-1", status="Open"),
        _issue("A-2", status="x" * 501),
        _issue("A-\uffff", status="Open"),
        {"key": "A-4", "fields": "nothing", "changelog": {"histories": [[], 3, {"created": [], "items": {}}]}},
        _issue("A-5", status="Open", project={"name": ["no"]}, issuetype=7, issuelinks={"a": 1}, comment=[1]),
    )
    assert batch.rejects.select("row", "reason").rows() == [
        (1, "nul_byte"),
        (3, "broken_encoding"),
        (4, "unreadable_created"),
    ]
    # Row 2: its item is good, its state is not.
    assert batch.items["item"].to_list() == ["A-2", "A-5"]
    assert batch.warnings["name_too_long"] == 1
    assert batch.items["stream"].to_list() == ["Alpha", "A"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1970-01-01T08:00:00.000+0800", 0),
        ("1970-01-01T00:00:00.001Z", 1_000),
        (1_000, 1_000_000),
        (True, None),
        (-1, None),
        (10**30, None),
        ("2199-12-31T23:59:59.999+0000", schema.LATEST_US - 1_000),
        ("2200-01-01T00:00:00.000+0000", None),
        ("0001-01-01T00:00:00.000+1400", None),
    ],
)
def test_moments(value: object, expected: int | None) -> None:
    assert moment_us(value) == expected
