"""The estimates that a plan asks for: which estimator a design calls for, and its second opinion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from pegel.errors import InputError
from pegel.impact.estimate import Estimate
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.fit import Fitter, estimate_of
from pegel.impact.panel import Panel, panel_of
from pegel.impact.series.interrupted_time_series import interrupted_time_series
from pegel.impact.synthetic.synthetic_control import synthetic_control
from pegel.impact.synthetic.synthetic_did import synthetic_did
from pegel.impact.verdicts.plan import MeasurementPlan, MetricPlan
from pegel.impact.verdicts.verdict import Check, Design

#: Refusals that are an answer about the data, not a mistake of the person: nothing can be compared.
_NO_COMPARISON: Final = ("impact_no_controls_left", "impact_nothing_before", "impact_no_complete_donors")


class Estimated(NamedTuple):
    """The primary estimate and a second opinion; ``missing``: the check that says why there is none."""

    primary: Estimate | None
    second: Estimate | None
    missing: Check | None


def scaled_panel(frame: pd.DataFrame, plan: MeasurementPlan, metric: MetricPlan) -> tuple[Panel, Panel]:
    """Return the panel to estimate on, and the one in the metric's own units."""
    raw = panel_of(
        frame,
        unit=plan.data.unit,
        time=plan.data.time,
        outcome=metric.name,
        cohort=plan.data.cohort,
        covariates=plan.covariates or None,
    )
    return (_logarithms(raw) if metric.scale == "log" else raw), raw


def _logarithms(panel: Panel) -> Panel:
    known = panel.observed
    wrong = int((panel.values[known] <= 0).sum())
    if wrong:
        raise InputError("impact_log_needs_positive", name=panel.outcome, n=wrong)
    return panel.with_values(np.where(known, np.log(np.where(known, panel.values, 1.0)), np.nan))


def baseline_of(raw: Panel) -> float | None:
    """Return the adopters' mean before they adopted; None where nothing was seen of that."""
    before = raw.observed & (raw.treated == 0) & raw.adopters[:, None]
    return float(raw.values[before].mean()) if before.any() else None


def estimated(
    frame: pd.DataFrame, panel: Panel, plan: MeasurementPlan, metric: MetricPlan, *, with_second: bool
) -> Estimated:
    """Return the estimates that the plan's design calls for; ``panel`` as ``scaled_panel`` scales it.

    Raises
    ------
    InputError: what the estimators refuse, except that nobody is left to compare with, which is an answer.
    """
    try:
        if plan.design is Design.SERIES:
            return Estimated(_series(panel, plan), None, None)
        if plan.design is Design.BEFORE_AFTER:
            return Estimated(_before_after(panel, plan), None, None)
        if plan.design is Design.ONE_ADOPTER:
            return _synthetic(long_frame(panel), plan, with_second=with_second)
        first = callaway_santanna.fitter(control=plan.control, anticipation=plan.anticipation)
        primary = _said(panel, first, plan, callaway_santanna.METHOD, callaway_santanna.ASSUMPTIONS)
        if not with_second:
            return Estimated(primary, None, None)
        other = imputation.fitter(anticipation=plan.anticipation)
        fit = other(panel)
        return Estimated(primary, _pointwise(panel, fit.effect, plan, imputation.METHOD), None)
    except InputError as refusal:
        if refusal.code not in _NO_COMPARISON:
            raise
        return Estimated(None, None, Check("no_controls_left", False, {"code": refusal.code}))


def _said(panel: Panel, fitter: Fitter, plan: MeasurementPlan, method: str, assumptions: tuple[str, ...]) -> Estimate:
    return estimate_of(
        panel,
        fitter,
        method=method,
        estimand="simple",
        level=plan.level,
        draws=plan.draws,
        seed=plan.seed,
        assumptions=assumptions,
    )


def _pointwise(panel: Panel, effect: float, plan: MeasurementPlan, method: str) -> Estimate:
    """Return a second opinion: its effect is what the verdict reads, so no interval is worked out for it."""
    return Estimate(
        method=method,
        estimand="simple",
        outcome=panel.outcome,
        effect=effect,
        se=None,
        se_reason="second_opinion",
        interval=None,
        level=plan.level,
        p_value=None,
        inference="none",
        n=int(panel.observed.sum()),
        units=panel.shape[0],
        adopters=int(panel.adopters.sum()),
        periods=panel.shape[1],
        by_horizon=pd.DataFrame(),
    )


def _synthetic(frame: pd.DataFrame, plan: MeasurementPlan, *, with_second: bool) -> Estimated:
    columns = {"unit": "unit", "time": "time", "outcome": "outcome", "cohort": "cohort"}
    common: dict[str, Any] = {**columns, "anticipation": plan.anticipation, "level": plan.level,
                              "draws": plan.draws, "seed": plan.seed}  # fmt: skip
    primary = replace(synthetic_did(frame, **common), outcome=plan.metric.name)
    second = replace(synthetic_control(frame, **common), outcome=plan.metric.name) if with_second else None
    return Estimated(primary, second, None)


def _series(panel: Panel, plan: MeasurementPlan) -> Estimate:
    """Return the interrupted series of the adopters' mean; they have to share one date."""
    dates = panel.cohorts
    if len(dates) > 1:
        raise InputError("impact_staggered_adoption", n=len(dates), first=panel.axis.label(int(dates[0])),
                         last=panel.axis.label(int(dates[-1])))  # fmt: skip
    mine = panel.values[panel.adopters]
    seen = (~np.isnan(mine)).any(axis=0)
    mean = np.full(panel.shape[1], np.nan)
    mean[seen] = np.nanmean(mine[:, seen], axis=0)
    data = pd.DataFrame({"time": np.arange(panel.shape[1]), "outcome": mean})
    found = interrupted_time_series(
        data, time="time", outcome="outcome", adopted=int(dates[0]), level=plan.level, seed=plan.seed
    )
    return replace(found, outcome=panel.outcome)


def _before_after(panel: Panel, plan: MeasurementPlan) -> Estimate:
    """Return the adopters' mean after less before: for display, never for a verdict."""
    mine = panel.only(panel.adopters)
    after, before = mine.treated > 0, mine.treated == 0
    changes = [
        np.nanmean(values[a]) - np.nanmean(values[b])
        for values, a, b in zip(mine.values, after & mine.observed, before & mine.observed, strict=True)
        if a.any() and b.any()
    ]
    if not changes:
        raise InputError("impact_nothing_before")
    return _pointwise(panel, float(np.mean(changes)), plan, "before_after")


def long_frame(panel: Panel) -> pd.DataFrame:
    """Return [unit, time, outcome, cohort] of a panel, periods counted from 0."""
    units, periods = panel.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.array([str(unit) for unit in panel.units], dtype=object), periods),
            "time": np.tile(np.arange(periods), units),
            "outcome": panel.values.ravel(),
            "cohort": np.repeat(np.where(panel.adopters, panel.cohort, np.nan), periods),
        }
    )
