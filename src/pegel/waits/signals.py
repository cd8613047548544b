"""What the changes of other fields say about a wait: handed over, asked about, put back."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.flow.log import FlowLog
from pegel.waits.lowered import lowered

#: Fields whose change from one value to another hands an item over.
HANDING: Final = ("assignee", "team")
RANKING: Final = ("priority", "rank")
#: Every field whose changes say something about a wait.
FIELDS: Final = ("flag", "comment_count", *HANDING, *RANKING)


def lowered_pairs(log: FlowLog, field: str, pairs: pl.DataFrame) -> nw.LazyFrame[Any]:
    """Return those of the pairs [before, after] of values that put an item further back, as dictionary codes."""
    down = [pair for pair in pairs.iter_rows() if lowered(field, *pair)]
    names = ("before", "after")
    columns = zip(*down, strict=True) if down else ((), ())
    words = log.engine.table(dict(zip(names, columns, strict=True)), dict.fromkeys(names, nw.String()))
    return log.engine.coded(words.with_columns(nw.col(*names).cast(nw.String())), *names)


def within(
    log: FlowLog, moments: nw.LazyFrame[Any], pieces: nw.LazyFrame[Any], *, start: str, end: str
) -> nw.LazyFrame[Any]:
    """Return [item, start, at_us]: the moments that lie in a piece of their item, from ``start`` to before ``end``."""
    bounds = pieces.select("item", start, end)
    found = log.engine.latest(moments.select("item", "at_us"), bounds, by=("item",), at="at_us", mark=start,
                              values=(start, end))  # fmt: skip
    return found.filter(nw.col("at_us") < nw.col(end)).select("item", start, "at_us")


def with_moments(
    log: FlowLog,
    pieces: nw.LazyFrame[Any],
    moments: nw.LazyFrame[Any],
    *,
    start: str,
    end: str,
    first: str | None = None,
    last: str | None = None,
) -> nw.LazyFrame[Any]:
    """Add when the ``first`` and the ``last`` moment [item, at_us] lies in each piece of an item; null: none does.

    A moment at ``start`` lies in the piece, one at ``end`` does not.
    """
    at = nw.col("at_us")
    marks = log.engine.ordered(moments.select("item", "at_us"), "item", "at_us")
    if first is not None:
        found = log.engine.earliest(pieces, marks, by=("item",), at=start, mark="at_us")
        pieces = found.with_columns(nw.when(at < nw.col(end)).then(at).alias(first)).drop("at_us")
    if last is not None:
        found = log.engine.latest(pieces, marks, by=("item",), at=end, mark="at_us", strictly=True)
        pieces = found.with_columns(nw.when(at >= nw.col(start)).then(at).alias(last)).drop("at_us")
    return pieces
