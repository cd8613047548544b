"""The log as a table of transitions that Pegel reads back with nothing lost that a figure is made of.

A row says what is true of an item from a moment on: :data:`COLUMNS`. There is a row per change of state and, so that
the figures stay the same, one for the creation before the first change of state, for a change of stream, type or
parent, and for the deletion (state ``(deleted)``). UTF-8 without byte order mark, cells quoted as in RFC 4180, times
as ISO 8601 in UTC with microseconds.

Cells are written as they are. A name that begins with ``=``, ``+``, ``-`` or ``@`` is not altered, because it would
come back as another name: spreadsheets take such cells for formulas, so open the file there as text.
"""

from __future__ import annotations

from typing import IO, Final

import polars as pl

from pegel.exports.history import taken_away
from pegel.exports.result import Written
from pegel.exports.view import Chunk, LogView

COLUMNS: Final = ("item", "at", "state", "sequence", "type", "stream", "parent", "actor")
#: Words that a reader takes for "unknown" in all columns but item and state (``pegel.sources.transitions.cells``).
_UNKNOWN: Final = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
#: Line ends are one and the same to a reader of text; the others are no characters of a text.
_UNREADABLE: Final = "[\r\x00\uffff]"


def write_transitions_csv(view: LogView, file: IO[bytes], written: Written) -> None:
    """Write the log of a view; counts rows under ``rows``.

    Remarks: ``items_without_events`` (no row says anything of them), ``cells_read_differently`` (rows with a name that
    reading back alters: blanks around it, a carriage return, a word for "unknown"), ``taken_away`` (rows in which an
    item loses its type or parent: an empty cell reads as "not said").
    """
    columns = [*COLUMNS, "title"] if view.has_titles() else [*COLUMNS]
    file.write((",".join(columns) + "\n").encode())
    for chunk in view.chunks():
        table = _table(chunk).select(columns)
        written.remark("items_without_events", chunk.items.height - chunk.rows["item_no"].n_unique())
        written.remark("cells_read_differently", _altered(table))
        written.remark("taken_away", taken_away(chunk.rows))
        file.write(table.write_csv(include_header=False).encode())
        written.chunk_done(chunk, rows=table.height)


def _table(chunk: Chunk) -> pl.DataFrame:
    names = chunk.items.select("item_no", "item", "title")
    return chunk.rows.join(names, on="item_no", how="left", maintain_order="left").with_columns(
        at=pl.from_epoch("at_us", time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"), sequence="number"
    )


def _altered(table: pl.DataFrame) -> int:
    """Count the rows that come back with another name in some cell."""
    texts = [name for name in table.columns if name not in ("at", "sequence")]
    known = [name for name in texts if name not in ("item", "state")]
    altered = [
        *((pl.col(name) != pl.col(name).str.strip_chars()) | pl.col(name).str.contains(_UNREADABLE) for name in texts),
        *(pl.col(name).is_in(_UNKNOWN) for name in known),
    ]
    return int(table.select(pl.any_horizontal(altered).fill_null(value=False).sum()).item())
