r"""Reads saved telemetry as rows: JSON documents and pages, or JSON Lines in which a broken line is just that.

A file whose first lines are objects of their own is read line by line: a line that is no JSON is a rejected row, and
reading goes on. Everything else is read as documents, where the first mistake ends the reading with an error, because
what follows it cannot be told.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from pegel.errors import InputError
from pegel.sources.json_records import LARGEST_RECORD, JsonRecords
from pegel.sources.reading import BROKEN, open_text, read_head


class JsonRow(NamedTuple):
    """A record, or (``page``) the members of a page beside its records, or (``reason``) a row that is none."""

    value: Any
    page: bool = False
    reason: str = ""


def json_files(
    paths: Path | str | Sequence[Path | str], *, arrays: frozenset[str], encoding: str | None = None
) -> Iterator[tuple[str, JsonRow]]:
    """Yield the rows of files, each with the name of its file; see :func:`json_rows`."""
    for path in [paths] if isinstance(paths, Path | str) else paths:
        name = Path(path).name
        for row in json_rows(Path(path), arrays=arrays, encoding=encoding):
            yield name, row


def json_rows(path: Path, *, arrays: frozenset[str], encoding: str | None = None) -> Iterator[JsonRow]:
    """Yield the rows of a file; ``arrays``: members whose elements are the records of a page.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*`` and ``archive_*``.
    """
    head = read_head(path, encoding=encoding)
    if not head.data:
        raise InputError("file_empty", path=str(path))
    with open_text(path, encoding) as text:
        if is_json_lines(head.text):
            yield from _lines(text, arrays)
        else:
            for record in JsonRecords(text, arrays=arrays):
                yield _row(record.value, page=record.page)


def is_json_lines(beginning: str) -> bool:
    r"""Tell whether a text is JSON Lines, by its first two lines.

    >>> is_json_lines('{"a": 1}\n{"a": 2\n'), is_json_lines('{"a":\n{"b": 1}}'), is_json_lines('{"data": [1]}')
    (True, True, False)
    """
    lines = [line for line in (part.strip("\ufeff \t\r") for part in beginning.split("\n")) if line]
    if len(lines) < 2 or not lines[0].startswith("{"):
        return False
    return lines[0].endswith("}") or lines[1].startswith("{")


def _lines(text: TextIO, arrays: frozenset[str]) -> Iterator[JsonRow]:
    while line := text.readline(LARGEST_RECORD):
        too_long = len(line) == LARGEST_RECORD and not line.endswith(("\n", "\r"))
        while too_long and (rest := text.readline(LARGEST_RECORD)) and not rest.endswith(("\n", "\r")):
            pass
        if too_long:
            yield JsonRow(None, reason="line_too_long")
        elif BROKEN in line:
            yield JsonRow(None, reason="broken_encoding")
        elif content := line.strip("\ufeff \t\r\n"):
            try:
                records = list(JsonRecords(io.StringIO(content), arrays=arrays))
            except InputError:
                yield JsonRow(None, reason="broken_json_line")
            else:
                yield from (_row(record.value, page=record.page) for record in records)


def _row(value: Any, *, page: bool) -> JsonRow:
    return JsonRow(value, page) if isinstance(value, dict) else JsonRow(None, reason="not_an_object")
