"""Chance that is the same everywhere: drawn from ``Random.random()`` alone, whose sequence Python guarantees."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import exp
from random import Random
from statistics import NormalDist
from typing import Final

from pegel.eventlog.schema import HOUR_US

_NORMAL: Final = NormalDist()
#: Stays beyond three standard deviations would let single items outweigh a whole stream.
_FARTHEST: Final = 3.0


class Dice:
    """Draws for one subject; ``key`` tells subjects of one seed apart, so that they do not influence each other.

    >>> Dice(1, 2).below(100) == Dice(1, 2).below(100)
    True
    """

    def __init__(self, seed: int, key: int) -> None:
        self._random = Random(seed * 1_000_000_007 + key)  # noqa: S311  not for secrets

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self._random.random() < share

    def below(self, count: int) -> int:
        """Draw from 0 … count − 1, each as likely."""
        return int(self._random.random() * count)

    def pick(self, weights: Sequence[float]) -> int:
        """Position in ``weights``, likely in proportion to the weight."""
        return self.pick_cumulative(list(accumulate(weights)))

    def pick_cumulative(self, cumulative: Sequence[float]) -> int:
        """Like ``pick``, for weights that were added up before."""
        return min(bisect_right(cumulative, self._random.random() * cumulative[-1]), len(cumulative) - 1)

    def lognormal_us(self, median_hours: float, sigma: float) -> int:
        """Lognormal duration in µs."""
        probability = min(max(self._random.random(), 1e-9), 1 - 1e-9)
        deviation = max(-_FARTHEST, min(_FARTHEST, _NORMAL.inv_cdf(probability)))
        return round(median_hours * exp(sigma * deviation) * HOUR_US)
