"""Change points: since when has a series been on another level?

Method
    Binary segmentation. In a segment the ranks of the values are compared before and after every possible cut; the cut
    with the largest standardised cumulative sum is a change point if so large a one occurs in at most ``LEVEL`` of the
    random orders of the same values (permutation test, seeded). Both parts are searched again.
Promise
    A series without change (values in random order) gets any mark at all with a probability of at most ``LEVEL``: the
    first test must reject before a second is made. Values that hang together from week to week break the promise.
Source
    Page, *Continuous inspection schemes*, Biometrika 41 (1954) 100–115; Scott & Knott, Biometrics 30 (1974) 507–512
    (binary segmentation); Pettitt, Applied Statistics 28 (1979) 126–135 (ranks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

LEVEL: Final = 0.01
#: Random orders that a cut is compared with.
ORDERS: Final = 999
#: Fewest values on each side of a cut.
SHORTEST: Final = 5
#: Longer series are not searched whole: only the last values, so that a page stays quick.
LONGEST: Final = 520


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """``index``: first value of the new level. ``before``, ``after``: medians of the parts that meet there."""

    index: int
    before: float
    after: float
    p_value: float


def change_points(series: Sequence[float], *, seed: int = 0, level: float = LEVEL) -> tuple[ChangePoint, ...]:
    """Return the change points of a series in order of time; of a long one, within its last ``LONGEST`` values.

    >>> [(one.index, one.before, one.after) for one in change_points([5, 6, 4, 5, 6, 5, 9, 8, 9, 10, 9, 8])]
    [(6, 5.0, 9.0)]
    """
    x = np.asarray(series, dtype=np.float64)
    skipped = max(0, len(x) - LONGEST)
    rng = np.random.default_rng(seed)
    found = sorted(_cuts(x, skipped, len(x), rng, level))
    edges = [skipped, *(cut for cut, _ in found), len(x)]
    return tuple(
        ChangePoint(
            index=cut,
            before=float(np.median(x[edges[number] : cut])),
            after=float(np.median(x[cut : edges[number + 2]])),
            p_value=p_value,
        )
        for number, (cut, p_value) in enumerate(found)
    )


def _cuts(x: np.ndarray, start: int, end: int, rng: np.random.Generator, level: float) -> list[tuple[int, float]]:
    n = end - start
    if n < 2 * SHORTEST:
        return []
    ranks = _ranks(x[start:end])
    scores = _scores(ranks[None, :])[0]
    largest = float(scores.max())
    if largest == 0:
        return []
    orders = rng.permuted(np.broadcast_to(ranks, (ORDERS, n)), axis=1)
    # As large as observed, but for rounding: equal orders must count.
    as_large = int((_scores(orders).max(axis=1) >= largest - 1e-9).sum())
    p_value = (as_large + 1) / (ORDERS + 1)
    if p_value > level:
        return []
    cut = start + SHORTEST + int(scores.argmax())
    return [(cut, p_value), *_cuts(x, start, cut, rng, level), *_cuts(x, cut, end, rng, level)]


def _ranks(x: np.ndarray) -> np.ndarray:
    """Ranks less their mean; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    centred: np.ndarray = ranks - ranks.mean()
    return centred


def _scores(rows: np.ndarray) -> np.ndarray:
    """Standardised cumulative sums of each row at every cut that leaves ``SHORTEST`` values on both sides."""
    n = rows.shape[1]
    sizes = np.arange(SHORTEST, n - SHORTEST + 1)
    sums = np.cumsum(rows, axis=1)[:, sizes - 1]
    scores: np.ndarray = np.abs(sums) / np.sqrt(sizes * (n - sizes) / n)
    return scores
