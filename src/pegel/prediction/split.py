"""Split rate: how many items does an item become on the way?

Either declared, as a range (every run draws one rate from it), or observed: the number of children of finished items
that have no parent themselves, from the log's ``parent`` links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.errors import UserError
from pegel.flow.log import FlowLog

_RATE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)(?:-(\d{1,3}(?:\.\d{1,6})?))?")
_HIGHEST: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRate:
    """``low`` to ``high``: items that one item becomes, 1: it stays one. ``observed``: take it from the log.

    ``families``: (items per family, number of families) as observed; empty as long as nobody has looked.
    """

    low: float = 1.0
    high: float = 1.0
    observed: bool = False
    families: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.low <= self.high <= _HIGHEST:
            raise UserError("split_rate_invalid", value=f"{self.low}-{self.high}")

    @property
    def mean(self) -> float:
        """Items that one item becomes on average."""
        if self.families:
            return sum(size * n for size, n in self.families) / sum(n for _, n in self.families)
        return (self.low + self.high) / 2

    def totals(self, items: int, rng: np.random.Generator, runs: int) -> np.ndarray:
        """Return the number of items that each run has to finish.

        >>> import numpy as np
        >>> SplitRate(low=1.5, high=1.5).totals(3, np.random.default_rng(1), 2).tolist()  # 4.5, rounded up
        [5, 5]
        """
        if self.families:
            sizes, counts = (np.array(column, dtype=np.int64) for column in zip(*self.families, strict=True))
            drawn = rng.multinomial(items, counts / counts.sum(), size=runs)
            totals: np.ndarray = drawn @ sizes
            return totals
        rates = rng.uniform(self.low, self.high, size=runs)
        rounded: np.ndarray = np.ceil(np.round(items * rates, 9)).astype(np.int64)
        return rounded


def split_rate(text: str) -> SplitRate:
    """Read a split rate: "1.3", "1-1.5" or "observed".

    Raises
    ------
    UserError: ``split_rate_invalid``.

    >>> split_rate("1-1.5").high, split_rate("observed").observed
    (1.5, True)
    """
    if text == "observed":
        return SplitRate(observed=True)
    found = _RATE.fullmatch(text.strip())
    if found is None:
        raise UserError("split_rate_invalid", value=text[:50])
    return SplitRate(low=float(found[1]), high=float(found[2] or found[1]))


def observed_families(log: FlowLog, finished: nw.LazyFrame[Any]) -> tuple[tuple[int, int], ...]:
    """Return (items per family, number of families) of finished items without a parent: 1 + their children.

    ``finished``: item windows of the items to look at.
    """
    links = log.links_of("parent").filter(~nw.col("other").is_null()).select("item", "other").unique()
    children = links.group_by("item").agg(children=nw.len())
    with_parent = links.select(item="other").unique()
    roots = finished.select("item").join(with_parent, on="item", how="anti")
    table = log.engine.collect(
        roots.join(children, on="item", how="left")
        .with_columns(size=nw.col("children").fill_null(0).cast(nw.Int64()) + 1)
        .group_by("size")
        .agg(n=nw.len())
    )
    return tuple((int(size), int(n)) for size, n in table.sort("size").select(pl.col("size", "n")).iter_rows())
