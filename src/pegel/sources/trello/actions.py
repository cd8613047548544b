"""What the records of a Trello board are, and how their ids and actions are read.

Actions: https://developer.atlassian.com/cloud/trello/guides/rest-api/action-types/. An id is a MongoDB ObjectId: its
first eight hexadecimal digits are the Unix second of creation, its last six a counter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, Literal

from pegel.eventlog import schema
from pegel.sources.json_values import mapping, member

Kind = Literal["action", "card", "list", "board"]

_BY_MEMBER: Final[Mapping[str, Kind]] = {"actions": "action", "cards": "card", "lists": "list"}
#: Actions that bring a card to the board.
CREATING: Final = frozenset({"createCard", "copyCard", "convertToCardFromCheckItem", "emailCard", "moveCardToBoard"})
COMMENTING: Final = frozenset({"commentCard", "copyCommentCard"})
#: Actions that tell the beginning of the board, so that none before them can be missing.
BOARD_BEGINS: Final = frozenset({"createBoard", "copyBoard"})
#: Every action that becomes an event.
USED: Final = (
    CREATING
    | COMMENTING
    | {
        "updateCard",
        "moveCardFromBoard",
        "deleteCard",
        "addMemberToCard",
        "removeMemberFromCard",
        "addLabelToCard",
        "removeLabelFromCard",
    }
)
#: Sequences below this are for what a card began with.
FIRST_SEQUENCE: Final = 4
_PLACES: Final = 4
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{24}")


def kind_of(name: str, value: Mapping[str, Any]) -> Kind | None:
    """Say what a record is: by the member that it stood under, else by its members.

    >>> kind_of("cards", {}), kind_of("", {"type": "updateCard", "data": {}}), kind_of("", {"idList": "l"})
    ('card', 'action', 'card')
    """
    if name in _BY_MEMBER:
        return _BY_MEMBER[name]
    if isinstance(value.get("type"), str) and isinstance(value.get("data"), dict):
        return "action"
    if "idList" in value:
        return "card"
    if "idBoard" in value and "pos" in value:
        return "list"
    return "board" if "prefs" in value or "idOrganization" in value else None


def id_us(value: str | None) -> int | None:
    """Moment of creation that an id tells, in microseconds (exact to the second), or None.

    >>> id_us("0000000a2842d1ccfffebb31"), id_us("not an id")
    (10000000, None)
    """
    if value is None or not _OBJECT_ID.fullmatch(value):
        return None
    at_us = int(value[:8], 16) * schema.SECOND_US
    return at_us if at_us < schema.LATEST_US else None


def sequence_of(action: Mapping[str, Any], place: int = 0) -> int:
    """Order of an action among those of the same millisecond; the same in every export."""
    own_id = member(action, "id") or ""
    if _OBJECT_ID.fullmatch(own_id):
        counter = int(own_id[18:], 16)
    else:
        counter = int.from_bytes(blake2b(own_id.encode(), digest_size=3).digest(), "big")
    return FIRST_SEQUENCE + counter * _PLACES + place


def card_of(action: Mapping[str, Any]) -> str | None:
    """Id of the card that an action is about."""
    return member(mapping(action.get("data")).get("card"), "id")


def actor_of(action: Mapping[str, Any]) -> str | None:
    """Id of the member who did it. Pseudonymised before it is stored."""
    return member(action, "idMemberCreator") or member(action.get("memberCreator"), "id")


def archived_now(action: Mapping[str, Any]) -> bool | None:
    """Tell whether an action put a card into the archive (True), took it out (False), or neither (None)."""
    data = mapping(action.get("data"))
    before = mapping(data.get("old")).get("closed")
    if action.get("type") != "updateCard" or not isinstance(before, bool):
        return None
    now = mapping(data.get("card")).get("closed")
    return now if isinstance(now, bool) else not before


def lists_of(action: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return the lists (id, name) that a move of a card led from and to, or None where it moved to no other list."""
    data = mapping(action.get("data"))
    if action.get("type") != "updateCard":
        return None
    after, before = mapping(data.get("listAfter")), mapping(data.get("listBefore"))
    if not after:
        old = member(data.get("old"), "idList")
        after, before = mapping(data.get("list")) if old else {}, {"id": old}
    return (before, after) if member(after, "id") or member(after, "name") else None
