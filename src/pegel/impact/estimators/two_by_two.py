"""The difference of two mean changes, adjusted for covariates (Sant'Anna & Zhao 2020), with each unit's influence."""

from __future__ import annotations

from typing import Literal

import numpy as np

Adjustment = Literal["dr", "reg", "ipw"]
_MOST_STEPS = 25
_SURE = 1 - 1e-6


def adjusted_difference(
    change: np.ndarray, member: np.ndarray, covariates: np.ndarray, adjustment: Adjustment
) -> tuple[float, np.ndarray]:
    """Return the effect on members and the influence (n,) of each unit on it; NaN where it is not identified.

    ``change`` (n,), ``member`` (n,) bool, ``covariates`` (n, K) without a constant. Not identified: covariates are
    collinear among the controls, or tell members from controls perfectly.
    """
    n = len(change)
    x = np.column_stack([np.ones(n), covariates])
    d = member.astype(float)
    nothing = (np.nan, np.zeros(n))
    if (~member).sum() < x.shape[1] or np.linalg.matrix_rank(x[~member]) < x.shape[1]:
        return nothing
    share = d.mean()
    fitted, of_regression = _regression(change, member, x)
    if adjustment == "reg":
        treat, cont = (d * change).mean() / share, (d * fitted).mean() / share
        by_treat = d * (change - treat) / share
        by_cont = (d * (fitted - cont) + of_regression @ (d[:, None] * x).mean(axis=0)) / share
        return float(treat - cont), (by_treat - by_cont) / n
    fit = _propensity(d, x)
    if fit is None:
        return nothing
    chance, of_propensity = fit
    w = chance * (1 - d) / (1 - chance)
    rest = change - fitted if adjustment == "dr" else change
    treat, cont = (d * rest).mean() / share, (w * rest).mean() / w.mean()
    by_treat = d * (rest - treat)
    by_cont = w * (rest - cont) + of_propensity @ ((w * (rest - cont))[:, None] * x).mean(axis=0)
    if adjustment == "dr":
        by_treat = by_treat - of_regression @ (d[:, None] * x).mean(axis=0)
        by_cont = by_cont - of_regression @ (w[:, None] * x).mean(axis=0)
    return float(treat - cont), (by_treat / share - by_cont / w.mean()) / n


def _regression(change: np.ndarray, member: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the controls' regression for all units (n,), and the influence (n, K) of units on its coefficients."""
    weight = (~member).astype(float)
    gram = (weight[:, None] * x).T @ x
    beta = np.linalg.solve(gram, x.T @ (weight * change))
    fitted = x @ beta
    return fitted, (weight * (change - fitted))[:, None] * x @ np.linalg.inv(gram / len(change))


def _propensity(d: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return logit chances of being a member (n,) and the influence (n, K) on its coefficients; None: separated."""
    beta = np.zeros(x.shape[1])
    for _ in range(_MOST_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
        hessian = (chance * (1 - chance))[:, None] * x
        try:
            step = np.linalg.solve(hessian.T @ x, x.T @ (d - chance))
        except np.linalg.LinAlgError:
            return None
        beta = beta + step
        if np.abs(step).max() < 1e-10 * max(1.0, np.abs(beta).max()):
            break
    else:
        return None
    chance = np.minimum(1 / (1 + np.exp(-np.clip(x @ beta, -35, 35))), _SURE)
    hessian = ((chance * (1 - chance))[:, None] * x).T @ x
    try:
        inverse = np.linalg.inv(hessian) * len(d)
    except np.linalg.LinAlgError:
        return None
    return chance, ((d - chance)[:, None] * x) @ inverse
