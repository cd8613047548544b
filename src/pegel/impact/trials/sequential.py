"""Looking at a running experiment whenever one likes, without raising false alarms (asymptotic confidence sequences).

Question
    By how much do randomised units differ that got the tool, and may one look every week and stop when one likes?
Definition
    At every look the difference of the two means so far, D, with its standard error s = √(s₁²/n₁ + s₀²/n₀). The
    interval is D ± s · b(t), t = units seen ÷ units planned, b the normal mixture's bound (``alpha_spending.py``). It
    holds at all looks at once, so any look may end the experiment. It is narrowest when the planned number is reached,
    there 1.55 times as wide as an interval for one look.
Why
    52 weekly looks at an ordinary 95% interval raise a false alarm in about a third of experiments without effect.
Needs
    Units assigned by chance, one row each, independent of each other. Below 20 units in a group no interval is given:
    the guarantee is one for many units.
Source
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, *Time-uniform central limit theory and asymptotic confidence
    sequences*, Annals of Statistics 52 (2024), theorem 2.2 and its extension to asymptotically linear estimators;
    Robbins, Ann. Math. Statist. 41 (1970), for the mixture. Sample ratio: Fabijan et al., KDD 2019.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.columns import frame_with, is_missing, numbers_of, two_groups
from pegel.impact.estimate import HORIZON_COLUMNS, LEVEL, Caveat, Estimate, Interval
from pegel.impact.trials.alpha_spending import mixture_bound, narrowest, refuse_rule

METHOD = "confidence_sequence"
ASSUMPTIONS = ("units_randomised", "units_independent", "no_spill_over")
#: Fewer units in a group than this get no interval.
LEAST_UNITS = 20
#: A split that is so unlikely under the planned share that the assignment is broken.
_BROKEN_SPLIT = 0.001


def confidence_sequence(
    data: Any,
    *,
    time: str,
    outcome: str,
    treatment: str,
    planned: int,
    treated: Any = None,
    share: float = 0.5,
    level: float = LEVEL,
) -> Estimate:
    """Return the difference of means at the last look, with an interval that holds at all looks.

    Parameters
    ----------
    data: a row per randomised unit. time: when its outcome was known; every distinct value is a look.
    treatment: column with two values, ``treated`` which of them is treated (not needed for yes/no and 1/0).
    planned: number of units at which the interval shall be narrowest, fixed before the first look.
    share: planned share of treated units; only to tell whether the assignment works.

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_no_rows``, ``impact_not_numbers``, ``impact_infinite_values``,
        ``impact_time_missing``, ``impact_time_unreadable``, ``impact_groups_not_two``.
    UserError: ``impact_level_out_of_range``, ``impact_planned_not_positive``, ``impact_share_out_of_range``,
        ``impact_treated_group_unclear``.
    """
    refuse_rule("confidence_sequence", level)
    if not (isinstance(planned, int | np.integer) and planned > 0):
        raise UserError("impact_planned_not_positive", value=str(planned))
    if not 0 < share < 1:
        raise UserError("impact_share_out_of_range", name="share", value=share)
    stream, caveats = _stream(data, time, outcome, treatment, treated)
    looks = _looks(stream, planned, level)
    last = looks.iloc[-1]
    many, few = int(stream.treated.sum()), int((~stream.treated).sum())
    chance = float(stats.binomtest(many, many + few, share).pvalue)
    if chance < _BROKEN_SPLIT:
        expected = round(share * (many + few))
        caveats.append(Caveat("split_not_as_planned", {"treated": many, "units": many + few, "planned": expected}))
    known = bool(np.isfinite(last["bound"]))
    enough = min(many, few) >= LEAST_UNITS
    if enough and not known:
        caveats.append(Caveat("outcome_without_spread"))
    if not enough:
        caveats.append(Caveat("too_few_units_for_sequence", {"treated": many, "control": few, "least": LEAST_UNITS}))
    excluding = looks[(looks["low"] > 0) | (looks["high"] < 0)]
    return Estimate(
        method=METHOD,
        estimand="mean_difference",
        outcome=outcome,
        effect=float(last["effect"]),
        se=float(last["se"]) if known else None,
        se_reason=None if known else caveats[-1].code,
        interval=Interval(float(last["low"]), float(last["high"])),
        level=level,
        p_value=float(last["p_value"]),
        inference="confidence_sequence",
        n=many + few,
        units=many + few,
        adopters=many,
        periods=len(looks),
        by_horizon=pd.DataFrame(columns=list(HORIZON_COLUMNS)),
        diagnostics={
            "looks": looks,
            "first_excluding_zero": None if excluding.empty else str(excluding["time"].iloc[0]),
            "planned": int(planned),
            "split_p_value": chance,
        },
        caveats=tuple(caveats),
        assumptions=ASSUMPTIONS,
    )


class _Stream(NamedTuple):
    """Units in the order of looks: ``look`` (N,) indices into ``labels``."""

    look: np.ndarray
    labels: list[str]
    outcome: np.ndarray
    treated: np.ndarray


def _stream(data: Any, time: str, outcome: str, treatment: str, treated: Any) -> tuple[_Stream, list[Caveat]]:
    frame = frame_with(data, [time, outcome, treatment])
    values = numbers_of(frame[outcome], outcome)
    when, given = frame[time].to_list(), frame[treatment].to_list()
    if any(is_missing(value) for value in when):
        raise InputError("impact_time_missing", n=sum(is_missing(value) for value in when))
    lacking = np.isnan(values) | np.array([is_missing(value) for value in given])
    caveats = [Caveat("units_without_outcome", {"n": int(lacking.sum())})] if lacking.any() else []
    kept = np.flatnonzero(~lacking).tolist()
    if not kept:
        raise InputError("impact_no_rows")
    mask, _ = two_groups([given[i] for i in kept], treatment, treated)
    try:
        labels = sorted({when[i] for i in kept})
    except TypeError:  # dates among texts
        raise InputError("impact_time_unreadable", value=str(when[0])) from None
    place = {label: i for i, label in enumerate(labels)}
    look = np.array([place[when[i]] for i in kept])
    return _Stream(look, [str(label) for label in labels], values[kept], mask), caveats


def _looks(stream: _Stream, planned: int, level: float) -> pd.DataFrame:
    """Return [look, time, units, effect, se, bound, low, high, p_value]; unbounded where units are too few."""
    count, mean, variance = zip(*(_running(stream, arm) for arm in (stream.treated, ~stream.treated)), strict=True)
    units = count[0] + count[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance[0] / count[0] + variance[1] / count[1])
    effect = mean[0] - mean[1]
    enough = (np.minimum(count[0], count[1]) >= LEAST_UNITS) & (error > 0)
    information = units / planned
    bound = np.where(enough, mixture_bound(information, level=level), np.inf)
    z = np.divide(effect, error, out=np.zeros(len(units)), where=enough)
    x = narrowest(1 - level) * information
    p = np.where(enough, np.minimum(1.0, np.sqrt(x + 1) * np.exp(-x * z**2 / (2 * (x + 1)))), 1.0)
    reach = np.full(len(units), np.inf)
    reach[enough] = bound[enough] * error[enough]
    return pd.DataFrame(
        {
            "look": np.arange(1, len(units) + 1),
            "time": stream.labels,
            "units": units.astype(int),
            "effect": effect,
            "se": error,
            "bound": bound,
            "low": np.where(enough, effect - reach, -np.inf),
            "high": np.where(enough, effect + reach, np.inf),
            "p_value": p,
        }
    )


def _running(stream: _Stream, arm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return count, mean and variance of an arm up to each look; NaN while there is nothing."""
    looks = len(stream.labels)
    # Centred first: sums of squares of large outcomes would lose their digits.
    centre = stream.outcome[arm].mean()
    values = stream.outcome[arm] - centre
    count = np.cumsum(np.bincount(stream.look[arm], minlength=looks)).astype(float)
    total = np.cumsum(np.bincount(stream.look[arm], weights=values, minlength=looks))
    squares = np.cumsum(np.bincount(stream.look[arm], weights=values**2, minlength=looks))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        variance = np.maximum(squares - count * mean**2, 0.0) / (count - 1)
    return count, mean + centre, variance
