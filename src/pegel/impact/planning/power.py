"""Which effect could this roll-out show, and would waiting, more units or another metric help?

Question
    How large must an effect be for the analysis to find it, most of the time?
Definition
    *Placebo roll-out*: the adoption pattern (observed or planned) is laid on random units and a random moment of the
    organisation's own past, where nobody had adopted. The permutation test of ``pegel.impact.permutation`` is made as
    it would be made on real data. A constant effect δ added to the treated cells is found exactly if −δ lies outside
    the test's inverted interval. The *minimum detectable effect* (MDE) is the δ that ``power`` of the placebo
    roll-outs find, both signs pooled; for many units it is (critical value + power quantile) × standard error.
Beyond the past
    A window is ``observed`` while two of them fit one after the other into the periods before the first adoption. All
    else (longer windows, units that do not exist yet) is ``modelled``: white noise plus AR(1), fitted to the variogram
    of the untreated cells, each unit with its own variance. The model only says by which factor the MDE changes: its
    level is set by the observed one at the longest window that both know.
Rules
    Waiting is *flat* if, from the moment when all planned units have adopted, doubling the time since the first
    adoption lowers the MDE by less than a tenth. The recommendation is the first that reaches the effect that matters:
    ``enough``, ``wait_periods``, ``more_units``, ``another_metric``; else ``waiting_will_not_help`` (flat) or
    ``out_of_reach``. Without a named effect it is ``waiting_will_not_help`` (flat) or ``name_an_effect``.
Source
    Burlig, Preonas & Woerman, *Panel data and experimental design*, J. Development Economics 144 (2020); Rosenbaum
    2002, ch. 2; fitted variogram: Cressie, *Fitting variogram models by weighted least squares*, Mathematical Geology
    17 (1985).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.estimate import LEVEL, Caveat
from pegel.impact.fit import Fitter
from pegel.impact.panel import Panel, panel_of
from pegel.impact.planning.placebo_roll_outs import ROLL_OUTS, Trial, Tries
from pegel.impact.planning.untreated_past import past_of
from pegel.impact.time_axis import place_on

CURVE_COLUMNS: Final = (
    "metric",
    "periods_more",
    "units_more",
    "periods",
    "units",
    "adopters",
    "mde",
    "share",
    "chance",
    "basis",
)
ASSUMPTIONS: Final = ("past_like_future", "adopters_at_random", "constant_effect")
#: Waiting that lowers the MDE to more than this share of itself does not help.
FLAT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do, as a code of the module's rules with its figures (``n``, ``mde``, ``metric`` ...)."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Power:
    """What a roll-out could show.

    Attributes
    ----------
    mde: in units of the outcome, at the end of the panel; None with ``mde_reason``: ``nobody_adopts_yet``,
        ``no_controls_left`` or ``too_few_ways_to_deal`` (then no effect, however large, would be found).
    baseline: mean of the untreated cells. basis: ``observed`` or ``modelled``, see the module.
    curve: [metric, periods_more, units_more, periods, units, adopters, mde, share, chance, basis]. ``periods``: since
        the first adoption; ``mde``: infinite where nothing would be found, NaN where nobody has adopted; ``share``: of
        the baseline; ``chance``: share of placebo roll-outs that find the effect that matters.
    recommendation, alternatives: the first rule that holds, and the others that reach the effect as well.
    """

    outcome: str
    level: float
    power: float
    effect_that_matters: float | None
    mde: float | None
    mde_reason: str | None
    baseline: float
    basis: str
    curve: pd.DataFrame
    flat_in_time: bool
    recommendation: Recommendation
    alternatives: tuple[Recommendation, ...]
    diagnostics: Mapping[str, Any]
    caveats: tuple[Caveat, ...]
    assumptions: tuple[str, ...] = ASSUMPTIONS

    def summary(self, language: Literal["de", "en"] = "en", *, scale: str = "level") -> str:
        """Return the answer in a few sentences, German (``de``) or English; ``scale="log"``: effects in per cent."""
        from pegel.words.power import power_in_words  # noqa: PLC0415 - words stand above; only this face speaks

        return power_in_words(self, language, scale=scale)


def power(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    weeks_more: Sequence[int] = (2, 4, 8, 13, 26),
    units_more: Sequence[int] = (2, 4, 8, 16),
    metrics: Sequence[str] = (),
    effect_that_matters: float | Mapping[str, float] | None = None,
    estimator: Fitter | None = None,
    before: int = 1,
    level: float = LEVEL,
    power: float = 0.8,
    draws: int = ROLL_OUTS,
    seed: int = 0,
) -> Power:
    """Return the minimum detectable effect of a roll-out now, later, with more comparison units, on other metrics.

    Parameters
    ----------
    cohort: first treated period; may lie after the panel (planned). Missing: a comparison unit.
    weeks_more: how many *periods* of the panel to wait, weeks in a weekly one. units_more: comparison units to add.
    metrics: other outcome columns. effect_that_matters: in units of the outcome; one number holds for other metrics as
        the same share of their baseline, a mapping names one per column.
    estimator: default ``callaway_santanna.fitter()``; others need weights by cohort, and ``before`` as many periods
        before the first adoption as they read. draws: placebo roll-outs.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_nobody_adopted`` (nobody ever will), ``impact_past_too_short``.
    UserError: ``impact_plan_setting_invalid``, ``impact_no_weights``.
    """
    names = {"unit": unit, "time": time, "cohort": cohort}
    one = panel_of(panel, outcome=outcome, **names)
    starts = planned_starts(panel, one, unit=unit, cohort=cohort)
    others = []
    for name in dict.fromkeys(one for one in metrics if one != outcome):
        other = panel_of(panel, outcome=name, **names)
        others.append((other, planned_starts(panel, other, unit=unit, cohort=cohort)))
    return power_of(
        one,
        starts,
        ends=one.shape[1],
        others=others,
        weeks_more=weeks_more,
        units_more=units_more,
        effect_that_matters=effect_that_matters,
        trial=Trial(estimator=estimator, before=before, level=level, power=power, draws=draws, seed=seed),
    )


def power_of(
    panel: Panel,
    starts: np.ndarray,
    *,
    ends: int,
    trial: Trial,
    others: Iterable[tuple[Panel, np.ndarray]] = (),
    weeks_more: Sequence[int] = (),
    units_more: Sequence[int] = (),
    effect_that_matters: float | Mapping[str, float] | None = None,
) -> Power:
    """Return the power of adoptions in the periods ``starts`` (U,), infinite for never, seen after ``ends`` periods."""
    named = effect_that_matters if isinstance(effect_that_matters, Mapping) else {panel.outcome: effect_that_matters}
    _refuse_settings(trial, weeks_more, units_more, [one for one in named.values() if one is not None])
    first, last = int(starts.min()), int(starts[np.isfinite(starts)].max())
    all_in = max(0, last - ends + 1)  # waiting until everybody planned has adopted
    doubled = all_in + (ends + all_in - first)
    tries = Tries(past_of(panel, starts, trial.seed), trial)
    plan = starts - first + trial.before
    matters = named.get(panel.outcome)

    def row(more: int, extra: int) -> dict[str, Any]:
        return {"metric": panel.outcome, "periods_more": more, **tries.row(plan, ends + more - first, extra, matters)}

    rows = [row(more, 0) for more in sorted({0, all_in, doubled, *weeks_more})]
    rows += [row(all_in, extra) for extra in sorted(set(units_more) - {0})]
    aims = {panel.outcome: matters}
    for other, theirs in others:
        more = Tries(past_of(other, theirs, trial.seed), trial)
        share = None if matters is None or not tries.past.baseline else abs(matters / tries.past.baseline)
        aims[other.outcome] = named.get(other.outcome, share and share * abs(more.past.baseline))
        begin = int(theirs.min())
        found = more.row(theirs - begin + trial.before, ends + all_in - begin, 0, aims[other.outcome])
        rows.append({"metric": other.outcome, "periods_more": all_in, **found})
    curve = pd.DataFrame(rows, columns=list(CURVE_COLUMNS))
    own = curve[(curve["metric"] == panel.outcome) & (curve["units_more"] == 0)].set_index("periods_more")
    flat = bool(own.at[doubled, "mde"] >= FLAT * own.at[all_in, "mde"])
    advice = _advice(curve, panel.outcome, all_in, doubled, aims, flat)
    now = float(own.at[0, "mde"])
    modelled = (
        [Caveat("power_modelled", {"periods": tries.past.values.shape[1]})]
        if own.at[all_in, "basis"] == "modelled"
        else []
    )
    return Power(
        outcome=panel.outcome,
        level=trial.level,
        power=trial.power,
        effect_that_matters=matters,
        mde=now if np.isfinite(now) else None,
        mde_reason=None if np.isfinite(now) else tries.reason(plan, ends - first),
        baseline=tries.past.baseline,
        basis=str(own.at[all_in, "basis"]),
        curve=curve,
        flat_in_time=flat,
        recommendation=advice[0],
        alternatives=advice[1:],
        diagnostics={
            "period": panel.axis.unit,
            "draws": trial.draws,
            "seed": trial.seed,
            "false_alarms": tries.false_alarms(plan, ends + all_in - first),
            "persistence": tries.past.noise.persistence,
            "lasting_variance": tries.past.noise.slow,
            "passing_variance": tries.past.noise.white,
            "variogram": tries.past.noise.variogram,
        },
        # Adoptions behind the panel's end are what was planned, not something to know before believing.
        caveats=(
            *(one for one in panel.caveats if one.code != "adopts_after_the_panel"),
            *tries.past.caveats,
            *modelled,
        ),
    )


def planned_starts(data: Any, panel: Panel, *, unit: str, cohort: str) -> np.ndarray:
    """Return (U,) first treated periods, those behind the panel's last period included; infinite for never.

    Raises
    ------
    InputError: ``impact_nobody_adopted``, and nobody is planned to.
    """
    frame = nw.from_native(data, eager_only=True)
    dates = dict(zip(frame[unit].to_list(), frame[cohort].to_list(), strict=True))
    placed = place_on(panel.axis, [dates[name] for name in panel.units])
    starts = np.where(placed >= panel.shape[1], placed, panel.cohort)
    if not np.isfinite(starts).any():
        raise InputError("impact_nobody_adopted")
    return starts


def _advice(
    curve: pd.DataFrame, outcome: str, all_in: int, doubled: int, aims: Mapping[str, float | None], flat: bool
) -> tuple[Recommendation, ...]:
    """Return the rules that hold, the recommended one first."""
    rows = curve.to_dict("records")
    own = [row for row in rows if row["metric"] == outcome]
    at = {row["periods_more"]: row["mde"] for row in own if not row["units_more"]}
    matters = aims[outcome]
    waiting = {"mde": at[all_in], "mde_later": at[doubled], "n": doubled - all_in, "effect": matters}
    if matters is None:
        return (Recommendation("waiting_will_not_help" if flat else "name_an_effect", waiting),)

    def said(code: str, row: Mapping[str, Any], n: int) -> Recommendation:
        values = {name: row[name] for name in ("metric", "mde", "share", "chance", "periods_more")}
        return Recommendation(code, {"n": n, **values, "effect": aims[row["metric"]], "mde_now": at[0]})

    reach = [row for row in rows if (aim := aims[row["metric"]]) is not None and row["mde"] <= aim]
    waits = [row for row in reach if row["metric"] == outcome and not row["units_more"]]
    found = [said("wait_periods" if row["periods_more"] else "enough", row, row["periods_more"]) for row in waits[:1]]
    if not found or found[0].code != "enough":
        more = [row for row in reach if row["units_more"]]
        found += [said("more_units", row, row["units_more"]) for row in more[:1]]
        better = sorted(
            (row for row in reach if row["metric"] != outcome), key=lambda row: row["mde"] / aims[row["metric"]]
        )
        found += [said("another_metric", row, row["periods_more"]) for row in better[:1]]
    best = min((row["mde"] for row in own if row["mde"] == row["mde"]), default=np.inf)
    none = Recommendation("waiting_will_not_help" if flat else "out_of_reach", {**waiting, "best": best})
    return tuple(found) or (none,)


def refuse_outside(name: str, value: float, least: float, most: float, *, whole: bool = True) -> None:
    """Refuse a setting outside its bounds, or a broken number where only whole ones have a meaning."""
    if not least <= value <= most or (whole and value % 1):
        raise UserError("impact_plan_setting_invalid", name=name, value=value, least=least, most=most)


def _refuse_settings(trial: Trial, weeks: Sequence[int], units: Sequence[int], effects: Sequence[float]) -> None:
    for name, share in (("level", trial.level), ("power", trial.power)):
        refuse_outside(name, share, 0.5, 0.999, whole=False)
    refuse_outside("draws", trial.draws, 50, 100_000)
    refuse_outside("before", trial.before, 1, 10_000)
    for effect in effects:
        refuse_outside("effect_that_matters", effect, 1e-300, 1e300, whole=False)
    for name, counts in (("weeks_more", weeks), ("units_more", units)):
        for count in counts:
            refuse_outside(name, count, 0, 10_000)
