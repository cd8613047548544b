"""The checks that a verdict stands on: what could produce such a figure without any effect of the adoption?

Each check says whether its condition holds, does not hold, or is unknown, and why; see ``verdict.Check``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from pegel.errors import InputError
from pegel.impact.diagnostics.pre_trends import PreTrends
from pegel.impact.diagnostics.selection_on_outcome import SelectionCheck, selection_of
from pegel.impact.panel import Panel
from pegel.impact.time_axis import place_on
from pegel.impact.verdicts.plan import ChecksPlan, ChosenBy
from pegel.impact.verdicts.verdict import Better, Check, Design

#: A check that looks for trouble in noise must not find it too often: it takes away answers.
_ALPHA: Final = 0.05
_NOT_CONFIGURED: Final = "not_configured"


class Selection(NamedTuple):
    """The two checks on how adopters were chosen, and the figures that they come from (None: nothing was tested)."""

    selected: Check
    recovery: Check
    found: SelectionCheck | None


def definition_check(
    panel: Panel, changes: Sequence[tuple[date, str | None, str]] | None, *, named: Sequence[Any] | None = None
) -> Check:
    """Tell whether the figure meant the same throughout: no declared change lies within the panel.

    ``named``: every unit that the data names, also those that the panel left out.

    Raises
    ------
    InputError: ``plan_invalid`` when a change is of a unit that nobody knows: a slip of the pen must not calm a check.
    """
    if changes is None:
        return Check("definition_changed", None, reason=_NOT_CONFIGURED)
    known = {str(unit) for unit in panel.units}
    everybody = known | {str(unit) for unit in named or ()}
    for number, (_, unit, _) in enumerate(changes, start=1):
        if named is not None and unit is not None and unit not in everybody:
            place = f"checks.definition_changes.{number}.unit"
            raise InputError("plan_invalid", place=place, detail=", ".join(sorted(everybody)[:12]))
    inside = [
        {"date": day.isoformat(), "unit": unit, "what": what}
        for day, unit, what in changes
        if (unit is None or unit in known) and _lies_within(panel, day)
    ]
    return Check("definition_changed", not inside, {"changes": inside})


def _lies_within(panel: Panel, day: date) -> bool:
    """Tell whether a day splits the panel; on counted periods without a calendar a declared change always does."""
    if panel.axis.kind == "count":
        return True
    # A day within the last period splits it; the first day of what follows does not.
    first, second = place_on(panel.axis, [day, day + timedelta(days=1)])
    return bool(first > 0 and second <= panel.shape[1])


def selection_checks(
    panel: Panel,
    plan: ChecksPlan,
    *,
    chosen_by: ChosenBy | None,
    design: Design,
    anticipation: int,
    effect: float | None,
    better: Better,
    draws: int,
    seed: int,
) -> Selection:
    """Tell whether adopters were chosen by the outcome, and whether the effect is the recovery from a bad spell.

    A choice by lot cannot be. Where the periods of the choice are left out of the baseline (``anticipation``), the
    baseline does not know them, and a recovery is none.
    """
    k = plan.selection_periods
    if design is Design.RANDOMISED or chosen_by == "lot":
        return Selection(Check("selected_on_outcome", True), Check("regression_to_mean", True), None)
    left_out = anticipation >= k
    found = selection_of(panel, k=k, alpha=_ALPHA, draws=draws, seed=seed)
    worse = found.statistic is not None and (found.statistic > 0) == (better == "lower")
    values = {"k": k, "change": found.statistic, "p_value": found.p_value}
    if left_out:
        return Selection(Check("selected_on_outcome", True, values), Check("regression_to_mean", True, values), found)
    declared = chosen_by == "outcome"
    tested = found.statistic is not None
    by_outcome = not (declared or (found.selected and worse)) if tested or declared else None
    recovers = found.selected and found.statistic is not None and effect is not None and found.statistic * effect < 0
    return Selection(
        Check("selected_on_outcome", by_outcome, values, None if tested or declared else "too_short"),
        Check("regression_to_mean", not recovers if tested else None, values, None if tested else "too_short"),
        found,
    )


def pre_trend_check(found: PreTrends | None) -> Check:
    """Tell whether both groups moved alike before; unknown with fewer than two leads."""
    if found is None or len(found.leads) < 2:
        return Check("pre_trend", None, reason="too_short")
    p = None if found.joint is None else found.joint.p_value
    return Check("pre_trend", not found.alarming, {"codes": list(found.reasons), "p_value": p, "weak": found.weak})


def spill_over_check(panel: Panel, exposure: np.ndarray | None, *, draws: int, seed: int) -> Check:
    """Tell whether untreated units moved with their exposure to adopters.

    ``exposure`` (U, T): how much a unit was in touch with adopters, such as the share of its reviewers among them. The
    figure is the slope of the outcome on it in untreated unit-periods, net of unit and period effects. Its p-value
    deals whole exposure histories out among the units anew and compares the sums of squares that slopes explain: a deal
    that leaves little exposure among the untreated has a large slope by chance, but explains little.
    """
    if exposure is None:
        return Check("spill_over", None, reason=_NOT_CONFIGURED)
    untreated = (panel.treated == 0) & panel.observed & ~np.isnan(exposure)
    units = np.flatnonzero(untreated.sum(axis=1) >= 2)
    touched = np.array([np.ptp(exposure[u, untreated[u]]) > 0 for u in units], dtype=bool)
    if len(units) < 3 or not touched.any():
        return Check("spill_over", None, reason="no_exposure")
    mask = untreated[units]
    outcome = _residuals(np.where(mask, panel.values[units], 0.0), mask)
    slope, observed = _slope(outcome, exposure[units], mask)
    random = np.random.default_rng(seed)
    exceeding = 1
    for _ in range(draws):
        dealt = exposure[units[random.permutation(len(units))]]
        exceeding += _slope(outcome, dealt, mask)[1] >= observed * (1 - 1e-9)
    p = exceeding / (draws + 1)
    return Check("spill_over", p > _ALPHA, {"slope": slope, "p_value": p, "units": len(units)})


def _slope(outcome: np.ndarray, exposure: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Return the slope of residual outcomes on residual exposure (Frisch & Waugh 1933) and the squares it explains."""
    touched = np.where(mask, np.nan_to_num(exposure), 0.0)
    moved = _residuals(touched, mask)
    power, together = float((moved**2).sum()), float((moved * outcome).sum())
    return (together / power, together**2 / power) if power > 1e-20 * float((touched**2).sum()) else (0.0, 0.0)


def _residuals(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return what unit and period effects leave of values (U, T) where ``mask``; zero elsewhere."""
    rest = values * mask
    in_unit, in_period = np.maximum(mask.sum(axis=1), 1), np.maximum(mask.sum(axis=0), 1)
    for _ in range(500):
        step = rest.sum(axis=1) / in_unit
        rest = (rest - step[:, None]) * mask
        other = rest.sum(axis=0) / in_period
        rest = (rest - other[None, :]) * mask
        if np.abs(step).max(initial=0.0) + np.abs(other).max(initial=0.0) < 1e-10 * (np.abs(values).max() + 1e-300):
            break
    return np.asarray(rest)


def unfinished_check(panel: Panel, unfinished: np.ndarray | None, most: float) -> Check:
    """Tell whether little enough of the work begun is still open to believe figures of finished work.

    ``unfinished`` (U, T): share of the items begun in a period that is not finished. What counts is the adopters' mean
    since adoption: what is open there finishes late, and its time is not in the figure yet.
    """
    if unfinished is None:
        return Check("unfinished_items", None, reason=_NOT_CONFIGURED)
    after = (panel.treated > 0) & ~np.isnan(unfinished)
    if not after.any():
        return Check("unfinished_items", None, reason="no_data")
    share = float(unfinished[after].mean())
    return Check("unfinished_items", share <= most, {"share": share, "most": most})


def as_plain(check: Check) -> dict[str, Any]:
    """Return a check as plain values."""
    return {"code": check.code, "holds": check.holds, "values": dict(check.values), "reason": check.reason}
