"""Maps Trello's cards and actions to event-log rows: pure, no reading.

A list is a state. A card in the archive is in :data:`ARCHIVED`, or :data:`ARCHIVED_COMPLETE` where it is marked as
complete, unless it was archived out of a list where cards end: then it stays in that list. What is taken, and what is
left out because it is personal or free text, stands in this folder's README.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder, Category
from pegel.sources.formats import ReadOptions
from pegel.sources.json_values import mapping, member, moment_us, text
from pegel.sources.labels import is_blocked, priority_of
from pegel.sources.reading import BROKEN
from pegel.sources.trello.actions import (
    COMMENTING,
    CREATING,
    USED,
    actor_of,
    archived_now,
    card_of,
    lists_of,
    sequence_of,
)
from pegel.sources.trello.beginnings import beginning_of
from pegel.sources.trello.learned import CardHistory, Learned

ARCHIVED: Final = "Archived"
ARCHIVED_COMPLETE: Final = "Archived (complete)"
MOVED_AWAY: Final = "Moved to another board"
HINTS: Final[Mapping[str, Category]] = {ARCHIVED: "cancelled", ARCHIVED_COMPLETE: "done", MOVED_AWAY: "cancelled"}

_UNKNOWN: Final = CardHistory()
#: Sequences of what a card begins with, and of leaving the board: before every other action of the same moment.
_BEGINS, _IN_ARCHIVE, _LEAVES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class _Event:
    """Where and when the records of one action go."""

    builder: BatchBuilder
    row: int
    item: str
    action: Mapping[str, Any]
    at_us: int
    used: bool  # the row gave the record of its item already

    def ignore(self, reason: str) -> bool:
        """Count the row as ignored, unless something came of it."""
        if not self.used:
            self.builder.ignored[reason] += 1
        return self.used

    def enter(self, state: str, *, before: str | None, place: int = 0, sequence: int | None = None) -> bool:
        return self.builder.transition(
            self.row,
            self.item,
            at_us=self.at_us,
            sequence=sequence_of(self.action, place) if sequence is None else sequence,
            from_state=before,
            to_state=state,
            actor=actor_of(self.action),
        )

    def change(self, field: str, before: str | None, after: str | None) -> bool:
        return self.builder.field_change(
            self.row,
            self.item,
            at_us=self.at_us,
            sequence=sequence_of(self.action),
            field=field,
            from_value=before,
            to_value=after,
            actor=actor_of(self.action),
        )


class BoardMapping:
    """Writes the cards and actions of a file into a builder; ``learned``: what a first look at the file found."""

    def __init__(self, learned: Learned, options: ReadOptions, *, file_name: str) -> None:
        self._learned = learned
        self._options = options
        self._file_name = file_name
        self._recorded: set[str] = set()
        self._begun: set[str] = set()
        self._told: set[str] = set()
        self.without_history = 0

    def state_hints(self) -> dict[str, Category]:
        """Return what is certain of states: the archive, and the last list of a board where no name says "done"."""
        ends: dict[str, Category] = dict.fromkeys(self._learned.unnamed_ends(), "done")
        return {**ends, **HINTS}

    def add_card(self, builder: BatchBuilder, row: int, card: Mapping[str, Any]) -> bool:
        """Add what a card is today, and its beginning where no action tells it; returns whether it could be used."""
        item = member(card, "id")
        if item is None:
            return builder.reject(row, "item_missing", ", ".join(map(str, card)))
        history = self._learned.cards.get(item, _UNKNOWN)
        if self._learned.created_us(item) is None and history.oldest is None:
            return builder.reject(row, "unreadable_created", item)
        kept = {name: text(card.get(name)) for name in self._options.attributes}
        kept["short_link"] = member(card, "shortLink")
        if not self._learned.has_actions:
            kept["list"] = self._learned.list_name(history.list_id)
        title = member(card, "name") if self._options.titles else None
        if not self._add_item(builder, row, item, history, title=title, attributes=kept):
            return False
        if not self._learned.has_actions:
            self._add_dates(builder, row, item, history)
            return True
        if history.creation is None:
            self._begin(builder, row, item, history)
        if history.comments_today > len(history.comments):
            builder.warnings["comments_truncated"] += 1
        return True

    def add_action(self, builder: BatchBuilder, row: int, action: Mapping[str, Any]) -> bool:
        """Add what an action did; returns whether it was used."""
        kind, item, action_id = str(action.get("type")), card_of(action), member(action, "id") or ""
        if kind not in USED:
            builder.ignored["field_not_needed" if item else "not_about_an_item"] += 1
            return False
        if item is None:
            return builder.reject(row, "item_missing", kind)
        at_us = moment_us(action.get("date"))
        if at_us is None:
            return builder.reject(row, "unreadable_time", str(action.get("date")))
        if action_id in self._told:
            builder.duplicate += 1
            return False
        if action_id:
            self._told.add(action_id)
        history = self._learned.cards.get(item, _UNKNOWN)
        first = item not in self._recorded
        if first and not self._add_item(builder, row, item, history):
            return False
        event = _Event(builder, row, item, action, at_us, used=first)
        if not history.in_file and history.creation is None and item not in self._begun:
            self._begin(builder, row, item, history)
        if kind == "updateCard":
            return self._update(event, history)
        if kind in CREATING:
            return self._create(event, kind, history, action_id)
        return self._other(event, kind, history, action_id)

    def _stream_of(self, history: CardHistory) -> str:
        return self._options.stream or self._learned.board_name(history.board) or self._file_name

    def _add_item(
        self,
        builder: BatchBuilder,
        row: int,
        item: str,
        history: CardHistory,
        *,
        title: str | None = None,
        attributes: Mapping[str, str | None] | None = None,
    ) -> bool:
        stream = self._stream_of(history)
        if BROKEN in item or BROKEN in stream:
            return builder.reject(row, "broken_encoding", item)
        present = {name: value[: schema.LONGEST_TEXT] for name, value in (attributes or {}).items() if value}
        good = builder.item(
            row,
            item,
            stream=stream,
            created_us=self._learned.created_us(item),
            title=title,
            attributes=json.dumps(present, ensure_ascii=False, sort_keys=True) if present else None,
        )
        if good:
            self._recorded.add(item)
        return good

    def _archive_state(self, history: CardHistory) -> str:
        return ARCHIVED_COMPLETE if history.complete else ARCHIVED

    def _begin(
        self, builder: BatchBuilder, row: int, item: str, history: CardHistory, *, actor: str | None = None
    ) -> bool:
        """Add the first list of a card; False where nothing tells it."""
        self._begun.add(item)
        begins = beginning_of(history, self._learned, created_us=self._learned.created_us(item))
        if begins is None:
            return False
        if begins.cut:
            builder.warnings["history_truncated"] += 1
        state = self._learned.list_name(begins.list_id) or schema.CREATED_STATE
        added = builder.transition(row, item, at_us=begins.at_us, sequence=_BEGINS, to_state=state, actor=actor)
        if begins.archived_us is not None and not self._learned.is_end(begins.list_id):
            builder.transition(
                row,
                item,
                at_us=begins.archived_us,
                sequence=_IN_ARCHIVE,
                from_state=state,
                to_state=self._archive_state(history),
            )
        return added

    def _add_dates(self, builder: BatchBuilder, row: int, item: str, history: CardHistory) -> None:
        """Add what is known without any action: created, and ended at the last activity at the latest."""
        self.without_history += 1
        created_us, state = self._learned.created_us(item), self._learned.list_name(history.list_id)
        if created_us is None:
            return
        builder.transition(row, item, at_us=created_us, sequence=_BEGINS, to_state=schema.CREATED_STATE)
        ends = self._learned.is_end(history.list_id)
        if history.last_activity_us is None or not (ends or history.archived):
            return
        builder.transition(
            row,
            item,
            at_us=max(created_us, history.last_activity_us),
            sequence=_IN_ARCHIVE,
            from_state=schema.CREATED_STATE,
            to_state=state if ends and state else self._archive_state(history),
        )

    def _create(self, event: _Event, kind: str, history: CardHistory, action_id: str) -> bool:
        data = mapping(event.action.get("data"))
        source = member(data.get("cardSource"), "id")
        came_from = member(data.get("boardSource"), "name")
        state = self._learned.list_name(mapping(data.get("list")))
        is_beginning = history.creation is not None and history.creation.about == action_id
        if not is_beginning and (kind != "moveCardToBoard" or state is None):
            return event.ignore("no_state_change")
        if kind == "convertToCardFromCheckItem" and source:
            event.builder.link(event.row, event.item, kind="relates", other=source, at_us=event.at_us)
        if kind == "moveCardToBoard" and came_from and not self._options.stream:
            event.change("stream", came_from, self._stream_of(history))
        if is_beginning:
            return self._begin(event.builder, event.row, event.item, history, actor=actor_of(event.action))
        return event.enter(state or schema.CREATED_STATE, before=None)

    def _update(self, event: _Event, history: CardHistory) -> bool:
        """Add a move, a step into or out of the archive, or a new rank."""
        data = mapping(event.action.get("data"))
        moved, archived = lists_of(event.action), archived_now(event.action)
        if moved:
            state = self._learned.list_name(moved[1])
            if state is None:
                return event.builder.reject(event.row, "state_missing", member(moved[1], "id") or "")
            event.enter(state, before=self._learned.list_name(moved[0]))
        if archived is not None:
            named = moved[1] if moved else mapping(data.get("list"))
            list_id = member(named, "id") or history.list_id
            state = self._learned.list_name(named) or self._learned.list_name(list_id)
            archive = self._archive_state(history)
            if self._learned.is_end(list_id) or (state is None and not archived):
                event.change("archived", str(not archived).lower(), str(archived).lower())
            elif archived:
                event.enter(archive, before=state, place=1)
            else:
                event.enter(state or schema.CREATED_STATE, before=archive, place=1)
        if moved or archived is not None:
            return True
        rank, old = text(mapping(data.get("card")).get("pos")), mapping(data.get("old"))
        if "pos" in old:
            return event.change("rank", text(old.get("pos")), rank)
        return event.ignore("field_not_needed")

    def _other(self, event: _Event, kind: str, history: CardHistory, action_id: str) -> bool:
        """Add everything that is no move: members, comments, labels, leaving and deleting."""
        data = mapping(event.action.get("data"))
        if kind == "moveCardFromBoard":
            before = self._learned.list_name(mapping(data.get("list")))
            return event.enter(MOVED_AWAY, before=before, sequence=_LEAVES)
        if kind == "deleteCard":
            return event.change("deleted", None, "true")
        if kind in COMMENTING:
            count = bisect_left(history.comments, (event.at_us, action_id))
            return event.change("comment_count", str(count), str(count + 1))
        added = kind.startswith("add")
        if kind in ("addMemberToCard", "removeMemberFromCard"):
            person = member(data, "idMember") or member(data.get("member"), "id") or member(event.action, "idMember")
            return event.change("assignee", None if added else person, person if added else None)
        label = member(data.get("label"), "name") or ""
        field, value = ("flag", label) if is_blocked(label) else ("priority", priority_of(label))
        if value is None:
            return event.ignore("field_not_needed")
        return event.change(field, None if added else value, value if added else None)
