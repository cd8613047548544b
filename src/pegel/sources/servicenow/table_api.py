"""Reads saved answers of ServiceNow's Table API: ``incident`` with ``sys_audit`` or ``metric_instance``.

Row: one record of any of the three tables, in the order of the file. Shapes: answers (``{"result": […]}``) one after
another or in an array, an object ``{"incident": …, "sys_audit": …}`` whose members are answers or arrays, JSON Lines.
The file is read twice: history rows name their incident by ``sys_id``, and either may come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final, TextIO

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.json_records import JsonRecords, Record
from pegel.sources.moments import find_zone
from pegel.sources.reading import open_bytes, open_text
from pegel.sources.servicenow.rows import Names, table_of
from pegel.sources.servicenow.to_events import add_history_row, add_incident

_ARRAYS: Final = frozenset({"result", "records", "incident", "sys_audit", "metric_instance"})
_MOST_RECORDS: Final = 500_000
_LEFT_OUT: Final = (
    "short_description",
    "description",
    "comments",
    "work_notes",
    "close_notes",
    "caller_id",
    "opened_by",
    "closed_by",
    "resolved_by",
)


class TableAnswers:
    """A file of saved records of ``incident`` and its history tables."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._text: TextIO | None = None
        self._share = (0.0, 1.0)
        self._names = Names(zone=options.zone)
        self._without_history = 0
        self._recorded: set[str] = set()

    def batches(self) -> Iterator[Batch]:
        """Yield the file's records as batches.

        Raises
        ------
        InputError: the file is broken, cut short or hostile (``json_*``, ``archive_*``).
        """
        self._names, self._recorded, self._without_history = Names(zone=self._options.zone), set(), 0
        self._share = (0.0, 0.5)
        for number, record in self._numbered():
            if isinstance(record.value, dict):
                self._names.learn(number, record.value)
        self._share = (0.5, 0.5)
        builder, in_batch = BatchBuilder(), 0
        seen: set[bytes] = set()
        for number, record in self._numbered():
            if record.digest in seen:
                builder.duplicate += 1
            elif self._add(builder, number, record.value):
                seen.add(record.digest)
            in_batch += 1
            if in_batch >= self._options.batch_rows or len(builder) >= _MOST_RECORDS:
                yield self._take(builder)
                in_batch = 0
        self._share = (1.0, 0.0)
        yield self._take(builder)

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        notes: dict[str, str] = {}
        if self._without_history:
            notes["no_state_history"] = str(self._without_history)
        if self._names.display_only:
            notes["display_values_zone"] = self._options.zone
        hints = self._names.hints()
        if not self._names.histories:
            hints[schema.CREATED_STATE] = "waiting"  # so that opened to resolved is the flow time
        return SourceInfo(
            source="servicenow.table",
            log_kind="states" if self._names.histories else "dates",
            state_hints=hints,
            left_out=tuple(name for name in _LEFT_OUT if not (name == "short_description" and self._options.titles)),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read (it is read twice)."""
        start, width = self._share
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return start + width * (buffer.share_read() if buffer is not None else 0.0)

    def _add(self, builder: BatchBuilder, number: int, row: Any) -> bool:
        if not isinstance(row, dict):
            return builder.reject(number, "not_an_object", type(row).__name__)
        table = table_of(row)
        if table is None:
            return builder.reject(number, "unknown_table", ", ".join(map(str, row)))
        add = add_incident if table == "incident" else add_history_row
        return add(builder, number, row, names=self._names, options=self._options, recorded=self._recorded)

    def _take(self, builder: BatchBuilder) -> Batch:
        batch = builder.take()
        self._without_history += batch.warnings["no_state_history"]
        return batch

    def _numbered(self) -> Iterator[tuple[int, Record]]:
        """Yield the records with their row numbers, the members of pages left out."""
        numbers = count(1)
        with open_text(self._path, self._options.encoding) as opened:
            self._text = opened
            for record in JsonRecords(opened, arrays=_ARRAYS):
                if not record.page:
                    yield next(numbers), record


def _recognise(head: Head) -> float:
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return 0.0

    def has(*names: str) -> bool:
        return all(f'"{name}"' in head.text for name in names)

    page = has("result") or has("records")
    if has("documentkey", "fieldname") or (has("sys_id", "number") and re.search(r'"(incident_)?state"', head.text)):
        return 0.96 if page or has("incident") else 0.9
    if has("definition", "start", "id") and has("calculation_complete"):
        return 0.9
    return 0.8 if has("sys_id") and page else 0.0


def _open(path: Path, options: ReadOptions) -> TableAnswers:
    find_zone(options.zone)
    with open_bytes(path):  # a file that cannot be opened is told now
        pass
    return TableAnswers(Path(path), options)


FORMAT: Final = Format(name="servicenow.table", recognise=_recognise, open=_open)
