"""One common adoption date: before against after, adopters against the others (the 2 × 2 case).

Question
    By how much did the adopters' mean outcome move from before to after, more than that of units that never adopt?
Definition
    Each unit's outcomes are collapsed to one mean before and one after the adoption date, and these to one change. The
    effect is the mean change of the adopters less that of the others. One figure per unit leaves no room for the
    serial correlation that makes errors from many periods far too small (Bertrand, Duflo & Mullainathan 2004).
    Periods within ``anticipation`` before the date belong to neither mean.
Horizons
    Period by period: each unit's outcome less its mean before (for leads: less its mean in the *other* periods before),
    adopters less the others. Effects after adoption average to the headline in panels without gaps.
Covariates
    Their mean before adoption, by regression adjustment: the change expected of the adopters is that of a regression
    fitted on the others.
Errors
    Each group's influences carry √(n / (n − parameters)): without covariates that is HC2, the unbiased (Welch) variance
    s1² / n1 + s0² / n0.
Gaps
    A unit needs an outcome before and one after. Means of units with gaps come from other periods than those of the
    rest; that is said.
Source
    Bertrand, Duflo & Mullainathan, *How much should we trust differences-in-differences estimates?*, QJE 119 (2004),
    section IV.C; Card & Krueger, AER 84 (1994); Heckman, Ichimura & Todd, Review of Economic Studies 64 (1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate, Inference
from pegel.impact.estimators.two_by_two import adjusted_difference
from pegel.impact.fit import CohortWeights, Fit, estimate_of
from pegel.impact.panel import Panel, panel_of

METHOD = "difference_in_differences"
ASSUMPTIONS = ("parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays")


def difference_in_differences(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    anticipation: int = 0,
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the effect of adopting on the adopters, in units of the outcome.

    Parameters
    ----------
    panel: long data frame, a row per unit and period. cohort: column of the first treated period, the same for all
        adopters; missing means never.
    anticipation: periods before adoption in which units may already react.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_staggered_adoption`` (several dates: use
        ``callaway_santanna``), ``impact_nothing_before``, ``impact_no_controls_left``,
        ``impact_covariates_not_separable``. UserError: ``impact_anticipation_negative``.
    """
    fit = fitter(anticipation=anticipation)
    checked = panel_of(
        panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster
    )
    return estimate_of(
        checked,
        fit,
        method=METHOD,
        estimand="simple",
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=ASSUMPTIONS,
    )


def fitter(*, anticipation: int = 0) -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit."""
    if anticipation < 0:
        raise UserError("impact_anticipation_negative", value=anticipation)
    return partial(_fit, anticipation=anticipation)


def _fit(panel: Panel, *, anticipation: int) -> Fit:
    date = _common_date(panel)
    if date - anticipation <= 0:
        raise InputError("impact_nothing_before")
    before, after = panel.values[:, : date - anticipation], panel.values[:, date:]
    had, has = (~np.isnan(before)).sum(axis=1), (~np.isnan(after)).sum(axis=1)
    used = (had > 0) & (has > 0)
    member = panel.adopters & used
    if not member.any():
        raise InputError("impact_nothing_before")
    if not (used & ~member).any():
        raise InputError("impact_no_controls_left", control="never")
    mean_before, mean_after = _mean(before), _mean(after)
    known = _mean(panel.covariates[:, : date - anticipation])
    effect, influence = _difference(mean_after - mean_before, member, used, known)
    if not np.isfinite(effect):
        raise InputError("impact_covariates_not_separable", names=list(panel.covariate_names))
    # A lead is compared with the other periods before; with a single one there are none.
    others = (mean_before * had)[:, None] - before
    with np.errstate(divide="ignore", invalid="ignore"):
        leads = before - others / (had - 1)[:, None]
    changes = np.column_stack([leads, panel.values[:, date - anticipation :] - mean_before[:, None]])
    found = [
        _difference(changes[:, t], member, used & np.isfinite(changes[:, t]), known) for t in range(panel.shape[1])
    ]
    shown = np.flatnonzero([np.isfinite(one) for one, _ in found])
    adopters = (np.isfinite(changes) & member[:, None]).sum(axis=0)[shown]
    caveats = []
    gaps = used & ((had < before.shape[1]) | (has < after.shape[1]))
    if gaps.any():
        caveats.append(Caveat("means_from_other_periods", {"n": int(gaps.sum()), "total": int(used.sum())}))
    if (adopters == 1).any():
        caveats.append(Caveat("horizons_of_one_adopter", {"n": int((adopters == 1).sum())}))
    if not used.all():
        caveats.append(Caveat("units_without_before_or_after", {"n": int((~used).sum())}))
    plain = panel.balanced and not panel.covariate_names
    return Fit(
        effect=effect,
        horizons=shown - date,
        effects=np.array([found[t][0] for t in shown]),
        adopters=adopters,
        n=int((had + has)[used].sum()),
        influence=None if np.isnan(influence).any() else influence,
        horizon_influence=np.array([found[t][1] for t in shown]).reshape(len(shown), panel.shape[0]).T,
        weights=_cohort_weights(panel, date, anticipation, shown) if plain else None,
        diagnostics={
            "anticipation": anticipation,
            "means": {
                "adopters": (float(mean_before[member].mean()), float(mean_after[member].mean())),
                "others": (float(mean_before[used & ~member].mean()), float(mean_after[used & ~member].mean())),
            },
            "controls": int((used & ~member).sum()),
        },
        caveats=tuple(caveats),
    )


def _common_date(panel: Panel) -> int:
    dates = panel.cohorts
    if not len(dates):
        raise InputError("impact_nobody_adopted")
    if len(dates) > 1:
        first, last = panel.axis.label(int(dates[0])), panel.axis.label(int(dates[-1]))
        raise InputError("impact_staggered_adoption", n=len(dates), first=first, last=last)
    if panel.adopters.all():
        raise InputError("impact_no_controls_left", control="never")
    return int(dates[0])


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over periods of what was observed (U, ...); NaN where nothing was."""
    seen = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(seen, values, 0.0).sum(axis=1) / seen.sum(axis=1))


def _difference(
    change: np.ndarray, member: np.ndarray, used: np.ndarray, covariates: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return adopters' less others' mean change, adjusted for covariates (U, K), and the influence (U,) of each unit.

    NaN where there is nobody to compare, or where covariates cannot be adjusted for. The influence is NaN where a group
    is too small to tell its noise.
    """
    influence = np.zeros(len(change))
    mine, inside = member[used], change[used]
    if not mine.any() or mine.all():
        return np.nan, influence
    if covariates.shape[1]:
        effect, parts = adjusted_difference(inside, mine, covariates[used], "reg")
    else:
        means = inside[mine].mean(), inside[~mine].mean()
        effect = float(means[0] - means[1])
        parts = np.where(mine, (inside - means[0]) / mine.sum(), -(inside - means[1]) / (~mine).sum())
    for group, parameters in ((mine, 1), (~mine, 1 + covariates.shape[1])):
        n = group.sum()
        parts[group] *= np.sqrt(n / (n - parameters)) if n > parameters else np.nan
    influence[used] = parts
    return effect, influence


def _cohort_weights(panel: Panel, date: int, anticipation: int, shown: np.ndarray) -> CohortWeights:
    """Return the weights of outcomes (1 + H, 2, T): those of one change, for adopters and, negative, for the others."""
    periods, begins = panel.shape[1], date - anticipation
    mean_before = np.where(np.arange(periods) < begins, 1 / begins, 0.0)
    rows = np.eye(periods) - mean_before
    rows[:begins] *= begins / max(begins - 1, 1)  # less the mean of the other periods before
    rows = np.vstack([rows[date:].mean(axis=0), rows[shown]])
    adopters = int(panel.adopters.sum())
    sizes = np.array([adopters, adopters - panel.shape[0]])
    return CohortWeights(np.array([float(date), np.inf]), rows[:, None, :] / sizes[None, :, None])
