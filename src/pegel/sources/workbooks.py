"""Reads the sheets of a workbook (XLSX) as rows of text cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import python_calamine

from pegel.errors import AmbiguousInputError, InputError, NotFoundError
from pegel.sources.archives import workbook_parts

#: So many rows are looked at to find the header.
HEAD_ROWS: Final = 200
_TITLE_ROWS: Final = 20
#: A sheet is held in memory as a full rectangle: more cells than this (20 columns of a longest sheet) are not read.
MAX_CELLS: Final = 30_000_000

_CELL_TAG: Final = re.compile(
    rb"<(?:\w+:)?(?:c|row)\s(?:[^<>]*?\s)?r\s*=\s*[\"']([A-Z]{0,3})([0-9]{1,7})[\"'][^<>]*?(/?)>"
)
_LONGEST_TAG: Final = 4096


def check_workbook(path: Path) -> None:
    """Look through all parts once: the reader must meet no bomb, no damage and no endless empty sheet.

    Raises
    ------
    InputError: ``archive_bomb``, ``archive_broken``, ``archive_encrypted``, ``workbook_too_large``.
    """
    current, rest, columns, rows = "", b"", 0, 0
    for part, block in workbook_parts(path):
        if not part.startswith("xl/worksheets/"):
            continue
        if part != current:
            current, rest, columns, rows = part, b"", 0, 0
        text = rest + block
        rest = text[-_LONGEST_TAG:]
        found = [(letters, row) for letters, row, empty in _CELL_TAG.findall(text) if not empty]
        columns = max([columns, *(_column_number(letters) for letters in {letters for letters, _ in found})])
        rows = max([rows, *(int(row) for _, row in found)])
        if columns * rows > MAX_CELLS:
            raise InputError("workbook_too_large", path=str(path), cells=columns * rows, limit=MAX_CELLS)


def open_sheet(path: Path, sheet: str | None) -> python_calamine.CalamineSheet:
    """Load the sheet to read: the named one, or the only one that is not empty.

    Raises
    ------
    NotFoundError: ``sheet_unknown`` (sheets). AmbiguousInputError: ``ambiguous_sheet`` (choices).
    InputError: ``file_empty``, ``workbook_unreadable`` and those of :func:`check_workbook`.
    """
    check_workbook(path)
    with _opened(path) as workbook:
        names = workbook.sheet_names
        if sheet is not None:
            if sheet not in names:
                raise NotFoundError("sheet_unknown", sheet=sheet, sheets=list(names))
            return workbook.get_sheet_by_name(sheet)
        filled = [found for name in names if (found := workbook.get_sheet_by_name(name)).height > 0]
    if not filled:
        raise InputError("file_empty", path=str(path))
    if len(filled) > 1:
        raise AmbiguousInputError("ambiguous_sheet", path=str(path), choices=[found.name for found in filled])
    return filled[0]


def sheet_rows(sheet: python_calamine.CalamineSheet) -> Iterator[list[str]]:
    """Yield the rows of a sheet that are not blank, as text cells; dates become ISO text, empty cells ""."""
    for row in sheet.iter_rows():
        cells = [cell_text(cell) for cell in row]
        if any(cells):
            yield cells


def workbook_head(path: Path, sheet: str | None = None) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and some rows of the named sheet, or of the first that is not empty; nothing where there are no cells."""
    check_workbook(path)
    with _opened(path) as workbook:
        for name in workbook.sheet_names if sheet is None else {sheet} & set(workbook.sheet_names):
            found = islice(workbook.get_sheet_by_name(name).iter_rows(), HEAD_ROWS)
            rows = [cells for row in found if any(cells := tuple(cell_text(cell) for cell in row))]
            if rows:
                skip = header_at(rows)
                return tuple(cell.strip() for cell in rows[skip]), tuple(rows[skip + 1 :])
    return (), ()


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Say which of the first rows is the header: the first that is at least half as wide as the widest.

    People put titles, dates and remarks above their lists; those fill a cell or two.

    >>> header_at([["Team list"], ["as of", "2026-01-31"], ["id", "state", "at", "type"], ["1", "Open", "", ""]])
    2
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:_TITLE_ROWS]]
    return next((place for place, cells in enumerate(filled) if cells > 1 and 2 * cells > max(filled)), 0)


def cell_text(cell: object) -> str:
    """Text of a cell as a CSV file would hold it.

    >>> cell_text(3.0), cell_text(46023.5), cell_text(datetime(2026, 1, 1, 14, 5)), cell_text(True)
    ('3', '46023.5', '2026-01-01 14:05:00', 'true')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


@contextmanager
def _opened(path: Path) -> Iterator[python_calamine.CalamineWorkbook]:
    """Open a workbook whose defects, wherever they show, become InputErrors."""
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            yield workbook
    except python_calamine.PasswordError as error:
        raise InputError("archive_encrypted", path=str(path)) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InputError("workbook_unreadable", path=str(path), detail=str(error)[:200]) from error
    except BaseException as error:
        # The reader is written in Rust: on damage it did not foresee it panics, outside of Exception.
        if type(error).__name__ == "PanicException":
            raise InputError("workbook_unreadable", path=str(path), detail=str(error)[:200]) from None
        raise
