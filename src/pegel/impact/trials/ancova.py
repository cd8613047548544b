"""Random assignment: the difference of two arms, sharpened by what was known before.

Question
    How much did the treated differ from what they would have been, when a lot decided who is treated?
Definition
    Least squares of the outcome on the arm and on centred values from before the assignment: ``lin`` lets these matter
    differently in each arm (the effect is then that on the average row), ``plain`` alike. Strata of the lottery enter
    as levels; with ``lin`` and at least two units of each arm in every stratum, in each arm for itself. With one value
    from before this is CUPED with the coefficient that least squares gives.
How sure
    HC2 with Bell-McCaffrey degrees of freedom (or HC3); with clusters the jackknife CRV3. Below 40 units of assignment
    the lot itself is drawn again, within strata and by whole clusters: exact for "no effect on anybody".
Source
    Lin, *Agnostic notes on regression adjustments to experimental data*, Ann. Appl. Stat. 7 (2013); Deng et al. 2013
    (CUPED); Imbens & Kolesár 2016; Rosenbaum 2002, ch. 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import UserError
from pegel.impact.estimate import DRAWS, FEW_UNITS, HORIZON_COLUMNS, LEVEL, Caveat, Estimate, Inference, Interval
from pegel.impact.permutation import Deals, invert, p_value
from pegel.impact.trials.random_assignment import deal_arms
from pegel.impact.trials.sandwich_errors import Error, crv3, hc2, hc3
from pegel.impact.trials.trial import Trial, independent, trial_of

METHOD = "ancova"
ASSUMPTIONS = ("random_assignment", "baseline_before_assignment", "no_spill_over")
Adjustment = Literal["lin", "plain"]
Errors = Literal["hc2", "hc3"]
#: Per arm, so many rows more than coefficients must remain for coefficients of its own.
_LEAST_FREE_PER_ARM = 3
_UNLIKELY_BALANCE = 0.01


def ancova(
    data: Any,
    *,
    outcome: str,
    treatment: str,
    baseline: str | Sequence[str] | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    adjustment: Adjustment = "lin",
    errors: Errors = "hc2",
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the average effect of being assigned to treatment, in units of the outcome.

    Parameters
    ----------
    data: a row per unit observed. treatment: 0 and 1, or false and true. baseline: columns known before assignment.
    strata: column within which the lot was drawn. cluster: column of groups; if whole groups were assigned, they are
        what is dealt again.

    Raises
    ------
    InputError: those of ``trial_of``; UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``,
        ``impact_cluster_column_needed``.
    """
    _check_choices(adjustment, errors, inference, level, cluster)
    names = [baseline] if isinstance(baseline, str) else list(baseline or ())
    trial = trial_of(data, outcome=outcome, treatment=treatment, baseline=names, strata=strata, cluster=cluster)
    model, about_model = _model(trial, adjustment)
    raw, _ = _model(trial, None)
    around_mean = trial.outcome - trial.outcome.mean()
    effect, residuals = model.fit(around_mean, trial.treated)
    raw_effect, raw_residuals = raw.fit(around_mean, trial.treated)
    error = _error(model, trial, residuals, errors)
    raw_error = _error(raw, trial, raw_residuals, errors)
    balance, balance_p = _balance(trial)
    caveats = [*trial.caveats, *about_model]
    if balance_p is not None and balance_p < _UNLIKELY_BALANCE:
        caveats.append(Caveat("arms_differ_before", {"p_value": balance_p}))
    units = len(trial.first_rows)
    if inference == "auto":
        inference = "permutation" if units < FEW_UNITS else "analytic"
    if inference == "analytic" and trial.clustered:
        inference = "cluster"
    diagnostics: dict[str, Any] = {
        "adjustment": model.kind,
        "treated": int(trial.treated.sum()),
        "control": int((1 - trial.treated).sum()),
        "raw": {"effect": raw_effect, "se": _finite(raw_error.se)},
        "adjusted": {"effect": effect, "se": _finite(error.se), "dof": _finite(error.dof)},
        "variance_reduction": _finite(1 - (error.se / raw_error.se) ** 2) if raw_error.se > 0 else None,
        "balance": balance,
        "balance_p_value": balance_p,
        "arm_means": {
            "treated": float(trial.outcome[trial.treated == 1].mean()),
            "control": float(trial.outcome[trial.treated == 0].mean()),
        },
    }
    se: float | None = None
    interval: Interval | None
    p: float | None
    if inference == "permutation":
        reason: str | None = "permutation_has_no_se"
        drawn = _again(trial, model, draws=draws, seed=seed)
        interval = invert(effect, drawn.effects, drawn.slopes, level=level)
        p = p_value(effect, drawn.effects)
        diagnostics |= {"ways": drawn.deals.ways, "all_ways": drawn.deals.complete}
        if drawn.deals.ways * (1 - level) < 1:
            caveats.append(Caveat("too_few_ways_to_deal", {"ways": drawn.deals.ways, "level": level}))
    elif np.isfinite(error.se):
        se, reason = error.se, None
        interval, p = _by_t(effect, error, level)
        if units < FEW_UNITS:
            caveats.append(Caveat("few_units_standard_error", {"units": units}))
    else:
        interval, p, reason = None, None, "arm_rests_on_one_unit"
        caveats.append(Caveat("arm_rests_on_one_unit"))
    return Estimate(
        method=METHOD,
        estimand="average_effect",
        outcome=outcome,
        effect=effect,
        se=se,
        se_reason=reason,
        interval=interval,
        level=level,
        p_value=p,
        inference=inference,
        n=len(trial.outcome),
        units=units,
        adopters=int(trial.treated[trial.first_rows].sum()),
        periods=1,
        by_horizon=pd.DataFrame(columns=list(HORIZON_COLUMNS), dtype=float),
        diagnostics=diagnostics,
        caveats=tuple(caveats),
        assumptions=ASSUMPTIONS,
    )


def _check_choices(adjustment: str, errors: str, inference: str, level: float, cluster: str | None) -> None:
    for name, value, allowed in (
        ("adjustment", adjustment, ("lin", "plain")),
        ("errors", errors, ("hc2", "hc3")),
        ("inference", inference, ("auto", "permutation", "cluster", "analytic")),
    ):
        if value not in allowed:
            raise UserError("impact_unknown_choice", name=name, value=value)
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if inference == "cluster" and cluster is None:
        raise UserError("impact_cluster_column_needed")


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Columns that both arms share (n, C), constant first, and columns that count in the treated arm only (n, Q).

    The first of the latter is 1, the others are centred: its coefficient is the effect on the average row.
    """

    kind: str
    shared: np.ndarray
    by_arm: np.ndarray

    @property
    def place(self) -> int:
        return int(self.shared.shape[1])

    def design(self, arm: np.ndarray) -> np.ndarray:
        return np.hstack([self.shared, arm[:, None] * self.by_arm])

    def fit(self, outcome: np.ndarray, arm: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the effect and the residuals (n,)."""
        design = self.design(arm)
        found = np.linalg.lstsq(design, outcome, rcond=None)[0]
        return float(found[self.place]), outcome - design @ found


def _model(trial: Trial, adjustment: Adjustment | None) -> tuple[_Model, list[Caveat]]:
    """Return the richest model, no richer than asked for, that the units of assignment can carry."""
    levels = np.eye(int(trial.strata.max()) + 1)[trial.strata][:, 1:]
    levels = levels - levels.mean(axis=0)
    scale = trial.baseline.std(axis=0)
    known = (trial.baseline - trial.baseline.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    arm = trial.treated[:, None]
    known = known[:, independent(known, np.hstack([levels, arm]))]
    units = len(trial.first_rows)
    smaller_arm = int(min((trial.treated[trial.first_rows] == value).sum() for value in (0.0, 1.0)))
    caveats = []
    if adjustment is None or not known.shape[1]:
        kind = "none"
        known = known[:, :0]
    elif units - known.shape[1] - levels.shape[1] - 2 < _LEAST_FREE_PER_ARM:
        kind = "none"
        caveats.append(Caveat("too_few_units_for_baseline", {"units": units, "baseline": known.shape[1]}))
        known = known[:, :0]
    else:
        kind = adjustment
        if adjustment == "lin" and smaller_arm - 1 - known.shape[1] - levels.shape[1] < _LEAST_FREE_PER_ARM:
            kind = "plain"
            caveats.append(Caveat("too_few_units_for_interactions", {"units": smaller_arm}))
    shared = np.hstack([np.ones((len(arm), 1)), levels, known])
    own: list[np.ndarray] = [np.ones((len(arm), 1))]
    if kind == "lin" or (kind == "none" and adjustment == "lin"):
        own += [levels] if _both_arms_twice(trial) else []
        own += [known]
    inner = np.hstack(own)[:, 1:]
    inner = inner[:, independent(arm * inner, np.hstack([shared[:, 1:], arm]))]
    return _Model(kind, shared, np.hstack([own[0], inner])), caveats


def _both_arms_twice(trial: Trial) -> bool:
    first = trial.first_rows
    counts = np.zeros((int(trial.strata.max()) + 1, 2), dtype=int)
    np.add.at(counts, (trial.strata[first], trial.treated[first].astype(int)), 1)
    return bool(counts.min() >= 2)


def _error(model: _Model, trial: Trial, residuals: np.ndarray, errors: Errors) -> Error:
    design = model.design(trial.treated)
    if trial.clustered:
        return crv3(design, trial.outcome - trial.outcome.mean(), model.place, trial.clusters)
    return (hc2 if errors == "hc2" else hc3)(design, residuals, model.place)


def _by_t(effect: float, error: Error, level: float) -> tuple[Interval, float]:
    reach = float(stats.t.ppf((1 + level) / 2, error.dof)) * error.se
    ratio = abs(effect) / error.se if error.se > 0 else np.inf if effect else 0.0
    return Interval(effect - reach, effect + reach), float(2 * stats.t.sf(ratio, error.dof))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Effects (P,) under each deal, and what each deal makes of the observed arm (P,)."""

    deals: Deals
    effects: np.ndarray
    slopes: np.ndarray


def _again(trial: Trial, model: _Model, *, draws: int, seed: int) -> _Drawn:
    """Estimate anew under each deal of the arms; every Gram matrix is linear in the dealt arm."""
    first = trial.first_rows
    deals = deal_arms(trial.treated[first], trial.strata[first], draws=draws, seed=seed)
    shared = model.shared / np.sqrt((model.shared**2).mean(axis=0))
    size = np.sqrt((model.by_arm**2).mean(axis=0))
    own = model.by_arm / size
    sides = np.column_stack([trial.outcome - trial.outcome.mean(), trial.treated])
    c, q = shared.shape[1], own.shape[1]
    flat = np.hstack([(own[:, :, None] * part[:, None, :]).reshape(len(own), -1) for part in (shared, own, sides)])
    found = np.empty((len(deals.order), 2))
    for begin in range(0, len(found), 256):
        arms = trial.treated[first][deals.order[begin : begin + 256]][:, trial.unit]
        sums = arms @ flat
        cross, inner, right = np.split(sums, [q * c, q * c + q * q], axis=1)
        gram = np.empty((len(arms), c + q, c + q))
        gram[:, :c, :c] = shared.T @ shared
        gram[:, c:, :c] = cross.reshape(-1, q, c)
        gram[:, :c, c:] = gram[:, c:, :c].transpose(0, 2, 1)
        gram[:, c:, c:] = inner.reshape(-1, q, q)
        side = np.concatenate([np.broadcast_to(shared.T @ sides, (len(arms), c, 2)), right.reshape(-1, q, 2)], axis=1)
        # A deal may leave columns without a difference; the shortest solution is then taken.
        found[begin : begin + 256] = (np.linalg.pinv(gram, rcond=1e-12, hermitian=True) @ side)[:, c, :]
    return _Drawn(deals, found[:, 0], found[:, 1])


def _balance(trial: Trial) -> tuple[pd.DataFrame, float | None]:
    """Return how the arms differed before, and the p-value (F) of all these differences, by units of assignment."""
    rows = []
    for name, column in zip(trial.baseline_names, trial.baseline.T, strict=True):
        treated, control = column[trial.treated == 1], column[trial.treated == 0]
        spread = np.sqrt((treated.var() + control.var()) / 2)
        away = float((treated.mean() - control.mean()) / spread) if spread > 0 else 0.0
        rows.append((name, float(treated.mean()), float(control.mean()), away))
    table = pd.DataFrame(rows, columns=["name", "treated", "control", "standardised_difference"])
    unit, first = trial.unit, trial.first_rows
    counts = np.bincount(unit)
    sums = np.zeros((len(first), trial.baseline.shape[1]))
    np.add.at(sums, unit, trial.baseline)
    means = sums / counts[:, None]
    levels = np.eye(int(trial.strata.max()) + 1)[trial.strata[first]][:, 1:]
    means = means[:, independent(means, levels)]
    free = len(first) - 1 - levels.shape[1] - means.shape[1]
    if not means.shape[1] or free < 1:
        return table, None
    arm, ones = trial.treated[first], np.ones((len(first), 1))

    def left(columns: np.ndarray) -> float:
        return float(((arm - columns @ np.linalg.lstsq(columns, arm, rcond=None)[0]) ** 2).sum())

    less, more = left(np.hstack([ones, levels])), left(np.hstack([ones, levels, means]))
    if more <= 1e-12 * less:
        return table, 0.0
    return table, float(stats.f.sf((less - more) / means.shape[1] / (more / free), means.shape[1], free))
