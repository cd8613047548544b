"""Unbroken stretches: overlapping spans of time put together, for each of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

_CODE: Final = "__code"
_LARGEST: Final = 1 << 63


def united(spans: pl.DataFrame, *, by: Sequence[str], start: str, end: str) -> pl.DataFrame:
    """Return [*by, start, end]: spans that overlap or touch are one; in no particular order.

    >>> spans = pl.DataFrame({"person": [7, 7, 7, 8], "from_us": [5, 1, 8, 2], "until_us": [6, 5, 9, 3]})
    >>> united(spans, by=["person"], start="from_us", end="until_us").sort("person", "from_us").rows()
    [(7, 1, 6), (7, 8, 9), (8, 2, 3)]
    """
    if not spans.height:
        return spans.select(*by, start, end)
    owners = spans.select(by).unique(maintain_order=True).with_row_index(_CODE)
    coded = spans.join(owners, on=by, how="left", nulls_equal=True, maintain_order="left").select(_CODE, start, end)
    first, last_start = _bounds(coded[start])
    width = last_start - first + 1
    # In which order equal starts come makes no difference, so where one number holds owner and start, it is sorted by.
    key = pl.col(_CODE).cast(pl.Int64) * width + (pl.col(start) - first)
    ordered = coded.sort(key) if owners.height * width < _LARGEST else coded.sort(_CODE, start)
    codes, starts, ends = (ordered[name].to_numpy() for name in (_CODE, start, end))
    begins = np.concatenate([[True], codes[1:] != codes[:-1]])
    reached = np.empty_like(ends)
    for low, high in pairwise([*np.flatnonzero(begins).tolist(), len(ends)]):
        np.maximum.accumulate(ends[low:high], out=reached[low:high])
    fresh = np.flatnonzero(begins | np.concatenate([[True], starts[1:] > reached[:-1]]))
    last = np.concatenate([fresh[1:], [len(ends)]]) - 1
    found = pl.DataFrame({_CODE: codes[fresh], start: starts[fresh], end: reached[last]})
    return found.join(owners, on=_CODE, how="left", maintain_order="left").select(*by, start, end)


def _bounds(values: pl.Series) -> tuple[int, int]:
    """Return the least and the greatest of whole numbers."""
    low, high = int(values.min()), int(values.max())  # type: ignore[arg-type]  # neither empty nor other than numbers
    return low, high
