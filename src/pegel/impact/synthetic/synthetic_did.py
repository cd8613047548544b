"""Few adopters, many donors: synthetic difference-in-differences (Arkhangelsky et al. 2021).

Question
    By how much did the outcome of the adopters move, compared with that average of other units, and from that average
    of earlier periods, which would have foreseen it best?
Definition
    Units: weights ω ≥ 0 of donors, Σ ω = 1, for which the weighted donors run closest in parallel to the adopters' mean
    before adoption, with the ridge ζ² Σ ω², ζ = (adopters × periods after)^¼ σ; σ: standard deviation of the donors'
    changes from one period to the next before adoption. Periods: weights λ ≥ 0 of the periods before, Σ λ = 1, whose
    weighted mean foretells the donors' mean after adoption but for a constant. Effect: the adopters' mean after
    adoption less their λ-weighted mean before, less the same of the ω-weighted donors.
Several adoption dates
    Each cohort apart, averaged by treated cells (Clarke et al. 2023). ``control="never"`` takes never adopters as
    donors, as there; ``not_yet`` also those that adopt later, until they do (``synthetic_comparisons``).
Covariates
    Outcomes are first freed of X β; β from the regression on X, unit and period effects over the cells not (yet)
    treated (Kranz 2022; ``projected`` in Clarke et al.).
Solver
    ``exact`` weights are the optimum itself; ``frank_wolfe`` stops where the R package synthdid 0.0.9 stops, to
    reproduce what was published with it.
Source
    Arkhangelsky, Athey, Hirshberg, Imbens & Wager, *Synthetic difference-in-differences*, American Economic Review 111
    (2021); Clarke, Pailañir, Athey & Imbens 2023; Kranz 2022, *Synthetic difference-in-differences with time-varying
    covariates*. Inference: ``synthetic_inference``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from pegel.errors import UserError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate
from pegel.impact.estimators.fixed_effects import FixedEffects, adjustments
from pegel.impact.fit import Fit
from pegel.impact.panel import Panel, panel_of
from pegel.impact.synthetic.simplex import frank_wolfe, simplex_weights
from pegel.impact.synthetic.synthetic_comparisons import (
    Block,
    Comparison,
    Control,
    Solved,
    blocks_of,
    check_choices,
    complete_units,
    noise_level,
    read,
    thin_caveats,
)
from pegel.impact.synthetic.synthetic_inference import SyntheticInference, judge, synthetic_estimate
from pegel.impact.synthetic.synthetic_tables import (
    cohort_table,
    fit_table,
    leave_one_donor_out,
    path_table,
    period_weights,
    poor_fit,
    unit_weights,
)

METHOD = "synthetic_did"
ASSUMPTIONS = ("weighted_parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays")
Weighting = Literal["exact", "frank_wolfe"]
#: The ridge on periods only settles ties (1e-6 σ); synthdid's iteration ends when a step gains less than (1e-5 σ)².
_PERIOD_RIDGE = 1e-6
_SMALLEST_GAIN = 1e-5


def synthetic_did(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    control: Control = "not_yet",
    anticipation: int = 0,
    solver: Weighting = "exact",
    cluster: str | None = None,
    inference: SyntheticInference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the effect of adopting on the adopters, in units of the outcome.

    Parameters
    ----------
    panel: long data frame, a row per unit and period. cohort: column of the first treated period; missing means never.
    inference: ``placebo`` deals the dates out among never adopters, ``permutation`` among all units; ``auto`` takes the
        first of the two that can reject at this level. ``jackknife``: a standard error, from two adopters a cohort on.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_no_controls_left``,
        ``impact_nothing_before``, ``impact_adopters_incomplete``, ``impact_no_complete_donors``,
        ``impact_placebo_needs_controls``. UserError: ``impact_unknown_choice``, ``impact_anticipation_negative``,
        ``impact_level_out_of_range``, ``impact_no_influence``, ``impact_jackknife_needs_two``.
    """
    check_choices(control, anticipation)
    solve = _solver(control, anticipation, solver)
    checked, dropped = complete_units(
        panel_of(panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster)
    )
    solved = solve(checked)
    reading = read(solved.comparisons, solved.values, checked.treated)
    said = judge(solved, solve, reading, method=METHOD, inference=inference, level=level, draws=draws, seed=seed)
    left_out, rests = leave_one_donor_out(solved, solve, reading.effect)
    return synthetic_estimate(
        solved,
        reading,
        said,
        method=METHOD,
        level=level,
        assumptions=ASSUMPTIONS,
        caveats=(*checked.caveats, *dropped, *solved.caveats, *poor_fit(solved), *rests),
        diagnostics={
            "control": control,
            "anticipation": anticipation,
            "solver": solver,
            "unit_weights": unit_weights(solved),
            "time_weights": period_weights(solved),
            "fit": fit_table(solved),
            "by_cohort": cohort_table(solved),
            "paths": path_table(solved),
            "leave_one_donor_out": left_out,
        },
    )


def fitter(*, control: Control = "not_yet", anticipation: int = 0, solver: Weighting = "exact") -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit."""
    check_choices(control, anticipation)
    return partial(_fit, solve=_solver(control, anticipation, solver), anticipation=anticipation)


def _solver(control: Control, anticipation: int, solver: Weighting) -> partial[Solved]:
    if solver not in ("exact", "frank_wolfe"):
        raise UserError("impact_unknown_choice", name="solver", value=solver)
    return partial(_solve, control=control, anticipation=anticipation, solver=solver)


def _fit(panel: Panel, *, solve: partial[Solved], anticipation: int) -> Fit:
    complete, dropped = complete_units(panel)
    solved = solve(complete)
    found = read(solved.comparisons, solved.values, complete.treated)
    return Fit(
        effect=found.effect,
        horizons=found.horizons,
        effects=found.effects,
        adopters=found.adopters,
        n=int(complete.observed.sum()),
        diagnostics={"anticipation": anticipation},
        caveats=(*dropped, *solved.caveats),
    )


def _solve(panel: Panel, *, control: Control, anticipation: int, solver: Weighting) -> Solved:
    blocks, caveats = blocks_of(panel, control=control, anticipation=anticipation)
    values, absorbed = _without_covariates(panel, anticipation)
    comparisons = tuple(_weighted(values, block, solver) for block in blocks)
    return Solved(
        panel=panel,
        values=values,
        comparisons=comparisons,
        caveats=(*caveats, *absorbed, *thin_caveats(comparisons)),
    )


def _weighted(values: np.ndarray, block: Block, solver: Weighting) -> Comparison:
    donors = values[np.ix_(block.donors, block.before)]
    own = values[np.ix_(block.members, block.before)].mean(axis=0)
    later = values[np.ix_(block.donors, block.after)].mean(axis=1)
    noise = noise_level(values, block.donors, block.before)
    ridge = (len(block.members) * len(block.after)) ** 0.25 * noise
    if solver == "frank_wolfe":
        gain = _SMALLEST_GAIN * noise
        of_units = frank_wolfe(donors.T, own, ridge=ridge, intercept=True, smallest_gain=gain)
        of_periods = frank_wolfe(donors, later, ridge=_PERIOD_RIDGE * noise, intercept=True, smallest_gain=gain)
    else:
        of_units = simplex_weights(donors.T, own, ridge=ridge, intercept=True)
        of_periods = simplex_weights(donors, later, ridge=_PERIOD_RIDGE * noise, intercept=True)
    return Comparison(block=block, unit_weights=of_units, time_weights=of_periods)


def _without_covariates(panel: Panel, anticipation: int) -> tuple[np.ndarray, list[Caveat]]:
    """Return outcomes less what covariates explain in untreated cells; a caveat names those that explain nothing."""
    if not panel.covariate_names:
        return panel.values, []
    horizon = np.arange(panel.shape[1])[None, :] - panel.cohort[:, None]
    effects = FixedEffects(panel.observed & (horizon < -anticipation))
    found = adjustments(effects, panel.covariates)
    slopes = found.coefficients(effects.residuals(panel.values))
    values = panel.values - panel.covariates[:, :, list(found.kept)] @ slopes
    names = [panel.covariate_names[k] for k in found.dropped]
    return values, [Caveat("covariates_collinear", {"n": len(names), "names": names})] if names else []
