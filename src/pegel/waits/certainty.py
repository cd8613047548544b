"""How sure a figure over some weeks is: resampled weeks, drift of weekly counts, percentiles of clustered items.

The week in which an item was finished is the unit throughout. Items of one week share their queues, holidays and
absences, so resampling single items would promise more certainty than there is (cluster sampling).
"""

from __future__ import annotations

from math import sqrt
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

#: Fewer finished items, or fewer weeks with any, allow no statement of certainty.
MIN_ITEMS: Final = 30
MIN_WEEKS: Final = 8
SEED: Final = 1
RESAMPLES: Final = 500
#: Bounds of every interval: 95 %.
_LOW, _HIGH = 2.5, 97.5


def too_little(*, items: int, weeks: int) -> str | None:
    """Return why there is too little data for an interval: ``too_few_items``, ``too_few_weeks``; None: enough.

    >>> too_little(items=30, weeks=8), too_little(items=29, weeks=12), too_little(items=500, weeks=7)
    (None, 'too_few_items', 'too_few_weeks')
    """
    if items < MIN_ITEMS:
        return "too_few_items"
    return "too_few_weeks" if weeks < MIN_WEEKS else None


def week_weights(weeks: int, *, seed: int = SEED, resamples: int = RESAMPLES) -> Numbers:
    """Return how often each week is drawn in each resample: shape (resamples, weeks), every row adding up to weeks.

    Weeks are drawn with replacement (Efron's bootstrap as multinomial weights), so a resample costs one product of
    matrices of weekly sums and never touches the items.

    >>> week_weights(4, resamples=3).sum(axis=1)
    array([4., 4., 4.])
    """
    if weeks < 1:
        return np.zeros((resamples, 0))
    drawn = np.random.default_rng(seed).multinomial(weeks, np.full(weeks, 1 / weeks), size=resamples)
    return drawn.astype(np.float64)


def interval(resampled: Numbers) -> tuple[Numbers, Numbers]:
    """Return lower and upper bound (95 %) of each column of resampled figures; NaN rows are left out."""
    if resampled.shape[1] == 0:
        return np.zeros(0), np.zeros(0)
    # The variant that passes over NaN takes the columns one by one.
    percentile = np.nanpercentile if np.isnan(resampled).any() else np.percentile
    low, high = percentile(resampled, [_LOW, _HIGH], axis=0)
    return low, high


def first_share(resampled: Numbers) -> Numbers:
    """Return in which share of the resamples each column is the largest; equal ones share it.

    >>> first_share(np.array([[2.0, 1.0], [3.0, 1.0], [1.0, 1.0], [0.0, 5.0]]))
    array([0.625, 0.375])
    """
    if resampled.shape[1] == 0:
        return np.zeros(0)
    best = resampled == resampled.max(axis=1, keepdims=True)
    shares: Numbers = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def mean_intervals(values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the 95 % interval of the mean of weekly values (Student's t), per column.

    ``values``: shape (weeks, columns), at least six weeks.

    >>> low, high = mean_intervals(np.array([[1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]).T)
    >>> low.round(2), high.round(2)
    (array([1.37]), array([2.63]))
    """
    n = values.shape[0]
    mean = values.mean(axis=0)
    margin = student_t(n - 1) * values.std(axis=0, ddof=1) / sqrt(n)
    return mean - margin, mean + margin


def slope_interval(values: Numbers) -> tuple[float, float, float]:
    """Return slope per step of a least-squares line through values at given steps, and its 95 % interval.

    ``values``: shape (n, 2): step, value; n at least 3.
    """
    steps, found = values[:, 0], values[:, 1]
    n = len(steps)
    centred = steps - steps.mean()
    spread = float((centred**2).sum())
    slope = float((centred * (found - found.mean())).sum()) / spread
    rest = found - found.mean() - slope * centred
    error = sqrt(float((rest**2).sum()) / (n - 2) / spread)
    margin = student_t(n - 2) * error
    return slope, slope - margin, slope + margin


def ratio_interval(sums: Numbers, counts: Numbers) -> tuple[float, float]:
    """Return the 95 % interval of Σ sums ÷ Σ counts over weeks (linearised ratio estimator).

    Weeks without any item carry no information about the items' mean and do not count.
    """
    used = counts > 0
    sums, counts = sums[used], counts[used]
    weeks, total = len(counts), float(counts.sum())
    mean = float(sums.sum()) / total
    residuals = sums - mean * counts
    error = sqrt(weeks / (weeks - 1) * float((residuals**2).sum())) / total
    margin = student_t(weeks - 1) * error
    return mean - margin, mean + margin


def percentile_interval(values: Numbers, weeks: NDArray[np.int64], share: float) -> tuple[float, float]:
    """Return the 95 % interval of a percentile of items that came in weeks.

    The share of items below the percentile is estimated with the error that its scatter between weeks shows, and both
    bounds are read off the ordered values (Woodruff 1952).

    Parameters
    ----------
    values: shape (n,). weeks: number of each value's week. share: 0 to 1.
    """
    ordered = np.sort(values)
    n = len(ordered)
    point = np.percentile(ordered, share * 100)
    _, week = np.unique(weeks, return_inverse=True)
    counts = np.bincount(week).astype(np.float64)
    below = np.bincount(week, weights=(values <= point).astype(np.float64))
    k = len(counts)
    residuals = below - below.sum() / n * counts
    clustered = sqrt(k / (k - 1) * float((residuals**2).sum())) / n
    # Weeks that happen to be alike must not make a percentile of few items look exact.
    error = max(clustered, sqrt(share * (1 - share) / n))
    margin = student_t(k - 1) * error
    low, high = np.percentile(ordered, [max(0.0, share - margin) * 100, min(1.0, share + margin) * 100])
    return float(low), float(high)


def student_t(freedom: int) -> float:
    """Return the 97.5th percentile of Student's t with so many degrees of freedom (at least 5).

    Expansion in the normal percentile (Abramowitz & Stegun 1964, 26.7.5); less than 0.0005 off from five degrees on.

    >>> [round(student_t(freedom), 2) for freedom in (7, 11, 30)]
    [2.36, 2.2, 2.04]
    """
    z = 1.959963984540054
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(sum(term / freedom**power for power, term in enumerate(terms)))
