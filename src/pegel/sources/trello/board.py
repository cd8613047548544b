"""Reads exports of Trello boards, as the menu writes them and as the REST API answers.

Row: one card or one action. Shapes: boards (``actions``, ``cards``, ``lists`` among their members) one after another
or in an array; beside them pages of ``/boards/{id}/actions``, ``/cards`` and ``/lists``, one after another or in
arrays: the same action told twice is a duplicate. Lists, members and labels describe the rows and are none themselves.
The file is read twice: actions come first in it, and name cards and lists by id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final, TextIO

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.sources.formats import Head, ReadOptions
from pegel.sources.json_records import JsonRecords, Record
from pegel.sources.reading import open_bytes, open_text
from pegel.sources.transitions.source import stem
from pegel.sources.trello.actions import kind_of
from pegel.sources.trello.learned import Learned
from pegel.sources.trello.to_events import BoardMapping

_ARRAYS: Final = frozenset({"actions", "cards", "lists"})
_MOST_RECORDS: Final = 500_000
_LEFT_OUT: Final = ("name", "desc", "text", "fullName", "username", "email", "attachments", "customFieldItems")


class TrelloBoards:
    """A file of exported boards."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        with open_bytes(path):  # a file that cannot be opened is told now
            pass
        self._file_name = stem(path)
        self._text: TextIO | None = None
        self._share = (0.0, 0.5)
        self._learned = Learned()
        self._mapping = BoardMapping(self._learned, options, file_name=self._file_name)

    def batches(self) -> Iterator[Batch]:
        """Yield the file's cards and actions as batches.

        Raises
        ------
        InputError: the file is broken, cut short or hostile (``json_*``, ``archive_*``).
        """
        self._share, self._learned = (0.0, 0.5), Learned()
        for record in self._records():
            if isinstance(record.value, dict):
                self._learned.learn(record.name, record.value)
        self._learned.settle()
        self._share = (0.5, 0.5)
        self._mapping = BoardMapping(self._learned, self._options, file_name=self._file_name)
        builder, in_batch, seen, numbers = BatchBuilder(), 0, set[bytes](), count(1)
        for record in self._records():
            if not self._is_row(record):
                continue
            number = next(numbers)
            if record.digest in seen:
                builder.duplicate += 1
            elif self._add(builder, number, record):
                seen.add(record.digest)
            in_batch += 1
            if in_batch >= self._options.batch_rows or len(builder) >= _MOST_RECORDS:
                yield builder.take()
                in_batch = 0
        self._share = (1.0, 0.0)
        yield builder.take()

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        hints, notes = self._mapping.state_hints(), dict[str, str]()
        without_history = self._mapping.without_history
        if without_history:
            notes["no_state_history"] = str(without_history)
            hints[schema.CREATED_STATE] = "waiting"  # so that created to ended is the flow time
        return SourceInfo(
            source="trello.board",
            log_kind="dates" if without_history else "states",
            state_hints=hints,
            left_out=tuple(name for name in _LEFT_OUT if not (name == "name" and self._options.titles)),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read (it is read twice)."""
        start, width = self._share
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return start + width * (buffer.share_read() if buffer is not None else 0.0)

    def _add(self, builder: BatchBuilder, number: int, record: Record) -> bool:
        value = record.value
        if not isinstance(value, dict):
            return builder.reject(number, "not_an_object", type(value).__name__)
        kind = kind_of(record.name, value)
        if kind == "card":
            return self._mapping.add_card(builder, number, value)
        if kind == "action":
            return self._mapping.add_action(builder, number, value)
        return builder.reject(number, "unknown_table", ", ".join(map(str, value)))

    @staticmethod
    def _is_row(record: Record) -> bool:
        """Tell a card or an action, or what is neither and has to be told, from the members of a board."""
        value: Mapping[str, Any] = record.value if isinstance(record.value, dict) else {}
        kind = kind_of(record.name, value) if isinstance(record.value, dict) else None
        return kind not in ("list", "board") and not (record.page and kind is None)

    def _records(self) -> Iterator[Record]:
        with open_text(self._path, self._options.encoding) as opened:
            self._text = opened
            yield from JsonRecords(opened, arrays=_ARRAYS)


def recognise(head: Head) -> float:
    """Say how surely an input is an export of a Trello board."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return 0.0
    has = {
        word
        for word in ("idBoard", "idList", "idMemberCreator", "memberCreator", "listAfter")
        if f'"{word}"' in head.text
    }
    from_trello = re.search(r"trello\.com/", head.text) is not None
    if len(has) >= 2 or (has and from_trello):
        return 0.97
    if has or re.search(r'"type"\s*:\s*"(create|update|comment|copy)(Card|Board|List)"', head.text):
        return 0.9
    return 0.8 if from_trello and re.search(r'"(labelNames|shortLink|idOrganization)"', head.text) else 0.0


def open_board(path: Path, options: ReadOptions) -> TrelloBoards:
    """Open a file of exported boards; a file that cannot be opened is told now.

    Raises
    ------
    NotFoundError, InputError: as :func:`pegel.sources.reading.open_bytes`.
    """
    return TrelloBoards(Path(path), options)
