"""How much worse does a synthetic control fit after adoption than before, compared with units that did not adopt?

Definition
    R = root of the mean squared gap (RMSPE) after adoption ÷ RMSPE before. The p-value is the share of deals of the
    dates, the observed one included, whose R is at least the observed one. The interval holds every constant effect τ
    for which the observed R, taken after τ is subtracted from the adopters' outcomes, is not rejected. Where the effect
    changes so much that no constant is compatible with the data, the interval is that of the mean gap ÷ RMSPE before
    (``effect_not_constant``). Where a fit before adoption leaves nothing but rounding, ratios say nothing: then the
    size of the mean gap is compared (``perfect_fit_before``).
Source
    Abadie, Diamond & Hainmueller 2010, *Synthetic control methods for comparative case studies*, JASA 105; inversion:
    Firpo & Possebom 2018, *Synthetic control method: inference, sensitivity analysis and confidence sets*.
"""

from __future__ import annotations

import math

import numpy as np

from pegel.impact.estimate import Caveat, Interval
from pegel.impact.permutation import invert
from pegel.impact.synthetic.synthetic_comparisons import Reading
from pegel.impact.synthetic.synthetic_inference import Ranked, size_of_effect

#: A mean squared gap of this share of the largest is rounding.
_ROUNDING = 1e-12
_TIE = 1e-9


def rmspe_ratio(reading: Reading, readings: list[Reading], level: float) -> Ranked:
    """Test by the ratio of RMSPE after to before adoption.

    >>> import numpy as np
    >>> def found(effect, before):
    ...     return Reading(effect, np.array([0]), np.array([effect]), np.array([1]), 0.0, np.zeros(1), before,
    ...                    (effect**2, 0.0, 0.0))
    >>> own = found(4.0, 1.0)._replace(slope=1.0, after=(16.0, 4.0, 1.0))
    >>> ranked = rmspe_ratio(own, [found(3.0, 4.0), found(1.0, 4.0), found(1.0, 1.0)], 0.75)
    >>> ranked.p_value, ranked.interval
    (0.25, Interval(low=2.5, high=5.5))
    """
    ways = [reading, *readings]
    before = np.array([one.error_before for one in ways])
    after = np.array([one.after[0] for one in ways])
    perfect = int((before <= _ROUNDING * max(before.max(), after.max())).sum())
    if perfect:
        plain = size_of_effect(reading, readings, level)
        return plain._replace(caveats=(Caveat("perfect_fit_before", {"n": perfect, "ways": len(ways)}),))
    ratios = np.sqrt(after / before)
    scales = np.sqrt(before[0] / before[1:])
    interval = _constant_effects(ways, before, level)
    caveats: tuple[Caveat, ...] = ()
    if interval is None:
        effects = np.array([one.effect for one in readings])
        slopes = np.array([one.slope for one in readings])
        interval = invert(reading.effect, effects * scales, slopes * scales, level=level)
        caveats = (Caveat("effect_not_constant"),)
    as_large = int((ratios[1:] >= ratios[0] * (1 - _TIE)).sum())
    said = {"statistic": "rmspe_ratio", "rmspe_ratio": float(ratios[0]), "rank": 1 + as_large}
    return Ranked((1 + as_large) / len(ways), interval, scales, said, caveats)


def _constant_effects(ways: list[Reading], before: np.ndarray, level: float) -> Interval | None:
    """Return the hull of the constant effects that are not rejected; None if every one is.

    A deal speaks for τ while its R² less the observed R², a quadratic aτ² − 2bτ + c, is not negative. How many do
    changes only at roots, so the bounds are among them.
    """
    needed = math.floor((1.0 - level) * len(ways) * (1 + 1e-12))
    if needed < 1:
        return Interval(-math.inf, math.inf)
    plain, cross, square = (np.array([one.after for one in ways]) / before[:, None]).T
    a, b, c = square[1:] - square[0], cross[1:] - cross[0], plain[1:] - plain[0]
    flat = np.abs(a) <= _TIE * square[0]
    level_too = flat & (np.abs(b) <= _TIE * np.sqrt(square[0] * np.maximum(plain[0], plain[1:])))
    upwards = (~flat & (a > 0)) | (flat & ~level_too & (b < 0)) | (level_too & (c >= 0))
    downwards = (~flat & (a > 0)) | (flat & ~level_too & (b > 0)) | (level_too & (c >= 0))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = np.sqrt(b**2 - a * c)
        bent = np.concatenate([(b - spread) / a, (b + spread) / a])[np.tile(~flat, 2)]
        roots = np.concatenate([bent, (c / (2 * b))[flat & ~level_too]])
    roots = np.sort(roots[np.isfinite(roots)])
    enough = []
    for begin in range(0, len(roots), 256):
        tau = roots[begin : begin + 256, None]
        slack = _TIE * (np.abs(a) * tau**2 + 2 * np.abs(b * tau) + np.abs(c))
        enough.append((a * tau**2 - 2 * b * tau + c >= -slack).sum(axis=1) >= needed)
    held = roots[np.concatenate(enough)] if enough else roots
    low = -math.inf if downwards.sum() >= needed else float(held[0]) if len(held) else None
    high = math.inf if upwards.sum() >= needed else float(held[-1]) if len(held) else None
    return None if low is None or high is None else Interval(low, high)
