"""Leads of the imputation estimator: what it would find in untreated periods, where there is nothing to find.

Both kinds look at untreated cells only, so that no effect can leak into them.

Lead by lead (:func:`leads_of`)
    The outcome of adopters at horizon h < 0 less what their other untreated periods and the other untreated units let
    expect: the coefficient of a single indicator of that horizon in the regression with unit and period effects. That
    is the definition that effects have after adoption, with the horizon itself left out of the fit (leave-one-out
    leads, Liu, Wang & Xu 2024), so both halves of a chart have the same base. The base of Callaway & Sant'Anna is the
    last period before adoption; leads of the two must not be compared one by one (Roth 2026).
All at once (:func:`lead_regression`)
    Indicators of several leads in one regression, against all earlier periods and the other units, with an F test
    (Borusyak, Jaravel & Spiess 2024, section 4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pegel.errors import InputError
from pegel.impact.estimators.imputation_model import UntreatedModel, untreated_model
from pegel.impact.panel import Panel

#: An indicator of which effects and covariates leave less than this share says nothing.
_OWN_SHARE = 1e-9
_MOST_LEADS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Leads:
    """Leads at horizons (L,): effects (L,), adopters (L,), influence (U, L), and weights of outcomes by their parts.

    A lead weighs the untreated cell of unit i in period t by ``own`` (L,) if it is the cell's horizon, less
    ``units`` (U, L) and ``periods`` (T, L).
    """

    horizons: np.ndarray
    effects: np.ndarray
    adopters: np.ndarray
    influence: np.ndarray
    own: np.ndarray
    units: np.ndarray
    periods: np.ndarray


def leads_of(model: UntreatedModel, horizon: np.ndarray) -> Leads:
    """Return the leads lead by lead; ``horizon`` (U, T) is minus infinity for units that never adopt.

    Leads that untreated cells cannot tell from unit and period effects are not among them.
    """
    before = model.untreated & np.isfinite(horizon)
    unit, period = np.nonzero(before)
    horizons, code, counts = np.unique(horizon[before].astype(int), return_inverse=True, return_counts=True)
    shape, many = model.untreated.shape, len(horizons)
    at_unit, at_period = unit * many + code, period * many + code
    units = np.bincount(at_unit, minlength=shape[0] * many).reshape(shape[0], many).astype(float)
    periods = np.bincount(at_period, minlength=shape[1] * many).reshape(shape[1], many).astype(float)
    a, b = model.effects.solve(units, periods)
    own = counts - (units * a).sum(axis=0) - (periods * b).sum(axis=0)
    there = model.residuals[unit, period]
    with_residual = np.bincount(at_unit, there, shape[0] * many).reshape(shape[0], many) - model.residuals @ b
    with_b = np.bincount(at_unit, b[period, code], shape[0] * many).reshape(shape[0], many)
    cells = model.untreated.astype(float)
    square = units - 2 * (units * a + with_b) + cells.sum(axis=1)[:, None] * a**2 + 2 * a * (cells @ b) + cells @ b**2
    if model.bread.size:
        x = model.fitted_covariates
        x_own = x[unit, period]
        put = np.stack([np.bincount(code, x_own[:, k], many) for k in range(x.shape[2])])
        c = model.bread @ put
        own = own - (put * c).sum(axis=0)
        with_residual = with_residual - np.einsum("utk,ut->uk", x, model.residuals) @ c
        products = np.einsum("utk,utl->ukl", x, x)
        for k in range(x.shape[2]):
            beside = np.bincount(at_unit, x_own[:, k], shape[0] * many).reshape(shape[0], many) - x[:, :, k] @ b
            square += (products[:, k, :] @ c - 2 * beside) * c[k]
    told = own > _OWN_SHARE * counts
    own = np.where(told, own, 1.0)
    effects = np.bincount(code, there, many) / own
    influence = (with_residual - effects * square) / own
    return Leads(
        horizons[told],
        effects[told],
        counts[told],
        influence[:, told],
        1 / own[told],
        (a / own)[:, told],
        (b / own)[:, told],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeadRegression:
    """Leads of one regression: horizons (L,), effects (L,), covariance (L, L) clustered, and their joint test.

    ``statistic``: Wald statistic / L, read as F with L and clusters − 1 degrees of freedom. None with its p-value where
    there are no more clusters than leads.
    """

    horizons: np.ndarray
    effects: np.ndarray
    covariance: np.ndarray
    statistic: float | None
    p_value: float | None
    clusters: int


def lead_regression(
    panel: Panel, *, leads: Sequence[int] | None = None, anticipation: int = 0
) -> LeadRegression | None:
    """Return the regression of untreated outcomes on indicators of leads; None where no lead can be told.

    Parameters
    ----------
    leads: horizons, all below −``anticipation``. None: the later half of the periods that the adopter with the longest
        history has before adoption, at most eight.

    The covariance is clustered with the factor G / (G − 1). Leads that cannot be told from the others and from unit and
    period effects are left out, the earliest first.

    Raises
    ------
    InputError: ``impact_nothing_before`` when no unit has an untreated outcome.
    """
    horizon = np.arange(panel.shape[1])[None, :] - panel.cohort[:, None]
    untreated = panel.observed & (horizon < -anticipation)
    if not untreated.any():
        raise InputError("impact_nothing_before")
    before = untreated & np.isfinite(horizon)
    if not before.any():
        return None
    if leads is None:
        longest = int(-horizon[before].min()) - anticipation
        leads = range(-anticipation - min(_MOST_LEADS, max(1, longest // 2)), -anticipation)
    model = untreated_model(panel, untreated)
    wanted = np.array(sorted((h for h in set(leads) if h < -anticipation), reverse=True), dtype=int)
    marks = (before[:, :, None] & (horizon[:, :, None] == wanted)).astype(float)
    a, b = model.effects.fit(marks)
    left = np.where(untreated[:, :, None], marks - a[:, None, :] - b[None, :, :], 0.0)
    if model.bread.size:
        x = model.fitted_covariates
        left -= x @ (model.bread @ np.einsum("utk,utl->kl", x, left))
    gram = np.einsum("utl,utm->lm", left, left)
    kept = _independent(gram, marks.sum(axis=(0, 1)))
    if not len(kept):
        return None
    kept = kept[::-1]  # horizons ascend
    left, gram = left[:, :, kept], gram[np.ix_(kept, kept)]
    effects = np.linalg.solve(gram, np.einsum("utl,ut->l", left, model.residuals))
    scores = np.einsum("utl,ut->ul", left, model.residuals - left @ effects)
    _, codes = np.unique(panel.clusters, return_inverse=True)
    groups = int(codes.max()) + 1
    sums = np.zeros((groups, len(kept)))
    np.add.at(sums, codes, np.linalg.solve(gram, scores.T).T)
    covariance = sums.T @ sums * (groups / max(groups - 1, 1))
    statistic = p = None
    if groups > len(kept) and np.linalg.matrix_rank(covariance, hermitian=True) == len(kept):
        statistic = float(effects @ np.linalg.solve(covariance, effects)) / len(kept)
        p = float(stats.f.sf(statistic, len(kept), groups - 1))
    return LeadRegression(
        horizons=wanted[kept],
        effects=effects,
        covariance=covariance,
        statistic=statistic,
        p_value=p,
        clusters=groups,
    )


def _independent(gram: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the columns that the ones before them do not explain, by their sums of products (L, L)."""
    kept: list[int] = []
    for h in range(len(gram)):
        rest = gram[h, h]
        if kept:
            rest -= gram[h, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, h])
        if counts[h] and rest > _OWN_SHARE * counts[h]:
            kept.append(h)
    return np.array(kept, dtype=int)
