"""Rows as an XLSX sheet: numbers and dates as such, texts as texts that no program takes for a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

_LONGEST_CELL: Final = 32_000
_WIDEST: Final = 60
#: Sheets keep 15 digits and no day before this year.
_MOST_DIGITS: Final = 10**15
_FIRST_YEAR: Final = 1900


def sheet_of(name: str, labels: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return an XLSX file with one sheet: a bold head, then the rows (texts, numbers, dates, None)."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for at, label in enumerate(labels, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(max(len(label) + 2, 12), _WIDEST)
    sheet.append([_text_cell(sheet, label, bold=True) for label in labels])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(sheet: Any, value: object) -> object:
    if isinstance(value, str):
        return _text_cell(sheet, value)
    if isinstance(value, date) and value.year < _FIRST_YEAR:
        return _text_cell(sheet, value.isoformat())
    if isinstance(value, Decimal | int) and not -_MOST_DIGITS < value < _MOST_DIGITS:
        return _text_cell(sheet, str(Decimal(value)))
    return value


def _text_cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value="")
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST_CELL]
    # A text that begins with "=" stays a text, in this file and when somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
