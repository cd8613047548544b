"""Process behaviour chart (XmR): which values are the usual up and down, and which are news?

Definition
    Of a series x₁ … xₙ in order of time: the mean X̄, the moving ranges |xᵢ − xᵢ₋₁| and their mean mR̄.
    Natural process limits = X̄ ± 2.66 · mR̄; upper range limit = 3.268 · mR̄.
Signals
    ``outside``: a value beyond a limit. ``run``: part of eight or more values in a row on one side of the mean.
    ``near_limit``: one of three out of four values in a row, on one side, that are closer to the limit than to the
    mean. ``range_outside``: a moving range beyond its limit.
Source
    Wheeler, *Understanding Variation* (2nd ed. 2000); the constants are 3 ÷ 1.128 and 1 + 3 · 0.756 for pairs of
    values. NIST/SEMATECH e-Handbook of Statistical Methods (2012), 6.3.2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from pegel.flow.answer import Answer, Status

DEFINITION: Final = "process_behaviour/1"
LIMIT: Final = 2.66
RANGE_LIMIT: Final = 3.268
RUN: Final = 8
#: Fewer values give no limits worth drawing (Wheeler: five or six are the least).
FEWEST: Final = 6
SIGNALS: Final = ("outside", "run", "near_limit", "range_outside")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessBehaviour(Answer):
    """``points``: [at_us, value, moving_range, outside, run, near_limit, range_outside], in order of time.

    ``mean``, ``lower``, ``upper``, ``mean_range``, ``range_limit`` in ``unit``. ``lower`` is 0 where the computed limit
    lies below what can be. ``signals``: values with at least one signal.
    """

    unit: str = "items"
    n: int = 0
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    mean_range: float | None = None
    range_limit: float | None = None
    signals: int = 0
    points: pl.DataFrame


def process_behaviour(at_us: Sequence[int], series: Sequence[float], *, unit: str = "items") -> ProcessBehaviour:
    """Return the chart of a series of values that cannot be negative, given in order of time.

    >>> chart = process_behaviour(range(6), [4.0, 6.0, 5.0, 7.0, 4.0, 4.0])  # moving ranges 2, 1, 2, 3, 0: mean 1.6
    >>> chart.mean, chart.mean_range, round(chart.upper, 3), round(chart.lower, 3), round(chart.range_limit, 3)
    (5.0, 1.6, 9.256, 0.744, 5.229)
    """
    x = np.asarray(series, dtype=np.float64)
    ranges = np.abs(np.diff(x))
    if len(x) < FEWEST:
        return ProcessBehaviour(
            definition=DEFINITION,
            status=Status.NO_DATA,
            reason="too_few_points",
            unit=unit,
            n=len(x),
            points=_points(at_us, x, ranges, {name: np.zeros(len(x), dtype=bool) for name in SIGNALS}),
        )
    mean, mean_range = float(x.mean()), float(ranges.mean())
    width, range_limit = LIMIT * mean_range, RANGE_LIMIT * mean_range
    found = {
        "outside": (x > mean + width) | (x < mean - width),
        "run": _runs(np.sign(x - mean)),
        "near_limit": _three_of_four(x, mean, width / 2),
        "range_outside": np.concatenate([[False], ranges > range_limit]),
    }
    return ProcessBehaviour(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=unit,
        n=len(x),
        mean=mean,
        lower=max(0.0, mean - width),
        upper=mean + width,
        mean_range=mean_range,
        range_limit=range_limit,
        signals=int(np.logical_or.reduce(list(found.values())).sum()),
        points=_points(at_us, x, ranges, found),
    )


def _runs(side: np.ndarray) -> np.ndarray:
    """Mark every value of an unbroken run of at least ``RUN`` on one side; a value on the mean breaks a run."""
    marked = np.zeros(len(side), dtype=bool)
    start = 0
    for index in range(1, len(side) + 1):
        if index == len(side) or side[index] != side[start]:
            if side[start] != 0 and index - start >= RUN:
                marked[start:index] = True
            start = index
    return marked


def _three_of_four(x: np.ndarray, mean: float, half: float) -> np.ndarray:
    """Mark values in the outer half of a side where three of four in a row lie there."""
    marked = np.zeros(len(x), dtype=bool)
    if half == 0:
        return marked
    for far in (x > mean + half, x < mean - half):
        for start in range(len(x) - 3):
            four = far[start : start + 4]
            if four.sum() >= 3:
                marked[start : start + 4] |= four
    return marked


def _points(at_us: Sequence[int], x: np.ndarray, ranges: np.ndarray, found: dict[str, np.ndarray]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "at_us": pl.Series(list(at_us), dtype=pl.Int64),
            "value": pl.Series(x.tolist(), dtype=pl.Float64),
            "moving_range": pl.Series([None, *ranges.tolist()][: len(x)], dtype=pl.Float64),
            **{name: pl.Series(marks.tolist(), dtype=pl.Boolean) for name, marks in found.items()},
        }
    )
