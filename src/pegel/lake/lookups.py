"""Looking up by integer codes without hashing: the row of a code, and a code's latest or earliest mark at a moment.

Items and places are numbered from 0 or 1 without large gaps, so a table with a row for each is an array, and looking
something up there is reading a place in memory; rows keep their order. Marks of a code lie together in the order of
time, so the latest before a moment is found by halving, for all moments at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: A table with more empty places than this many per row, beyond a fixed number of them, is no array.
_GAPS_PER_ROW: Final = 16
_FEW: Final = 1_000_000
#: Moments looked up at once: their columns fit into the processor's cache.
_SLICE: Final = 1 << 16
_AT_ONCE: Final = 4
_CODE: Final = "__code"


def looked_up(frame: pl.LazyFrame, table: pl.DataFrame, on: str) -> pl.LazyFrame:
    """Add the columns of a table with one row per code in column ``on``; null where it has none.

    >>> table = pl.DataFrame({"place": [2, 0], "queue": [7, 9]})
    >>> looked_up(pl.LazyFrame({"place": [0, 1, 2]}), table, "place").collect()["queue"].to_list()
    [9, None, 7]
    """
    highest: Any = table[on].max()
    lowest: Any = table[on].min()
    if highest is None or lowest < 0 or highest > _FEW + _GAPS_PER_ROW * table.height:
        return frame.join(table.lazy(), on=on, how="left", maintain_order="left")
    rows = np.full(highest + 1, -1, dtype=np.int32)
    rows[table[on].to_numpy()] = np.arange(table.height, dtype=np.int32)
    # In the order of the codes, so that rows of neighbouring codes are read from neighbouring places.
    row = pl.lit(pl.Series(rows))
    filled = table.drop(on).select(pl.all().gather(pl.when(row >= 0).then(row)))
    return frame.with_columns(
        pl.lit(filled[name]).gather(pl.col(on), null_on_oob=True).alias(name) for name in filled.columns
    )


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks by code and time: those of code ``c`` are the rows ``starts[c]`` up to ``starts[c + 1]``."""

    rows: pl.DataFrame
    times: NDArray[np.int64]
    starts: NDArray[np.int32]

    def before(
        self, codes: NDArray[np.int32], at: NDArray[np.int64], *, equal: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return, for each moment of a code, the first row behind its marks before it (``equal``: or at it).

        Also whether there is such a mark before it, and whether there is one behind.
        """
        found = np.empty(len(codes), dtype=np.int32)
        earlier, later = np.empty(len(codes), dtype=bool), np.empty(len(codes), dtype=bool)
        steps = int(np.diff(self.starts).max(initial=0)).bit_length()

        def look(from_row: int) -> None:
            piece = slice(from_row, from_row + _SLICE)
            first, end = self.starts[codes[piece]], self.starts[codes[piece] + 1]
            low = self._halved(first.copy(), end.copy(), at[piece], steps, equal=equal)
            found[piece], earlier[piece], later[piece] = low, low > first, low < end

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(look, range(0, len(codes), _SLICE)))
        return found, earlier, later

    def _halved(
        self, low: NDArray[np.int32], high: NDArray[np.int32], at: NDArray[np.int64], steps: int, *, equal: bool
    ) -> NDArray[np.int32]:
        last = max(0, len(self.times) - 1)
        for _ in range(steps):
            middle = (low + high) >> 1
            times = self.times[np.minimum(middle, last)]
            passed = (times <= at) if equal else (times < at)
            passed &= low < high
            np.copyto(high, middle, where=~passed)
            np.copyto(low, middle + 1, where=passed)
        return low


def with_latest(
    moments: pl.DataFrame,
    marks: pl.DataFrame,
    *,
    by: Sequence[str],
    at: str,
    mark: str,
    values: Sequence[str],
    initial: Sequence[str] = (),
    strictly: bool = False,
) -> pl.DataFrame:
    """Add ``values`` of the latest mark of equal ``by`` at or before (``strictly``: before) each moment.

    Among marks of the same time that with the highest ``sequence``, where they have one, else the last in the table.
    ``initial``: columns of the first mark that say the same of the time before it; marks' ``values`` are never null.
    """
    order = [mark, "sequence"] if "sequence" in marks.columns else [mark]
    codes, known = _coded(moments, marks, by, order)
    behind, passed, ahead = known.before(codes, moments[at].to_numpy(), equal=not strictly)
    found = _rows(known, behind - 1, passed, values)
    if initial:
        # Before the first mark, the row behind the marks before the moment is the first one.
        first = _rows(known, behind, ahead & ~passed, initial)
        found = found.select(
            pl.coalesce(name, pl.lit(first[other])).alias(name) for name, other in zip(values, initial, strict=True)
        )
    return moments.with_columns(found)


def with_earliest(moments: pl.DataFrame, marks: pl.DataFrame, *, by: Sequence[str], at: str, mark: str) -> pl.DataFrame:
    """Add ``mark`` of the earliest mark of equal ``by`` at or after each moment."""
    codes, known = _coded(moments, marks, by, [mark])
    first, _, ahead = known.before(codes, moments[at].to_numpy(), equal=False)
    return moments.with_columns(_rows(known, first, ahead, [mark]))


def _rows(known: Marks, rows: NDArray[np.int32], there: NDArray[np.bool_], names: Sequence[str]) -> pl.DataFrame:
    """Return columns of the marks in chosen rows, null where there is none."""
    chosen = pl.DataFrame({"row": rows, "there": there}).select(row=pl.when("there").then("row"))["row"]
    return pl.DataFrame({name: known.rows[name].gather(chosen) for name in names})


def _coded(
    moments: pl.DataFrame, marks: pl.DataFrame, by: Sequence[str], order: Sequence[str]
) -> tuple[NDArray[np.int32], Marks]:
    """Return the codes of the moments, and the marks in order."""
    if len(by) == 1 and moments.schema[by[0]] == pl.Int32 and marks.schema[by[0]] == pl.Int32:
        codes, listed = moments[by[0]], marks.with_columns(pl.col(by[0]).alias(_CODE))
    else:
        numbers = marks.select(by).unique(maintain_order=True).with_row_index(_CODE).cast({_CODE: pl.Int32})
        listed = marks.join(numbers, on=by, how="left", maintain_order="left")
        # Moments of which there is no mark share a code of their own.
        found = moments.select(by).join(numbers, on=by, how="left", maintain_order="left")
        codes = found[_CODE].fill_null(numbers.height)
    listed = in_order(listed, _CODE, *order)
    highest: Any = max(codes.max() or 0, listed[_CODE].max() or 0)
    counts = np.bincount(listed[_CODE].to_numpy(), minlength=highest + 1)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return codes.to_numpy(), Marks(listed, listed[order[0]].to_numpy(), starts)


def in_order(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Sort, unless the rows are in order already, as those of one import are: looking is much cheaper than sorting."""
    behind, equal = pl.lit(value=False), pl.lit(value=True)
    for key in keys:
        behind = behind | (equal & (pl.col(key) < pl.col(key).shift(1)))
        equal = equal & (pl.col(key) == pl.col(key).shift(1))
    if not frame.select(behind.any()).item():
        return frame
    return frame.sort(keys, maintain_order=True)
