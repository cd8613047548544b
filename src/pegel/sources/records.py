r"""Cuts a stream of delimited text into records and gives them to polars, without ever guessing what a cell holds.

Cells are quoted as in RFC 4180; beyond it, a quote inside an unquoted cell is an ordinary character and text after a
closing quote belongs to the cell (as Python's and Excel's readers see it). A quote that nothing closes within
:data:`LONGEST_RECORD` spoils its line only: reading goes on with the next line, and as far as was searched in vain, a
record may not span lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

#: Cells beyond this (bytes) reject their row as ``cell_too_large``.
LONGEST_CELL: Final = 1 << 20
#: A record that does not end within this many bytes is not kept in memory any longer.
LONGEST_RECORD: Final = 16 << 20

#: Stands as an extra cell at the end of every record, which shows how many cells there are.
_END: Final = b"\x00"
_QUOTED: Final = rb'"[^"]*+(?:""[^"]*+)*+"'


class RecordReader:
    """Reads records of a delimited text as frames of text cells.

    Parameters
    ----------
    blocks: the text as UTF-8, line ends ``\\n`` only, cut anywhere.
    delimiter: one character.
    width: number of cells of a good record, at least 2.
    """

    def __init__(self, blocks: Iterable[bytes], delimiter: str, width: int) -> None:
        self._blocks = blocks
        self._delimiter = delimiter.encode()
        self._width = width
        cell = b"(?:" + _QUOTED + b'|[^"\\n' + re.escape(self._delimiter) + b"]*+)"
        mark = re.escape(self._delimiter)
        self._regular = re.compile(b"(?:(?:" + cell + mark + b")*+" + cell + b"\\n)*+")
        self._quoted = re.compile(_QUOTED)
        self._loose_end = re.compile(b"[\\n" + mark + b"]")

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield frames with the columns ``cell_0`` … and ``defect`` (reason code, null: none) and ``detail``.

        Blank lines are not records. The header is a record like every other.
        """
        rest = b""
        skipping = False  # inside a line too long to keep
        for block in self._blocks:
            if skipping:
                end = block.find(b"\n")
                if end < 0:
                    continue
                skipping = False
                rest = block[end + 1 :]
            else:
                rest += block
            pieces, used = self._records(rest, final=False)
            rest = rest[used:]
            if len(rest) > LONGEST_RECORD and b"\n" not in rest:
                pieces.append(self._placeholder("cell_too_large"))
                rest, skipping = b"", True
            if pieces:
                yield self._frame(b"".join(pieces))
        pieces, _ = self._records(rest if not rest or rest.endswith(b"\n") else rest + b"\n", final=True)
        if pieces:
            yield self._frame(b"".join(pieces))

    def _records(self, text: bytes, *, final: bool) -> tuple[list[bytes], int]:
        """Well-formed text of all complete records at the beginning, each with the end mark; and its length."""
        end_of_record = self._delimiter + _END + b"\n"
        if b'"' not in text:
            used = text.rfind(b"\n") + 1
            return ([text[:used].replace(b"\n", end_of_record)] if used else []), used
        pieces: list[bytes] = []
        position = 0
        line_by_line_until = 0
        while position < len(text):
            limit = len(text)
            if position < line_by_line_until:
                quote = text.find(b'"', position)
                plain_end = text.rfind(b"\n", position, quote if quote >= 0 else limit) + 1
                if plain_end > position:
                    pieces.append(text[position:plain_end].replace(b"\n", end_of_record))
                    position = plain_end
                    continue
                limit = text.find(b"\n", position) + 1
                if not limit:
                    break
            match = self._regular.match(text, position, limit)
            if match is not None and match.end() > position:
                # Outside quotes stand the even parts; a doubled quote gives an empty one.
                parts = text[position : match.end()].split(b'"')
                parts[::2] = [part.replace(b"\n", end_of_record) for part in parts[::2]]
                pieces.append(b'"'.join(parts))
                position = match.end()
                continue
            record = self._loose_record(text, position, limit)
            if record is not None:
                cells, position = record
                quoted = (b'"' + cell.replace(b'"', b'""') + b'"' for cell in cells)
                pieces.append(self._delimiter.join(quoted) + end_of_record)
                continue
            if not final and limit == len(text) and limit - position <= LONGEST_RECORD:
                break
            # The text up to its end was searched in vain. To search it again from every line would take for ever, so
            # that up to there every line has to be a record of its own.
            line_by_line_until = max(line_by_line_until, len(text))
            line_end = text.find(b"\n", position)
            if line_end < 0:
                break
            too_large = line_end - position > LONGEST_CELL
            pieces.append(self._placeholder("cell_too_large" if too_large else "quote_not_closed"))
            position = line_end + 1
        return pieces, position

    def _loose_record(self, text: bytes, position: int, limit: int) -> tuple[list[bytes], int] | None:
        """Cells of one record with stray quotes, and where the next one begins; None: no end up to ``limit``."""
        cells: list[bytes] = []
        while True:
            cell = b""
            if text[position : position + 1] == b'"':
                quoted = self._quoted.match(text, position, limit)
                if quoted is None:
                    return None
                cell = quoted.group()[1:-1].replace(b'""', b'"')
                position = quoted.end()
            end = self._loose_end.search(text, position, limit)
            if end is None:
                return None
            cells.append(cell + text[position : end.start()])
            position = end.end()
            if end.group() == b"\n":
                return cells, position

    def _placeholder(self, reason: str) -> bytes:
        return _END + reason.encode() + self._delimiter + _END + b"\n"

    def _frame(self, text: bytes) -> pl.DataFrame:
        width = self._width
        names = [f"cell_{index}" for index in range(width + 2)]
        raw = pl.read_csv(
            self._delimiter.join(name.encode() for name in names) + b"\n" + text,
            separator=self._delimiter.decode(),
            quote_char='"' if b'"' in text else None,
            infer_schema=False,
            empty_string_is_null=False,
            truncate_ragged_lines=True,
        )
        mark = _END.decode()
        first, second, beyond, further = (pl.col(names[index]) for index in (0, 1, width, width + 1))
        # One more cell is tolerated if it is empty: some tools end every line with a delimiter.
        complete = ((beyond == mark) & (further == "")) | ((beyond == "") & (further == mark))
        too_large = pl.any_horizontal(pl.col(names[:width]).str.len_bytes() > LONGEST_CELL)
        blank = (second == mark) & (first.str.strip_chars() == "")
        frame = raw.filter(~blank).with_columns(
            defect=pl.when((second == mark) & first.str.starts_with(mark))
            .then(first.str.slice(1))
            .when(too_large)
            .then(pl.lit("cell_too_large"))
            .when(~complete)
            .then(pl.lit("wrong_number_of_cells"))
        )
        odd = (frame["defect"] == "wrong_number_of_cells").fill_null(False).arg_true()
        detail = pl.Series("detail", [None], dtype=pl.String).new_from_index(0, frame.height)
        if len(odd):
            found = [_count_cells(row, mark, width) for row in frame.select(names)[odd].iter_rows()]
            detail = detail.scatter(odd, pl.Series(found, dtype=pl.String))
        return frame.select(*names[:width], "defect", detail)


def _count_cells(row: tuple[str, ...], mark: str, width: int) -> str:
    found = str(row.index(mark)) if mark in row else f"> {width + 1}"
    return f"{found} / {width}"
