"""One adopter, or few, and an average of other units that imitates each (Abadie, Diamond & Hainmueller 2010).

Question
    By how much did an adopter's outcome depart from that of its synthetic double?
Definition
    Weights w ≥ 0 of donors, Σ w = 1, for which Σ w × outcome comes closest to the adopter's outcome in the periods
    before adoption (mean squared). The effect is the mean gap between adopter and double after adoption. Several
    adopters are fitted each for itself and averaged by treated cells.
Covariates
    Their means before adoption are imitated as well: each counts as much as one period's outcome, in standard
    deviations across units. These predictor weights are fixed; searching for better ones on the same periods lets
    covariates drop out (Kaul et al. 2022) and makes the answer depend on the search.
Augmented
    ``augmented=True`` corrects what the double misses before adoption by ridge regression (``ridge_augmentation``).
Inference
    ``placebo`` and ``permutation`` rank the ratio of RMSPE after to before (``rmspe_ratio``) among other deals of the
    adoption dates (``synthetic_inference``); ``conformal`` compares periods instead of units (``conformal``); ``auto``
    takes the first that can reject at the level. With one adoption date the conformal answer is always in the
    diagnostics.
Source
    Abadie, Diamond & Hainmueller, *Synthetic control methods for comparative case studies*, JASA 105 (2010); Abadie
    2021, *Using synthetic controls*, J. Economic Literature 59; Kaul, Klößner, Pfeifer & Schieler 2022, *Standard
    synthetic control methods*, J. Business & Economic Statistics 40.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate, Interval
from pegel.impact.fit import Fit
from pegel.impact.panel import Panel, panel_of
from pegel.impact.synthetic.conformal import conformal_interval, shift_p_value
from pegel.impact.synthetic.ridge_augmentation import augmented_weights, chosen_ridge
from pegel.impact.synthetic.rmspe_ratio import rmspe_ratio
from pegel.impact.synthetic.simplex import simplex_weights
from pegel.impact.synthetic.synthetic_comparisons import (
    Block,
    Comparison,
    Control,
    Reading,
    Solved,
    blocks_of,
    check_choices,
    complete_units,
    read,
    thin_caveats,
)
from pegel.impact.synthetic.synthetic_inference import (
    Judgement,
    by_deals,
    can_reject,
    check_inference,
    deal,
    horizon_table,
    kind_of_deal,
    synthetic_estimate,
    ways_to_deal,
)
from pegel.impact.synthetic.synthetic_tables import (
    cohort_table,
    fit_table,
    leave_one_donor_out,
    path_table,
    poor_fit,
    unit_weights,
)

METHOD = "synthetic_control"
AUGMENTED = "augmented_synthetic_control"
ASSUMPTIONS = ("donors_imitate_adopters", "no_anticipation", "no_spill_over", "adoption_stays")
ControlInference = Literal["auto", "placebo", "permutation", "conformal"]


def synthetic_control(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    control: Control = "not_yet",
    anticipation: int = 0,
    augmented: bool = False,
    ridge: float | None = None,
    cluster: str | None = None,
    inference: ControlInference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the effect of adopting on the adopters, in units of the outcome.

    Parameters
    ----------
    panel: long data frame, a row per unit and period. cohort: column of the first treated period; missing means never.
    ridge: of the augmentation; chosen by leaving out periods unless given. cluster: checked, but deals are of units.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_no_controls_left``,
        ``impact_nothing_before``, ``impact_adopters_incomplete``, ``impact_no_complete_donors``,
        ``impact_placebo_needs_controls``, ``impact_conformal_needs_one_date``. UserError: ``impact_unknown_choice``,
        ``impact_anticipation_negative``, ``impact_level_out_of_range``, ``impact_no_influence``.
    """
    method = AUGMENTED if augmented else METHOD
    check_inference(inference, ("auto", "placebo", "permutation", "conformal"), method, level)
    solve = _solver(control, anticipation, augmented, ridge)
    checked, dropped = complete_units(
        panel_of(panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster)
    )
    solved = solve(checked)
    reading = read(solved.comparisons, solved.values, checked.treated)
    one_date = len(checked.cohorts) == 1
    over_time = partial(_over_time, solved, reading, augmented=augmented, level=level)
    if inference == "conformal" or (
        inference == "auto" and one_date and _only_over_time(checked, solved, level=level, draws=draws)
    ):
        if not one_date:
            raise InputError("impact_conformal_needs_one_date", n=len(checked.cohorts))
        said = over_time(by_horizon=True)
    else:
        kind = kind_of_deal(checked, inference, level=level, draws=draws)
        said = by_deals(reading, deal(checked, solve, kind, draws=draws, seed=seed), rmspe_ratio, level)
    conformal = {"conformal": dict(over_time(by_horizon=False).diagnostics["conformal"])} if one_date else {}
    left_out, rests = leave_one_donor_out(solved, solve, reading.effect)
    return synthetic_estimate(
        solved,
        reading,
        said,
        method=method,
        level=level,
        assumptions=ASSUMPTIONS,
        caveats=(*checked.caveats, *dropped, *solved.caveats, *poor_fit(solved), *rests),
        diagnostics={
            "control": control,
            "anticipation": anticipation,
            "unit_weights": unit_weights(solved),
            "fit": fit_table(solved),
            "by_cohort": cohort_table(solved),
            "paths": path_table(solved),
            "leave_one_donor_out": left_out,
            **conformal,
        },
    )


def fitter(
    *, control: Control = "not_yet", anticipation: int = 0, augmented: bool = False, ridge: float | None = None
) -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit."""
    return partial(_fit, solve=_solver(control, anticipation, augmented, ridge), anticipation=anticipation)


def _solver(control: Control, anticipation: int, augmented: bool, ridge: float | None) -> partial[Solved]:
    check_choices(control, anticipation)
    if ridge is not None and not (augmented and ridge > 0 and np.isfinite(ridge)):
        raise UserError("impact_unknown_choice", name="ridge", value=ridge)
    return partial(_solve, control=control, anticipation=anticipation, augmented=augmented, ridge=ridge)


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


def _solve(panel: Panel, *, control: Control, anticipation: int, augmented: bool, ridge: float | None) -> Solved:
    blocks, caveats = blocks_of(panel, control=control, anticipation=anticipation)
    comparisons = tuple(
        Comparison(
            block=one,
            unit_weights=_weights(panel, panel.values, one, one.before, augmented=augmented, ridge=ridge),
            time_weights=np.zeros(len(one.before)),
        )
        for block in blocks
        for one in block.each()
    )
    found = (*caveats, *thin_caveats(comparisons))
    return Solved(panel=panel, values=panel.values, comparisons=comparisons, caveats=found)


def _weights(
    panel: Panel, values: np.ndarray, block: Block, periods: np.ndarray, *, augmented: bool, ridge: float | None
) -> np.ndarray:
    """Return the weights of donors (J,) that imitate the block's adopter in these periods and in covariates before."""
    columns = values[np.ix_(block.donors, periods)].T
    target = values[np.ix_(block.members, periods)].mean(axis=0)
    if panel.covariate_names:
        columns, target = _with_covariates(panel, block, columns, target)
    weights = simplex_weights(columns, target)
    if not augmented:
        return weights
    if ridge is None:
        ridge = chosen_ridge(columns, target, len(periods))
    return augmented_weights(columns, target, weights, ridge=ridge)


def _with_covariates(
    panel: Panel, block: Block, columns: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of outcomes, then of covariates scaled to the spread of an outcome across units."""
    known = panel.covariates[:, block.before].mean(axis=1)
    donors, own = known[block.donors].T, known[block.members].mean(axis=0)
    spread = np.column_stack([donors, own]).std(axis=1)
    wanted = float(np.sqrt(np.column_stack([columns, target]).var(axis=1).mean())) or 1.0
    scale = np.where(spread > 0, wanted / np.where(spread > 0, spread, 1.0), 0.0)
    return np.vstack([columns, donors * scale[:, None]]), np.concatenate([target, own * scale])


def _only_over_time(panel: Panel, solved: Solved, *, level: float, draws: int) -> bool:
    """Tell whether periods can reject at the level, but no deal of the dates can."""
    block = solved.comparisons[0].block
    if not can_reject(len(block.before) + len(block.after), level):
        return False
    kind = kind_of_deal(panel, "auto", level=level, draws=draws)
    return not can_reject(ways_to_deal(panel, kind, draws=draws), level)


def _over_time(solved: Solved, reading: Reading, *, augmented: bool, level: float, by_horizon: bool) -> Judgement:
    """Return conformal inference for one adoption date: for the average and, if asked, period by period."""
    panel = solved.panel
    blocks = [one.block for one in solved.comparisons]
    before, after = blocks[0].before, blocks[0].after
    treated = panel.treated
    ridges: list[float | None] = [None] * len(blocks)
    if augmented:  # chosen once: choosing it again for every effect looked at would change nothing but the time
        every = np.concatenate([before, after])
        ridges = [
            chosen_ridge(panel.values[np.ix_(one.donors, every)].T, panel.values[one.members[0], every], len(every))
            for one in blocks
        ]

    def gaps_less(tau: float, late: np.ndarray) -> np.ndarray:
        values, periods = panel.values - tau * treated, np.concatenate([before, late])
        found = []
        for block, ridge in zip(blocks, ridges, strict=True):
            weights = _weights(panel, values, block, periods, augmented=augmented, ridge=ridge)
            found.append(values[block.members[0], periods] - weights @ values[np.ix_(block.donors, periods)])
        return np.asarray(np.mean(found, axis=0))

    spread = float(np.sqrt(reading.error_before)) or float(np.abs(reading.effects).max())
    start = reading.effect
    interval = conformal_interval(
        lambda tau: gaps_less(tau, after), len(after), effect=start, spread=spread, level=level
    )
    p_value = shift_p_value(gaps_less(0.0, after), len(after))
    caveats: tuple[Caveat, ...] = ()
    if interval is None:
        interval, caveats = Interval(-np.inf, np.inf), (Caveat("effect_not_constant"),)
    shifts = len(before) + len(after)
    if not can_reject(shifts, level):
        caveats = (*caveats, Caveat("too_few_periods_to_shift", {"n": shifts, "level": level}))
    low_high = {"p_value": p_value, "low": interval.low, "high": interval.high, "shifts": shifts}
    bounds = [Interval(-np.inf, np.inf)] * len(reading.horizons)
    if by_horizon:
        at = {horizon: row for row, horizon in enumerate(reading.horizons.tolist())}
        for period in after.tolist():
            row, only = at[period - blocks[0].cohort], np.array([period])
            bounds[row] = conformal_interval(
                lambda tau, only=only: gaps_less(tau, only),  # type: ignore[misc]
                1,
                effect=float(reading.effects[row]),
                spread=spread,
                level=level,
            ) or Interval(-np.inf, np.inf)
    many = len(reading.horizons)
    return Judgement(
        inference="conformal",
        se_reason="permutation_has_no_se",
        interval=interval,
        p_value=p_value,
        by_horizon=horizon_table(reading, np.full(many, np.nan), bounds, np.full(many, np.inf)),
        diagnostics={"conformal": low_high},
        caveats=caveats,
        assumptions=("gaps_alike_over_time",),
    )
