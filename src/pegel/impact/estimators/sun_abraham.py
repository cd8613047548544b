"""The event study of a regression in which every cohort has effects of its own (Sun & Abraham 2021).

Question
    How did the outcome of the adopters move, period by period since adoption, in the form of a regression?
Definition
    Least squares of the outcome on a constant per unit and per period, covariates of the same period, and one effect
    for each cohort in each of its periods but the base (the last before adoption, or before anticipation). Controls are
    the units that never adopt; where nobody never adopts, the last cohort, in the periods before it adopts. The effect
    at a horizon is the mean over cohorts by their share of the units observed there. ``simple`` averages all treated
    cohort-periods by those shares, ``dynamic`` all horizons from adoption on, each once.
How
    Effects by cohort and period leave the constants of periods to the controls, so each cohort is a two-way regression
    of its own and only covariates tie them together. A cohort-period that gaps cut off from its base is not estimated.
Standard errors
    Shares are taken as given: the average is that over these adopters, as in R's fixest.
Source
    Sun & Abraham, *Estimating dynamic treatment effects in event studies with heterogeneous treatment effects*,
    J. Econometrics 225 (2021). Without covariates and gaps it is Callaway & Sant'Anna with never-adopters as controls.
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
from pegel.impact.estimators.cluster_errors import clustered_estimate, small_sample_factor
from pegel.impact.estimators.fixed_effects import (
    Adjustments,
    FixedEffects,
    LinearEffect,
    adjustments,
    without_singletons,
)
from pegel.impact.fit import CohortWeights, Fit, Fitter
from pegel.impact.panel import Panel, panel_of

METHOD = "sun_abraham"
Aggregate = Literal["simple", "dynamic"]
ASSUMPTIONS = ("parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays")


def sun_abraham(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    anticipation: int = 0,
    aggregate: Aggregate = "simple",
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the effect of adopting on the adopters, in units of the outcome, with the event study behind it.

    ``cluster`` inference is the jackknife CRV3 with t(G − 1), ``analytic`` CRV1. The diagnostics hold ``cells``
    [cohort, period, horizon, effect, share], ``control`` (``never`` or the last cohort's first period) and
    ``cluster_errors`` [kind, se, p_value, low, high, draws, reason].

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_no_controls_left``,
        ``impact_nothing_before``. UserError: ``impact_unknown_choice``, ``impact_anticipation_negative``,
        ``impact_jackknife_undefined``.
    """
    _check_choices(anticipation, aggregate)
    checked = panel_of(
        panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster
    )
    study = _study(checked, anticipation, aggregate)
    estimate = clustered_estimate(
        checked,
        # Without one of its clusters, too, the study must be that with these controls, not one with others.
        partial(_fit, anticipation=anticipation, aggregate=aggregate, control=study.control),
        study.linear(),
        method=METHOD,
        estimand=aggregate,
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=(*ASSUMPTIONS, *(("covariates_not_moved",) if covariates else ())),
    )
    caveats = estimate.caveats
    lone = int((study.sizes == 1).sum())
    if lone and estimate.inference == "analytic":
        caveats = (*caveats, Caveat("cohorts_of_one_unit", {"n": lone, "total": len(study.sizes)}))
    return replace(estimate, caveats=caveats, diagnostics={**estimate.diagnostics, "cells": study.cells()})


def fitter(*, anticipation: int = 0, aggregate: Aggregate = "simple") -> Fitter:
    """Return the estimator as a function from a panel to its fit."""
    _check_choices(anticipation, aggregate)
    return partial(_fit, anticipation=anticipation, aggregate=aggregate)


def _check_choices(anticipation: int, aggregate: str) -> None:
    """Refuse options that do not exist."""
    if aggregate not in ("simple", "dynamic"):
        raise UserError("impact_unknown_choice", name="aggregate", value=aggregate)
    if anticipation < 0:
        raise UserError("impact_anticipation_negative", value=anticipation)


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """The regression: groups are cohorts (C,) first, the controls last.

    ``control``: date of the controls, infinite for never. ``units``: indices (N,) of the panel's units that take part.
    ``mixes`` (A, C, T): the weights of cohort-periods in the effect (first) and at each of the ``horizons``;
    ``counts`` (C, T): units observed. ``without`` (N, T) and ``levels`` (G, T): outcomes less all constants, and the
    constants of periods.
    """

    panel: Panel
    units: np.ndarray
    control: float
    cohorts: np.ndarray
    bases: np.ndarray
    sizes: np.ndarray
    counts: np.ndarray
    horizons: np.ndarray
    mixes: np.ndarray
    effects: FixedEffects
    other: Adjustments
    without: np.ndarray
    levels: np.ndarray
    caveats: tuple[Caveat, ...]

    def of_cells(self, levels: np.ndarray) -> np.ndarray:
        """Return (C, T, M): change of each cohort since its base less that of the controls, of effects (G, T, M)."""
        own = levels[:-1] - levels[np.arange(len(self.cohorts)), self.bases][:, None, :]
        return np.asarray(own - (levels[-1][None] - levels[-1][self.bases][:, None, :]))

    @property
    def by_cell(self) -> np.ndarray:
        """Return (C, T): the estimated effects, arbitrary where nothing can be estimated."""
        levels = self.levels
        if self.other.kept:
            levels = levels - self.other.levels @ self.other.coefficients(self.without)
        return np.asarray(self.of_cells(levels[:, :, None])[:, :, 0])

    @property
    def found(self) -> np.ndarray:
        """Return (A,): the effect, then the effects at the horizons."""
        return np.asarray(np.einsum("act,ct->a", self.mixes, self.by_cell))

    @property
    def residuals(self) -> np.ndarray:
        """Return (N, T): those of the whole regression."""
        return self.other.off(self.without)

    @property
    def parameters(self) -> int:
        """Return the number of constants and coefficients that do not belong to one unit."""
        return self.effects.shared + len(self.other.kept)

    def wanted(self) -> np.ndarray:
        """Return (G, T, A): the sums of period effects that the averages are."""
        rows = np.moveaxis(self.mixes, 0, 2).copy()
        rows[np.arange(len(self.cohorts)), self.bases] -= rows.sum(axis=1)
        return np.concatenate([rows, -rows.sum(axis=0)[None]])

    def slopes(self) -> np.ndarray:
        """Return (A, R): how the averages move with the directions ``q`` of the covariates, which they are freed of."""
        moved = np.einsum("act,ctr->ar", self.mixes, self.of_cells(self.other.levels))
        return np.linalg.solve(self.other.triangle.T, moved.T).T

    def influence(self, factor: float) -> np.ndarray:
        """Return (U, A): what each unit adds, scaled to CRV1."""
        _, by_period = self.effects.contrasts(self.wanted())
        residuals = self.residuals
        # Residuals add up to 0 within a unit, so only the periods' part of the weights counts.
        parts = np.zeros((len(self.units), len(self.mixes)))
        for code, own in enumerate(by_period):
            rows = self.effects.groups == code
            parts[rows] = residuals[rows] @ own
        if self.other.kept:
            parts -= np.einsum("utr,ut->ur", self.other.q, residuals) @ self.slopes().T
        found = np.zeros((self.panel.shape[0], parts.shape[1]))
        found[self.units] = parts * np.sqrt(factor)
        return found

    def linear(self) -> LinearEffect:
        """Return the effect as a linear one."""
        one = replace(self, mixes=self.mixes[:1])
        by_unit, by_period = self.effects.contrasts(one.wanted())
        weights = by_unit + by_period[self.effects.groups, :, 0]
        if self.other.kept:
            weights -= self.other.q @ one.slopes()[0]
        return LinearEffect(
            effect=float(one.found[0]),
            weights=np.where(self.effects.observed, weights, 0.0),
            residuals=self.residuals,
            make_residuals=lambda columns: self.other.off(self.effects.residuals(columns)),
            clusters=self.panel.clusters[self.units],
            n=int(self.effects.observed.sum()),
            parameters=self.parameters,
        )

    def cells(self) -> pd.DataFrame:
        """Return [cohort, period, horizon, effect, share] of every estimated cohort-period; share of its horizon."""
        effects = self.by_cell
        place = {int(h): i for i, h in enumerate(self.horizons)}
        labels = [self.panel.axis.label(t) for t in range(self.panel.shape[1])]
        rows = [
            (labels[g], labels[t], t - g, effects[c, t], self.mixes[1 + place[t - g], c, t])
            for c, g in enumerate(self.cohorts.tolist())
            for t in range(effects.shape[1])
            if t - g in place and self.mixes[1 + place[t - g], c, t] > 0
        ]
        return pd.DataFrame(rows, columns=["cohort", "period", "horizon", "effect", "share"])


def _study(panel: Panel, anticipation: int, aggregate: Aggregate, control: float | None = None) -> _Study:
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    control = float(panel.cohort.max()) if control is None else control
    controls = panel.cohort == control
    cohorts = panel.cohorts[panel.cohorts < control]
    until = int(min(control - anticipation, panel.shape[1]))
    if not controls.any() or not len(cohorts) or until < 1:
        raise InputError("impact_no_controls_left", control="never")
    caveats = []
    if np.isfinite(control):
        values = {"cohort": panel.axis.label(int(control)), "n": int(controls.sum())}
        caveats.append(Caveat("last_cohort_as_control", values))
    bases = cohorts - 1 - anticipation
    if (bases < 0).any():
        caveats.append(Caveat("cohorts_without_before", {"n": int((bases < 0).sum())}))
        cohorts, bases = cohorts[bases >= 0], bases[bases >= 0]
    if not len(cohorts):
        raise InputError("impact_nothing_before")
    units = np.flatnonzero(controls | np.isin(panel.cohort, cohorts))
    groups = np.searchsorted(cohorts, panel.cohort[units])  # controls, whose date is the last, after all cohorts
    outcome = panel.values[units, :until]
    observed = without_singletons(~np.isnan(outcome))
    effects = FixedEffects(observed, groups)
    counts = np.array([observed[groups == c].sum(axis=0) for c in range(len(cohorts))])
    horizon_of = np.arange(until)[None, :] - cohorts[:, None]
    known = _estimable(effects.parts, bases)
    after = horizon_of >= 0
    if not (known & after).any():
        raise InputError("impact_no_controls_left", control="never")
    lost = int((after & ~known).sum())
    if lost:
        caveats.append(Caveat("cells_cut_off_by_gaps", {"n": lost, "total": int(after.sum())}))
    other = adjustments(effects, panel.covariates[units, :until])
    if other.dropped:
        names = [panel.covariate_names[k] for k in other.dropped]
        caveats.append(Caveat("covariates_collinear", {"names": names, "n": len(names)}))
    without, levels = effects.split(outcome)
    horizons, mixes = _mixes(known, counts, horizon_of, aggregate)
    return _Study(
        panel=panel,
        units=units,
        control=control,
        cohorts=cohorts,
        bases=bases,
        sizes=np.array([(panel.cohort == g).sum() for g in cohorts]),
        counts=counts,
        horizons=horizons,
        mixes=mixes,
        effects=effects,
        other=other,
        without=without,
        levels=levels,
        caveats=tuple(caveats),
    )


def _estimable(parts: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """Return (C, T): where cohort and controls both have a chain of observations from the period to the base."""
    own, control = parts[:-1], parts[-1]
    at_base = own[np.arange(len(bases)), bases]
    chained = (own == at_base[:, None]) & (at_base >= 0)[:, None]
    return np.asarray(chained & (control[None, :] == control[bases][:, None]) & (control[bases] >= 0)[:, None])


def _mixes(
    known: np.ndarray, counts: np.ndarray, horizon_of: np.ndarray, aggregate: Aggregate
) -> tuple[np.ndarray, np.ndarray]:
    """Return the horizons (H,) and the weights (1 + H, C, T) of cohort-periods in the effect and at each of them."""
    horizons = np.unique(horizon_of[known])
    masks = np.array([known & (horizon_of == h) for h in horizons]) * counts
    rows = masks / masks.sum(axis=(1, 2), keepdims=True)
    if aggregate == "dynamic":
        effect = rows[horizons >= 0].mean(axis=0)
    else:
        effect = known * (horizon_of >= 0) * counts
        effect = effect / effect.sum()
    return horizons, np.concatenate([effect[None], rows])


def _fit(panel: Panel, *, anticipation: int, aggregate: Aggregate, control: float | None = None) -> Fit:
    study = _study(panel, anticipation, aggregate, control)
    found = study.found
    n = int(study.effects.observed.sum())
    factor = small_sample_factor(n=n, parameters=study.parameters, clusters=panel.clusters[study.units])
    influence = None if factor is None else study.influence(factor)
    adopters = ((study.mixes[1:] > 0) * study.counts).sum(axis=(1, 2))
    caveats = study.caveats
    # One unit's noise cannot be told from its effect; in the base period there is neither.
    lone = (adopters == 1) & (study.horizons != -1 - anticipation)
    if lone.any():
        caveats = (*caveats, Caveat("horizons_of_one_adopter", {"n": int(lone.sum())}))
    if influence is not None:
        influence[:, 1:][:, lone] = np.nan
    return Fit(
        effect=float(found[0]),
        horizons=study.horizons,
        effects=found[1:],
        adopters=adopters,
        n=n,
        influence=None if influence is None else influence[:, 0],
        horizon_influence=None if influence is None else influence[:, 1:],
        weights=_cohort_weights(study) if panel.balanced and not panel.covariate_names else None,
        diagnostics={
            "control": "never" if np.isinf(study.control) else panel.axis.label(int(study.control)),
            "anticipation": anticipation,
        },
        caveats=caveats,
    )


def _cohort_weights(study: _Study) -> CohortWeights:
    """Return the weights of outcomes; without gaps those of a sum of period effects are its own, spread over units."""
    dates = np.unique(study.panel.cohort)
    wanted = study.wanted()
    result = np.zeros((wanted.shape[2], len(dates), study.panel.shape[1]))
    for code, own in enumerate(wanted):
        members = study.units[study.effects.groups == code]
        date = int(np.searchsorted(dates, study.panel.cohort[members[0]]))
        result[:, date, : own.shape[0]] = own.T / len(members)
    return CohortWeights(dates, result)
