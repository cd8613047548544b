"""The organisation's own past without adoption: its values, and how it moves by itself.

Noise is white noise plus AR(1), fitted to the variogram of untreated cells: half the mean squared change over each lag.
Source: Cressie, *Fitting variogram models by weighted least squares*, Mathematical Geology 17 (1985).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from pegel.errors import InputError
from pegel.impact.estimate import Caveat
from pegel.impact.panel import Panel

#: Below so many untreated periods nobody can tell lasting from passing noise.
_PERIODS_FOR_PERSISTENCE: Final = 12
_PERSISTENCES: Final = (*np.arange(0, 0.96, 0.05).tolist(), 0.97, 0.98, 0.99, 0.995, 0.999)


class Noise(NamedTuple):
    """Untreated movement without unit and period effects: variances of white noise and of AR(1), and its coefficient.

    ``scales`` (U,): each unit's variance in relation to the average. ``variogram``: [lag, pairs, observed, fitted].
    """

    white: float
    slow: float
    persistence: float
    scales: np.ndarray
    variogram: pd.DataFrame


def noise_of(untreated: np.ndarray) -> Noise:
    """Fit white noise plus AR(1) to half the mean squared change over each lag, less what all units share.

    Changes within units need no unit effects, so that short pasts do not look less persistent than they are.

    Raises
    ------
    InputError: ``impact_past_too_short`` without two periods in which the same two units are untreated.
    """
    rows = []
    squares, pairs = np.zeros(len(untreated)), np.zeros(len(untreated))
    for lag in np.unique(np.geomspace(1, max(untreated.shape[1] // 2, 1), 24).round()).astype(int).tolist():
        change = untreated[:, lag:] - untreated[:, :-lag]
        seen = ~np.isnan(change)
        seen &= seen.sum(axis=0) >= 2
        counts = seen.sum(axis=0)
        shared = np.where(seen, change, 0).sum(axis=0) / np.maximum(counts, 1)
        square = np.where(seen, change - shared, 0) ** 2
        freedom = int((counts - 1)[counts > 0].sum())
        if freedom:
            rows.append((lag, freedom, square.sum() / (2 * freedom)))
            squares += square.sum(axis=1)
            pairs += seen.sum(axis=1)
    if not rows:
        raise InputError("impact_past_too_short", units=untreated.shape[0], periods=untreated.shape[1])
    table = pd.DataFrame(rows, columns=["lag", "pairs", "observed"])
    lags, observed = table["lag"].to_numpy(), table["observed"].to_numpy()
    weight = np.sqrt(table["pairs"].to_numpy() / lags) / np.maximum(observed, 1e-12 * (observed.max() or 1.0))
    fits = []
    for persistence in _PERSISTENCES if len(lags) > 2 else (0.0,):
        shape = np.column_stack([np.ones(len(lags)), 1 - persistence**lags])
        (white, slow), rest = nnls(shape * weight[:, None], observed * weight)
        fits.append((rest, persistence, white, slow, shape @ [white, slow]))
    _, persistence, white, slow, fitted = min(fits, key=lambda one: (one[0], one[1]))
    mean = np.divide(squares, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    usual = np.nanmean(mean)
    scales = np.where(np.isnan(mean) | (usual == 0), 1.0, mean / (usual or 1.0))
    return Noise(float(white), float(slow), persistence, scales, table.assign(fitted=fitted))


class Past(NamedTuple):
    """``values`` (U, T) before the first adoption, gaps filled; the noise and mean of all untreated cells."""

    values: np.ndarray
    noise: Noise
    baseline: float
    caveats: tuple[Caveat, ...]


def past_of(panel: Panel, starts: np.ndarray, seed: int) -> Past:
    """Return what placebo roll-outs are made of; gaps take the unit's level, the period's, and a draw of the rest."""
    untreated = np.where(np.arange(panel.shape[1])[None, :] < starts[:, None], panel.values, np.nan)
    noise = noise_of(untreated)
    values = untreated[:, : int(min(starts.min(), panel.shape[1]))].copy()
    gaps = np.isnan(values)
    baseline = float(np.nanmean(untreated))
    caveats = []
    if gaps.any():
        level = means(values, 1, baseline)
        rest = values - level
        period = means(rest, 0)
        rest -= period
        random = np.random.default_rng([seed, 1])
        for i in np.flatnonzero(gaps.any(axis=1)):
            own = rest[i][~gaps[i]]
            pool = own if len(own) > 2 else rest[~gaps]
            values[i, gaps[i]] = (level + period)[i, gaps[i]] + random.choice(pool, int(gaps[i].sum()))
        caveats.append(Caveat("power_gaps_filled", {"n": int(gaps.sum()), "share": float(gaps.mean())}))
    lived = int((~np.isnan(untreated)).any(axis=0).sum())
    if lived < _PERIODS_FOR_PERSISTENCE:
        caveats.append(Caveat("past_too_short_for_persistence", {"periods": lived}))
    if not noise.variogram["observed"].any():
        caveats.append(Caveat("outcome_never_moves", {}))
    return Past(values, noise, baseline, tuple(caveats))


def means(values: np.ndarray, axis: int, otherwise: float = 0.0) -> np.ndarray:
    """Return the means of what is not NaN, with the axis kept; ``otherwise`` where all is."""
    seen = ~np.isnan(values)
    counts = seen.sum(axis=axis, keepdims=True)
    sums = np.where(seen, values, 0).sum(axis=axis, keepdims=True)
    return np.where(counts > 0, sums / np.maximum(counts, 1), otherwise)
