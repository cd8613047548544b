"""Staggered roll-outs, compared cohort by cohort (Callaway & Sant'Anna 2021).

Question
    By how much did the outcome of the adopters move, compared with units that had not adopted?
Definition
    For each cohort g and period t: the mean change of the cohort since its last period before adoption (before
    anticipation, if any), less that of its controls: units that never adopt, or have not adopted by t. The base is the
    same for all periods (*universal*), so leads show a ramp before adoption as what it is. Averages weigh cohorts by
    their number of units: ``simple`` over all treated cells; ``dynamic`` over horizons, each horizon once; ``group``
    over cohorts; ``calendar`` over periods.
Covariates
    Values in the earlier of the two periods, doubly robust by default (``dr``): outcome regression and propensity
    weighting, right if either is. ``reg`` and ``ipw`` use one of them.
Gaps
    A cell uses the units observed in both of its periods.
Source
    Callaway & Sant'Anna, *Difference-in-differences with multiple time periods*, J. Econometrics 225 (2021);
    Sant'Anna & Zhao, *Doubly robust difference-in-differences estimators*, J. Econometrics 219 (2020); universal base:
    Roth 2026, *Interpreting event-studies from recent difference-in-differences methods*.
    Reproduces R's ``did`` on county teen employment (tests/pegel/impact/test_callaway_santanna.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate, Inference
from pegel.impact.estimators.two_by_two import Adjustment, adjusted_difference
from pegel.impact.fit import CohortWeights, Fit, estimate_of
from pegel.impact.panel import Panel, panel_of

METHOD = "callaway_santanna"
Control = Literal["never", "not_yet"]
Aggregate = Literal["simple", "dynamic", "group", "calendar"]
ASSUMPTIONS = ("parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays")


def callaway_santanna(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    control: Control = "not_yet",
    anticipation: int = 0,
    aggregate: Aggregate = "simple",
    adjustment: Adjustment = "dr",
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the effect of adopting on the adopters, in units of the outcome.

    Parameters
    ----------
    panel: long data frame, a row per unit and period. cohort: column of the first treated period; missing means never.
    anticipation: periods before adoption in which units may already react.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_no_controls_left``,
        ``impact_nothing_before``, ``impact_covariates_not_separable``. UserError: ``impact_unknown_choice``,
        ``impact_anticipation_negative``.
    """
    checked = panel_of(
        panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster
    )
    return estimate_of(
        checked,
        fitter(control=control, anticipation=anticipation, aggregate=aggregate, adjustment=adjustment),
        method=METHOD,
        estimand=aggregate,
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=ASSUMPTIONS,
    )


def fitter(
    *,
    control: Control = "not_yet",
    anticipation: int = 0,
    aggregate: Aggregate = "simple",
    adjustment: Adjustment = "dr",
) -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit."""
    for name, value, allowed in (
        ("control", control, ("never", "not_yet")),
        ("aggregate", aggregate, ("simple", "dynamic", "group", "calendar")),
        ("adjustment", adjustment, ("dr", "reg", "ipw")),
    ):
        if value not in allowed:
            raise UserError("impact_unknown_choice", name=name, value=value)
    if anticipation < 0:
        raise UserError("impact_anticipation_negative", value=anticipation)
    return partial(_fit, control=control, anticipation=anticipation, aggregate=aggregate, adjustment=adjustment)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cohorts (C,), base periods (C,), and per cell (C, T): effect (NaN: none) and whether it is after adoption."""

    cohorts: np.ndarray
    bases: np.ndarray
    sizes: np.ndarray
    effects: np.ndarray
    post: np.ndarray


def _fit(panel: Panel, *, control: Control, anticipation: int, aggregate: Aggregate, adjustment: Adjustment) -> Fit:
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    if control == "never" and panel.adopters.all():
        raise InputError("impact_no_controls_left", control=control)
    cohorts = panel.cohorts
    bases = cohorts - 1 - anticipation
    caveats = []
    if (bases < 0).any():
        caveats.append(Caveat("cohorts_without_before", {"n": int((bases < 0).sum())}))
        cohorts, bases = cohorts[bases >= 0], bases[bases >= 0]
    if not len(cohorts):
        raise InputError("impact_nothing_before")
    sizes = np.array([(panel.cohort == g).sum() for g in cohorts])
    found = [
        _cohort_cells(panel, int(g), int(b), control, anticipation, adjustment)
        for g, b in zip(cohorts, bases, strict=True)
    ]
    effects = np.array([one[0] for one in found])
    periods = np.arange(panel.shape[1])
    post = (periods[None, :] >= cohorts[:, None]) & np.isfinite(effects)
    cells = _Cells(cohorts, bases, sizes, effects, post)
    lost = int(((periods[None, :] >= cohorts[:, None]) & ~np.isfinite(effects)).sum())
    if not post.any():
        if panel.covariate_names:  # who has no controls without covariates either is refused for that
            plain = replace(panel, covariates=panel.covariates[:, :, :0], covariate_names=())
            _fit(plain, control=control, anticipation=anticipation, aggregate=aggregate, adjustment=adjustment)
            raise InputError("impact_covariates_not_separable", names=list(panel.covariate_names))
        raise InputError("impact_no_controls_left", control=control)
    if lost:
        caveats.append(Caveat("cells_without_controls", {"n": lost, "total": lost + int(post.sum())}))
    return _aggregated(panel, cells, [one[1] for one in found], aggregate, control, anticipation, caveats)


def _controls(panel: Panel, g: int, b: int, control: Control, anticipation: int) -> np.ndarray:
    """Return (U, T): which units are controls of cohort g in each period."""
    if control == "never":
        return np.repeat(~panel.adopters[:, None], panel.shape[1], axis=1)
    until = np.maximum(np.arange(panel.shape[1]), b) + anticipation
    return np.asarray((panel.cohort[:, None] > until[None, :]) & (panel.cohort != g)[:, None])


def _cohort_cells(
    panel: Panel, g: int, b: int, control: Control, anticipation: int, adjustment: Adjustment
) -> tuple[np.ndarray, np.ndarray]:
    """Return effects (T,) and influences (U, T) of one cohort; NaN where there are no members or no controls."""
    change = panel.values - panel.values[:, [b]]
    seen = ~np.isnan(change)
    member = (panel.cohort == g)[:, None] & seen
    other = _controls(panel, g, b, control, anticipation) & seen
    if panel.covariate_names:
        return _adjusted_cells(panel, change, member, other, b, adjustment)
    filled = np.where(seen, change, 0.0)
    n_g, n_c = member.sum(axis=0), other.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_g = np.where(n_c > 0, (filled * member).sum(axis=0) / n_g, np.nan)
        mean_c = (filled * other).sum(axis=0) / n_c
        effects = mean_g - mean_c
        influence = member * (filled - mean_g) / n_g - other * (filled - mean_c) / n_c
    return effects, np.where(np.isfinite(effects), influence, 0.0)


def _adjusted_cells(
    panel: Panel, change: np.ndarray, member: np.ndarray, other: np.ndarray, b: int, adjustment: Adjustment
) -> tuple[np.ndarray, np.ndarray]:
    effects = np.full(panel.shape[1], np.nan)
    influence = np.zeros(panel.shape)
    for t in range(panel.shape[1]):
        used = member[:, t] | other[:, t]
        if t == b:
            effects[t] = 0.0
            continue
        if not member[:, t].any() or not other[:, t].any():
            continue
        known = panel.covariates[used, min(t, b)]
        effect, parts = adjusted_difference(change[used, t], member[used, t], known, adjustment)
        if np.isfinite(effect):
            effects[t] = effect
            influence[used, t] = parts
    return effects, influence


def _aggregated(
    panel: Panel,
    cells: _Cells,
    influences: list[np.ndarray],
    aggregate: Aggregate,
    control: Control,
    anticipation: int,
    caveats: list[Caveat],
) -> Fit:
    periods = panel.shape[1]
    # Masks (A, C, T) over cells, whose cells are averaged with the cohorts' sizes as weights.
    horizon_of = np.arange(periods)[None, :] - cells.cohorts[:, None]
    usable = np.isfinite(cells.effects)
    horizons = np.unique(horizon_of[usable])
    by_horizon = np.array([usable & (horizon_of == h) for h in horizons])
    by_group = np.array([cells.post & (np.arange(len(cells.cohorts)) == c)[:, None] for c in range(len(cells.cohorts))])
    by_period = np.array([cells.post & (np.arange(periods) == t)[None, :] for t in range(periods)])
    groups = np.asarray(by_group.any(axis=(1, 2)))
    times = by_period.any(axis=(1, 2))
    after = horizons >= 0
    at_horizon = [_average(panel, cells, influences, mask) for mask in by_horizon]
    in_group = [_average(panel, cells, influences, mask) for mask in by_group[groups]]
    in_period = [_average(panel, cells, influences, mask) for mask in by_period[times]]
    if aggregate == "simple":
        effect, influence, weights = _average(panel, cells, influences, cells.post)
    elif aggregate == "dynamic":
        effect, influence, weights = _mean([one for one, late in zip(at_horizon, after, strict=True) if late])
    elif aggregate == "calendar":
        effect, influence, weights = _mean(in_period)
    else:
        effect, influence, weights = _weighted_groups(panel, cells, in_group, groups)
    cell_weights = np.array([weights, *(one[2] for one in at_horizon)])
    plain = panel.balanced and not panel.covariate_names
    return Fit(
        effect=effect,
        horizons=horizons,
        effects=np.array([one[0] for one in at_horizon]),
        adopters=np.array([int((mask.any(axis=1) * cells.sizes).sum()) for mask in by_horizon]),
        influence=influence,
        horizon_influence=np.column_stack([one[1] for one in at_horizon]),
        weights=_cohort_weights(panel, cells, cell_weights, control, anticipation) if plain else None,
        n=int(panel.observed.sum()),
        diagnostics={
            "control": control,
            "anticipation": anticipation,
            "by_cohort": _cohort_table(panel, cells, in_group, groups),
            "by_period": pd.DataFrame(
                {
                    "period": [panel.axis.label(int(t)) for t in np.flatnonzero(times)],
                    "effect": [one[0] for one in in_period],
                }
            ),
            "cells": _cell_table(panel, cells, influences),
        },
        caveats=tuple(caveats),
    )


def _average(
    panel: Panel, cells: _Cells, influences: list[np.ndarray], mask: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the average of cells weighted by cohort size, its influence (U,) and the weights (C, T).

    Estimating the weights adds (effect of the unit's own cells − average) / (n S) to its influence, with S the sum of
    the cells' cohort shares.
    """
    weights = mask * cells.sizes[:, None]
    total = weights.sum()
    weights = weights / total
    effect = float((weights * np.where(mask, cells.effects, 0.0)).sum())
    influence = np.zeros(panel.shape[0])
    for c in np.flatnonzero(mask.any(axis=1)):
        influence += influences[c] @ weights[c]
        influence[panel.cohort == cells.cohorts[c]] += (cells.effects[c, mask[c]] - effect).sum() / total
    return effect, influence, weights


def _mean(parts: list[tuple[float, np.ndarray, np.ndarray]]) -> tuple[float, np.ndarray, np.ndarray]:
    effect = float(np.mean([one[0] for one in parts]))
    return effect, np.mean([one[1] for one in parts], axis=0), np.mean([one[2] for one in parts], axis=0)


def _weighted_groups(
    panel: Panel, cells: _Cells, parts: list[tuple[float, np.ndarray, np.ndarray]], groups: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    sizes = cells.sizes[groups]
    share = sizes / sizes.sum()
    own = np.array([one[0] for one in parts])
    effect = float(share @ own)
    influence = np.einsum("g,gu->u", share, np.array([one[1] for one in parts]))
    for c, value in zip(np.flatnonzero(groups), own, strict=True):
        influence[panel.cohort == cells.cohorts[c]] += (value - effect) / sizes.sum()
    return effect, influence, np.einsum("g,gct->ct", share, np.array([one[2] for one in parts]))


def _cohort_weights(
    panel: Panel, cells: _Cells, weights: np.ndarray, control: Control, anticipation: int
) -> CohortWeights:
    """Return the weights of outcomes (A, C, T) that belong to weights of cells (A, cohorts, T)."""
    dates, counts = np.unique(panel.cohort, return_counts=True)
    result = np.zeros((len(weights), len(dates), panel.shape[1]))
    for c, (g, b) in enumerate(zip(cells.cohorts, cells.bases, strict=True)):
        own = int(np.searchsorted(dates, g))
        until = np.maximum(np.arange(panel.shape[1]), b) + anticipation
        if control == "never":
            other = np.repeat(np.isinf(dates)[:, None], panel.shape[1], axis=1)
        else:
            other = (dates[:, None] > until[None, :]) & (dates != g)[:, None]
        total = (other * counts[:, None]).sum(axis=0)
        share = np.where(other, 1.0, 0.0) / np.maximum(total, 1)
        mine = weights[:, c, :]
        result[:, own, :] += mine / counts[own]
        result[:, own, b] -= mine.sum(axis=1) / counts[own]
        result -= mine[:, None, :] * share[None, :, :]
        result[:, :, b] += np.einsum("at,dt->ad", mine, share)
    return CohortWeights(dates, result)


def _cohort_table(
    panel: Panel, cells: _Cells, parts: list[tuple[float, np.ndarray, np.ndarray]], groups: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cohort": [panel.axis.label(int(g)) for g in cells.cohorts[groups]],
            "units": cells.sizes[groups],
            "effect": [one[0] for one in parts],
            "se": [float(np.sqrt((one[1] ** 2).sum())) for one in parts],
        }
    )


def _cell_table(panel: Panel, cells: _Cells, influences: list[np.ndarray]) -> pd.DataFrame:
    """Return [cohort, period, effect, se] of every cell that could be estimated."""
    rows = [
        (
            panel.axis.label(int(g)),
            panel.axis.label(t),
            cells.effects[c, t],
            float(np.sqrt((influences[c][:, t] ** 2).sum())),
        )
        for c, g in enumerate(cells.cohorts)
        for t in range(panel.shape[1])
        if np.isfinite(cells.effects[c, t])
    ]
    return pd.DataFrame(rows, columns=["cohort", "period", "effect", "se"])
