"""Staggered roll-outs, horizon by horizon against clean controls: LP-DiD (Dube, Girardi, Jordà & Taylor 2023).

Question
    How far did the outcome of units that adopt move after h periods, compared with units that had not adopted by then?
Definition
    For each horizon h a regression of y(t + h) − y(t − 1) on adopting in t, with effects of the period t. Its sample:
    units in the period they adopt, and clean controls, which have not adopted by t + h (for leads: by t). With
    anticipation the base is t − 1 − anticipation, and controls are clean for so much longer.
    The headline is that of the mean outcome over a window of horizons, with controls that are clean until its end. By
    default the window is the longest that at least half of the adopters can fill.
Weighting
    ``variance``: that of the regression; adoption periods count by n1 n0 / (n1 + n0), with n1 adopters and n0 controls,
    so all weights are positive. ``equal``: each adopter counts once; without covariates each horizon then is the
    ``dynamic`` one of Callaway & Sant'Anna with controls that have not adopted yet.
Covariates
    Their values in the base period, so that adopting cannot have moved them. ``variance``: in the regression;
    ``equal``: regression adjustment, fitted on the controls.
Gaps
    At each horizon those count that were observed then and in the base period. The headline is the mean over the
    window's horizons, which is the regression of the mean where there are no gaps.
Source
    Dube, Girardi, Jordà & Taylor, *A local projections approach to difference-in-differences*, NBER 31184 (2023),
    Journal of Applied Econometrics 40 (2025). Reproduces pyfixest's and diff-diff's (test_local_projections.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate, Inference
from pegel.impact.estimators.clean_controls import Projections, Weighting, projections
from pegel.impact.fit import CohortWeights, Fit, estimate_of
from pegel.impact.panel import Panel, panel_of

METHOD = "local_projections"
ASSUMPTIONS = ("parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays")


def local_projections(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    weighting: Weighting = "variance",
    horizons: tuple[int, int] | None = None,
    anticipation: int = 0,
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the effect of adopting over a window of horizons, in units of the outcome.

    Parameters
    ----------
    panel: long data frame, a row per unit and period. cohort: column of the first treated period; missing means never.
    horizons: first and last period since adoption of the window; None: from 0 to the last that at least half of the
        adopters can fill.
    anticipation: periods before adoption in which units may already react.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_nothing_before``,
        ``impact_no_controls_left``, ``impact_horizons_not_observed``, ``impact_covariates_not_separable``. UserError:
        ``impact_unknown_choice``, ``impact_anticipation_negative``.
    """
    fit = fitter(weighting=weighting, horizons=horizons, anticipation=anticipation)
    checked = panel_of(
        panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster
    )
    return estimate_of(
        checked,
        fit,
        method=METHOD,
        estimand="pooled",
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=ASSUMPTIONS,
    )


def fitter(
    *, weighting: Weighting = "variance", horizons: tuple[int, int] | None = None, anticipation: int = 0
) -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit."""
    if weighting not in ("variance", "equal"):
        raise UserError("impact_unknown_choice", name="weighting", value=weighting)
    if anticipation < 0:
        raise UserError("impact_anticipation_negative", value=anticipation)
    if horizons is not None and not (len(horizons) == 2 and 0 <= horizons[0] <= horizons[1]):
        raise UserError("impact_unknown_choice", name="horizons", value=horizons)
    return partial(_fit, weighting=weighting, horizons=horizons, anticipation=anticipation)


def _fit(panel: Panel, *, weighting: Weighting, horizons: tuple[int, int] | None, anticipation: int) -> Fit:
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    cohorts = panel.cohorts
    early = cohorts - 1 - anticipation < 0
    if early.all():
        raise InputError("impact_nothing_before")
    caveats = [Caveat("cohorts_without_before", {"n": int(early.sum())})] if early.any() else []
    first, last = horizons or (0, _longest_window(panel, anticipation))
    longest = int(panel.shape[1] - 1 - cohorts[~early][0])
    if last > longest:
        raise InputError("impact_horizons_not_observed", first=first, last=last, longest=longest)
    # Without covariates only periods in which somebody adopts say anything.
    periods = np.arange(1 + anticipation, panel.shape[1])
    entries = periods if panel.covariate_names else cohorts[~early]
    project = partial(projections, panel, entries, anticipation=anticipation, weighting=weighting)
    asked, every = np.arange(first, last + 1), np.arange(-int(cohorts[-1]), longest + 1)
    window, found = project(asked, np.full(len(asked), last)), project(every, every)
    found = found.only(np.isfinite(found.effects))
    if not len(window.horizons):
        raise InputError("impact_no_controls_left", control="not_yet")
    effect = float(window.effects.mean())
    if not np.isfinite(effect):
        raise InputError("impact_covariates_not_separable", names=list(panel.covariate_names))
    filled, total = int(window.adopts.any(axis=1).sum()), int(panel.adopters.sum())
    if filled < total:
        caveats.append(Caveat("window_not_filled", {"n": filled, "total": total, "first": first, "last": last}))
    if len(window.horizons) < len(asked):
        caveats.append(Caveat("window_has_gaps", {"n": len(asked) - len(window.horizons), "total": len(asked)}))
    adopters = found.adopts.sum(axis=0)
    # One unit's noise cannot be told from its effect; in the base period there is neither.
    lone = (adopters == 1) & (found.horizons != -1 - anticipation)
    if lone.any():
        caveats.append(Caveat("horizons_of_one_adopter", {"n": int(lone.sum())}))
    plain = panel.balanced and not panel.covariate_names
    return Fit(
        effect=effect,
        horizons=found.horizons,
        effects=found.effects,
        adopters=adopters,
        n=int(panel.observed.sum()),
        influence=window.influence.mean(axis=1) if filled > 1 else None,
        horizon_influence=np.where(lone, np.nan, found.influence),
        weights=_cohort_weights(panel, entries, window, found, anticipation) if plain else None,
        diagnostics={
            "weighting": weighting,
            "anticipation": anticipation,
            "window": (first, last),
            "window_adopters": filled,
        },
        caveats=tuple(caveats),
    )


def _longest_window(panel: Panel, anticipation: int) -> int:
    """Return the last horizon that at least half of the adopters can fill, by dates alone; 0 if there is none.

    It depends on how many units adopt when, not on which: permuted dates have the same window.
    """
    dates = panel.cohort[panel.adopters]
    dates = dates[dates - 1 - anticipation >= 0]
    last_clean = panel.cohort.max() - anticipation  # clean controls exist before it
    filled = np.minimum(panel.shape[1], last_clean) - 1 - dates
    return max(0, int(np.sort(filled)[::-1][(len(dates) - 1) // 2]))


def _cohort_weights(
    panel: Panel, entries: np.ndarray, window: Projections, found: Projections, anticipation: int
) -> CohortWeights:
    """Return the weights of outcomes (1 + H, C, T): those of the entry periods, shared out to adopters and controls."""
    dates, counts = np.unique(panel.cohort, return_counts=True)
    many = len(window.horizons)
    result = np.zeros((1 + len(found.horizons), len(dates), panel.shape[1]))
    rows = [(0, 1 / many, window, h) for h in range(many)] + [(1 + h, 1.0, found, h) for h in range(len(result) - 1)]
    for row, part, one, h in rows:
        used = one.shares[h] > 0
        entry, share = entries[used], one.shares[h, used] * part
        clean = (dates[:, None] > entry + max(one.until[h] + anticipation, 0)).astype(float)
        each = (dates[:, None] == entry) * share / counts[:, None] - clean * share / (counts @ clean)
        result[row][:, entry + one.horizons[h]] += each
        result[row][:, entry - 1 - anticipation] -= each
    return CohortWeights(dates, result)
