"""Tail ratio: how much worse than the middle is the bad case?

Definition
    98th percentile ÷ median of the flow times. The exponential distribution has ln 50 ÷ ln 2 = 5.64: a larger ratio
    means a tail heavier than that of waiting times without memory, where averages and Little's law say little about a
    single item.
Source
    The ratio is used in the Kanban community. The bound is Pegel's own, derived above.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from pegel.flow.answer import Answer, Status

DEFINITION: Final = "tail_ratio/1"
#: Ratio of the exponential distribution.
HEAVY: Final = log(50) / log(2)
#: With fewer items the 98th percentile is nothing but the largest value.
FEWEST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TailRatio(Answer):
    """``ratio`` = p98 ÷ p50 of ``n`` flow times in ``unit``; ``finding``: ``heavy`` | ``light``."""

    unit: str = "days"
    n: int = 0
    p50: float | None = None
    p98: float | None = None
    ratio: float | None = None
    finding: str | None = None


def tail_ratio(days: np.ndarray, *, unit: str = "days") -> TailRatio:
    """Return the tail ratio of flow times in days.

    >>> import numpy as np
    >>> found = tail_ratio(np.arange(1.0, 102.0))  # p50 51, p98 99
    >>> found.p50, found.p98, round(found.ratio, 2), found.finding
    (51.0, 99.0, 1.94, 'light')
    """
    n = len(days)
    if n < FEWEST:
        return TailRatio(definition=DEFINITION, status=Status.NO_DATA, reason="too_few_for_a_tail", unit=unit, n=n)
    p50, p98 = (float(value) for value in np.quantile(days, (0.5, 0.98)))
    if p50 == 0:
        return TailRatio(
            definition=DEFINITION, status=Status.UNDEFINED, reason="no_time_passed", unit=unit, n=n, p50=p50, p98=p98
        )
    ratio = p98 / p50
    return TailRatio(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=unit,
        n=n,
        p50=p50,
        p98=p98,
        ratio=ratio,
        finding="heavy" if ratio > HEAVY else "light",
    )
