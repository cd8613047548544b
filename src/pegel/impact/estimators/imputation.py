"""Staggered roll-outs, compared with what untreated periods let expect (Borusyak, Jaravel & Spiess 2024).

Question
    By how much does the outcome of the adopters differ from what it would have been without adoption?
Definition
    y = unit effect + period effect (+ covariates · coefficients) is fitted by least squares on untreated observations
    only: all of units that never adopt, and those of adopters before adoption (before anticipation, if any). The effect
    of a treated cell is the observed less the fitted outcome. Averages over treated cells: ``simple``, each cell once;
    ``dynamic`` over horizons, each horizon once; ``group`` over cohorts by their number of units; ``calendar`` over
    periods, each period once.
Not identified
    A cell whose unit was never seen untreated, whose period no untreated unit was seen in, or whose unit and period no
    chain of untreated cells links. Such cells are left out and counted.
Covariates
    Values of the cell itself, after adoption too: they must not be moved by adopting.
Gaps
    Legal: every observed cell counts.
Source
    Borusyak, Jaravel & Spiess, *Revisiting event-study designs: robust and efficient estimation*, Review of Economic
    Studies 91 (2024); leads one by one: Liu, Wang & Xu, *A practical guide to counterfactual estimators*, American
    Journal of Political Science 68 (2024). Reproduces R's ``didimputation`` (tests/pegel/impact/test_imputation.py).
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
from pegel.impact.estimators.imputation_errors import FEW_IN_COHORT, Averages, ImputedCells, influence_of
from pegel.impact.estimators.imputation_leads import Leads, lead_regression, leads_of
from pegel.impact.estimators.imputation_model import UntreatedModel, untreated_model
from pegel.impact.fit import CohortWeights, Fit, estimate_of
from pegel.impact.panel import Panel, panel_of

METHOD = "imputation"
Aggregate = Literal["simple", "dynamic", "group", "calendar"]
ASSUMPTIONS = ("parallel_trends", "no_anticipation", "no_spill_over", "adoption_stays")


def imputation(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    anticipation: int = 0,
    aggregate: Aggregate = "simple",
    horizons: tuple[int, int] | None = None,
    leads: int | None = None,
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
    horizons: first and last period since adoption that the effect averages over; all of them if None.
    leads: how many periods before adoption the joint test in ``diagnostics["lead_test"]`` looks at; None chooses.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted``, ``impact_nothing_before``,
        ``impact_no_controls_left``, ``impact_horizons_not_observed``. UserError: ``impact_unknown_choice``,
        ``impact_anticipation_negative``.
    """
    if leads is not None and leads < 1:
        raise UserError("impact_unknown_choice", name="leads", value=leads)
    fit = fitter(anticipation=anticipation, aggregate=aggregate, horizons=horizons)
    checked = panel_of(
        panel, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates, cluster=cluster
    )
    estimate = estimate_of(
        checked,
        fit,
        method=METHOD,
        estimand=aggregate,
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=(*ASSUMPTIONS, *(("covariates_not_moved",) if covariates else ())),
    )
    wanted = None if leads is None else range(-anticipation - leads, -anticipation)
    found = lead_regression(checked, leads=wanted, anticipation=anticipation)
    test = None
    if found is not None:
        table = {"horizon": found.horizons, "effect": found.effects, "se": np.sqrt(np.diag(found.covariance))}
        test = {"statistic": found.statistic, "p_value": found.p_value, "leads": pd.DataFrame(table)}
    return replace(estimate, diagnostics={**estimate.diagnostics, "lead_test": test})


def fitter(
    *, anticipation: int = 0, aggregate: Aggregate = "simple", horizons: tuple[int, int] | None = None
) -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit."""
    if aggregate not in ("simple", "dynamic", "group", "calendar"):
        raise UserError("impact_unknown_choice", name="aggregate", value=aggregate)
    if anticipation < 0:
        raise UserError("impact_anticipation_negative", value=anticipation)
    if horizons is not None and not (len(horizons) == 2 and 0 <= horizons[0] <= horizons[1]):
        raise UserError("impact_unknown_choice", name="horizons", value=horizons)
    return partial(_fit, anticipation=anticipation, aggregate=aggregate, horizons=horizons)


def _fit(panel: Panel, *, anticipation: int, aggregate: Aggregate, horizons: tuple[int, int] | None) -> Fit:
    adopters = panel.adopters
    if not adopters.any():
        raise InputError("impact_nobody_adopted")
    horizon = np.arange(panel.shape[1])[None, :] - panel.cohort[:, None]
    observed = panel.observed
    untreated = observed & (horizon < -anticipation)
    if not untreated[adopters].any():
        raise InputError("impact_nothing_before")
    model = untreated_model(panel, untreated)
    after = observed & (horizon >= 0)
    lost = _lost(model, after)
    cells = _cells(panel, model, horizon, observed & (horizon >= -anticipation) & model.known)
    first, last = (0, panel.shape[1]) if horizons is None else horizons
    counted = np.flatnonzero((cells.horizon >= first) & (cells.horizon <= last))
    if not len(counted):
        if (cells.horizon >= 0).any():
            raise InputError("impact_horizons_not_observed", first=first, last=last, longest=int(cells.horizon.max()))
        raise InputError("impact_no_controls_left", control="not_yet")
    leads = leads_of(model, horizon)
    averages, found = _averages(cells, counted, aggregate)
    by_unit, by_period = averages.sums_by(cells.unit, panel.shape[0]), averages.sums_by(cells.period, panel.shape[1])
    a, b = model.effects.solve(by_unit, by_period)
    effects = averages.of(cells.effect)
    influence = influence_of(model, cells, averages, b)
    many = len(found.horizons)
    adopters_at = np.concatenate([leads.adopters, found.adopters])
    by_horizon = np.column_stack([leads.influence, influence[:, 1 : 1 + many]])
    by_horizon[:, adopters_at == 1] = np.nan  # one unit's noise cannot be told from its effect
    caveats = [Caveat("cells_not_imputable", lost)] if lost["n"] else []
    if model.absorbed.any():
        names = [name for name, gone in zip(panel.covariate_names, model.absorbed, strict=True) if gone]
        caveats.append(Caveat("covariates_collinear", {"n": len(names), "names": names}))
    if (adopters_at == 1).any():
        caveats.append(Caveat("horizons_of_one_adopter", {"n": int((adopters_at == 1).sum())}))
    plain = panel.balanced and not panel.covariate_names
    return Fit(
        effect=float(effects[0]),
        horizons=np.concatenate([leads.horizons, found.horizons]),
        effects=np.concatenate([leads.effects, effects[1 : 1 + many]]),
        adopters=adopters_at,
        n=int(untreated.sum()) + len(counted),
        influence=influence[:, 0] if len(np.unique(cells.unit[counted])) > 1 else None,
        horizon_influence=by_horizon,
        weights=_cohort_weights(panel, model, cells, averages, (a, b), leads, horizon, many) if plain else None,
        diagnostics={
            "anticipation": anticipation,
            "untreated": int(untreated.sum()),
            "imputed": len(counted),
            **_tables(panel, cells, counted, found, effects, influence),
        },
        caveats=tuple(caveats),
    )


def _lost(model: UntreatedModel, after: np.ndarray) -> dict[str, int]:
    """Count treated cells, and of those that cannot be imputed how many lack what."""
    missing = after & ~model.known
    no_unit = missing & (model.effects.unit_part < 0)[:, None]
    no_period = missing & (model.effects.period_part < 0)[None, :] & ~no_unit
    return {
        "n": int(missing.sum()),
        "total": int(after.sum()),
        "unit_never_untreated": int(no_unit.sum()),
        "period_without_untreated": int(no_period.sum()),
        "not_linked": int((missing & ~no_unit & ~no_period).sum()),
    }


def _cells(panel: Panel, model: UntreatedModel, horizon: np.ndarray, treated: np.ndarray) -> ImputedCells:
    unit, period = np.nonzero(treated)
    _, cohort = np.unique(panel.cohort, return_inverse=True)
    size = np.bincount(cohort, treated.any(axis=1))
    return ImputedCells(
        unit=unit,
        period=period,
        horizon=horizon[unit, period].astype(int),
        cohort=cohort[unit],
        effect=(panel.values - model.imputed)[unit, period],
        few=(size < FEW_IN_COHORT)[cohort[unit]],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What the averages beside the first are of: horizons (H,) with adopters (H,), cohorts (C,), periods (P,)."""

    horizons: np.ndarray
    adopters: np.ndarray
    cohorts: np.ndarray
    cohort_sizes: np.ndarray
    periods: np.ndarray


def _averages(cells: ImputedCells, counted: np.ndarray, aggregate: Aggregate) -> tuple[Averages, _Found]:
    """Return the effect and the averages by horizon (of all cells), by cohort and by period (of the counted ones)."""
    everything = np.arange(len(cells.unit))
    horizons, at_horizon, per_horizon = np.unique(cells.horizon, return_inverse=True, return_counts=True)
    cohorts, in_cohort, per_cohort = np.unique(cells.cohort[counted], return_inverse=True, return_counts=True)
    periods, in_period, per_period = np.unique(cells.period[counted], return_inverse=True, return_counts=True)
    pairs = np.unique(cells.unit[counted] * len(cohorts) + in_cohort) % len(cohorts)
    sizes = np.bincount(pairs, minlength=len(cohorts))
    if aggregate == "simple":
        weight = np.full(len(counted), 1 / len(counted))
    elif aggregate == "dynamic":
        mine = at_horizon[counted]
        weight = 1 / per_horizon[mine] / len(np.unique(mine))
    elif aggregate == "calendar":
        weight = 1 / per_period[in_period] / len(periods)
    else:
        weight = (sizes / sizes.sum() / per_cohort)[in_cohort]
    h, c = len(horizons), len(cohorts)
    averages = Averages(
        cell=np.concatenate([counted, everything, counted, counted]),
        column=np.concatenate(
            [np.zeros(len(counted), dtype=int), 1 + at_horizon, 1 + h + in_cohort, 1 + h + c + in_period]
        ),
        weight=np.concatenate(
            [weight, 1 / per_horizon[at_horizon], 1 / per_cohort[in_cohort], 1 / per_period[in_period]]
        ),
        columns=1 + h + c + len(periods),
    )
    return averages, _Found(horizons, per_horizon, cohorts, sizes, periods)


def _cohort_weights(
    panel: Panel,
    model: UntreatedModel,
    cells: ImputedCells,
    averages: Averages,
    put: tuple[np.ndarray, np.ndarray],
    leads: Leads,
    horizon: np.ndarray,
    many: int,
) -> CohortWeights:
    """Return the weights of outcomes (1 + H, C, T): units of a cohort weigh alike, so one of each is looked at."""
    dates, one = np.unique(panel.cohort, return_index=True)
    untreated = model.untreated[one]
    a, b = put
    weights = -np.where(untreated[:, :, None], a[one][:, None, :] + b[None, :, :], 0.0)[:, :, : 1 + many]
    row = np.full(panel.shape[0], -1)
    row[one] = np.arange(len(one))
    used = (row[cells.unit[averages.cell]] >= 0) & (averages.column <= many)
    cell = averages.cell[used]
    weights[row[cells.unit[cell]], cells.period[cell], averages.column[used]] = averages.weight[used]
    own = (horizon[one][:, :, None] == leads.horizons) * leads.own
    before = np.where(untreated[:, :, None], own - leads.units[one][:, None, :] - leads.periods[None, :, :], 0.0)
    both = np.concatenate([weights[:, :, :1], before, weights[:, :, 1:]], axis=2)
    return CohortWeights(dates, np.ascontiguousarray(both.transpose(2, 0, 1)))


def _tables(
    panel: Panel, cells: ImputedCells, counted: np.ndarray, found: _Found, effects: np.ndarray, influence: np.ndarray
) -> dict[str, pd.DataFrame]:
    """Return the effects by cohort, with the errors of those that have several units, and by period."""
    begin, end = 1 + len(found.horizons), 1 + len(found.horizons) + len(found.cohorts)
    dates = np.unique(panel.cohort)[found.cohorts]
    errors = np.sqrt((influence[:, begin:end] ** 2).sum(axis=0))
    return {
        "by_cohort": pd.DataFrame(
            {
                "cohort": [panel.axis.label(int(date)) for date in dates],
                "units": found.cohort_sizes,
                "effect": effects[begin:end],
                "se": np.where(found.cohort_sizes > 1, errors, np.nan),
            }
        ),
        "by_period": pd.DataFrame(
            {"period": [panel.axis.label(int(period)) for period in found.periods], "effect": effects[end:]}
        ),
    }
