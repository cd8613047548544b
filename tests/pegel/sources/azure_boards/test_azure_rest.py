"""Saved answers of Azure DevOps: updates by hand, then revisions, links and what files lack or have twice.

The fixtures are built after the examples of Microsoft's documentation, not taken from a real project.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.accounts import read
from tests.pegel.sources.azure_boards.answers import (
    JAMAL,
    JOHNNIE,
    URL,
    at,
    created,
    page,
    relation,
    snapshot,
    steps,
    table,
    update,
)

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import EventSource
from pegel.sources.azure_boards.links import link_of
from pegel.sources.azure_boards.rest import FORMAT
from pegel.sources.azure_boards.states import StateMeanings
from pegel.sources.azure_boards.values import changes_of_update, person
from pegel.sources.formats import ReadOptions
from pegel.sources.jira.rest import FORMAT as JIRA
from pegel.sources.reading import read_head
from pegel.sources.servicenow.table_api import FORMAT as SERVICENOW
from pegel.words.catalogue import has

_CREATED = schema.CREATED_STATE

_LIFE = [
    update(299, 1, 10, replaced=20, fields=created(10)),
    update(299, 2, 20, replaced=50, fields={
        "System.State": ("New", "Active"),
        "System.AssignedTo": (None, JOHNNIE),
        "Microsoft.VSTS.Common.Priority": (2, 1),
        "System.Title": ("JavaScript implementation", "another secret"),
    }),
    update(299, 3, 50, fields={"System.State": ("Active", "Closed"), "System.AssignedTo": (JOHNNIE, JAMAL)}),
]  # fmt: skip


@pytest.fixture
def open_answers(tmp_path: Path) -> Callable[..., EventSource]:
    def opened(*answers: Any, **options: Any) -> EventSource:
        path = tmp_path / "boards.json"
        path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in answers))
        return FORMAT.open(path, ReadOptions(**options))

    return opened


def test_a_life_by_hand(open_answers: Callable[..., EventSource]) -> None:
    source = open_answers(page(*_LIFE))
    batches, fates = read(source)
    # Created at 10 in New, active from 20 to 50; the revised dates (20, 50, year 9999) are when an update was replaced.
    assert steps(batches, 299) == [(10, None, "New"), (20, "New", "Active"), (50, "Active", "Closed")]
    assert table(batches, "transitions")["sequence"].to_list() == [102, 202, 302]
    assert set(table(batches, "transitions")["actor"]) == {"fabrikamfiber4@hotmail.com"}
    changes = table(batches, "field_changes").select("at_us", "field", "from_value", "to_value").rows()
    johnnie, jamal = "fabrikamfiber2@hotmail.com", "fabrikamfiber4@hotmail.com"
    assert changes == [
        (10_000_000, "team", None, "Fabrikam\\Website"),
        (20_000_000, "assignee", None, johnnie),
        (20_000_000, "priority", "2", "1"),
        (50_000_000, "assignee", johnnie, jamal),
    ]
    [item] = table(batches, "items").rows(named=True)
    assert (item["stream"], item["type"], item["created_us"]) == ("Fabrikam", "User Story", 10_000_000)
    assert item["title"] is None
    assert fates == {"accepted": 3}
    info = source.info()
    assert (info.source, info.log_kind) == ("azure_boards.rest", "states")
    assert info.state_hints == {"New": "new", "Active": "active", "Closed": "done"}
    assert info.notes == {}
    assert "System.Title" in info.left_out
    assert source.progress() == 1.0


def test_free_text_and_names_stay_outside(open_answers: Callable[..., EventSource]) -> None:
    source = open_answers(page(*_LIFE), attributes=("System.AssignedTo", "System.Description", "System.ChangedBy"))
    batches, _ = read(source)
    text = "".join(table(batches, name).write_csv() for name in schema.TABLES)
    for private in ("Jamal Hartnett", "Johnnie", "JavaScript", "code samples", "secret"):
        assert private not in text
    assert source.info().notes == {"attributes_not_found": "System.AssignedTo, System.Description, System.ChangedBy"}


def test_titles_and_attributes_only_where_switched_on(open_answers: Callable[..., EventSource]) -> None:
    column = {"System.BoardColumn": ("New", "Review")}
    answers = page(*_LIFE, update(299, 4, 60, fields=column))
    batches, _ = read(open_answers(answers, titles=True, attributes=("System.BoardColumn",), stream="Mine"))
    item = table(batches, "items").row(0, named=True)
    assert (item["title"], item["stream"]) == ("another secret", "Mine")
    assert json.loads(item["attributes"]) == {"System.BoardColumn": "Review"}
    # The board column is finer than the state, and no state all the same.
    assert [now for _, _, now in steps(batches, 299)] == ["New", "Active", "Closed"]


@pytest.mark.parametrize(
    "shape",
    [
        lambda pages: "\n".join(json.dumps(one) for one in pages),
        lambda pages: json.dumps(pages, indent=2),
        lambda pages: "".join(json.dumps(one) for one in pages),
        lambda pages: "\n".join(json.dumps(one) for page_ in pages for one in page_["value"]),
        lambda pages: json.dumps([one for page_ in pages for one in page_["value"]]),
        lambda pages: "\n".join(json.dumps(one) for one in reversed(pages)),
    ],
)
@pytest.mark.parametrize("batch_rows", [1, 2, 1000])
def test_every_shape_gives_the_same(tmp_path: Path, shape: Callable[[Any], str], batch_rows: int) -> None:
    path = tmp_path / "boards.json.gz"
    path.write_bytes(gzip.compress(shape([page(*_LIFE[:2]), page(*_LIFE[2:])]).encode()))
    assert FORMAT.recognise(read_head(path)) == 0.97
    batches, fates = read(FORMAT.open(path, ReadOptions(batch_rows=batch_rows)))
    assert steps(batches, 299) == [(10, None, "New"), (20, "New", "Active"), (50, "Active", "Closed")]
    assert fates == {"accepted": 3}


def test_a_person_is_one_identity_in_every_shape() -> None:
    """Objects of the API 7.1, texts of 1.0, and what is left where neither has a sign-in name."""
    assert (
        person("Jamal Hartnett <fabrikamfiber4@hotmail.com>") == person(JAMAL) == person({"name": JAMAL["uniqueName"]})
    )
    assert person({"id": "D291"}) == "d291"
    assert person({"uniqueName": "FABRIKAM\\Jamal"}) == "fabrikam\\jamal"
    assert person({}) is person(None) is person(7) is None


def test_links_have_the_time_of_their_update(open_answers: Callable[..., EventSource]) -> None:
    link_only = {
        "id": 4, "rev": 3, "revisedBy": JAMAL, "revisedDate": at(55), "url": f"{URL}/299/updates/4",
        "relations": {"added": [relation("Dependency-Forward", 300)]},
    }  # fmt: skip
    removed = link_only | {
        "id": 5, "revisedDate": at(56), "url": f"{URL}/299/updates/5",
        "relations": {"removed": [relation("Related", 301)]},
    }  # fmt: skip
    first = update(299, 1, 10, replaced=20, fields=created(10), relations={"added": [
        relation("Hierarchy-Reverse", 297), relation("Related", 301),
        {"rel": "AttachedFile", "url": "https://dev.azure.com/_apis/wit/attachments/098a"},
    ]})  # fmt: skip
    parent = update(297, 1, 5, fields=created(5))
    batches, fates = read(open_answers(page(first, *_LIFE[1:], link_only, removed), page(parent)))
    links = table(batches, "links").select("item", "kind", "other", "at_us").rows()
    assert links == [("297", "parent", "299", 10_000_000), ("299", "blocks", "300", 55_000_000)]
    assert dict(table(batches, "items").select("item", "parent").rows())["299"] == "297"
    assert fates == {"accepted": 5, "ignored": 1}


@pytest.mark.parametrize(
    ("rel", "expected"),
    [
        ("Hierarchy-Forward", ("7", "parent", "9")),  # "Child": 9 is the child
        ("Hierarchy-Reverse", ("9", "parent", "7")),
        ("Dependency-Forward", ("7", "blocks", "9")),  # "Successor": 9 waits for 7
        ("Dependency-Reverse", ("9", "blocks", "7")),
        ("Related", ("7", "relates", "9")),
        ("Duplicate-Forward", ("9", "duplicates", "7")),  # "Duplicate": 9 repeats 7
        ("Duplicate-Reverse", ("7", "duplicates", "9")),  # "Duplicate Of"
        ("Remote.Related", None),
    ],
)
def test_what_a_relation_says(rel: str, expected: tuple[str, str, str] | None) -> None:
    assert link_of("7", f"System.LinkTypes.{rel}", "9") == expected
    assert link_of("7", f"System.LinkTypes.{rel}", "7") is None


def test_both_ends_tell_one_link_and_the_unknown_end_is_counted(open_answers: Callable[..., EventSource]) -> None:
    items = page(
        snapshot(7, 1, 1, "New", relations=[relation("Hierarchy-Forward", 9), relation("Related", 5)]),
        snapshot(9, 1, 1, "New", relations=[relation("Hierarchy-Reverse", 7), relation("Hierarchy-Reverse", 4)]),
    )
    source = open_answers(items)
    batches, _ = read(source)
    links = set(table(batches, "links").select("item", "kind", "other").rows())
    assert links == {("7", "parent", "9"), ("7", "relates", "5")}
    assert source.info().notes["links_outside"] == "1"


def test_rows_of_the_reporting_api_of_links(open_answers: Callable[..., EventSource]) -> None:
    """The second one was removed later, the third is of the older version, the last begins outside."""
    rel = "System.LinkTypes.Hierarchy-Forward"
    rows = [
        {"rel": rel, "attributes": {"sourceId": 7, "targetId": 8, "changedDate": at(3), "isActive": True}},
        {"rel": rel, "attributes": {"sourceId": 7, "targetId": 9, "changedDate": at(3), "isActive": True}},
        {"rel": rel, "attributes": {"sourceId": 7, "targetId": 9, "changedDate": at(4), "isActive": False}},
        {"rel": "System.LinkTypes.Dependency", "sourceId": 8, "targetId": 7, "changedDate": at(5), "isActive": True},
        {"rel": rel, "attributes": {"sourceId": 1, "targetId": 7, "changedDate": at(6), "isActive": True}},
    ]
    items = [snapshot(7, 1, 1, "New"), snapshot(8, 1, 1, "New")]
    batches, fates = read(open_answers({"values": rows, "isLastBatch": True}, {"values": items, "isLastBatch": True}))
    assert table(batches, "links").select("item", "kind", "other", "at_us").rows() == [
        ("7", "parent", "8", 3_000_000),
        ("8", "blocks", "7", 5_000_000),
    ]
    assert fates == {"accepted": 4, "ignored": 3}
    assert batches[0].ignored == {"link_not_kept": 2, "link_outside": 1}


def test_revisions_give_the_same_as_updates(open_answers: Callable[..., EventSource]) -> None:
    revisions = [
        snapshot(7, 1, 1, "New"),
        snapshot(7, 2, 2, "New", Microsoft__VSTS__Common__BacklogPriority=1000000000),
        snapshot(8, 1, 2, "New", System__Tags="web"),
        snapshot(7, 3, 5, "Active", Microsoft__VSTS__Common__BacklogPriority=1000000000, System__AssignedTo=JAMAL),
        snapshot(8, 2, 6, "New", System__Tags="web; blocked"),
        snapshot(8, 3, 7, "New", System__Tags="blocked; web; now"),
        snapshot(7, 4, 9, "Done", System__AssignedTo=JAMAL, System__CommentCount=1),
    ]
    batches, fates = read(open_answers({"values": revisions, "isLastBatch": True}))
    assert steps(batches, 7) == [(1, None, "New"), (5, "New", "Active"), (9, "Active", "Done")]
    assert steps(batches, 8) == [(2, None, "New")]
    changes = table(batches, "field_changes").select("item", "at_us", "field", "from_value", "to_value").rows()
    assert changes == [
        ("7", 1_000_000, "team", None, "Fabrikam"),
        ("7", 2_000_000, "rank", None, "1000000000"),
        ("8", 2_000_000, "team", None, "Fabrikam"),
        ("7", 5_000_000, "assignee", None, "fabrikamfiber4@hotmail.com"),
        ("8", 6_000_000, "flag", None, "Blocked"),
        ("7", 9_000_000, "rank", "1000000000", None),
        ("7", 9_000_000, "comment_count", None, "1"),
    ]
    assert set(table(batches, "transitions")["actor"]) == {"fabrikamfiber2@hotmail.com"}
    assert fates == {"accepted": 7}  # the newest revision of 8 says what 8 is today


def test_the_item_may_come_before_its_revisions(open_answers: Callable[..., EventSource]) -> None:
    history = [snapshot(7, 1, 1, "New"), snapshot(7, 2, 5, "Active"), snapshot(7, 3, 9, "Done")]
    today = snapshot(7, 3, 9, "Done", relations=[], System__Parent=4)
    for answers in ([today, *history], [*history, today], [today, *history[:2]]):
        batches, fates = read(open_answers(page(*answers)))
        # Without revision 3 in its place nobody knows the state before it; but that it was Done then is known.
        last = (9, None if len(answers) == 3 else "Active", "Done")
        assert steps(batches, 7) == [(1, None, "New"), (5, "New", "Active"), last]
        assert set(table(batches, "items")["parent"]) == {"4"}
        assert fates["accepted"] == len(answers)
        assert not sum(batch.warnings.total() for batch in batches)


def test_revisions_out_of_order_keep_their_states(open_answers: Callable[..., EventSource]) -> None:
    shuffled = [snapshot(7, rev, rev, state) for rev, state in ((2, "New"), (4, "New"), (1, "New"), (3, "Active"))]
    batches, fates = read(open_answers(page(*shuffled)))
    assert [(second, now) for second, _, now in steps(batches, 7)] == [
        (1, "New"), (2, "New"), (3, "Active"), (4, "New"),
    ]  # fmt: skip
    assert fates == {"accepted": 4}
    assert batches[0].warnings == {"revisions_out_of_order": 1}


def test_revisions_beside_updates_are_not_told_twice(open_answers: Callable[..., EventSource]) -> None:
    revisions = [snapshot(299, rev, second, "?") for rev, second in ((1, 10), (2, 20))]
    today = snapshot(299, 3, 50, "Closed", System__TeamProject="Renamed")
    batches, fates = read(open_answers(page(*revisions, today), page(*_LIFE)))
    assert steps(batches, 299) == [(10, None, "New"), (20, "New", "Active"), (50, "Active", "Closed")]
    assert fates == {"accepted": 4, "ignored": 2}
    assert set(table(batches, "items")["stream"]) == {"Renamed"}


def test_a_missing_beginning_is_a_stay_in_created(open_answers: Callable[..., EventSource]) -> None:
    later = update(299, 3, 30, replaced=50, fields={"System.Tags": ("", "web")})
    closed = update(299, 4, 50, fields={"System.State": ("Active", "Closed")})
    batches, _ = read(open_answers(page(later, closed), page(snapshot(299, 4, 50, "Closed"))))
    assert steps(batches, 299) == [(1, None, _CREATED), (30, None, "Active"), (50, "Active", "Closed")]
    assert batches[0].warnings == {"history_truncated": 1}
    # Revisions, from the third on: what came before is unknown, too.
    batches, _ = read(open_answers(page(snapshot(7, 3, 30, "Active"), snapshot(7, 4, 50, "Done"))))
    assert steps(batches, 7) == [(1, None, _CREATED), (30, None, "Active"), (50, "Active", "Done")]
    assert table(batches, "field_changes").height == 0
    assert batches[0].warnings == {"history_truncated": 1}


def test_a_missing_end_is_told_and_the_state_today_kept(open_answers: Callable[..., EventSource]) -> None:
    """The updates come in pages of 200; where the last page is missing, no update is of the year 9999."""
    cut = page(update(299, 1, 10, replaced=20, fields=created(10)))
    batches, _ = read(open_answers(cut))
    assert steps(batches, 299) == [(10, None, "New")]
    assert batches[0].warnings == {"history_truncated": 1}
    today = snapshot(299, 9, 90, "Closed", Microsoft__VSTS__Common__StateChangeDate=at(80))
    batches, _ = read(open_answers(cut, page(today)))
    assert steps(batches, 299) == [(10, None, "New"), (80, None, "Closed")]
    assert batches[0].warnings == {"history_truncated": 1}


def test_items_alone_know_dates_only(open_answers: Callable[..., EventSource]) -> None:
    changed = {"Microsoft__VSTS__Common__StateChangeDate": at(40)}
    source = open_answers(page(snapshot(7, 5, 50, "Closed", **changed), snapshot(8, 2, 20, "Active")))
    batches, fates = read(source)
    assert steps(batches, 7) == [(1, None, _CREATED), (40, _CREATED, "Closed")]
    assert steps(batches, 8) == [(1, None, _CREATED)]
    assert [json.loads(text) for text in table(batches, "items")["attributes"]] == [
        {"System.State": "Closed"}, {"System.State": "Active"},
    ]  # fmt: skip
    info = source.info()
    assert info.log_kind == "dates"
    assert info.notes == {"no_state_history": "2"}
    assert info.state_hints == {_CREATED: "waiting", "Closed": "done"}
    assert fates == {"accepted": 2}


def test_an_item_never_changed_is_in_its_state_since_its_creation(open_answers: Callable[..., EventSource]) -> None:
    source = open_answers(page(snapshot(7, 1, 1, "New")))
    batches, _ = read(source)
    assert steps(batches, 7) == [(1, None, "New")]
    assert source.info().log_kind == "states"


def test_deleted_and_restored(open_answers: Callable[..., EventSource]) -> None:
    gone = update(299, 4, 60, replaced=70, fields={"System.IsDeleted": (False, True)})
    back = update(299, 5, 70, fields={"System.IsDeleted": (True, False)})
    batches, _ = read(open_answers(page(*_LIFE[:2], gone, back)))
    deleted = table(batches, "field_changes").filter(field="deleted").select("at_us", "from_value", "to_value").rows()
    assert deleted == [(60_000_000, None, "true")]
    assert steps(batches, 299)[-1] == (70, schema.DELETED_STATE, "Active")
    # In a revision of the reporting API (includeDeleted) it is a field like others.
    batches, _ = read(open_answers(page(snapshot(7, 1, 1, "New"), snapshot(7, 2, 9, "New", System__IsDeleted=True))))
    assert table(batches, "field_changes").filter(field="deleted")["at_us"].to_list() == [9_000_000]


def test_moves_and_changes_of_type(open_answers: Callable[..., EventSource]) -> None:
    moved = update(299, 4, 60, fields={
        "System.TeamProject": ("Fabrikam", "Contoso"),
        "System.AreaPath": ("Fabrikam\\Website", "Contoso"),
        "System.WorkItemType": ("User Story", "Bug"),
    })  # fmt: skip
    batches, _ = read(open_answers(page(*_LIFE, moved)))
    changes = table(batches, "field_changes").filter(at_us=60_000_000).select("field", "from_value", "to_value").rows()
    assert changes == [
        ("stream", "Fabrikam", "Contoso"),
        ("type", "User Story", "Bug"),
        ("team", "Fabrikam\\Website", "Contoso"),
    ]
    assert set(table(batches, "items").select("stream", "type").rows()) == {("Contoso", "Bug")}
    batches, _ = read(open_answers(page(*_LIFE, moved), stream="Mine"))
    assert "stream" not in set(table(batches, "field_changes")["field"])


def test_flags_come_from_the_field_and_from_tags() -> None:
    blocked = {"Microsoft.VSTS.CMMI.Blocked": {"oldValue": "No", "newValue": "Yes"}}
    assert [(change.before, change.now) for change in changes_of_update(blocked, 2)] == [(None, "Blocked")]
    unblocked = {"System.Tags": {"oldValue": "Web; Blocked", "newValue": "Web"}}
    assert [(change.field, change.now) for change in changes_of_update(unblocked, 3)] == [("flag", None)]
    assert changes_of_update({"System.Tags": {"oldValue": "Unblocked", "newValue": ""}}, 3) == ()


def test_categories_of_the_process_go_before_names(open_answers: Callable[..., EventSource]) -> None:
    kind = {"name": "Bug", "states": [
        {"name": "New", "color": "b2b2b2", "category": "Proposed"},
        {"name": "Closed", "color": "007acc", "category": "InProgress"},
    ]}  # fmt: skip
    listed = page({"name": "Active", "color": "ff9d00", "category": "Removed"})
    source = open_answers(page(*_LIFE), page(kind), listed)
    batches, fates = read(source)
    assert source.info().state_hints == {"New": "new", "Active": "cancelled", "Closed": "active"}
    assert fates == {"accepted": 3, "ignored": 2}
    assert batches[0].ignored == {"state_meaning": 2}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("New", "Active", "Resolved", "Closed", "Removed"), ("new", "active", "active", "done", "cancelled")),  # Agile
        (("New", "Approved", "Committed", "Done", "Removed"), ("new", "new", "active", "done", "cancelled")),  # Scrum
        (("Proposed", "Active", "Resolved", "Closed"), ("new", "active", "active", "done")),  # CMMI
        (("To Do", "Doing", "Done"), ("new", "active", "done")),  # Basic
        (("Waiting for Godot",), ()),
    ],
)
def test_states_of_the_processes(states: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """As "How workflow category states are used" maps them; what is resolved counts as in progress."""
    assert tuple(StateMeanings().hints(states).values()) == expected


def test_what_is_no_event_has_its_reason(open_answers: Callable[..., EventSource]) -> None:
    noise = update(299, 4, 60, fields={"System.Description": ("a", "b")})
    without_time = {**_LIFE[1], "rev": 7, "fields": {"System.State": {"oldValue": "A", "newValue": "B"}}}
    answers = [
        page(*_LIFE, _LIFE[0], noise, without_time),
        page("text", None, {"id": 1}, {"rev": 1, "revisedBy": {}, "fields": {}}, {"fields": {}, "id": "x"}),
        {"message": "TF401232: Work item 5 does not exist", "typeKey": "WorkItemUnauthorizedAccessException"},
        {"queryType": "flat", "workItems": [{"id": 299}]},
        {**_LIFE[1], "rev": None},
    ]
    batches, fates = read(open_answers(*answers))
    rejected = table(batches, "rejects").select("row", "reason").rows()
    assert rejected == [
        (6, "unreadable_time"),
        (7, "not_an_object"),
        (8, "not_an_object"),
        (9, "unknown_record"),
        (10, "item_missing"),
        (11, "item_missing"),
        (12, "error_answer"),
        (14, "revision_missing"),
    ]
    assert batches[0].ignored == {"field_not_needed": 1, "query_result": 1}
    assert fates == {"accepted": 3, "duplicate": 1, "ignored": 2, "rejected": 8}
    assert all(has(f"row.{reason}") for _, reason in rejected)


def test_hostile_values_end_in_rejected_rows(open_answers: Callable[..., EventSource]) -> None:
    records = [
        update(1, 1, 1, fields={"System.State": (None, "a\x00b")}),
        update(2, 1, 1, fields={**created(1), "System.TeamProject": (None, "x" * 501)}),
        update(3, 1, 1, fields={**created(1), "System.State": (None, {"name": "New"})}),
        update(4, 1, 1, fields={"System.State": (["New"], 7)}),
        {**update(5, 1, 1), "relations": {"added": "none", "removed": [{"rel": 7, "url": ["x"]}, None]}},
        snapshot(6, 1, 1, "New", relations="none", System__ChangedDate="9999-01-01T00:00:00Z"),
        {**update(7, 1, 1, fields=created(1)), "rev": 2**40},
        {**update(8, 1, 1), "fields": {"System.State": "New", "System.ChangedDate": 7}},
        {"id": 10**30, "rev": 1, "fields": {}},
    ]
    batches, fates = read(open_answers(page(*records)))
    assert sum(fates.values()) == len(records)
    assert [now for _, _, now in steps(batches, 4)] == ["7"]
    assert dict(table(batches, "rejects").select("row", "reason").rows()) == {
        2: "name_too_long",
        6: "unreadable_time",
        7: "revision_missing",
        9: "item_missing",
    }
    assert batches[0].warnings["nul_byte"] == 1  # the item of the row is known, its state is not


def test_cyclic_parents_and_links_are_kept_as_they_are(open_answers: Callable[..., EventSource]) -> None:
    ring = [
        snapshot(1, 1, 1, "New", System__Parent=2, relations=[relation("Hierarchy-Reverse", 2)]),
        snapshot(2, 1, 1, "New", System__Parent=1, relations=[relation("Hierarchy-Reverse", 1)]),
    ]
    batches, fates = read(open_answers(page(*ring)))
    assert dict(table(batches, "items").select("item", "parent").rows()) == {"1": "2", "2": "1"}
    assert fates == {"accepted": 2}


def test_a_page_that_announces_more_is_noted(open_answers: Callable[..., EventSource]) -> None:
    first, second = {"values": [snapshot(7, 1, 1, "New")]}, {"values": [snapshot(7, 2, 5, "Done")]}
    for answers, notes in (
        ([first | {"isLastBatch": False}], {"pages_missing": ""}),
        ([first | {"isLastBatch": False}, second | {"isLastBatch": True}], {}),
    ):
        source = open_answers(*answers)
        read(source)
        assert source.info().notes == notes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"count": 1, "value": [{"id": 1', "json_truncated"),
        ("[" * 100_000, "json_too_deep"),
        ("<html>", "json_invalid"),
    ],
)
def test_broken_files_end_in_an_error(open_answers: Callable[..., EventSource], text: str, code: str) -> None:
    with pytest.raises(InputError) as raised:
        read(open_answers(text))
    assert raised.value.code == code


def test_recognition_leaves_other_tools_alone(tmp_path: Path) -> None:
    def confidence(content: object) -> tuple[float, float, float]:
        path = tmp_path / "x.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        head = read_head(path)
        return FORMAT.recognise(head), JIRA.recognise(head), SERVICENOW.recognise(head)

    assert confidence(page(*_LIFE)) == (0.97, 0.0, 0.0)
    assert confidence({"values": [snapshot(7, 1, 1, "New")], "isLastBatch": True}) == (0.97, 0.0, 0.0)
    assert confidence(page({"name": "New", "color": "b2b2b2", "category": "Proposed"})) == (0.7, 0.0, 0.0)
    assert confidence({"issues": [{"key": "A-1", "fields": {"status": {"statusCategory": {}}}}]})[0] == 0.0
    assert confidence({"result": [{"sys_id": "1", "number": "INC1", "state": "1"}]})[0] == 0.0
    assert confidence("ID,Work Item Type,State\n1,Bug,New\n")[0] == 0.0
