"""Rows of a table, from CSV or a workbook, as column batches with row numbers; memory stays bounded.

Row 1 is the first row below the header; blank rows are no rows. Broken rows are given with their reason:
``wrong_number_of_cells``, ``cell_too_large``, ``quote_not_closed``, and, where a column that is read is concerned,
``broken_encoding`` and ``nul_byte``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl
from python_calamine import CalamineSheet

from pegel.errors import InputError
from pegel.eventlog.schema import REJECTS
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import (
    BROKEN,
    InputStream,
    check_encoding,
    container_of,
    decide_encoding,
    open_bytes,
    read_head,
    sniff_delimiter,
    utf8_blocks,
)
from pegel.sources.records import LONGEST_CELL, RecordReader
from pegel.sources.workbooks import HEAD_ROWS, header_at, open_sheet, sheet_rows

MAX_COLUMNS: Final = 5_000
_SHEET_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """Some consecutive rows of a table.

    ``frame``: ``row`` (Int64) and the columns asked for (String; no cell is null), good rows only. ``rejects``: broken
    rows as in the event log's table of that name. ``rows``: how many rows both have together.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    rows: int


class Table:
    """A table that can be read in parts, as often as wanted; made by :func:`open_table`.

    ``columns`` are unique: a repeated header gets a number (``category``, ``category_2``), an empty one is called
    ``column_5`` by its place. ``from_workbook`` says that plain numbers may be Excel's day numbers.
    """

    def __init__(
        self,
        path: Path,
        columns: tuple[str, ...],
        *,
        batch_rows: int,
        encoding: str = "utf-8",
        delimiter: str = ",",
        skip: int = 0,
        sheet: CalamineSheet | None = None,
    ) -> None:
        self.path = path
        self.columns = columns
        self.encoding = encoding
        self.delimiter = delimiter
        self._sheet = sheet
        self._skip = skip
        self._batch_rows = max(batch_rows, 1)
        self._stream: InputStream | None = None
        self._share: float | None = 0.0

    @property
    def from_workbook(self) -> bool:
        """Tell whether the cells come from a workbook, not from text."""
        return self._sheet is not None

    def progress(self) -> float | None:
        """Return the share of the input read by the latest pass, 0 to 1; None while unknown."""
        if self._stream is not None and not self._stream.closed:
            return self._stream.share_read()
        return self._share

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[TablePart]:
        """Yield the rows from the first to the last in parts of at most ``batch_rows`` rows.

        Raises
        ------
        InputError: what only reading on can show (``archive_broken``, ``archive_bomb`` …).
        """
        wanted = list(self.columns if columns is None else columns)
        frames = self._text_frames() if self._sheet is None else self._sheet_frames(self._sheet)
        row = 1
        for whole in frames:
            for frame in whole.iter_slices(self._batch_rows):
                yield self._part(frame, row, wanted)
                row += frame.height
        self._share = 1.0

    def _text_frames(self) -> Iterator[pl.DataFrame]:
        skip = self._skip + 1  # the header is a record too
        self._share = 1.0
        with open_bytes(self.path) as stream:
            self._stream = stream
            reader = RecordReader(utf8_blocks(stream, self.encoding), self.delimiter, len(self.columns))
            for frame in reader.frames():
                body = frame.slice(min(skip, frame.height))
                skip -= min(skip, frame.height)
                if body.height:
                    yield body

    def _sheet_frames(self, sheet: CalamineSheet) -> Iterator[pl.DataFrame]:
        width = len(self.columns)
        rows = islice(sheet_rows(sheet), self._skip + 1, None)
        names = [f"cell_{index}" for index in range(width)]
        schema = dict.fromkeys((*names, "defect", "detail"), pl.String())
        self._share = None
        while cells := [(*row[:width], *[""] * (width - len(row)), None, None) for row in islice(rows, _SHEET_ROWS)]:
            frame = pl.DataFrame(cells, schema=schema, orient="row")
            too_large = pl.any_horizontal(pl.col(names).str.len_bytes() > LONGEST_CELL)
            yield frame.with_columns(defect=pl.when(too_large).then(pl.lit("cell_too_large")))

    def _part(self, frame: pl.DataFrame, first_row: int, wanted: list[str]) -> TablePart:
        rows = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64, eager=True).alias("row")
        cells = [f"cell_{self.columns.index(name)}" for name in wanted]
        defect = (
            pl.when(pl.col("defect").is_not_null())
            .then("defect")
            .when(pl.any_horizontal(pl.col(cells).str.contains(BROKEN, literal=True)))
            .then(pl.lit("broken_encoding"))
            .when(pl.any_horizontal(pl.col(cells).str.contains("\x00", literal=True)))
            .then(pl.lit("nul_byte"))
        )
        reasons = frame.select(rows, reason=defect, detail=pl.col("detail").fill_null(""))
        good = frame.select(rows, *(pl.col(cell).alias(name) for cell, name in zip(cells, wanted, strict=True)))
        broken = reasons["reason"].is_not_null()
        if broken.any():
            good = good.filter(~broken)
        return TablePart(frame=good, rejects=reasons.filter(broken).cast(REJECTS), rows=frame.height)  # type: ignore[arg-type]  # invariant mapping


def open_table(path: Path, options: ReadOptions) -> Table:
    """Open a CSV file or a workbook as a table: encoding, delimiter, sheet and header are decided here.

    Raises
    ------
    NotFoundError: ``file_not_found``, ``sheet_unknown``. AmbiguousInputError: ``ambiguous_sheet``.
    InputError: ``file_empty``, ``no_table`` (no header with at least two cells), ``too_many_columns``,
    ``bad_delimiter``, ``sheet_without_workbook``, ``unknown_encoding``, and those of
    :func:`pegel.sources.reading.open_bytes`.
    """
    path = Path(path)
    if options.delimiter is not None and (
        len(options.delimiter.encode()) != 1 or options.delimiter in '"\n\r\x00' or options.delimiter.isalnum()
    ):
        raise InputError("bad_delimiter", delimiter=options.delimiter)
    if container_of(path) == "workbook":
        sheet = open_sheet(path, options.sheet)
        first = list(islice(sheet_rows(sheet), HEAD_ROWS))
        skip = header_at(first)
        header = first[skip] if first else []
        return Table(path, _columns(path, header), batch_rows=options.batch_rows, skip=skip, sheet=sheet)
    if options.sheet is not None:
        raise InputError("sheet_without_workbook", path=str(path))
    encoding = check_encoding(options.encoding) if options.encoding else decide_encoding(path)
    head = read_head(path, encoding=encoding, delimiter=options.delimiter)
    if not head.data:
        raise InputError("file_empty", path=str(path))
    delimiter, skip = sniff_delimiter(head.text)
    return Table(
        path,
        _columns(path, head.header),
        batch_rows=options.batch_rows,
        encoding=encoding,
        delimiter=options.delimiter or delimiter,
        skip=skip,
    )


def unique_names(header: Iterable[str]) -> tuple[str, ...]:
    """Names of columns without repetition; ``row`` is taken by the row's number.

    >>> unique_names(["category", "category", "", "category_2"])
    ('category', 'category_3', 'column_3', 'category_2')
    """
    cells = [cell.strip() for cell in header]
    taken = {"row", *cells}
    seen = {"row"}
    next_number: dict[str, int] = {}
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell or f"column_{place}"
        stem = cell or "column"
        while name in seen or (name != cell and name in taken):
            number = next_number.get(stem, 2)
            next_number[stem] = number + 1
            name = f"{stem}_{number}"
        seen.add(name)
        names.append(name)
    return tuple(names)


def _columns(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    if len(header) < 2:
        raise InputError("no_table", path=str(path))
    if len(header) > MAX_COLUMNS:
        raise InputError("too_many_columns", path=str(path), columns=len(header), limit=MAX_COLUMNS)
    return unique_names(header)
