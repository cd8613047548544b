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
from typing import Any, Final

import numpy as np
import pandas as pd

from pegel.errors import InputError
from pegel.impact.diagnostics.leave_one_out import LeaveOneOut, leave_one_out
from pegel.impact.diagnostics.placebo import PlaceboInTime, placebo_in_time
from pegel.impact.diagnostics.pre_trends import PreTrends, pre_trends
from pegel.impact.diagnostics.selection_on_outcome import SelectionCheck
from pegel.impact.estimate import Caveat, Estimate
from pegel.impact.estimators import callaway_santanna
from pegel.impact.fit import Fitter
from pegel.impact.money.net_return import NetReturn
from pegel.impact.panel import Panel, panel_of
from pegel.impact.planning.power import Power, power
from pegel.impact.time_axis import axis_of, place_on
from pegel.impact.verdicts import checks
from pegel.impact.verdicts.plan import MeasurementPlan, MetricPlan
from pegel.impact.verdicts.plan_return import planned_return
from pegel.impact.verdicts.planned_estimates import Estimated, baseline_of, estimated, long_frame, scaled_panel
from pegel.impact.verdicts.verdict import AGAINST_AN_EFFECT, NO_EFFECT, Answer, Check, Design, Guard, Verdict, verdict

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


def measure(data: Any, plan: MeasurementPlan, *, advise: bool = True) -> Measurement:
    """Measure what a plan asks on a long data frame with the columns that its ``data`` names.

    ``advise``: where the data cannot tell, also work out what would help; that takes longer than all the rest.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_log_needs_positive``, ``impact_window_empty``,
        ``impact_baseline_unknown``, ``impact_nobody_adopted``.
    """
    frame = _within_window(pd.DataFrame(_plain_frame(data)), plan)
    panel, raw = scaled_panel(frame, plan, plan.metric)
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    baseline = baseline_of(raw)
    delta = plan.metric.delta(baseline)
    if delta is None:
        raise InputError("impact_baseline_unknown", name=plan.metric.name)
    found = estimated(frame, panel, plan, plan.metric, with_second=True)
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
        advice=_advice(plan, panel, delta)
        if advise and answer.answer is Answer.CANNOT_TELL and answer.effect is not None
        else None,
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
    found: Estimated,
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
        checks.definition_check(panel, plan.checks.definition_changes, named=frame[plan.data.unit].tolist()),
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
    panel, raw = scaled_panel(frame, plan, guard)
    found = estimated(frame, panel, replace(plan, metric=guard), guard, with_second=False)
    if found.primary is None:
        return None
    return Guard(found.primary, guard.better, guard.delta(baseline_of(raw)) or 0.0)


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
            long_frame(panel).assign(time=lambda rows: rows["time"] + 1, cohort=lambda rows: rows["cohort"] + 1),
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
