"""Looking along the time of an item: the latest mark at or before each moment, the earliest at or after it."""

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
    value: str | None = None,
    strictly: bool = False,
) -> nw.LazyFrame[Any]:
    """Add column ``mark`` to ``moments``: the latest mark with the same ``by`` at or before the time ``at``.

    ``strictly``: before that time only. Null where there is none. ``value``: add this column of the latest mark instead
    (never null in ``marks``; among marks of the same time that with the highest ``sequence``). Made of a union and a
    look along it, which every engine can do; the embedded engine keeps the order of the moments.

    >>> import polars as pl
    >>> moments = nw.from_native(pl.LazyFrame({"item": [1, 1, 2], "at_us": [5, 1, 9]}))
    >>> marks = nw.from_native(pl.LazyFrame({"item": [1, 1], "from_us": [2, 5]}))
    >>> found = with_latest(moments, marks, by=("item",), at="at_us", mark="from_us")
    >>> found.select("item", "at_us", "from_us").collect().to_native().rows()
    [(1, 5, 5), (1, 1, None), (2, 9, None)]
    """
    first, second = (1, 0) if strictly else (0, 1)
    added = mark if value is None else value
    order = [_AT, _ASKED] if value is None else [_AT, _ASKED, "sequence"]
    marked = marks.select(*by, added, *order[2:], nw.col(mark).alias(_AT), nw.lit(first, dtype=nw.Int8()).alias(_ASKED))
    asked = moments.with_columns(nw.col(at).alias(_AT), nw.lit(second, dtype=nw.Int8()).alias(_ASKED))
    latest = nw.col(added).fill_null(strategy="forward").over(*by, order_by=order)
    return (
        nw.concat([marked, asked], how="diagonal")
        .with_columns(latest)
        .filter(nw.col(_ASKED) == second)
        .drop(_AT, _ASKED, *order[2:])
    )


def with_earliest(
    moments: nw.LazyFrame[Any], marks: nw.LazyFrame[Any], *, by: tuple[str, ...], at: str, mark: str
) -> nw.LazyFrame[Any]:
    """Add column ``mark`` to ``moments``: the earliest mark with the same ``by`` at or after the time ``at``.

    >>> import polars as pl
    >>> moments = nw.from_native(pl.LazyFrame({"item": [1, 1, 2], "at_us": [5, 1, 9]}))
    >>> marks = nw.from_native(pl.LazyFrame({"item": [1, 1], "next_us": [2, 5]}))
    >>> found = with_earliest(moments, marks, by=("item",), at="at_us", mark="next_us")
    >>> found.select("item", "at_us", "next_us").collect().to_native().rows()
    [(1, 5, 5), (1, 1, 2), (2, 9, None)]
    """
    marked = marks.select(*by, mark, nw.col(mark).alias(_AT), nw.lit(1, dtype=nw.Int8()).alias(_ASKED))
    asked = moments.with_columns(nw.col(at).alias(_AT), nw.lit(0, dtype=nw.Int8()).alias(_ASKED))
    earliest = nw.col(mark).fill_null(strategy="backward").over(*by, order_by=[_AT, _ASKED])
    both = nw.concat([marked, asked], how="diagonal").with_columns(earliest)
    return both.filter(nw.col(_ASKED) == 0).drop(_AT, _ASKED)
