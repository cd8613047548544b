"""Few units with counts: the adoption dates dealt out anew, on the scale of rates.

Definition
    Under "adoption multiplied every rate by exp(τ)" units and periods alone, with τ for the observed adopters, give the
    means. Each deal's log rate ratio beyond τ is one scoring step from there: the sum of what lies off the means in its
    treated cells, divided by its information, effects and covariates taken out. The p-value of τ is the share of deals,
    the observed one included, at least as far from zero as the observed one; the interval reaches from the estimate to
    the nearest τ on each side that is rejected. At τ = 0 the test is exact when dates were drawn by lot.
    By horizon the steps are taken from "no effect"; bounds lie as far from the estimate as the deals do from zero.
Source
    As :mod:`pegel.impact.permutation`; Rao 1948 (score test).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pegel.impact.estimate import Interval
from pegel.impact.fit import Fit
from pegel.impact.panel import Panel
from pegel.impact.permutation import Deals, deal_dates, p_value
from pegel.impact.rates.poisson_effects import PoissonEffects, WeightedEffects
from pegel.impact.rates.rates import Rates, event_columns

_FARTHEST = 16.0
_HALVINGS = 24
_HORIZON_DEALS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Dealt:
    """``reach``, ``band`` (H,): half-widths by horizon, point by point and for all at once."""

    p_value: float
    interval: Interval
    reach: np.ndarray
    band: np.ndarray
    ways: int
    complete: bool


def deal_rates(panel: Panel, rates: Rates, fit: Fit, *, level: float, draws: int, seed: int) -> Dealt:
    """Return what permuted adoption dates say about a fit."""
    deals = deal_dates(panel.cohort, draws=draws, seed=seed, clusters=panel.clusters)
    steps = _Steps(panel, rates, deals)

    def kept(shift: float) -> bool:
        return steps.p_value(shift) > 1 - level + 1e-12

    if deals.ways * (1 - level) < 1:
        interval = Interval(-np.inf, np.inf)
    else:
        first = max(steps.spread, 1e-6)
        interval = Interval(_nearest(kept, fit.effect, -first), _nearest(kept, fit.effect, first))
    reach, band = _horizon_reach(panel, rates, fit, deals, level)
    return Dealt(steps.p_value(0.0), interval, reach, band, deals.ways, deals.complete)


def _nearest(kept: Callable[[float], bool], start: float, step: float) -> float:
    """Return how far from the start a shift is kept, in the direction of the step; infinite if as far as looked."""
    inside, outside = start, start + step
    while kept(outside):
        inside, step = outside, 2 * step
        outside = inside + step
        if abs(outside - start) > _FARTHEST:
            return float(np.copysign(np.inf, step))
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return inside


class _Steps:
    """One scoring step per deal from a shifted null.

    Everything a step needs is a sum over units of terms that depend on the unit and its dealt date only, so a table of
    those terms (units times dates) times the deals serves all deals at once.
    """

    def __init__(self, panel: Panel, rates: Rates, deals: Deals) -> None:
        dates, codes = np.unique(panel.cohort, return_inverse=True)
        self.rates, self.deals = rates, deals
        self.observed = panel.treated * rates.used
        periods = np.arange(panel.shape[1])
        self.treated = (periods[None, None, :] >= dates[None, :, None]) & rates.used[:, None, :]
        rows = np.concatenate([np.arange(panel.shape[0])[None, :], deals.order])
        chosen = np.arange(panel.shape[0]) * len(dates) + codes[rows]
        self.dealt = np.zeros((len(rows), panel.shape[0] * len(dates)))
        np.put_along_axis(self.dealt, chosen, 1.0, axis=1)
        at_null = self._steps(0.0)
        self.spread = float(np.sqrt(np.nanmean(at_null**2))) if np.isfinite(at_null).any() else 1.0

    def p_value(self, shift: float) -> float:
        found = self._steps(shift)
        return p_value(float(found[0]), found[1:]) if np.isfinite(found[0]) else 1.0

    def _steps(self, shift: float) -> np.ndarray:
        """Return (1 + P,): the steps of the observed way and of all deals; NaN where one has no information."""
        rates = self.rates
        moved = Rates(rates.values, rates.log_exposure + shift * self.observed, rates.covariates, rates.used, ())
        null = moved.fit(np.empty((*rates.used.shape, 0)))
        if null is None:
            return np.full(len(self.dealt), np.nan)
        terms = _terms(null, self.treated, rates)
        periods, known = rates.used.shape[1], rates.covariates.shape[2]
        sums = self.dealt @ terms.reshape(-1, terms.shape[-1])
        score, own, by_period, by_covariate = np.split(sums, [1, 2, 2 + periods], axis=1)
        information = own[:, 0] - np.einsum("pt,ts,ps->p", by_period, null.effects.inverse, by_period, optimize=True)
        if known:
            solved = np.linalg.solve(null.information, by_covariate.T).T
            information = information - (solved * by_covariate).sum(axis=1)
        usable = information > 1e-9 * own[:, 0]
        return np.where(usable, score[:, 0] / np.where(usable, information, 1.0), np.nan)


def _terms(null: PoissonEffects, treated: np.ndarray, rates: Rates) -> np.ndarray:
    """Return (U, C, 2 + T + K) per unit and date: score, information, and what ties it to periods and covariates."""
    weights = null.effects.weights
    off = np.where(rates.used, rates.values - null.means, 0.0)
    score = (treated * off[:, None, :]).sum(axis=2)
    weight = (treated * weights[:, None, :]).sum(axis=2)
    share = weight / np.maximum(weights.sum(axis=1), np.finfo(float).tiny)[:, None]
    away = weights[:, None, :] * (treated - share[:, :, None])
    known = np.einsum("uct,ut,utk->uck", treated, weights, null.left)
    return np.concatenate([score[:, :, None], (weight * (1 - share))[:, :, None], away, known], axis=2)


def _horizon_reach(panel: Panel, rates: Rates, fit: Fit, deals: Deals, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return half-widths (H,) by horizon and for the band; infinite with too few deals."""
    order = deals.order[:_HORIZON_DEALS]
    no_bound = np.full(len(fit.horizons), np.inf)
    null = rates.fit(np.empty((*rates.used.shape, 0)))
    if null is None or not len(fit.horizons) or (len(order) + 1) * (1 - level) < 1:
        return no_bound, no_bound
    drawn = np.full((len(order), len(fit.horizons)), np.nan)
    for i, one in enumerate(order):
        drawn[i] = _horizon_steps(panel.cohort[one], rates, null, fit.horizons)
    seen = drawn[np.isfinite(drawn).any(axis=1)]
    if (len(seen) + 1) * (1 - level) < 1:
        return no_bound, no_bound
    far = np.where(np.isfinite(seen), np.abs(seen), 0.0)
    reach = np.quantile(far, level, axis=0, method="higher")
    scale = np.sqrt((far**2).mean(axis=0))
    usable = scale > 0
    if not usable.any():
        return reach, reach
    largest = float(np.quantile((far[:, usable] / scale[usable]).max(axis=1), level, method="higher"))
    return reach, np.maximum(reach, largest * scale)


def _horizon_steps(cohort: np.ndarray, rates: Rates, null: PoissonEffects, horizons: np.ndarray) -> np.ndarray:
    """Return the step at each horizon had units adopted like that; 0 at the base, NaN where there is none."""
    result = np.full(len(horizons), np.nan)
    study = event_columns(cohort, rates)
    if study is None:
        return result
    weights = np.where(study.used, null.means, 0.0)
    every = np.concatenate([study.columns, rates.covariates], axis=2)
    left = WeightedEffects(weights).residuals(every) * weights[:, :, None]
    information = np.einsum("uti,utj->ij", left, every)
    score = np.einsum("uti,ut->i", left, np.where(study.used, rates.values / np.maximum(null.means, 1e-300) - 1, 0.0))
    steps = np.linalg.lstsq(information, score, rcond=None)[0]
    own = study.horizons[study.horizons != study.base]
    places = {int(h): float(step) for h, step in zip(own, steps, strict=False)} | {study.base: 0.0}
    return np.array([places.get(int(h), np.nan) for h in horizons])
