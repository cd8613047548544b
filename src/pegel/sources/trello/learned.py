"""What a first look at a Trello export learns, because its actions come before the cards and lists they name.

A list's name today is the name of its state, also for the time before it was renamed. A card's history is known from
its creation on where the creating action is in the file; else from the board's oldest known action on (an export holds
the newest 1,000). What is remembered is a few hundred bytes per card and per comment, never a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pegel.eventlog.vocabulary import vocabulary
from pegel.eventlog.workflow import StateCategory
from pegel.sources.json_values import mapping, member, moment_us, number
from pegel.sources.trello.actions import (
    BOARD_BEGINS,
    COMMENTING,
    CREATING,
    archived_now,
    card_of,
    id_us,
    kind_of,
    lists_of,
    sequence_of,
)

_ENDS: Final = (StateCategory.DONE, StateCategory.CANCELLED)


@dataclass(frozen=True, slots=True)
class Moment:
    """When an action happened, in the order of (time, sequence), and the id that it was about."""

    at_us: int
    sequence: int
    about: str | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Key for sorting."""
        return self.at_us, self.sequence


@dataclass(slots=True)
class CardHistory:
    """What is known of a card: as it is today (``in_file``), and of its actions."""

    board: str | None = None
    list_id: str | None = None
    in_file: bool = False
    archived: bool = False
    complete: bool = False
    last_activity_us: int | None = None
    comments_today: int = 0
    comments: list[tuple[int, str]] = field(default_factory=list)
    creation: Moment | None = None  # about: id of the creating action
    creation_list: str | None = None
    arrived: bool = False  # the creating action moved the card here from another board
    oldest: Moment | None = None
    first_move: Moment | None = None  # about: the list that the card left
    first_archiving: Moment | None = None  # about: "in" or "out"


@dataclass(slots=True)
class _BoardList:
    name: str
    board: str | None
    position: float
    archived: bool


class Learned:
    """Names of boards and lists, and the histories of cards, of a whole file."""

    def __init__(self) -> None:
        self.cards: dict[str, CardHistory] = {}
        self._boards: dict[str, str] = {}
        self._lists: dict[str, _BoardList] = {}
        self._oldest_us: dict[str | None, int] = {}
        self._whole: set[str | None] = set()
        self._ends: dict[str | None, frozenset[str]] = {}
        self._seen: set[str] = set()

    def learn(self, name: str, value: Mapping[str, Any]) -> None:
        """Take one record into account: an action, a card, a list, or a board without those."""
        kind = kind_of(name, value)
        if kind == "action":
            self._learn_action(value)
        elif kind == "card":
            self._learn_card(value)
        elif kind == "list":
            self._learn_list(value)
        elif member(value, "id") and member(value, "name"):
            self._boards[str(member(value, "id"))] = str(member(value, "name"))

    @property
    def has_actions(self) -> bool:
        """Tell whether the file tells any history."""
        return bool(self._oldest_us)

    def horizon_us(self, board: str | None) -> int | None:
        """Time from which every action of a board is known; None: from its beginning, or none is known."""
        return None if board in self._whole else self._oldest_us.get(board, self._oldest_us.get(None))

    def board_name(self, board: str | None) -> str | None:
        """Name of a board."""
        return self._boards.get(board or "")

    def list_name(self, wanted: Mapping[str, Any] | str | None) -> str | None:
        """Name of a list today; of a list that is gone, the name that the action told."""
        own_id = wanted if isinstance(wanted, str) else member(wanted, "id")
        known = self._lists.get(own_id or "")
        return known.name if known else member(wanted, "name")

    def is_end(self, list_id: str | None) -> bool:
        """Tell whether cards end in a list: its name says so, or no name does and it is the board's last one."""
        one = self._lists.get(list_id or "")
        if one is None:
            return False
        if one.board not in self._ends:
            own = {key: other for key, other in self._lists.items() if other.board == one.board}
            ends = {key for key, other in own.items() if _category(other.name) in _ENDS}
            if not any(_category(own[key].name) is StateCategory.DONE for key in ends):
                ends |= set(sorted((k for k in own if not own[k].archived), key=lambda k: own[k].position)[-1:])
            self._ends[one.board] = frozenset(ends)
        return list_id in self._ends[one.board]

    def unnamed_ends(self) -> set[str]:
        """Names of the lists that are taken for the end only because they are the last one of their board."""
        names = {one.name for key, one in self._lists.items() if self.is_end(key)}
        return {name for name in names if _category(name) not in _ENDS}

    def _card(self, own_id: str) -> CardHistory:
        return self.cards.setdefault(own_id, CardHistory())

    def _learn_list(self, value: Mapping[str, Any]) -> None:
        own_id, name, position = member(value, "id"), member(value, "name"), value.get("pos")
        if own_id and name:
            place = float(position) if isinstance(position, int | float) else float("inf")
            self._lists[own_id] = _BoardList(name, member(value, "idBoard"), place, value.get("closed") is True)

    def _learn_card(self, value: Mapping[str, Any]) -> None:
        own_id = member(value, "id")
        if own_id is None:
            return
        card = self._card(own_id)
        card.in_file = True
        card.board, card.list_id = member(value, "idBoard") or card.board, member(value, "idList")
        card.archived, card.complete = value.get("closed") is True, value.get("dueComplete") is True
        card.last_activity_us = moment_us(value.get("dateLastActivity"))
        card.comments_today = number(mapping(value.get("badges")).get("comments")) or 0

    def _learn_action(self, action: Mapping[str, Any]) -> None:
        data, action_id, at_us = mapping(action.get("data")), member(action, "id") or "", moment_us(action.get("date"))
        if at_us is None or (action_id and action_id in self._seen):
            return
        self._seen.add(action_id)
        board, board_name = member(data.get("board"), "id"), member(data.get("board"), "name")
        if board and board_name:
            self._boards.setdefault(board, board_name)
        self._oldest_us[board] = min(at_us, self._oldest_us.get(board, at_us))
        if action.get("type") in BOARD_BEGINS:
            self._whole.add(board)
        own_id = card_of(action)
        if own_id is None:
            return
        card, sequence = self._card(own_id), sequence_of(action)
        card.board = card.board or board
        card.oldest = _earlier(card.oldest, Moment(at_us, sequence))
        kind = action.get("type")
        if kind in CREATING:
            first = Moment(at_us, sequence, action_id)
            if _earlier(card.creation, first) is first:
                card.creation, card.creation_list = first, member(data.get("list"), "id")
                card.arrived = kind == "moveCardToBoard"
        elif kind in COMMENTING:
            card.comments.append((at_us, action_id))
        moved, archived = lists_of(action), archived_now(action)
        if moved:
            card.first_move = _earlier(card.first_move, Moment(at_us, sequence, member(moved[0], "id")))
        if archived is not None:
            first = Moment(at_us, sequence, "in" if archived else "out")
            card.first_archiving = _earlier(card.first_archiving, first)

    def settle(self) -> None:
        """Bring what was learned into order; call once, when everything was seen."""
        for card in self.cards.values():
            card.comments.sort()
            # A card that was here before it came here left the board and returned: that is not its beginning.
            if card.arrived and card.creation and card.oldest and card.oldest.at_us < card.creation.at_us:
                card.creation, card.creation_list, card.arrived = None, None, False

    def created_us(self, own_id: str) -> int | None:
        """Moment of a card's creation: what its id says, else when the creating action happened."""
        card = self.cards.get(own_id)
        from_id = id_us(own_id)
        return from_id if from_id is not None or card is None or card.creation is None else card.creation.at_us


def _earlier(one: Moment | None, other: Moment) -> Moment:
    return one if one is not None and one.order <= other.order else other


def _category(name: str) -> StateCategory | None:
    meaning = vocabulary().state(name)
    return meaning[0].category if meaning else None
