"""Does the effect hang on one unit, or on one cohort?

Definition
    The estimator is fitted again without each unit in turn, and without each cohort in turn. The answer *keeps its
    sign* if every one of these effects has the sign of the headline; where no fit is possible without a unit or a
    cohort (the last adopter, the last control) it does not. ``most_influential``: whose absence moves the effect most.
Speed
    Where an estimator's weights depend on a unit's cohort only, the fit without one unit of a cohort has the weights of
    the fits without any other: one fit per cohort gives all effects exactly. Else every unit takes a fit; beyond
    ``most`` units only those are left out in turn whose influence on the headline is largest.
Source
    Quenouille 1956, Tukey 1958 (jackknife); Abadie, Diamond & Hainmueller 2015 (leave-one-out of comparison units).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pegel.errors import UserError
from pegel.impact.estimate import Caveat
from pegel.impact.fit import Fitter
from pegel.impact.panel import Panel

MOST_UNITS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaveOneOut:
    """The headline, and what it becomes.

    Attributes
    ----------
    by_unit: [unit, adopter, effect, change, keeps_sign, reason], the largest change first; without that unit.
    by_cohort: [cohort, units, effect, change, keeps_sign, reason], in order of time; without that cohort. The effect is
        NaN where ``reason`` holds the code of what stands against it.
    keeps_sign, cohorts_keep_sign: whether all effects have the sign of the headline; None with a single cohort.
    most_influential: unit. low, high: range of the effects without one unit.
    """

    effect: float
    by_unit: pd.DataFrame
    by_cohort: pd.DataFrame
    keeps_sign: bool
    cohorts_keep_sign: bool | None
    most_influential: Any
    low: float
    high: float
    caveats: tuple[Caveat, ...] = ()


def leave_one_out(panel: Panel, fitter: Fitter, *, most: int = MOST_UNITS) -> LeaveOneOut:
    """Return the effects without each unit and without each cohort.

    Raises
    ------
    UserError, InputError: those of the estimator on the whole panel.
    """
    fit = fitter(panel)
    units = panel.shape[0]
    chosen = np.arange(units)
    caveats = []
    by_weights = fit.weights is not None and panel.balanced
    if units > most and not by_weights:
        weight = np.zeros(units) if fit.influence is None else np.abs(fit.influence)
        chosen = np.sort(np.argsort(-weight, kind="stable")[:most])
        caveats.append(Caveat("units_left_in", {"n": units - most, "total": units}))
    if by_weights:
        found = _by_weights(panel, fitter)
    else:
        found = [_without(panel, fitter, np.arange(units) == unit) for unit in chosen]
    by_unit = _table(fit.effect, found).assign(
        unit=[panel.units[i] for i in chosen], adopter=panel.adopters[chosen], order=np.arange(len(chosen))
    )
    # What cannot be estimated without a unit hangs on it most.
    by_unit["reach"] = by_unit["change"].abs().fillna(np.inf)
    by_unit = by_unit.sort_values(["reach", "order"], ascending=[False, True], ignore_index=True)
    dates, counts = np.unique(panel.cohort[panel.adopters], return_counts=True)
    by_cohort = _table(fit.effect, [_without(panel, fitter, panel.cohort == date) for date in dates])
    by_cohort = by_cohort.assign(cohort=[panel.axis.label(int(date)) for date in dates], units=counts)
    return LeaveOneOut(
        effect=fit.effect,
        by_unit=by_unit[["unit", "adopter", "effect", "change", "keeps_sign", "reason"]],
        by_cohort=by_cohort[["cohort", "units", "effect", "change", "keeps_sign", "reason"]],
        keeps_sign=bool(by_unit["keeps_sign"].all()),
        cohorts_keep_sign=bool(by_cohort["keeps_sign"].all()) if len(dates) > 1 else None,
        most_influential=by_unit["unit"].iloc[0],
        low=float(by_unit["effect"].min()),
        high=float(by_unit["effect"].max()),
        caveats=tuple(caveats),
    )


def _without(panel: Panel, fitter: Fitter, out: np.ndarray) -> tuple[float, str | None]:
    """Return the effect without some units, or the code of what stands against it."""
    if out.all():
        return float("nan"), "impact_no_rows"
    rest = panel.only(~out)
    try:
        return fitter(rest).effect, None
    except UserError as error:
        return float("nan"), error.code


def _by_weights(panel: Panel, fitter: Fitter) -> list[tuple[float, str | None]]:
    """Return the effect without each unit, from one fit per cohort."""
    found: list[tuple[float, str | None]] = [(float("nan"), None)] * panel.shape[0]
    for date in np.unique(panel.cohort):
        members = np.flatnonzero(panel.cohort == date)
        rest = np.arange(panel.shape[0]) != members[0]
        try:
            weights = fitter(panel.only(rest)).weights
        except UserError as error:
            for unit in members:
                found[unit] = (float("nan"), error.code)
            continue
        if weights is None:  # the estimator has them for some panels only
            for unit in members:
                found[unit] = _without(panel, fitter, np.arange(panel.shape[0]) == unit)
            continue
        own = weights.weights[0][np.minimum(np.searchsorted(weights.cohorts, panel.cohort), len(weights.cohorts) - 1)]
        parts = (own * panel.values).sum(axis=1)
        total = parts[rest].sum() + (parts[members[0]] if len(members) > 1 else 0.0)
        for unit in members:
            found[unit] = (float(total - (parts[unit] if len(members) > 1 else 0.0)), None)
    return found


def _table(effect: float, found: list[tuple[float, str | None]]) -> pd.DataFrame:
    effects = np.array([one for one, _ in found], dtype=float)
    return pd.DataFrame(
        {
            "effect": effects,
            "change": effects - effect,
            "keeps_sign": np.sign(effects) == np.sign(effect),
            "reason": pd.Series([code for _, code in found], dtype=object),
        }
    )
