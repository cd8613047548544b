"""A measurement: a plan and its panel in, a verdict with all its evidence out. Same plan and data, same answer.

Which estimators are asked follows from the design that the plan declares: staggered or randomised roll-outs are
estimated by Callaway & Sant'Anna with imputation as second opinion, a single adopter by synthetic difference-in-
differences with synthetic control, a series without comparison by an interrupted time series.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from pegel.errors import InputError
from pegel.impact.diagnostics.leave_one_out import LeaveOneOut, leave_one_out
from pegel.impact.diagnostics.placebo import PlaceboInTime, placebo_in_time
from pegel.impact.diagnostics.pre_trends import PreTrends, pre_trends
from pegel.impact.diagnostics.selection_on_outcome import SelectionCheck
from pegel.impact.estimate import Caveat, Estimate
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.fit import Fitter, estimate_of
from pegel.impact.money.net_return import NetReturn
from pegel.impact.panel import Panel, panel_of
from pegel.impact.planning.power import Power, power
from pegel.impact.series.interrupted_time_series import interrupted_time_series
from pegel.impact.synthetic.synthetic_control import synthetic_control
from pegel.impact.synthetic.synthetic_did import synthetic_did
from pegel.impact.time_axis import axis_of, place_on
from pegel.impact.verdicts import checks
from pegel.impact.verdicts.plan import MeasurementPlan, MetricPlan
from pegel.impact.verdicts.plan_return import planned_return
from pegel.impact.verdicts.verdict import AGAINST_AN_EFFECT, NO_EFFECT, Answer, Check, Design, Guard, Verdict, verdict

#: Refusals that are an answer about the data, not a mistake of the person: nothing can be compared.
_NO_COMPARISON: Final = ("impact_no_controls_left", "impact_nothing_before", "impact_no_complete_donors")
#: Draws of the tests beside the primary estimate; they ask for 5%, not for fine tails.
_SIDE_DRAWS: Final = 999
_POWER_DRAWS: Final = 400
#: Effects among placebo dates are compared only when there are so many of them.
_FEWEST_PLACEBOS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measurement:
    """The verdict and what it stands on.

    ``baseline``: adopters' mean of the metric before they adopted, in its own units; None: not known. ``panel``: as the
    primary estimator read it (logarithms with ``scale: log``). ``advice``: what would let the data speak, where it
    cannot tell. ``hashes``: of plan and data; ``versions``: of what computed it.
    """

    plan: MeasurementPlan
    verdict: Verdict
    panel: Panel
    baseline: float | None
    pre_trends: PreTrends | None
    selection: SelectionCheck | None
    placebo: PlaceboInTime | None
    leave_one_out: LeaveOneOut | None
    advice: Power | None
    net_return: NetReturn | None
    hashes: Mapping[str, str]
    versions: Mapping[str, str]

    @property
    def scale(self) -> str:
        """Return ``log`` where effects are relative, else ``level``."""
        return self.plan.metric.scale

    def summary(self, language: str = "en") -> str:
        """Return the verdict in a few sentences, German (``de``) or English (``en``)."""
        from pegel.words.impact import verdict_in_words  # noqa: PLC0415 - words stand above; only this face speaks

        return verdict_in_words(self.verdict, language, scale=self.scale)


class _Estimated(NamedTuple):
    primary: Estimate | None
    second: Estimate | None
    missing: Check | None


def measure(data: Any, plan: MeasurementPlan, *, advise: bool = True) -> Measurement:
    """Measure what a plan asks on a long data frame with the columns that its ``data`` names.

    ``advise``: where the data cannot tell, also work out what would help; that takes longer than all the rest.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_log_needs_positive``, ``impact_window_empty``,
        ``impact_baseline_unknown``, ``impact_nobody_adopted``.
    """
    frame = _within_window(pd.DataFrame(_plain_frame(data)), plan)
    panel, raw = _panel(frame, plan, plan.metric)
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    baseline = _baseline(raw)
    delta = plan.metric.delta(baseline)
    if delta is None:
        raise InputError("impact_baseline_unknown", name=plan.metric.name)
    found = _estimated(frame, panel, plan, plan.metric, with_second=True)
    fitter = callaway_santanna.fitter(control=plan.control, anticipation=plan.anticipation)
    compares = plan.design in (Design.RANDOMISED, Design.STAGGERED) and found.primary is not None
    leads = _leads(panel, fitter, plan) if compares else None
    placebo = _placebo(panel, fitter, plan) if compares else None
    left_out = leave_one_out(panel, fitter) if compares and panel.shape[0] > 3 else None
    looked, selection = _checks(frame, panel, plan, found, leads, placebo, left_out)
    guards = tuple(one for guard in plan.guards if (one := _guard(frame, plan, guard)) is not None)
    answer = verdict(
        found.primary,
        better=plan.metric.better,
        smallest_effect=delta,
        design=plan.design,
        second=found.second,
        guards=guards,
        checks=looked,
    )
    said = replace(answer, caveats=(*_of_the_plan(plan, leads, panel, guards), *answer.caveats))
    return Measurement(
        plan=plan,
        verdict=said,
        panel=panel,
        baseline=baseline,
        pre_trends=leads,
        selection=selection,
        placebo=placebo,
        leave_one_out=left_out,
        advice=_advice(plan, panel, delta) if advise and answer.answer is Answer.CANNOT_TELL else None,
        net_return=planned_return(plan, found.primary, baseline),
        hashes={"plan": plan.hash, "data": data_hash(frame)},
        versions={name: version(name) for name in ("pegel", "numpy", "scipy", "pandas", "statsmodels")},
    )


def data_hash(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of a frame's columns and values, whatever the order of its rows."""
    names = sorted(map(str, frame.columns))
    columns = [[str(value) for value in frame[name].tolist()] for name in names]
    rows = sorted("\x1f".join(row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\x1e".join(["\x1f".join(names), *rows]).encode()).hexdigest()


def _plain_frame(data: Any) -> Any:
    """Return pandas data as it is, and other frames by their columns."""
    return data if isinstance(data, pd.DataFrame) else {name: data[name].to_list() for name in data.columns}


def _within_window(frame: pd.DataFrame, plan: MeasurementPlan) -> pd.DataFrame:
    if plan.window is None or plan.data.time not in frame.columns:
        return frame
    axis, index = axis_of(frame[plan.data.time].tolist())
    first, until = (int(one) for one in place_on(axis, list(plan.window)))
    kept = frame[(index >= first) & (index < until)].reset_index(drop=True)
    if not len(kept):
        raise InputError("impact_window_empty")
    return kept


def _panel(frame: pd.DataFrame, plan: MeasurementPlan, metric: MetricPlan) -> tuple[Panel, Panel]:
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


def _baseline(raw: Panel) -> float | None:
    before = raw.observed & (raw.treated == 0) & raw.adopters[:, None]
    return float(raw.values[before].mean()) if before.any() else None


def _estimated(
    frame: pd.DataFrame, panel: Panel, plan: MeasurementPlan, metric: MetricPlan, *, with_second: bool
) -> _Estimated:
    try:
        if plan.design is Design.SERIES:
            return _Estimated(_series(panel, plan), None, None)
        if plan.design is Design.BEFORE_AFTER:
            return _Estimated(_before_after(panel, plan), None, None)
        if plan.design is Design.ONE_ADOPTER:
            return _synthetic(_long(panel), plan, with_second=with_second)
        first = callaway_santanna.fitter(control=plan.control, anticipation=plan.anticipation)
        primary = _said(panel, first, plan, callaway_santanna.METHOD, callaway_santanna.ASSUMPTIONS)
        if not with_second:
            return _Estimated(primary, None, None)
        other = imputation.fitter(anticipation=plan.anticipation)
        fit = other(panel)
        return _Estimated(primary, _pointwise(panel, fit.effect, plan, imputation.METHOD), None)
    except InputError as refusal:
        if refusal.code not in _NO_COMPARISON:
            raise
        return _Estimated(None, None, Check("no_controls_left", False, {"code": refusal.code}))


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


def _synthetic(frame: pd.DataFrame, plan: MeasurementPlan, *, with_second: bool) -> _Estimated:
    columns = {"unit": "unit", "time": "time", "outcome": "outcome", "cohort": "cohort"}
    common: dict[str, Any] = {**columns, "anticipation": plan.anticipation, "level": plan.level,
                              "draws": plan.draws, "seed": plan.seed}  # fmt: skip
    primary = replace(synthetic_did(frame, **common), outcome=plan.metric.name)
    second = replace(synthetic_control(frame, **common), outcome=plan.metric.name) if with_second else None
    return _Estimated(primary, second, None)


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


def _long(panel: Panel) -> pd.DataFrame:
    units, periods = panel.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.array([str(unit) for unit in panel.units], dtype=object), periods),
            "time": np.tile(np.arange(periods), units),
            "outcome": panel.values.ravel(),
            "cohort": np.repeat(np.where(panel.adopters, panel.cohort, np.nan), periods),
        }
    )


def _leads(panel: Panel, fitter: Fitter, plan: MeasurementPlan) -> PreTrends:
    return pre_trends(panel, fitter, level=plan.level, draws=min(plan.draws, _SIDE_DRAWS), seed=plan.seed)


def _placebo(panel: Panel, fitter: Fitter, plan: MeasurementPlan) -> PlaceboInTime | None:
    try:
        return placebo_in_time(panel, fitter)
    except InputError:  # too little past to pretend anything in
        return None


def _checks(
    frame: pd.DataFrame,
    panel: Panel,
    plan: MeasurementPlan,
    found: _Estimated,
    leads: PreTrends | None,
    placebo: PlaceboInTime | None,
    left_out: LeaveOneOut | None,
) -> tuple[tuple[Check, ...], SelectionCheck | None]:
    effect = None if found.primary is None else found.primary.effect
    chosen = checks.selection_checks(
        panel,
        plan.checks,
        chosen_by=plan.chosen_by,
        design=plan.design,
        anticipation=plan.anticipation,
        effect=effect,
        better=plan.metric.better,
        draws=min(plan.draws, _SIDE_DRAWS),
        seed=plan.seed,
    )
    looked = [
        found.missing or Check("no_controls_left", True),
        checks.definition_check(panel, plan.checks.definition_changes),
        chosen.selected,
        chosen.recovery,
        checks.unfinished_check(
            panel, _column(frame, panel, plan, plan.checks.unfinished), plan.checks.most_unfinished
        ),
    ]
    if plan.design not in (Design.SERIES, Design.BEFORE_AFTER):
        exposure = _column(frame, panel, plan, plan.checks.exposure)
        looked.append(checks.spill_over_check(panel, exposure, draws=min(plan.draws, _SIDE_DRAWS), seed=plan.seed))
    if plan.design in (Design.RANDOMISED, Design.STAGGERED):
        looked.append(checks.pre_trend_check(leads))
        looked += (
            [_placebo_check(placebo, effect), _one_unit_check(left_out)]
            if _apart_from_zero(found.primary)
            else [Check(code, None, reason=NO_EFFECT) for code in AGAINST_AN_EFFECT]
        )
    return tuple(looked), chosen.found


def _apart_from_zero(primary: Estimate | None) -> bool:
    """Tell whether there is an effect that placebos and single units could explain away."""
    return primary is not None and primary.interval is not None and 0 not in primary.interval


def _placebo_check(placebo: PlaceboInTime | None, effect: float | None) -> Check:
    if placebo is None or effect is None or len(placebo.effects) < _FEWEST_PLACEBOS:
        return Check("placebo_in_time", None, reason="too_short")
    return Check("placebo_in_time", not placebo.alarming, {"p_value": placebo.p_value, "dates": len(placebo.effects)})


def _one_unit_check(left_out: LeaveOneOut | None) -> Check:
    if left_out is None:
        return Check("one_unit_decides", None, reason="too_few_units")
    return Check("one_unit_decides", left_out.keeps_sign, {"unit": str(left_out.most_influential)})


def _column(frame: pd.DataFrame, panel: Panel, plan: MeasurementPlan, name: str | None) -> np.ndarray | None:
    """Return a further column (U, T) for the units of the panel, NaN where it is empty; None: not configured."""
    if name is None:
        return None
    found = np.full(panel.shape, np.nan)
    if name in frame.columns and not frame[name].notna().any():
        return found
    further = panel_of(
        frame, unit=plan.data.unit, time=plan.data.time, outcome=name, cohort=plan.data.cohort, already="keep"
    )
    # The column may be empty for units that have an outcome, and the other way round.
    known = dict(zip(further.units, further.values, strict=True))
    for u, unit in enumerate(panel.units):
        found[u] = known.get(unit, np.nan)
    return found


def _guard(frame: pd.DataFrame, plan: MeasurementPlan, guard: MetricPlan) -> Guard | None:
    panel, raw = _panel(frame, plan, guard)
    found = _estimated(frame, panel, replace(plan, metric=guard), guard, with_second=False)
    if found.primary is None:
        return None
    return Guard(found.primary, guard.better, guard.delta(_baseline(raw)) or 0.0)


def _of_the_plan(
    plan: MeasurementPlan, leads: PreTrends | None, panel: Panel, guards: tuple[Guard, ...]
) -> list[Caveat]:
    caveats = [] if plan.frozen else [Caveat("plan_not_frozen")]
    measured = {guard.estimate.outcome for guard in guards}
    if missing := [guard.name for guard in plan.guards if guard.name not in measured]:
        caveats.append(Caveat("guards_not_measured", {"guards": missing}))
    if leads is not None and leads.tested and leads.weak and panel.adopters.any() and plan.design is Design.STAGGERED:
        caveats.append(Caveat("pre_trend_test_weak"))
    return caveats


def _advice(plan: MeasurementPlan, panel: Panel, delta: float) -> Power | None:
    """Return what would let the data speak; None where the past cannot say."""
    if plan.design not in (Design.RANDOMISED, Design.STAGGERED) or not math.isfinite(delta):
        return None
    try:
        return power(
            _long(panel).assign(time=lambda rows: rows["time"] + 1, cohort=lambda rows: rows["cohort"] + 1),
            unit="unit",
            time="time",
            outcome="outcome",
            cohort="cohort",
            effect_that_matters=delta,
            level=plan.level,
            draws=_POWER_DRAWS,
            seed=plan.seed,
        )
    except InputError:
        return None
