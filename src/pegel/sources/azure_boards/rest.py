"""Reads saved answers of Azure DevOps' work item tracking REST API (api-version 7.1, and back to 1.0).

Row: one record of an answer, in the order of the file: an update (``workitems/ID/updates``), a work item
(``workitems?ids=…``) or one of its revisions (``workitems/ID/revisions``, ``reporting/workitemrevisions``), a link
(``reporting/workitemlinks``), a work item type or a state (``workitemtypes``, ``workitemtypes/TYPE/states``). Shapes:
answers (``{"count": 2, "value": […]}``, ``{"values": […], "isLastBatch": true}``) one after another, JSON Lines, an
array of them, or bare records. The file is read twice, since the answers may come in any order.

Specified in Microsoft's "Azure DevOps Services REST API Reference", Work Item Tracking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final, TextIO

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.sources.azure_boards.lives import Lives
from pegel.sources.azure_boards.states import StateMeanings
from pegel.sources.azure_boards.to_events import WorkItemMapping
from pegel.sources.azure_boards.values import item_of, kind_of
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.json_records import JsonRecords, Record
from pegel.sources.reading import open_bytes, open_text
from pegel.sources.transitions.source import stem

_ARRAYS: Final = frozenset({"value", "values"})
#: Records per batch, whatever the number of rows: a bound for memory.
_MOST_RECORDS: Final = 500_000
_LEFT_OUT: Final = (
    "System.Title",
    "System.Description",
    "System.History",
    "System.CreatedBy",
    "System.Reason",
    "System.BoardColumn",
    "System.BoardColumnDone",
    "displayName",
    "imageUrl",
)
#: Fields and addresses that only Azure DevOps has.
_TELLING: Final = re.compile(r'"(?:System|Microsoft\.VSTS\.\w+)\.[A-Z]\w+"\s*:')
_ADDRESS: Final = re.compile(r"/_apis/wit/", re.IGNORECASE)
_CATEGORY: Final = re.compile(r'"category"\s*:\s*"(?:Proposed|InProgress|Resolved|Completed|Removed)"')


class WorkItemAnswers:
    """A file of saved answers about work items."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._text: TextIO | None = None
        self._start_again()

    def _start_again(self) -> None:
        self._share: tuple[float, float] = (0.0, 0.5)
        self._lives = Lives(self._options)
        self._meanings = StateMeanings()
        self._mapping = WorkItemMapping(self._lives, self._options, default_stream=stem(self._path))
        self._open_page = False

    def batches(self) -> Iterator[Batch]:
        """Yield the file's records as batches.

        Raises
        ------
        InputError: the file is broken, cut short or hostile (``json_*``, ``archive_*``).
        """
        self._start_again()
        self._look_ahead()
        self._mapping = WorkItemMapping(self._lives, self._options, default_stream=stem(self._path))
        self._share = (0.5, 0.5)
        builder, in_batch = BatchBuilder(), 0
        seen: set[bytes] = set()
        for row, record in self._numbered():
            in_batch += 1
            if record.digest in seen:
                builder.duplicate += 1
            elif self._add(builder, row, record.value):
                seen.add(record.digest)
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
        if self._open_page:
            notes["pages_missing"] = ""
        if mapping.links_outside:
            notes["links_outside"] = str(mapping.links_outside)
        if missing := self._lives.unseen_attributes():
            notes["attributes_not_found"] = ", ".join(missing)
        hints = self._meanings.hints(mapping.states)
        dates_only = bool(mapping.without_history) and not mapping.with_history
        if dates_only:
            hints[schema.CREATED_STATE] = "waiting"  # so that created to closed is the flow time
        return SourceInfo(
            source="azure_boards.rest",
            log_kind="dates" if dates_only else "states",
            state_hints=hints,
            left_out=tuple(
                name
                for name in _LEFT_OUT
                if name not in self._options.attributes and not (name == "System.Title" and self._options.titles)
            ),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read (it is read twice)."""
        start, width = self._share
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return start + width * (buffer.share_read() if buffer is not None else 0.0)

    def _add(self, builder: BatchBuilder, row: int, record: Any) -> bool:
        """Add one record; False if it was rejected or held nothing."""
        if not isinstance(record, dict):
            return builder.reject(row, "not_an_object", type(record).__name__)
        kind = kind_of(record)
        if kind is None:
            return builder.reject(row, "unknown_record", ", ".join(map(str, record)))
        if kind == "error":
            return builder.reject(row, "error_answer", str(record.get("typeKey")))
        if kind == "states":
            builder.ignored["state_meaning"] += 1
            return False
        if kind == "query":
            builder.ignored["query_result"] += 1
            return False
        if kind == "link":
            return self._mapping.add_link(builder, row, record)
        item = item_of(record, kind)
        if item is None:
            return builder.reject(row, "item_missing", ", ".join(map(str, record)))
        add = self._mapping.add_update if kind == "update" else self._mapping.add_snapshot
        return add(builder, row, item, record)

    def _look_ahead(self) -> None:
        """Learn what each work item is today, how far its history reaches, and what its states mean."""
        seen: set[bytes] = set()
        for _, record in self._numbered():
            kind = kind_of(record.value) if isinstance(record.value, dict) else None
            if kind is None or record.digest in seen:
                continue
            seen.add(record.digest)
            if kind == "states":
                self._meanings.learn(record.value)
            else:
                self._lives.learn(record.value, kind)

    def _numbered(self) -> Iterator[tuple[int, Record]]:
        """Yield the records with their row numbers; of pages remember whether more were to follow."""
        numbers = count(1)
        with open_text(self._path, self._options.encoding) as opened:
            self._text = opened
            for record in JsonRecords(opened, arrays=_ARRAYS):
                if not record.page:
                    yield next(numbers), record
                elif "isLastBatch" in record.value:
                    self._open_page = record.value["isLastBatch"] is False


def _recognise(head: Head) -> float:
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return 0.0
    telling, address = _TELLING.search(head.text), _ADDRESS.search(head.text)
    if telling and (address or '"fields"' in head.text):
        return 0.97
    return 0.7 if address or _CATEGORY.search(head.text) else 0.0


def _open(path: Path, options: ReadOptions) -> WorkItemAnswers:
    with open_bytes(path):  # a file that cannot be opened is told now
        pass
    return WorkItemAnswers(Path(path), options)


FORMAT: Final = Format(name="azure_boards.rest", recognise=_recognise, open=_open)
