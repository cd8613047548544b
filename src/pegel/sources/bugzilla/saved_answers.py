"""Reads a file of saved answers of Bugzilla's REST API.

Row: one record: a bug, the history of a bug, or both in one object. Shapes: answers (``{"bugs": […]}``) one after
another or in an array, JSON Lines, an object ``{"bugs": …, "history": […]}``. The file is read twice, because either
of a bug and its history may come first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.sources.bugzilla.history import history_of, is_bug, item_name
from pegel.sources.bugzilla.to_events import BugMapping
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.json_records import JsonRecords
from pegel.sources.reading import open_bytes, open_text

_ARRAYS: Final = frozenset({"bugs"})
#: Records per batch, whatever the number of bugs: a bound for memory.
_MOST_RECORDS: Final = 500_000
_LEFT_OUT: Final = (
    "summary",
    "creator",
    "creator_detail",
    "assigned_to_detail",
    "cc",
    "cc_detail",
    "qa_contact",
    "mentors",
    "whiteboard",
    "url",
)


class _Numbered(NamedTuple):
    number: int
    value: Any
    digest: bytes


class SavedAnswers:
    """A file of saved bugs and histories (an ``EventSource``)."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._text: TextIO | None = None
        self._share = (0.0, 1.0)
        self._mapping = BugMapping(options)

    def batches(self) -> Iterator[Batch]:
        """Yield the file's records as batches.

        Raises
        ------
        InputError: the file is broken, cut short or hostile (``json_*``, ``archive_*``).
        """
        self._mapping = BugMapping(self._options)
        self._share = (0.0, 0.5)
        self._learn()
        self._share = (0.5, 0.5)
        builder, in_batch = BatchBuilder(), 0
        seen: set[bytes] = set()
        for record in self._records():
            if record.digest in seen:
                builder.duplicate += 1
            elif self._add(builder, record.number, record.value):
                seen.add(record.digest)
            in_batch += 1
            if in_batch >= self._options.batch_rows or len(builder) >= _MOST_RECORDS:
                yield builder.take()
                in_batch = 0
        self._share = (1.0, 0.0)
        yield builder.take()

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        mapping, notes = self._mapping, dict[str, str]()
        if mapping.without_history:
            notes["no_state_history"] = str(mapping.without_history)
        if mapping.links_outside:
            notes["links_outside"] = str(mapping.links_outside)
        hints = dict(mapping.hints)
        if not mapping.has_history:
            hints[schema.CREATED_STATE] = "waiting"  # so that filed to resolved is the flow time
        return SourceInfo(
            source="bugzilla.rest",
            log_kind="states" if mapping.has_history else "dates",
            state_hints=hints,
            left_out=tuple(name for name in _LEFT_OUT if not (name == "summary" and self._options.titles)),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read (it is read twice)."""
        start, width = self._share
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return start + width * (buffer.share_read() if buffer is not None else 0.0)

    def _learn(self) -> None:
        seen: set[bytes] = set()
        for record in self._records():
            value = record.value
            item = item_name(value.get("id")) if isinstance(value, dict) else None
            if item is not None and record.digest not in seen:
                seen.add(record.digest)
                self._mapping.learn(item, value, is_bug=is_bug(value), history=history_of(value))

    def _add(self, builder: BatchBuilder, number: int, value: Any) -> bool:
        """Add one record; False if it was rejected or held nothing."""
        if not isinstance(value, dict):
            return builder.reject(number, "not_an_object", type(value).__name__)
        described, history = is_bug(value), history_of(value)
        if not described and history is None:
            return builder.reject(number, "no_bug_record", ", ".join(map(str, value)))
        item = item_name(value.get("id"))
        if item is None:
            return builder.reject(number, "item_missing", ", ".join(map(str, value)))
        if described and not self._mapping.add_bug(builder, number, item, value):
            return False
        if history is None:
            return True
        fate = self._mapping.add_history(builder, number, item, history)
        if not described and history.unreadable and not history.entries:
            return builder.reject(number, "unreadable_history_entry", item)
        if not described:
            builder.duplicate += fate == "repeated"
            if fate in ("unused", "empty"):
                builder.ignored["field_not_needed" if fate == "unused" else "empty_changelog"] += 1
        return described or fate == "used"

    def _records(self) -> Iterator[_Numbered]:
        """Yield the records with their row numbers; histories that stand beside a page's bugs come after them."""
        numbers = count(1)
        with open_text(self._path, self._options.encoding) as opened:
            self._text = opened
            for record in JsonRecords(opened, arrays=_ARRAYS):
                if not record.page:
                    yield _Numbered(next(numbers), record.value, record.digest)
                    continue
                for value in _beside(record.value.get("history")):
                    digest = blake2b(json.dumps(value).encode(), digest_size=8).digest()
                    yield _Numbered(next(numbers), value, digest)


def _beside(value: object) -> Iterator[Any]:
    """Yield the records of answers that stand under the member ``history`` of a page."""
    for one in value if isinstance(value, list) else [value] if isinstance(value, dict) else []:
        inner = one.get("bugs") if isinstance(one, dict) else None
        if isinstance(inner, list):
            yield from inner
        else:
            yield one


def _recognise(head: Head) -> float:
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return 0.0

    def has(*names: str) -> bool:
        return all(f'"{name}"' in head.text for name in names)

    if has("history") and (has("field_name", "removed", "added") or re.search(r'"history"\s*:\s*\[\s*\]', head.text)):
        return 0.97 if has("bugs") or has("when") else 0.6 if has("id") else 0.0
    if has("id", "creation_time", "product"):
        return 0.95 if has("bugs") or has("resolution") else 0.6
    return 0.5 if has("bugs", "id", "status", "resolution") else 0.0


def _open(path: Path, options: ReadOptions) -> SavedAnswers:
    with open_bytes(path):  # a file that cannot be opened is told now
        pass
    return SavedAnswers(Path(path), options)


FORMAT: Final = Format(name="bugzilla.rest", recognise=_recognise, open=_open)
