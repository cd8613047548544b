"""The regression with a constant per unit and per period, and one effect for all: as a diagnostic.

Question
    What does the regression say that most reports show, and how far can it be believed?
Definition
    Least squares of the outcome on a constant per unit, a constant per period, covariates of the same period and
    whether the unit has adopted. The effect is the coefficient of the last.
Why only as a diagnostic
    With adoption dates that differ, the regression also compares late adopters with early ones. Its effect is a sum of
    the effects of all treated unit-periods whose weights add up to 1 but may be negative: if effects grow or differ, it
    can miss all of them, even in sign. The share of negative weights stands beside every estimate.
Source
    de Chaisemartin & D'Haultfœuille, *Two-way fixed effects estimators with heterogeneous treatment effects*, AER 110
    (2020); Goodman-Bacon 2021 (``bacon``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pegel.errors import InputError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate, Inference
from pegel.impact.estimators.cluster_errors import clustered_estimate, influence_of
from pegel.impact.estimators.fixed_effects import FixedEffects, LinearEffect, adjustments, without_singletons
from pegel.impact.fit import CohortWeights, Fit, Fitter
from pegel.impact.panel import Panel, panel_of

METHOD = "two_way_fixed_effects"
#: Beside them, with covariates: that adopting does not move those.
ASSUMPTIONS = ("parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays", "same_effect_for_all")
#: Adoption is explained by the effects or the covariates when this share of it, or less, is left.
_NOTHING_LEFT = 1e-9


def two_way_fixed_effects(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the coefficient of having adopted, in units of the outcome, with the weights that it rests on.

    ``cluster`` inference is the jackknife CRV3 with t(G − 1), ``analytic`` CRV1. The diagnostics hold ``cell_weights``
    [cohort, period, weight], ``negative_share`` and ``negative_sum`` of the weights of treated unit-periods, and
    ``cluster_errors`` [kind, se, p_value, low, high, draws, reason].

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_nothing_before``,
        ``impact_no_controls_left``, ``impact_adoption_in_covariates``. UserError: ``impact_jackknife_undefined``.
    """
    checked = panel_of(
        panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster
    )
    linear, _ = regression(checked)
    estimate = clustered_estimate(
        checked,
        fitter(),
        linear,
        method=METHOD,
        estimand="coefficient",
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=(*ASSUMPTIONS, *(("covariates_not_moved",) if covariates else ())),
    )
    table = cell_weights(checked, linear.weights)
    return replace(estimate, diagnostics={**estimate.diagnostics, "cell_weights": table})


def fitter() -> Fitter:
    """Return the estimator as a function from a panel to its fit."""
    return _fit


def regression(panel: Panel) -> tuple[LinearEffect, tuple[Caveat, ...]]:
    """Return the coefficient of having adopted as a linear effect, and what was left out on the way."""
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    observed = without_singletons(panel.observed)
    if not observed.any():
        raise _refusal(panel)
    effects = FixedEffects(observed)
    adoption = effects.residuals(panel.treated)
    treated = float(panel.treated[observed].sum())
    if (adoption**2).sum() <= _NOTHING_LEFT * max(treated, 1.0):
        raise _refusal(panel)
    other = adjustments(effects, panel.covariates)
    apart = other.off(adoption)
    size = float((apart**2).sum())
    if size <= _NOTHING_LEFT * float((adoption**2).sum()):
        raise InputError("impact_adoption_in_covariates", names=list(panel.covariate_names))
    weights = apart / size
    outcomes = other.off(effects.residuals(panel.values))
    effect = float((weights * outcomes).sum())
    caveats = []
    if other.dropped:
        names = [panel.covariate_names[k] for k in other.dropped]
        caveats.append(Caveat("covariates_collinear", {"names": names, "n": len(names)}))

    def make_residuals(columns: np.ndarray) -> np.ndarray:
        left = other.off(effects.residuals(columns))
        return left - apart[:, :, None] * (np.tensordot(apart, left, axes=([0, 1], [0, 1])) / size)

    return LinearEffect(
        effect=effect,
        weights=weights,
        residuals=outcomes - effect * apart,
        make_residuals=make_residuals,
        clusters=panel.clusters,
        n=int(observed.sum()),
        parameters=effects.shared + len(other.kept) + 1,
    ), tuple(caveats)


def _refusal(panel: Panel) -> InputError:
    """Say why adoption cannot be told from the constants."""
    before = (panel.observed & (panel.treated == 0)).any(axis=1)
    after = (panel.observed & (panel.treated == 1)).any(axis=1)
    if not (before & after).any():
        return InputError("impact_nothing_before")
    return InputError("impact_no_controls_left", control="not_yet")


def _fit(panel: Panel) -> Fit:
    linear, caveats = regression(panel)
    used = (panel.treated == 1) & panel.observed
    negative = used & (linear.weights < -_NOTHING_LEFT * np.abs(linear.weights).max())
    weights = None
    if panel.balanced and not panel.covariate_names:
        dates, first = np.unique(panel.cohort, return_index=True)
        weights = CohortWeights(dates, linear.weights[None, first, :])
    influence = influence_of(linear)
    return Fit(
        effect=linear.effect,
        horizons=np.empty(0, dtype=np.int64),
        effects=np.empty(0),
        adopters=np.empty(0, dtype=np.int64),
        n=linear.n,
        influence=influence,
        horizon_influence=None if influence is None else np.empty((panel.shape[0], 0)),
        weights=weights,
        diagnostics={
            "negative_share": float(negative.sum() / used.sum()),
            "negative_sum": float(linear.weights[negative].sum()),
        },
        caveats=(*caveats, _caveat(int(negative.sum()), int(used.sum()))),
    )


def _caveat(negative: int, treated: int) -> Caveat:
    values = {"n": negative, "total": treated, "negative_share": negative / treated}
    return Caveat("biased_if_effects_change", values)


def cell_weights(panel: Panel, weights: np.ndarray) -> pd.DataFrame:
    """Return [cohort, period, weight]: what the effect of each cohort in each treated period counts; they sum to 1."""
    labels = [panel.axis.label(t) for t in range(panel.shape[1])]
    rows = [
        (labels[g], labels[t], float(total))
        for g in panel.cohorts
        for t, total in enumerate(weights[panel.cohort == g].sum(axis=0))
        if t >= g
    ]
    return pd.DataFrame(rows, columns=["cohort", "period", "weight"])
