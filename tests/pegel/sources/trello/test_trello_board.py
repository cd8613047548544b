"""Trello boards, worked out by hand. The fixtures follow the object definitions in Atlassian's documentation:
https://developer.atlassian.com/cloud/trello/guides/rest-api/object-definitions/"""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.accounts import read
from tests.pegel.sources.github.saved import changes, opened, table, warnings
from tests.pegel.sources.github.saved import steps as all_steps

from pegel.errors import InputError, NotFoundError
from pegel.eventlog import schema
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head
from pegel.sources.transitions.source import stem
from pegel.sources.trello import FORMAT

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[4] / ".." / "shared" / "data"))
_RAW = _SAMPLES / "devlake-raw-tables" / "trello"
_BOARD = {"id": "b" * 24, "name": "Claims"}
_LISTS = [
    {"id": "todo", "name": "To do", "idBoard": _BOARD["id"], "pos": 1, "closed": False},
    {"id": "doing", "name": "Doing", "idBoard": _BOARD["id"], "pos": 2, "closed": False},
    {"id": "done", "name": "Done", "idBoard": _BOARD["id"], "pos": 3, "closed": False},
]


def _id(second: int, number: int) -> str:
    """An ObjectId made in a second after 1970 began, with a counter."""
    return f"{second:08x}{'a' * 10}{number:06x}"


def _at(second: float) -> str:
    return f"1970-01-01T00:{int(second) // 60:02d}:{second % 60:06.3f}Z"


def _card(card_id: str, list_id: str, **more: Any) -> dict[str, Any]:
    card = {"id": card_id, "idBoard": _BOARD["id"], "idList": list_id, "name": "a private name", "desc": "private"}
    return {**card, "closed": False, "shortLink": f"s{card_id[-2:]}", "dateLastActivity": _at(50), **more}


def _action(number: int, kind: str, second: float, card_id: str | None, /, **data: Any) -> dict[str, Any]:
    about = {"card": {"id": card_id, "name": "a private name", **data.pop("card", {})}} if card_id else {}
    return {
        "id": _id(int(second), number),
        "idMemberCreator": "m1",
        "memberCreator": {"id": "m1", "fullName": "A Private Person"},
        "type": kind,
        "date": _at(second),
        "data": {"board": _BOARD, **about, **data},
    }


def _move(number: int, second: float, card: str, before: str, after: str) -> dict[str, Any]:
    names = {"todo": "Backlog (old name)", "doing": "Doing", "done": "Done", "gone": "Gone"}
    ends = {key: {"id": own, "name": names[own]} for key, own in (("listBefore", before), ("listAfter", after))}
    return _action(number, "updateCard", second, card, old={"idList": before}, **ends)


def _export(cards: list[dict[str, Any]], *actions: dict[str, Any], lists: Any = None) -> dict[str, Any]:
    """A board as Trello writes it: the newest action first, and before the cards and lists it names."""
    newest_first = sorted(actions, key=lambda action: action["date"], reverse=True)
    return {**_BOARD, "actions": newest_first, "cards": cards, "labels": [], "lists": lists or _LISTS}


_BOARD_MADE = _action(1, "createBoard", 1, None)
_ONE = _id(10, 1)
_WHOLE = _export(
    [_card(_ONE, "done", badges={"comments": 1})],
    _BOARD_MADE,
    _action(2, "createCard", 10.25, _ONE, list={"id": "todo", "name": "To do"}),
    _action(3, "addMemberToCard", 11, _ONE, idMember="m2", member={"id": "m2", "name": "Private"}),
    _action(4, "commentCard", 12, _ONE, text="a private comment"),
    _move(5, 20, _ONE, "todo", "doing"),
    _action(6, "removeMemberFromCard", 21, _ONE, idMember="m2"),
    _action(7, "addLabelToCard", 22, _ONE, label={"id": "l", "name": "blocked", "color": "red"}),
    _action(8, "updateCard", 23, _ONE, card={"pos": 7.5}, old={"pos": 3}),
    _action(9, "updateCard", 24, _ONE, old={"desc": "private"}),
    _move(10, 30, _ONE, "doing", "done"),
    _action(11, "addChecklistToCard", 31, _ONE),
)


def _steps(batches: Any) -> list[tuple[object, ...]]:
    return [step[1:] for step in all_steps(batches)]


def test_one_card_by_hand(tmp_path: Path) -> None:
    source = opened(FORMAT, tmp_path / "board.json", _WHOLE)
    assert FORMAT.recognise(read_head(tmp_path / "board.json")) > 0.9
    batches, fates = read(source)
    # The id says the second of creation; a list is called what it is called today.
    assert _steps(batches) == [(10.0, None, "To do"), (20.0, "To do", "Doing"), (30.0, "Doing", "Done")]
    assert changes(batches) == [
        (11.0, "assignee", None, "m2", "m1"),
        (12.0, "comment_count", "0", "1", "m1"),
        (21.0, "assignee", "m2", None, "m1"),
        (22.0, "flag", None, "blocked", "m1"),
        (23.0, "rank", "3", "7.5", "m1"),
    ]
    assert table(batches, "transitions").sort("at_us")["actor"].to_list() == ["m1"] * 3
    # One card and eleven actions: the board's, the description's and the check list's say nothing of use.
    assert fates == {"accepted": 1 + 8, "ignored": 3}
    assert batches[0].ignored == {"not_about_an_item": 1, "field_not_needed": 2}
    items = table(batches, "items")
    assert set(items["stream"]) == {"Claims"}
    assert set(items["created_us"]) == {10_000_000}
    assert json.loads(items["attributes"].drop_nulls()[0]) == {"short_link": "s01"}
    assert items["title"].null_count() == items.height
    assert (source.info().log_kind, source.info().notes) == ("states", {})
    assert not warnings(batches)
    assert "rivate" not in str([batch.items.rows() + batch.field_changes.rows() for batch in batches])
    assert source.progress() == 1.0


_PAGES = {key: _WHOLE[key] for key in ("actions", "cards", "lists")}
_SHAPES = {
    "boards in an array": [_WHOLE],
    "lists before cards before actions": {
        **_BOARD,
        "lists": _LISTS,
        "cards": _WHOLE["cards"],
        "actions": _WHOLE["actions"],
    },
    "answers one after another": "".join(json.dumps(_PAGES[key]) for key in ("lists", "cards", "actions")),
    "json lines": "\n".join(json.dumps(one) for page in _PAGES.values() for one in page),
    "older actions appended": json.dumps({**_WHOLE, "actions": _WHOLE["actions"][:4]})
    + json.dumps(_WHOLE["actions"][2:]),
}


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize("batch_rows", [2, 1000])
def test_every_shape_tells_the_same(tmp_path: Path, shape: str, batch_rows: int) -> None:
    one, _ = read(opened(FORMAT, tmp_path / "one.json", _WHOLE))
    batches, fates = read(opened(FORMAT, tmp_path / "board.json", _SHAPES[shape], batch_rows=batch_rows))
    assert FORMAT.recognise(read_head(tmp_path / "board.json")) > 0.9
    assert (_steps(batches), changes(batches)) == (_steps(one), changes(one))
    # Two actions are on both pages of the last shape; the rows are one card and eleven actions in all of them.
    assert fates["duplicate"] == (2 if "appended" in shape else 0)
    assert fates.total() - fates["duplicate"] == 12
    assert len(batches) > 1 or batch_rows > 12


def test_a_cut_history_begins_at_the_oldest_known_action(tmp_path: Path) -> None:
    moved, talked, silent, finished = (_id(10, number) for number in (1, 2, 3, 4))
    cards = [
        _card(moved, "done"),
        _card(talked, "doing"),
        _card(silent, "todo", dateLastActivity=_at(12)),
        _card(finished, "done", dateLastActivity=_at(20)),
        _card(_id(40, 5), "todo"),  # made after the oldest action: its history is whole
    ]
    oldest = _action(9, "updateCheckItemStateOnCard", 30, moved)
    batches, _ = read(
        opened(
            FORMAT, tmp_path / "b.json",
            _export(cards, oldest, _move(10, 35, moved, "doing", "done"), _action(11, "commentCard", 36, talked)),
        )
    )  # fmt: skip
    assert all_steps(batches) == [
        (moved, 30.0, None, "Doing"),
        (moved, 35.0, "Doing", "Done"),
        (talked, 30.0, None, "Doing"),
        (silent, 12.0, None, "To do"),
        (finished, 20.0, None, "Done"),
        (_id(40, 5), 40.0, None, "To do"),
    ]
    assert warnings(batches) == {"history_truncated": 4}


def test_cards_of_a_copied_board_began_with_it(tmp_path: Path) -> None:
    copied = _action(1, "copyBoard", 10, None)
    batches, _ = read(
        opened(FORMAT, tmp_path / "b.json", _export([_card(_ONE, "done")], copied, _move(2, 20, _ONE, "todo", "done")))
    )
    assert _steps(batches) == [(10.0, None, "To do"), (20.0, "To do", "Done")]
    assert not warnings(batches)


def _archiving(number: int, second: int, list_id: str, *, closed: bool) -> dict[str, Any]:
    return _action(
        number, "updateCard", second, _ONE, card={"closed": closed}, old={"closed": not closed}, list={"id": list_id}
    )


def test_the_archive_ends_a_card_unless_it_ended_before(tmp_path: Path) -> None:
    made = _action(2, "createCard", 10, _ONE, list={"id": "todo"})
    given_up = _export(
        [_card(_ONE, "todo", closed=True)],
        _BOARD_MADE,
        made,
        _archiving(3, 20, "todo", closed=True),
        _archiving(4, 25, "todo", closed=False),
        _archiving(5, 30, "todo", closed=True),
    )
    source = opened(FORMAT, tmp_path / "a.json", given_up)
    batches, _ = read(source)
    assert _steps(batches) == [
        (10.0, None, "To do"),
        (20.0, "To do", "Archived"),
        (25.0, "Archived", "To do"),
        (30.0, "To do", "Archived"),
    ]
    assert source.info().state_hints["Archived"] == "cancelled"

    tidied = _export(
        [_card(_ONE, "done", closed=True)],
        _BOARD_MADE,
        made,
        _move(3, 20, _ONE, "todo", "done"),
        _archiving(4, 30, "done", closed=True),
    )
    batches, _ = read(opened(FORMAT, tmp_path / "b.json", tidied))
    assert _steps(batches) == [(10.0, None, "To do"), (20.0, "To do", "Done")]
    assert changes(batches) == [(30.0, "archived", "false", "true", "m1")]

    ticked = _export(
        [_card(_ONE, "todo", closed=True, dueComplete=True)], _BOARD_MADE, made, _archiving(4, 30, "todo", closed=True)
    )
    source = opened(FORMAT, tmp_path / "c.json", ticked)
    assert _steps(read(source)[0])[-1] == (30.0, "To do", "Archived (complete)")
    assert source.info().state_hints["Archived (complete)"] == "done"


def test_without_a_list_named_done_the_last_one_is_the_end(tmp_path: Path) -> None:
    lists = [{**_LISTS[0]}, {**_LISTS[2], "name": "Mittwoch"}, {**_LISTS[1], "pos": 9, "closed": True}]
    made = _action(2, "createCard", 10, _ONE, list={"id": "done"})
    content = _export(
        [_card(_ONE, "done", closed=True)], _BOARD_MADE, made, _archiving(3, 20, "done", closed=True), lists=lists
    )
    source = opened(FORMAT, tmp_path / "a.json", content)
    batches, _ = read(source)
    assert _steps(batches) == [(10.0, None, "Mittwoch")]
    assert source.info().state_hints["Mittwoch"] == "done"


def test_archived_before_the_known_history(tmp_path: Path) -> None:
    archived = _card(_ONE, "todo", closed=True, dateLastActivity=_at(20))
    batches, _ = read(opened(FORMAT, tmp_path / "a.json", _export([archived], _action(9, "createList", 30, None))))
    assert _steps(batches) == [(20.0, None, "To do"), (20.0, "To do", "Archived")]
    # Taken out again: it was in the archive when the known history begins.
    back = _export([_card(_ONE, "todo")], _action(9, "createList", 30, None), _archiving(10, 40, "todo", closed=False))
    batches, _ = read(opened(FORMAT, tmp_path / "b.json", back))
    assert _steps(batches) == [(30.0, None, "To do"), (30.0, "To do", "Archived"), (40.0, "Archived", "To do")]


def test_cards_that_come_go_and_are_deleted(tmp_path: Path) -> None:
    came, went, deleted, part = _ONE, _id(11, 2), _id(12, 3), _id(13, 4)
    actions = (
        _BOARD_MADE,
        _action(2, "moveCardToBoard", 20, came, list={"id": "doing"}, boardSource={"id": "x", "name": "Intake"}),
        _action(3, "createCard", 11, went, list={"id": "todo"}),
        _action(4, "moveCardFromBoard", 21, went, list={"id": "todo"}, boardTarget={"id": "y"}),
        _action(5, "emailCard", 12, deleted, list={"id": "todo"}),
        _action(6, "deleteCard", 22, deleted, list={"id": "todo"}),
        _action(7, "convertToCardFromCheckItem", 13, part, list={"id": "todo"}, cardSource={"id": came}),
    )
    source = opened(FORMAT, tmp_path / "a.json", _export([_card(came, "doing"), _card(part, "todo")], *actions))
    batches, fates = read(source)
    assert all_steps(batches) == [
        (came, 20.0, None, "Doing"),
        (went, 11.0, None, "To do"),
        (went, 21.0, "To do", "Moved to another board"),
        (deleted, 12.0, None, "To do"),
        (part, 13.0, None, "To do"),
    ]
    assert [change[:4] for change in changes(batches)] == [
        (20.0, "stream", "Intake", "Claims"),
        (22.0, "deleted", None, "true"),
    ]
    assert table(batches, "links").select("item", "kind", "other").rows() == [(part, "relates", came)]
    assert source.info().state_hints["Moved to another board"] == "cancelled"
    assert fates == {"accepted": 8, "ignored": 1}


def test_without_actions_only_dates_are_known(tmp_path: Path) -> None:
    cards = [_card(_ONE, "done"), _card(_id(11, 2), "todo"), _card(_id(12, 3), "todo", closed=True)]
    source = opened(FORMAT, tmp_path / "a.json", {**_BOARD, "lists": _LISTS, "cards": cards})
    batches, _ = read(source)
    assert _steps(batches) == [
        (10.0, None, schema.CREATED_STATE),
        (50.0, schema.CREATED_STATE, "Done"),
        (11.0, None, schema.CREATED_STATE),
        (12.0, None, schema.CREATED_STATE),
        (50.0, schema.CREATED_STATE, "Archived"),
    ]
    assert json.loads(table(batches, "items")["attributes"][1])["list"] == "To do"
    assert (source.info().log_kind, source.info().notes) == ("dates", {"no_state_history": "3"})
    assert source.info().state_hints[schema.CREATED_STATE] == "waiting"


def test_actions_of_the_same_moment_keep_their_order_in_every_export(tmp_path: Path) -> None:
    there, back = _move(7, 20, _ONE, "todo", "doing"), _move(8, 20, _ONE, "doing", "todo")
    made = _action(2, "createCard", 10, _ONE, list={"id": "todo"})
    for order in ((there, back), (back, there)):
        batches, _ = read(
            opened(FORMAT, tmp_path / "a.json", _export([_card(_ONE, "todo")], _BOARD_MADE, made, *order))
        )
        assert [step[2] for step in _steps(batches)] == ["To do", "Doing", "To do"]
        assert table(batches, "transitions").sort("at_us", "sequence")["sequence"].to_list() == [
            0,
            4 + 7 * 4,
            4 + 8 * 4,
        ]


def test_titles_stream_and_attributes_where_wanted(tmp_path: Path) -> None:
    card = _card(_ONE, "todo", labels=[{"id": "1", "name": "gold"}, {"id": "2", "name": ""}])
    options = {"titles": True, "stream": "Mine", "attributes": ("labels", "nothing")}
    batches, _ = read(opened(FORMAT, tmp_path / "a.json", _export([card], _BOARD_MADE), **options))
    item = table(batches, "items").row(0, named=True)
    assert (item["title"], item["stream"]) == ("a private name", "Mine")
    assert json.loads(item["attributes"]) == {"labels": "gold", "short_link": "s01"}


def test_a_board_without_a_name_is_called_like_its_file(tmp_path: Path) -> None:
    path = tmp_path / "team-board.json.gz"
    path.write_bytes(gzip.compress(json.dumps([_card(_ONE, "todo")]).encode()))
    batches, _ = read(FORMAT.open(path, ReadOptions()))
    # As the lake knows it, which then keeps the items in the stream that they are in already.
    assert table(batches, "items")["stream"].to_list() == [stem(path)]


def test_fewer_comments_than_the_card_counts_are_told(tmp_path: Path) -> None:
    content = _export([_card(_ONE, "todo", badges={"comments": 2})], _BOARD_MADE, _action(2, "commentCard", 12, _ONE))
    assert warnings(read(opened(FORMAT, tmp_path / "a.json", content))[0]) == {"comments_truncated": 1}


def test_hostile_values_are_rejected_with_their_reason(tmp_path: Path) -> None:
    lists = [*_LISTS, {"id": "long", "name": "x" * 501, "idBoard": _BOARD["id"], "pos": "top"}, 7, {"id": None}]
    made = _action(2, "createCard", 10, _ONE, list={"id": "todo"})
    content = {
        **_BOARD,
        "actions": [
            None,
            {"type": "updateCard", "data": 7},
            made | {"id": _id(1, 77), "date": "9999-12-31T00:00:00.000Z"},
            _move(3, 20, _ONE, "todo", "gone") | {"data": {"card": {"id": _ONE}, "listAfter": {"id": "gone"}}},
            _move(4, 21, _ONE, "todo", "gone") | {"data": {"card": {"id": _ONE}, "listAfter": {"id": "long"}}},
            made,
        ],
        "cards": [_card("no object id", "todo"), _card(_ONE, "todo"), _card("a\x00b", "todo"), {"idList": 1}, []],
        "lists": lists,
    }
    batches, fates = read(opened(FORMAT, tmp_path / "a.json", content))
    assert table(batches, "rejects")["reason"].to_list() == [
        "not_an_object",
        "item_missing",
        "unreadable_time",
        "name_too_long",
        "unreadable_created",
        "unreadable_created",
        "item_missing",
        "not_an_object",
        "not_an_object",  # the list that is none
    ]
    # The move to a list without a name gave the record of the card, so that it is accepted, with a warning.
    assert warnings(batches) == {"state_missing": 1}
    assert fates == {"accepted": 3, "rejected": 9}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"actions": [{"type": "updateCard", ', "json_truncated"),
        ('{"actions": [{"type": "updateCard"}, oops]}', "json_invalid"),
        ('{"cards": [{"idList": ' + "[" * 100_000, "json_too_deep"),
    ],
)
def test_broken_and_hostile_files_end_in_a_code(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(InputError) as raised:
        list(opened(FORMAT, tmp_path / "a.json", content).batches())
    assert raised.value.code == code


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        FORMAT.open(tmp_path / "nothing.json", ReadOptions())


@pytest.mark.parametrize(
    "text",
    [
        "id;created;closed\n1;2;3\n",
        '{"issues": [{"key": "A-1", "fields": {}, "changelog": {"histories": []}}]}',
        '[{"number": 1, "repository_url": "https://api.github.com/repos/o/r", "created_at": "2026-01-01T00:00:00Z"}]',
        '{"type": "FeatureCollection", "features": []}',
        "",
    ],
)
def test_other_files_are_not_taken_for_trello(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").write_text(text)
    assert FORMAT.recognise(read_head(tmp_path / "other")) == 0.0


@pytest.mark.skipif(not _RAW.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_RAW} is missing")
def test_real_lists_and_cards(tmp_path: Path) -> None:
    def raw(name: str) -> list[dict[str, Any]]:
        with gzip.open(_RAW / f"_raw_trello_{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            return [json.loads(row["data"]) for row in csv.DictReader(file)]

    cards, lists = raw("cards"), raw("lists")
    assert (len(cards), len(lists)) == (72, 37)
    source = opened(FORMAT, tmp_path / "trello.json", json.dumps(cards) + json.dumps(lists))
    assert FORMAT.recognise(read_head(tmp_path / "trello.json")) > 0.9
    batches, fates = read(source)
    different = {json.dumps(card, sort_keys=True) for card in cards}
    assert fates == {"accepted": len(different), "duplicate": 72 - len(different)} or fates == {"accepted": 72}
    items = table(batches, "items")
    # 0x64098772 = 1678346098 seconds: 2023-03-09, 07:14:58 UTC, five minutes before the answer was saved.
    first = items.filter(items["item"] == "64098772e6751c75dc0dc6f6")
    assert first["created_us"].to_list() == [1_678_346_098_000_000]
    names = {one["name"] for one in lists}
    assert {json.loads(attributes)["list"] for attributes in items["attributes"]} <= names
    assert source.info().log_kind == "dates"
