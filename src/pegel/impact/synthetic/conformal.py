"""Conformal inference over time: would the gap after adoption be unusual, had its periods lain somewhere else?

Definition
    Take an effect τ out of the outcomes after adoption and fit weights on all periods. The statistic is the sum of the
    absolute gaps after adoption; it is compared with the same sum over every other stretch of neighbouring periods of
    that length, the first period following the last (moving blocks: as many ways as periods). p(τ) is the share of
    stretches, the observed one included, with at least as large a sum. The interval holds every τ with p(τ) > 1 − level
    (its hull); it is unbounded while 1 ÷ periods > 1 − level, or where τ can grow without being rejected.
Rests on
    Gaps without effect that are stationary and weakly dependent over time: few units will do, but no unit is compared.
Source
    Chernozhukov, Wüthrich & Zhu 2021, *An exact and robust conformal inference method for counterfactual and synthetic
    controls*, JASA 116.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from pegel.impact.estimate import Interval

_TIE = 1e-9
#: The search looks at 100 steps of a tenth of the gaps' spread to each side, then ever farther.
_STEPS = 100
_FARTHEST = 40
_HALVINGS = 50


def shift_p_value(gaps: np.ndarray, late: int) -> float:
    """Return the share of stretches of ``late`` neighbouring gaps (T,) whose absolute sum is at least the last one's.

    >>> import numpy as np
    >>> shift_p_value(np.array([1.0, -1.0, 0.0, 3.0]), 1)
    0.25
    """
    sizes = np.abs(gaps)
    around = np.concatenate([sizes, sizes[: late - 1]]) if late > 1 else sizes
    sums = np.convolve(around, np.ones(late), mode="valid")
    own = sums[len(gaps) - late]
    return float((sums >= own - _TIE * max(own, sums.max())).mean())


def conformal_interval(
    gaps_less: Callable[[float], np.ndarray], late: int, *, effect: float, spread: float, level: float
) -> Interval | None:
    """Return the hull of effects that are not rejected, None if every one looked at is.

    Parameters
    ----------
    gaps_less: from an effect to the gaps (T,) of the data less this effect, the last ``late`` after adoption.
    effect, spread: where to begin to look, and how large gaps are.
    """
    periods = len(gaps_less(effect))
    if (1.0 / periods) > (1.0 - level) * (1 + 1e-12):
        return Interval(-math.inf, math.inf)

    def held(tau: float) -> bool:
        return shift_p_value(gaps_less(tau), late) > (1.0 - level) * (1 + 1e-12)

    step = (spread or abs(effect) or 1.0) / 10
    grid = effect + step * np.arange(-_STEPS, _STEPS + 1)
    inside = np.array([held(float(tau)) for tau in grid])
    if not inside.any():
        return None
    low, high = int(np.argmax(inside)), len(grid) - 1 - int(np.argmax(inside[::-1]))
    return Interval(_edge(held, float(grid[low]), -step), _edge(held, float(grid[high]), step))


def _edge(held: Callable[[float], bool], inner: float, step: float) -> float:
    """Return where, from a value that is held, values cease to be held; infinite if they do not."""
    for _ in range(_FARTHEST):
        outer = inner + step
        if not held(outer):
            break
        inner, step = outer, 2 * step
    else:
        return math.copysign(math.inf, step)
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if held(middle) else (inner, middle)
    return inner
