"""What units would have shown untreated: unit and period effects and covariates, fitted on untreated cells only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pegel.impact.estimators.two_way_effects import TwoWayEffects, two_way_effects
from pegel.impact.panel import Panel

#: A covariate whose variation is to less than this share its own (beyond unit and period effects) has none.
_OWN_SHARE = 1e-10
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class UntreatedModel:
    """The fit y = unit effect + period effect + covariates · coefficients + residual on untreated cells.

    Attributes
    ----------
    untreated: (U, T) cells that were fitted. imputed: (U, T) fitted values in all cells; they mean something only
        where ``known``. residuals: (U, T), 0 in cells that were not fitted.
    covariates: (U, T, K) less what unit and period effects explain of them. bread: (K, K) inverse of their sums of
        products over untreated cells, without directions that the effects explain wholly.
    absorbed: (K,) covariates that the effects explain wholly, such as those that never change within a unit.
    """

    untreated: np.ndarray
    effects: TwoWayEffects
    known: np.ndarray
    imputed: np.ndarray
    residuals: np.ndarray
    covariates: np.ndarray
    bread: np.ndarray
    absorbed: np.ndarray

    @property
    def fitted_covariates(self) -> np.ndarray:
        """Return (U, T, K): covariates less the effects, 0 in cells that were not fitted."""
        return np.where(self.untreated[:, :, None], self.covariates, 0.0)


def untreated_model(panel: Panel, untreated: np.ndarray) -> UntreatedModel:
    """Fit the model on the untreated cells (U, T) of a panel, of which there is at least one."""
    effects = two_way_effects(untreated)
    known = effects.linked()
    level = panel.values[untreated].mean()
    values = panel.values - level
    units, periods = effects.fit(values[:, :, None])
    imputed = units + periods[:, 0][None, :]
    k = len(panel.covariate_names)
    covariates, bread, absorbed = np.empty((*panel.shape, 0)), np.empty((0, 0)), np.zeros(0, dtype=bool)
    if k:
        centred = panel.covariates - panel.covariates[untreated].mean(axis=0)
        by_unit, by_period = effects.fit(centred)
        covariates = centred - by_unit[:, None, :] - by_period[None, :, :]
        own = covariates[untreated]
        scale = np.sqrt((centred[untreated] ** 2).sum(axis=0))
        scale[scale == 0] = 1.0
        share, direction = np.linalg.eigh((own / scale).T @ (own / scale))
        used = share > _OWN_SHARE
        absorbed = ((own / scale) ** 2).sum(axis=0) <= _OWN_SHARE
        bread = (direction[:, used] / share[used]) @ direction[:, used].T / np.outer(scale, scale)
        imputed = imputed + covariates @ (bread @ (own.T @ values[untreated]))
        # Where untreated cells cannot tell a direction of the covariates, cells that differ in it cannot be imputed.
        blind = np.abs((covariates / scale) @ direction[:, ~used]).max(axis=2, initial=0.0)
        known = known & (np.nan_to_num(blind) <= _CLOSE / np.sqrt(len(own)))
    residuals = np.where(untreated, values - imputed, 0.0)
    return UntreatedModel(untreated, effects, known, imputed + level, residuals, covariates, bread, absorbed)
