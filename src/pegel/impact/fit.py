"""From a fitted estimator to an :class:`Estimate`: one way to permutation, cluster-robust and analytic inference.

An estimator is a function from a panel to a :class:`Fit`. Everything that asks "and what if" (permuted dates, one unit
left out, another window, no effect at all) calls that function again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import UserError
from pegel.impact.estimate import FEW_ADOPTERS, FEW_UNITS, HORIZON_COLUMNS, Caveat, Estimate, Inference, Interval
from pegel.impact.panel import Panel
from pegel.impact.permutation import Deals, Drawn, deal_dates, draw_by_refitting, draw_by_weights, invert, p_value

_BAND_DRAWS = 2_000


class CohortWeights(NamedTuple):
    """Weights of an estimator that is linear in the outcome and sees only when a unit adopts.

    ``cohorts`` (C,): ascending, infinite for never. ``weights`` (1 + H, C, T): the effect first, then each horizon.
    """

    cohorts: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """What an estimator finds in a panel, before anything is said about how sure it is.

    Attributes
    ----------
    effect; effects (H,) at horizons (H,), with the number of adopters behind each.
    influence: (U,) and (U, H): what each unit adds, so that estimate − truth ≈ their sum. None: not known.
    weights: where the estimator is linear with weights by cohort, so that permutations need no new fit.
    n: observations used.
    """

    effect: float
    horizons: np.ndarray
    effects: np.ndarray
    adopters: np.ndarray
    n: int
    influence: np.ndarray | None = None
    horizon_influence: np.ndarray | None = None
    weights: CohortWeights | None = None
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()


Fitter = Callable[[Panel], Fit]


def estimate_of(
    panel: Panel,
    fitter: Fitter,
    *,
    method: str,
    estimand: str,
    inference: Inference = "auto",
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
    assumptions: tuple[str, ...] = (),
) -> Estimate:
    """Fit, and say how sure that is.

    ``auto`` permutes adoption dates below 40 units (clusters) or 20 adopters and uses influence functions above.
    ``analytic`` takes normal quantiles, ``cluster`` those of t with G − 1 degrees of freedom and the factor
    G / (G − 1).

    Raises
    ------
    UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``, ``impact_no_influence`` (the estimator knows
        no standard error of its own; use permutation), ``impact_too_few_clusters``. InputError: those of the estimator.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if draws < 1:
        raise UserError("impact_unknown_choice", name="draws", value=draws)
    if inference not in ("auto", "permutation", "cluster", "analytic"):
        raise UserError("impact_unknown_choice", name="inference", value=inference)
    fit = fitter(panel)
    adopters = len(np.unique(panel.clusters[panel.adopters]))
    few = len(np.unique(panel.clusters)) < FEW_UNITS or adopters < FEW_ADOPTERS
    if inference == "auto":
        inference = "permutation" if few or fit.influence is None else "analytic"
    caveats = [*panel.caveats, *fit.caveats]
    if inference == "permutation":
        drawn = draw(panel, fitter, fit, draws=draws, seed=seed)
        said = _by_permutation(fit, drawn, level)
        if drawn.ways * (1 - level) < 1:
            caveats.append(Caveat("too_few_ways_to_deal", {"ways": drawn.ways, "level": level}))
    else:
        if fit.influence is None or fit.horizon_influence is None:
            raise UserError("impact_no_influence", method=method)
        said = _by_influence(panel, fit, inference, level, seed)
        if few:
            caveats.append(Caveat("few_units_standard_error", {"units": len(np.unique(panel.clusters))}))
    return Estimate(
        method=method,
        estimand=estimand,
        outcome=panel.outcome,
        effect=fit.effect,
        level=level,
        inference=inference,
        n=fit.n,
        units=panel.shape[0],
        adopters=int(panel.adopters.sum()),
        periods=panel.shape[1],
        caveats=tuple(caveats),
        assumptions=assumptions,
        se=said.se,
        se_reason=said.se_reason,
        interval=said.interval,
        p_value=said.p_value,
        by_horizon=said.by_horizon,
        diagnostics={
            **fit.diagnostics,
            "axis": {
                "unit": panel.axis.unit,
                "first": panel.axis.label(0),
                "last": panel.axis.label(panel.shape[1] - 1),
            },
            **said.diagnostics,
        },
    )


class _Said(NamedTuple):
    se: float | None
    se_reason: str | None
    interval: Interval
    p_value: float
    by_horizon: pd.DataFrame
    diagnostics: dict[str, Any]


def draw(panel: Panel, fitter: Fitter, fit: Fit, *, draws: int, seed: int, deals: Deals | None = None) -> Drawn:
    """Return the estimates under permuted adoption dates, on the data and on the observed adoption itself."""
    if deals is None:
        deals = deal_dates(panel.cohort, draws=draws, seed=seed, clusters=panel.clusters)
    marked = panel.with_values(np.where(panel.observed, panel.treated, np.nan))
    if fit.weights is not None and panel.balanced and deals.keep_sizes(panel.cohort):
        found = draw_by_weights(panel, *fit.weights, deals)
        slopes = draw_by_weights(marked, *fit.weights, deals)
        return Drawn(found[:, 0], slopes[:, 0], found[:, 1:], slopes[:, 1:], deals.complete)

    def again(one: Panel) -> tuple[float, np.ndarray]:
        try:
            refit = fitter(one)
        except UserError:  # a deal may leave a cohort without controls; it then says nothing
            return np.nan, np.full(len(fit.horizons), np.nan)
        at = {horizon: i for i, horizon in enumerate(refit.horizons.tolist())}
        chosen = [refit.effects[at[h]] if h in at else np.nan for h in fit.horizons.tolist()]
        return refit.effect, np.array(chosen, dtype=float)

    effects, horizons = draw_by_refitting(panel, again, deals)
    slopes, horizon_slopes = draw_by_refitting(marked, again, deals)
    return Drawn(effects, slopes, horizons, horizon_slopes, deals.complete)


def _by_permutation(fit: Fit, drawn: Drawn, level: float) -> _Said:
    intervals = [_at_horizon(float(effect), drawn, h, level) for h, effect in enumerate(fit.effects)]
    reach = _band_reach(fit, drawn, level)
    table = pd.DataFrame(
        {
            "horizon": fit.horizons,
            "effect": fit.effects,
            "se": np.nan,
            "low": [one.low for one in intervals],
            "high": [one.high for one in intervals],
            # What holds for all horizons at once is never narrower than what holds for one.
            "band_low": np.minimum(fit.effects - reach, [one.low for one in intervals]),
            "band_high": np.maximum(fit.effects + reach, [one.high for one in intervals]),
            "adopters": fit.adopters,
        },
        columns=list(HORIZON_COLUMNS),
    )
    return _Said(
        None,
        "permutation_has_no_se",
        invert(fit.effect, drawn.effects, drawn.slopes, level=level),
        p_value(fit.effect, drawn.effects),
        table,
        {"ways": drawn.ways, "all_ways": drawn.complete},
    )


def _at_horizon(effect: float, drawn: Drawn, h: int, level: float) -> Interval:
    if not np.isfinite(effect):
        return Interval(-np.inf, np.inf)
    effects, slopes = drawn.by_horizon[:, h], drawn.horizon_slopes[:, h]
    if effect == 0 and np.isfinite(effects).any() and not np.nan_to_num([effects, slopes]).any():
        return Interval(0.0, 0.0)  # the base, zero whoever adopts
    return invert(effect, effects, slopes, level=level)


def _band_reach(fit: Fit, drawn: Drawn, level: float) -> np.ndarray:
    """Return the half-width of the simultaneous band per horizon: the largest of the scaled deviations over all."""
    deviations = drawn.by_horizon[np.isfinite(drawn.by_horizon).any(axis=1)]
    counts = np.isfinite(deviations).sum(axis=0)
    scale = np.sqrt(np.nansum(deviations**2, axis=0) / np.maximum(counts, 1))
    unknown = (counts == 0) | ~np.isfinite(fit.effects)  # no deal says how far chance reaches there
    usable = ~unknown & (scale > 0)
    otherwise = np.where(unknown, np.inf, 0.0)
    if not usable.any() or drawn.ways * (1 - level) < 1:
        return np.where(usable, np.inf, otherwise)
    scaled = np.abs(deviations[:, usable]) / scale[usable]
    largest = np.nanmax(scaled[np.isfinite(scaled).any(axis=1)], axis=1)
    return np.where(usable, np.quantile(largest, level, method="higher") * scale, otherwise)


def _by_influence(panel: Panel, fit: Fit, inference: Inference, level: float, seed: int) -> _Said:
    assert fit.influence is not None  # noqa: S101 - the caller has refused it
    assert fit.horizon_influence is not None  # noqa: S101 - the same
    _, codes = np.unique(panel.clusters, return_inverse=True)
    groups = int(codes.max()) + 1
    if groups < 2:
        raise UserError("impact_too_few_clusters", clusters=groups)
    sums = np.zeros((groups, 1 + len(fit.horizons)))
    np.add.at(sums, codes, np.column_stack([fit.influence, fit.horizon_influence]))
    factor = 1.0 if inference == "analytic" else groups / max(groups - 1, 1)
    errors = np.sqrt((sums**2).sum(axis=0) * factor)
    quantile = float(
        stats.norm.ppf((1 + level) / 2) if inference == "analytic" else stats.t.ppf((1 + level) / 2, max(groups - 1, 1))
    )
    critical = sup_t(sums[:, 1:], level=level, seed=seed)
    at = errors[1:]
    table = pd.DataFrame(
        {
            "horizon": fit.horizons,
            "effect": fit.effects,
            "se": at,
            "low": fit.effects - quantile * at,
            "high": fit.effects + quantile * at,
            "band_low": fit.effects - max(critical, quantile) * at,
            "band_high": fit.effects + max(critical, quantile) * at,
            "adopters": fit.adopters,
        },
        columns=list(HORIZON_COLUMNS),
    )
    error = float(errors[0])
    ratio = np.inf if error == 0 and fit.effect else 0.0 if error == 0 else abs(fit.effect) / error
    p = 2 * float(stats.norm.sf(ratio) if inference == "analytic" else stats.t.sf(ratio, max(groups - 1, 1)))
    interval = Interval(fit.effect - quantile * error, fit.effect + quantile * error)
    return _Said(error, None, interval, p, table, {"clusters": groups, "band_critical_value": critical})


def sup_t(sums: np.ndarray, *, level: float, seed: int) -> float:
    """Return the critical value of the largest |t| over all columns of cluster sums (G, H), by Gaussian multipliers."""
    scale = np.sqrt((sums**2).sum(axis=0))
    used = sums[:, scale > 0] / scale[scale > 0]
    if not used.shape[1]:
        return float(stats.norm.ppf((1 + level) / 2))
    random = np.random.default_rng(seed)
    largest = np.empty(_BAND_DRAWS)
    for begin in range(0, _BAND_DRAWS, 500):
        largest[begin : begin + 500] = np.abs(random.standard_normal((500, len(sums))) @ used).max(axis=1)
    return float(np.quantile(largest, level))
