"""Reads an uploaded file (CSV or XLSX) as tables of known kinds; nothing is guessed where that would matter."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import python_calamine

from pegel.errors import InputError, PegelError
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import container_of
from pegel.sources.tabular import Table, open_table
from pegel.sources.workbooks import check_workbook
from pegel_web.core.errors import LimitedError
from pegel_web.organisation.importing.columns import KINDS, NOTES, SIGNS, TableKind, kind_of_sheet, matched
from pegel_web.organisation.references import reference_of

MOST_BYTES: Final = 10_000_000
MOST_ROWS: Final = 50_000
#: Longer cells are no names and no codes.
LONGEST_CELL: Final = 1_000
_FORMULA: Final = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row. ``number``: its place below the header, from 1. ``signs``: digests of the signs of people in it.

    ``broken``: why it cannot be read at all, empty for a sound row.
    """

    number: int
    cells: Mapping[str, str]
    signs: Mapping[str, str]
    broken: str = ""

    def without_signs(self) -> Row:
        """Return the row without what the organisation calls the people in it; the digests stay."""
        return replace(self, cells={name: cell for name, cell in self.cells.items() if name not in SIGNS})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """What was read. ``left_out``: why (``personal``, ``unknown_column``, ``unknown_sheet``), and which one."""

    tables: Mapping[str, tuple[Row, ...]]
    left_out: tuple[tuple[str, str], ...]

    @property
    def rows(self) -> int:
        """Return how many rows all tables have together."""
        return sum(len(rows) for rows in self.tables.values())


def read_file(content: bytes, *, kind: str | None, with_names: bool, file_name: str = "…") -> ImportFile:
    """Read a file: a CSV (or the only sheet of a workbook) as the given kind, or a workbook by the names of its sheets.

    ``file_name``: what errors call it.

    Raises
    ------
    LimitedError: ``import_too_large``, ``import_too_many_rows``. InputError: ``import_kind_missing`` (a CSV of no
    kind), ``import_kind_unknown``, ``import_no_sheets``, ``import_columns_missing``, ``file_empty``, and what the
    readers of files say.
    """
    if len(content) > MOST_BYTES:
        raise LimitedError("import_too_large", most=MOST_BYTES // 1_000_000)
    if kind is not None and kind not in KINDS:
        raise InputError("import_kind_unknown", kind=kind, known=list(KINDS))
    with _on_disk(content, file_name) as path:
        if kind is not None:
            return _whole([(KINDS[kind], open_table(path, ReadOptions()))], (), with_names=with_names)
        if container_of(path) != "workbook":
            raise InputError("import_kind_missing", known=list(KINDS))
        named = [(name, kind_of_sheet(name)) for name in _sheets(path)]
        found = [(one, open_table(path, ReadOptions(sheet=name))) for name, one in named if one is not None]
        if not found:
            raise InputError("import_no_sheets", sheets=[name for name, _ in named], known=list(KINDS))
        unknown = tuple(("unknown_sheet", name) for name, one in named if one is None)
        return _whole(found, unknown, with_names=with_names)


def packed(file: ImportFile) -> dict[str, Any]:
    """Return a file as JSON keeps it."""
    tables = {
        kind: [[row.number, dict(row.cells), dict(row.signs), row.broken] for row in rows]
        for kind, rows in file.tables.items()
    }
    return {"tables": tables, "left_out": [list(one) for one in file.left_out]}


def unpacked(kept: Mapping[str, Any]) -> ImportFile:
    """Return a file from what was kept of it."""
    tables = {
        kind: tuple(
            Row(number=number, cells=cells, signs=signs, broken=broken) for number, cells, signs, broken in rows
        )
        for kind, rows in kept["tables"].items()
    }
    return ImportFile(tables=tables, left_out=tuple((why, what) for why, what in kept["left_out"]))


def _whole(
    tables: Sequence[tuple[TableKind, Table]], left_out: tuple[tuple[str, str], ...], *, with_names: bool
) -> ImportFile:
    read: dict[str, tuple[Row, ...]] = {}
    rows = 0
    for kind, table in tables:
        if kind.name in read:
            raise InputError("import_sheet_twice", kind=kind.name)
        columns = matched(kind, table.columns)
        missing = [one.name for one in kind.columns if one.required and one.name not in columns]
        if missing:
            raise InputError("import_columns_missing", missing=missing, found=list(table.columns), kind=kind.name)
        personal = [one.name for one in kind.columns if one.personal and not with_names and one.name in columns]
        known = {*columns.values(), *NOTES}
        left_out += tuple(("personal", columns.pop(name)) for name in personal)
        left_out += tuple(("unknown_column", name) for name in table.columns if name not in known)
        read[kind.name] = tuple(_rows(table, columns, MOST_ROWS - rows))
        rows += len(read[kind.name])
    if not rows:
        raise InputError("import_without_rows")
    return ImportFile(tables=read, left_out=left_out)


def _rows(table: Table, columns: Mapping[str, str], most: int) -> Iterator[Row]:
    seen = 0
    for part in table.parts(list(columns.values())):
        seen += part.rows
        if seen > most:
            raise LimitedError("import_too_many_rows", most=MOST_ROWS)
        good = {row["row"]: _row(row, columns) for row in part.frame.iter_rows(named=True)}
        broken = {
            row["row"]: Row(number=row["row"], cells={}, signs={}, broken=row["reason"])
            for row in part.rejects.iter_rows(named=True)
        }
        yield from (one for _, one in sorted((good | broken).items()))


def _row(values: Mapping[str, Any], columns: Mapping[str, str]) -> Row:
    cells = {name: _plain(str(values[header])) for name, header in columns.items()}
    too_long = any(len(cell) > LONGEST_CELL for cell in cells.values())
    if too_long:
        cells = {name: cell[:LONGEST_CELL] for name, cell in cells.items()}
    signs = {name: reference_of(cells[name]) for name in SIGNS if cells.get(name)}
    return Row(number=values["row"], cells=cells, signs=signs, broken="cell_too_large" if too_long else "")


def _plain(cell: str) -> str:
    """Return a cell without the apostrophe that a list of rejected rows puts before what looks like a formula."""
    text = cell.strip()
    return text[1:] if text.startswith(_FORMULA) else text


def _sheets(path: Path) -> list[str]:
    """Return the names of the sheets that hold anything."""
    check_workbook(path)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            return [name for name in workbook.sheet_names if workbook.get_sheet_by_name(name).height > 0]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InputError("workbook_unreadable", path="", detail=str(error)[:200]) from error


@contextmanager
def _on_disk(content: bytes, file_name: str) -> Iterator[Path]:
    """Give the readers the file they want; its place is nobody's business."""
    with tempfile.TemporaryDirectory(prefix="pegel-import-") as folder:
        path = Path(folder, "import")
        path.write_bytes(content)
        try:
            yield path
        except PegelError as error:
            if "path" in error.values:
                named = {name: value for name, value in error.values.items() if name != "path"}
                raise type(error)(error.code, **named, path=file_name) from None
            raise
