"""Counts with an effect of each unit and of each period: Poisson pseudo-maximum likelihood, effects taken out exactly.

Definition
    E[count] = exposure · exp(unit + period + x β). Iterated weighted least squares; in every step the effects of units
    are eliminated, those of periods are one small system. Right whenever the mean is, of whatever shape the counts are
    (Gourieroux, Monfort & Trognon 1984; Wooldridge 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MOST_STEPS = 200
_SETTLED = 1e-10
#: A log rate this far from the mean one runs off to infinity: no events where the model needs some.
_RUNAWAY = 25.0
_EXPLAINED = 1e-9


class WeightedEffects:
    """Unit and period effects under weights (U, T), 0 where nothing is observed."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights
        of_units = weights.sum(axis=1)
        self.unit_share = weights / np.where(of_units > 0, of_units, 1.0)[:, None]
        system = np.diag(weights.sum(axis=0)) - weights.T @ self.unit_share
        # One level is free per connected part of the panel; the inverse leaves it at zero.
        self.inverse = np.linalg.pinv(system, rcond=1e-12, hermitian=True)
        self._system = system

    def residuals(self, columns: np.ndarray) -> np.ndarray:
        """Return what is left of columns (U, T, M)."""
        centred = columns - np.einsum("ut,utm->um", self.unit_share, columns)[:, None, :]
        periods = self.inverse @ np.einsum("ut,utm->tm", self.weights, centred)
        left: np.ndarray = centred - periods[None] + (self.unit_share @ periods)[:, None, :]
        return left

    def split(self, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the effects of units (U,) and of periods (T,) of a column (U, T)."""
        centred = column - (self.unit_share * column).sum(axis=1)[:, None]
        periods = self.inverse @ (self.weights * centred).sum(axis=0)
        return (self.unit_share * (column - periods[None, :])).sum(axis=1), periods

    @property
    def connected(self) -> bool:
        """Tell whether the effects of all units and periods with any weight can be compared with each other."""
        active = np.diagonal(self._system) > 0
        size = np.sqrt(np.diagonal(self._system)[active])
        scaled = self._system[np.ix_(active, active)] / size[:, None] / size[None, :]
        return bool(np.linalg.matrix_rank(scaled, tol=1e-9, hermitian=True) >= active.sum() - 1)


@dataclass(frozen=True, slots=True, eq=False)
class PoissonEffects:
    """Coefficients (K,), means (U, T; 0 where nothing counts), and what the effects leave of the columns (U, T, K).

    ``information`` (K, K): of the coefficients, effects taken out. ``logs`` (U, T): unit and period effects together.
    """

    coefficients: np.ndarray
    means: np.ndarray
    left: np.ndarray
    information: np.ndarray
    logs: np.ndarray
    effects: WeightedEffects


def events(values: np.ndarray) -> np.ndarray:
    """Return (U, T): observed cells of units and periods that have any events; others fit exactly and say nothing."""
    seen = ~np.isnan(values)
    counts = np.where(seen, values, 0.0)
    having: np.ndarray = (counts.sum(axis=1) > 0)[:, None] & (counts.sum(axis=0) > 0)[None, :]
    used: np.ndarray = seen & having
    return used


def separate_columns(columns: np.ndarray, used: np.ndarray) -> list[int]:
    """Return which columns (U, T, K) vary beyond unit and period effects and the columns before them."""
    weights = used.astype(float)
    left = WeightedEffects(weights).residuals(columns) * weights[:, :, None]
    chosen: list[int] = []
    for k in range(columns.shape[2]):
        rest = left[:, :, k].ravel()
        size = np.linalg.norm((columns[:, :, k] * weights).ravel())
        if chosen:
            known = left[:, :, chosen].reshape(-1, len(chosen))
            rest = rest - known @ np.linalg.lstsq(known, rest, rcond=None)[0]
        if size > 0 and np.linalg.norm(rest) > _EXPLAINED * size:
            chosen.append(k)
    return chosen


def fit_poisson_effects(
    values: np.ndarray, columns: np.ndarray, log_exposure: np.ndarray, used: np.ndarray
) -> PoissonEffects | None:
    """Return the fit of values (U, T) on columns (U, T, K) in the ``used`` cells; None where it runs off to infinity.

    ``used`` must hold only units and periods with events; columns must be separate from the effects.
    """
    counts = np.where(used, values, 0.0)
    offset = np.where(used, log_exposure, 0.0)
    exposure = np.where(used, np.exp(offset), 0.0)
    rate = counts.sum(axis=1) / np.maximum(exposure.sum(axis=1), np.finfo(float).tiny)
    means = np.where(used, (counts + rate[:, None] * exposure) / 2, 1.0)
    logs = np.log(means) - offset
    middle = float(np.log(counts.sum() / exposure.sum()))
    for _ in range(_MOST_STEPS):
        weights = np.where(used, means, 0.0)
        effects = WeightedEffects(weights)
        target = np.where(used, logs + (counts - means) / means, 0.0)
        both = effects.residuals(np.concatenate([columns, target[:, :, None]], axis=2))
        left = both[:, :, :-1]
        weighted = weights[:, :, None] * left
        information = np.einsum("uti,utj->ij", weighted, left)
        side = np.einsum("uti,ut->i", weighted, both[:, :, -1])
        try:
            found = np.linalg.solve(information, side)
        except np.linalg.LinAlgError:  # means went to zero where a column needs them
            return None
        new = np.where(used, target - (both[:, :, -1] - left @ found), middle)
        if not np.isfinite(new).all() or np.abs(new - middle).max() > _RUNAWAY:
            return None
        step, logs = float(np.abs(new - logs)[used].max()), new
        means = np.where(used, np.exp(logs + offset), 1.0)
        if step < _SETTLED:
            own = np.where(used, logs - columns @ found, 0.0)
            return PoissonEffects(found, np.where(used, means, 0.0), left, information, own, effects)
    return None
