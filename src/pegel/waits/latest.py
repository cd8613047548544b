"""Looking back in time: the latest mark at or before each moment."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

_AT: Final = "__at__"
_ASKED: Final = "__asked__"


def with_latest(
    moments: nw.LazyFrame[Any],
    marks: nw.LazyFrame[Any],
    *,
    by: tuple[str, ...],
    at: str,
    mark: str,
    strictly: bool = False,
) -> nw.LazyFrame[Any]:
    """Add column ``mark`` to ``moments``: the latest mark with the same ``by`` at or before the time ``at``.

    ``strictly``: before that time only. Null where there is none. Only the columns ``by`` and ``mark`` of ``marks``
    matter; what else stands beside a mark is joined on them. Made of a union and a look along it, which every engine
    can do; the order of rows is not kept.

    >>> import polars as pl
    >>> moments = nw.from_native(pl.LazyFrame({"item": [1, 1, 2], "at_us": [5, 1, 9]}))
    >>> marks = nw.from_native(pl.LazyFrame({"item": [1, 1], "from_us": [2, 5]}))
    >>> found = with_latest(moments, marks, by=("item",), at="at_us", mark="from_us")
    >>> sorted(found.select("item", "at_us", "from_us").collect().to_native().rows(), key=str)
    [(1, 1, None), (1, 5, 5), (2, 9, None)]
    """
    first, second = (1, 0) if strictly else (0, 1)
    marked = marks.select(
        *by, nw.col(mark), nw.col(mark).alias(_AT), nw.lit(first, dtype=nw.Int8()).alias(_ASKED)
    ).unique()
    asked = moments.with_columns(nw.col(at).alias(_AT), nw.lit(second, dtype=nw.Int8()).alias(_ASKED))
    latest = nw.col(mark).fill_null(strategy="forward").over(*by, order_by=[_AT, _ASKED])
    return (
        nw.concat([marked, asked], how="diagonal")
        .with_columns(latest)
        .filter(nw.col(_ASKED) == second)
        .drop(_AT, _ASKED)
    )
