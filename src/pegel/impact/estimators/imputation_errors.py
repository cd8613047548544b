"""How much each unit adds to averages of imputed effects: the conservative clustered errors of Borusyak et al. (2024).

An average of imputed effects is linear in the outcome: Σ v y with v = w on treated cells and, on untreated ones,
v = −(what w puts on their unit and period effects and covariates). A unit adds Σ_t v ε̃. On untreated cells ε̃ is the
residual; on treated ones the effect less the mean effect of its group (their equation 8), so that differences between
effects make the error larger, never smaller. Groups are cohort × period; cohorts of fewer than five units are grouped
together by horizon, because a unit that is its own group would seem to have no noise at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pegel.impact.estimators.imputation_model import UntreatedModel

#: Cohorts with fewer units are grouped with other such cohorts.
FEW_IN_COHORT = 5


@dataclass(frozen=True, slots=True, eq=False)
class ImputedCells:
    """Treated cells whose outcome could be imputed, (n,) each: where they are, and observed less imputed outcome.

    ``few``: whether the cell's cohort has fewer than five units with such cells.
    """

    unit: np.ndarray
    period: np.ndarray
    horizon: np.ndarray
    cohort: np.ndarray
    effect: np.ndarray
    few: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """A weighted averages of cells: the ``cell``, the average (``column``) it counts in, its ``weight`` there."""

    cell: np.ndarray
    column: np.ndarray
    weight: np.ndarray
    columns: int

    def sums_by(self, code: np.ndarray, codes: int) -> np.ndarray:
        """Return (codes, A): sums of the weights of cells that share a code (their unit, their period)."""
        place = code[self.cell] * self.columns + self.column
        return np.bincount(place, self.weight, codes * self.columns).reshape(codes, self.columns)

    def of(self, value: np.ndarray) -> np.ndarray:
        """Return (A,): the averages of a value of the cells."""
        return np.bincount(self.column, self.weight * value[self.cell], self.columns)


def influence_of(
    model: UntreatedModel, cells: ImputedCells, averages: Averages, period_effects: np.ndarray
) -> np.ndarray:
    """Return (U, A): what each unit adds to each average.

    ``period_effects`` (T, A): those of ``model.effects.solve`` for the averages' weights by unit and period. The
    residuals of a unit add up to 0, so what the averages put on its own effect adds nothing.
    """
    units = model.untreated.shape[0]
    deviation = _deviations(cells, averages)
    place = cells.unit[averages.cell] * averages.columns + averages.column
    treated = np.bincount(place, averages.weight * deviation, units * averages.columns)
    influence = treated.reshape(units, averages.columns) - model.residuals @ period_effects
    if model.bread.size:
        own = model.covariates[cells.unit, cells.period]
        put = np.stack([averages.of(own[:, k]) for k in range(own.shape[1])])
        influence -= np.einsum("utk,ut->uk", model.fitted_covariates, model.residuals) @ (model.bread @ put)
    return np.asarray(influence)


def _deviations(cells: ImputedCells, averages: Averages) -> np.ndarray:
    """Return the effect of each weighted cell less the mean effect of its group."""
    periods, horizons = int(cells.period.max()) + 1, cells.horizon - cells.horizon.min()
    group = cells.cohort * periods + cells.period
    means = np.bincount(group, cells.effect) / np.maximum(np.bincount(group), 1)
    deviation = (cells.effect - means[group])[averages.cell]
    few = cells.few[averages.cell]
    if few.any():
        # Within a horizon weights may differ by cohort; then a group's mean is theirs, weighted by their squares.
        cell = averages.cell[few]
        of = averages.column[few] * (int(horizons.max()) + 1) + horizons[cell]
        square = averages.weight[few] ** 2
        total = np.maximum(np.bincount(of, square), np.finfo(float).tiny)
        deviation[few] = cells.effect[cell] - (np.bincount(of, square * cells.effect[cell]) / total)[of]
    return np.asarray(deviation)
