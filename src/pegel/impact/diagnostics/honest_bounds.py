"""How far may trends bend after adoption before the effect could be nothing? (Rambachan & Roth 2023)

Question
    Parallel trends cannot be proved. How wrong may they be before the conclusion falls?
Definition
    Adopters may trend away from the others, and the slope of that difference may change from one period to the next by
    at most M (Δ^SD(M), smoothness). M = 0 allows any straight line, M = ∞ anything. For each M the shortest interval of
    fixed length that holds the effect with probability ``level`` (``fixed_length_interval``).
    *breakdown*: the largest M up to which all intervals exclude 0. As a yardstick stands beside it the largest change
    of slope among the leads, which is noise in part.
    The same question in relation to the leads (Δ^RM(M̄), relative magnitudes): no step of the difference in trends from
    one period to the next may be larger after the base than M̄ times the largest step before it
    (``relative_magnitudes``).
Needs
    Leads and effects against one and the same base, without gaps (a universal base): estimators whose leads are
    defined in another way are refused.
Covariance
    Weights that are optimal for an estimated covariance follow its noise: with 60 units and 12 leads intervals of 95%
    held in 80% of 300 cases. Hence below 200 units it is ``modelled``: white noise plus AR(1), each unit with its own
    variance, fitted to the variogram of the untreated cells (then the intervals held in 95 to 98%). From 200 units on,
    or where the estimator has no weights for that (gaps, covariates), it is that of the influence functions (below 40
    units of permuted dates), and at most one lead per 20 units is used, the last ones.
Source
    Rambachan & Roth, *A more credible approach to parallel trends*, Review of Economic Studies 90 (2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize, stats

from pegel.errors import InputError, UserError
from pegel.impact.diagnostics.event_leads import EventStudy, base_of, event_study, is_regular
from pegel.impact.diagnostics.fixed_length_interval import SmoothTrends, smooth_trends
from pegel.impact.diagnostics.relative_magnitudes import relative_breakdown, relative_interval
from pegel.impact.estimate import DRAWS, FEW_UNITS, LEVEL, Caveat, Inference, Interval
from pegel.impact.fit import Fit, Fitter
from pegel.impact.panel import Panel
from pegel.impact.planning.untreated_past import noise_of

RELATIVE_BOUNDS = (0.5, 1.0, 1.5, 2.0)
RELATIVE_COLUMNS = ("bound", "low", "high", "excludes_zero")
COLUMNS = ("bound", "low", "high", "estimate", "bias", "excludes_zero")
_UNITS_PER_LEAD = 20
_MODELLED_UNITS = 200
_MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0)
_SCAN = 64
_SAME = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HonestBounds:
    """Intervals that allow for trends.

    Attributes
    ----------
    table: [bound, low, high, estimate, bias, excludes_zero], a row per M. ``estimate`` has the extrapolated trend taken
        off, ``bias`` is the most that bent trends can add to it.
    effect, parallel: the average that is bounded, and its interval if trends were parallel.
    breakdown: largest M with an interval without 0; 0.0 if none has; None where ``caveats`` say why not.
    relative: [bound, low, high, excludes_zero], a row per M̄. relative_breakdown: the smallest M̄ at which no effect at
        all is not rejected; None where ``caveats`` say why not.
    largest_change: largest change of slope among the leads; None with a single lead. ``breakdown_ratio``: in these.
    leads: horizons of the leads that were used. horizons, weights: what the average is made of.
    """

    table: pd.DataFrame
    effect: float
    parallel: Interval
    breakdown: float | None
    breakdown_ratio: float | None
    largest_change: float | None
    relative: pd.DataFrame
    relative_breakdown: float | None
    leads: tuple[int, ...]
    horizons: tuple[int, ...]
    weights: tuple[float, ...]
    inference: str
    level: float
    caveats: tuple[Caveat, ...] = ()


def honest_bounds(
    panel: Panel,
    fitter: Fitter,
    *,
    bounds: Sequence[float] | None = None,
    relative_bounds: Sequence[float] = RELATIVE_BOUNDS,
    horizons: tuple[int, int] | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> HonestBounds:
    """Return intervals that stay valid when trends bend by at most M, and the M at which the effect may be nothing.

    Parameters
    ----------
    bounds: values of M, in units of the outcome per period and period; unless said 0, ½, 1, 1½ and 2 times the largest
        change of slope among the leads. relative_bounds: values of M̄.
    horizons: first and last period since adoption to average over, weighted by adopters; unless said the headline.

    Raises
    ------
    UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``, ``impact_no_influence``,
        ``impact_bound_negative``, ``impact_no_universal_base``. InputError: ``impact_horizons_not_observed`` and those
        of the estimator.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if not all(0 <= one < np.inf for one in (*(bounds or ()), *relative_bounds)):
        raise UserError("impact_bound_negative", value=[*(bounds or ()), *relative_bounds])
    study = _study(panel, fitter, inference, draws=draws, seed=seed)
    fit = study.fit
    if not ((fit.horizons == study.base) & (fit.effects == 0)).any():
        raise UserError("impact_no_universal_base")
    before, after, caveats = _run(study)
    target, remarks = _average(fit, after, horizons)
    average = float(fit.effects[after] @ target)
    reach = float(stats.norm.ppf((1 + level) / 2) * np.sqrt(target @ study.covariance[np.ix_(after, after)] @ target))
    answer = HonestBounds(
        table=pd.DataFrame(columns=list(COLUMNS)),
        effect=average,
        parallel=Interval(average - reach, average + reach),
        breakdown=None,
        breakdown_ratio=None,
        largest_change=None,
        relative=pd.DataFrame(columns=list(RELATIVE_COLUMNS)),
        relative_breakdown=None,
        leads=tuple(fit.horizons[before].tolist()),
        horizons=tuple(fit.horizons[after][target != 0].tolist()),
        weights=tuple(target[target != 0].tolist()),
        inference=study.inference,
        level=level,
        caveats=(*panel.caveats, *fit.caveats, *caveats, *remarks),
    )
    if not len(before):
        return answer
    used = np.append(before, after)
    covariance = study.covariance[np.ix_(used, used)]
    problem = smooth_trends(fit.effects[used], covariance, leads=len(before), target=target)
    return _with_relative(_bounded(answer, problem, bounds), problem, relative_bounds)


def _study(panel: Panel, fitter: Fitter, inference: Inference, *, draws: int, seed: int) -> EventStudy:
    """Return effects by horizon with their covariance: see *Covariance* above."""
    if inference != "auto":
        return event_study(panel, fitter, inference=inference, draws=draws, seed=seed)
    fit = fitter(panel)
    clusters = len(np.unique(panel.clusters))
    if fit.weights is None or not panel.balanced or clusters >= _MODELLED_UNITS or clusters < panel.shape[0]:
        analytic = clusters >= FEW_UNITS and fit.horizon_influence is not None
        chosen: Inference = "analytic" if analytic else "permutation"
        return event_study(panel, fitter, inference=chosen, draws=draws, seed=seed)
    try:
        noise = noise_of(np.where(panel.treated > 0, np.nan, panel.values))
    except InputError:  # too little past for a model
        return event_study(panel, fitter, inference="permutation", draws=draws, seed=seed)
    lag = np.abs(np.subtract.outer(np.arange(panel.shape[1]), np.arange(panel.shape[1])))
    in_time = noise.slow * noise.persistence**lag + noise.white * (lag == 0)
    covariance = np.zeros((len(fit.horizons), len(fit.horizons)))
    for c, cohort in enumerate(fit.weights.cohorts):
        weights = fit.weights.weights[1:, c, :]
        covariance += noise.scales[panel.cohort == cohort].sum() * weights @ in_time @ weights.T
    return EventStudy(fit, base_of(fit), clusters, None, None, covariance)


def _run(study: EventStudy) -> tuple[np.ndarray, np.ndarray, list[Caveat]]:
    """Return the leads and the horizons after the base that follow each other without gaps, as indices of the fit."""
    at = {int(h): i for i, h in enumerate(study.fit.horizons) if np.isfinite(study.fit.effects[i])}
    before: list[int] = []
    after: list[int] = []
    for found, step in ((before, -1), (after, 1)):
        horizon = study.base + step
        while horizon in at:
            found.append(at[horizon])
            horizon += step
    caveats = [] if before else [Caveat("no_leads")]
    most = max(study.clusters // _UNITS_PER_LEAD, 1) if study.modelled is None else len(before)
    if len(before) > most:
        caveats.append(Caveat("leads_left_out", {"used": most, "total": len(before)}))
    kept = before[:most]
    while kept and not is_regular(study.covariance[np.ix_(kept, kept)]):
        kept.pop()
    if before and not kept:
        caveats.append(Caveat("leads_without_noise"))
    if study.clusters < FEW_UNITS:
        caveats.append(Caveat("bounds_rest_on_few_units", {"units": study.clusters}))
    return np.array(kept[::-1], dtype=int), np.array(after, dtype=int), caveats


def _average(fit: Fit, after: np.ndarray, horizons: tuple[int, int] | None) -> tuple[np.ndarray, list[Caveat]]:
    """Return the weights of the horizons after the base, and a caveat where they do not make up the headline."""
    span = fit.horizons[after]
    chosen = (span >= 0) if horizons is None else (span >= horizons[0]) & (span <= horizons[1]) & (span >= 0)
    if not chosen.any():
        first, last = horizons or (0, 0)
        raise InputError("impact_horizons_not_observed", first=first, last=last, longest=int(span.max(initial=-1)))
    by_adopters = np.where(chosen, fit.adopters[after], 0.0)
    by_adopters = by_adopters / by_adopters.sum()
    if horizons is not None:
        return by_adopters, []
    for weights in (by_adopters, chosen / chosen.sum()):
        if abs(fit.effects[after] @ weights - fit.effect) <= _SAME * max(1.0, abs(fit.effect)):
            return weights, []
    return by_adopters, [Caveat("bounds_of_another_average", {"headline": fit.effect})]


def _bounded(answer: HonestBounds, problem: SmoothTrends, bounds: Sequence[float] | None) -> HonestBounds:
    path = np.append(problem.beta[: problem.leads], 0.0)
    change = float(np.abs(np.diff(path, n=2)).max()) if problem.leads > 1 else None
    yardstick = change or float(np.abs(path).max()) or abs(answer.effect) or 1.0
    rows = []
    for bound in bounds if bounds is not None else [multiple * yardstick for multiple in _MULTIPLES]:
        found = problem.interval(bound, level=answer.level)
        low, high = found.estimate - found.half, found.estimate + found.half
        rows.append((float(bound), low, high, found.estimate, found.bias, not low <= 0 <= high))
    breakdown = _breakdown(problem, yardstick, answer.level)
    return replace(
        answer,
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        breakdown=breakdown,
        breakdown_ratio=breakdown / change if change else None,
        largest_change=change,
    )


def _with_relative(answer: HonestBounds, problem: SmoothTrends, bounds: Sequence[float]) -> HonestBounds:
    rows = []
    for bound in bounds:
        low, high = relative_interval(
            problem.beta,
            problem.covariance,
            leads=problem.leads,
            target=problem.target,
            bound=float(bound),
            level=answer.level,
        )
        rows.append((float(bound), low, high, not low <= 0 <= high))
    breakdown = relative_breakdown(
        problem.beta, problem.covariance, leads=problem.leads, target=problem.target, level=answer.level
    )
    return replace(answer, relative=pd.DataFrame(rows, columns=list(RELATIVE_COLUMNS)), relative_breakdown=breakdown)


def _breakdown(problem: SmoothTrends, yardstick: float, level: float) -> float:
    """Return the largest M up to which every interval excludes 0."""

    def margin(bound: float) -> float:
        found = problem.interval(bound, level=level)
        return abs(found.estimate) - found.half

    if margin(0.0) <= 0:
        return 0.0
    high = yardstick
    while margin(high) > 0:  # ends: the bias grows with M, the estimate does not
        high *= 2
    # The margin need not fall evenly: the first of many steps at which it is used up is looked for.
    grid = np.linspace(0.0, high, _SCAN)
    first = next(i for i, bound in enumerate(grid) if margin(float(bound)) <= 0)
    return float(optimize.brentq(margin, grid[first - 1], grid[first], xtol=1e-12 * high))
