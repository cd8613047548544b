"""Invented panels in which the effect of adopting is known, and troubles can be planted one by one.

Model
    Outcome of unit i in period t, on the scale of ``outcome`` (plain for ``normal``, logarithmic for the others):
    level + unit effect + period effect + season + AR(1) noise. Adopting adds the effect from the first treated period
    on. Unit effects, periods, noise, lots and each trouble have chance of their own, so that a planted trouble changes
    nothing else. Without adoption and with it, both outcomes of every cell are made; the truth is their difference.
Troubles (name: what its number means)
    ``pre_trend``: adopters drift by so much a period from ``RAMP`` periods before adoption on, for good.
    ``selected_on_outcome``: the pilot is the worst (highest) quarter of units on the mean of so many last periods.
    ``spill_over``: the untreated get that share of the effect, times the share of units that have adopted.
    ``definition_changed``: the outcome of everybody moves by so much, half-way between first adoption and end.
    ``definition_changed_for_adopters``: that of adopters only.
    ``unit_shocks``: every unit moves once, for good, by a normal draw of that standard deviation.
    ``gaps``: that share of cells is lost, half of them as empty values and half as missing rows.
    Unfinished items need items: see :func:`planted_items`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from pegel.errors import UserError

OutcomeKind = Literal["normal", "lognormal", "zero_inflated", "count"]
Calendar = Literal["week", "month", "count"]
RAMP: Final = 8
TROUBLES: Final = (
    "pre_trend",
    "selected_on_outcome",
    "spill_over",
    "definition_changed",
    "definition_changed_for_adopters",
    "unit_shocks",
    "gaps",
)
_SEASON: Final = 12
_ITEM_SIGMA: Final = 1.1
_FIRST_MONDAY: Final = "2024-01-01"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What was planted. Effects are in units of the outcome: with adoption less without it.

    Attributes
    ----------
    effect: mean over all treated cells of the panel before gaps; 0.0 where nobody adopts.
    by_horizon: [horizon, effect, adopters]. by_unit: [unit, cohort, effect] of the adopters, each over its own cells.
    troubles: what was planted, with its size. broken_at: the period from which on another definition counts.
    """

    effect: float
    by_horizon: pd.DataFrame
    by_unit: pd.DataFrame
    troubles: Mapping[str, float]
    broken_at: Any = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlantedPanel:
    """``panel``: [unit, time, outcome, cohort], cohort empty for never; ``items``: see :func:`planted_items`."""

    panel: pd.DataFrame
    truth: Truth
    items: pd.DataFrame | None = None


def planted_panel(
    *,
    units: int = 20,
    periods: int = 40,
    cohorts: Mapping[int, int] | None = None,
    effect: float | Sequence[float] = 0.0,
    effect_spread: float = 0.0,
    outcome: OutcomeKind = "normal",
    level: float = 10.0,
    unit_spread: float = 1.0,
    period_spread: float = 0.5,
    season: float = 0.0,
    noise: float = 1.0,
    persistence: float = 0.0,
    zeros: float = 0.3,
    troubles: Mapping[str, float] | None = None,
    calendar: Calendar = "week",
    seed: int = 0,
) -> PlantedPanel:
    """Return a panel and its truth.

    Parameters
    ----------
    cohorts: first treated period (counted from 0) → number of adopters, drawn by lot; default: half of the units,
        half-way. effect: on the outcome's scale; a sequence goes by periods since adoption, its last value stays.
    effect_spread: standard deviation of a unit's own effect around it. season: amplitude of a wave of 12 periods.
    noise, persistence: standard deviation and AR(1) coefficient. zeros: share of zero cells of ``zero_inflated``.

    Raises
    ------
    UserError: ``panel_world_impossible`` (an unknown trouble or kind, more adopters than units, a period outside).
    """
    plan = {periods // 2: units // 2} if cohorts is None else dict(cohorts)
    planted = dict(troubles or {})
    _refuse_impossible(units, periods, plan, planted)
    if outcome not in get_args(OutcomeKind) or calendar not in get_args(Calendar):
        raise UserError("panel_world_impossible", problem="kind", value=f"{outcome}, {calendar}")
    base = level if outcome == "normal" else np.log(level)
    score = (
        base + _random(seed, 1).normal(0, unit_spread, (units, 1)) + _random(seed, 2).normal(0, period_spread, periods)
    )
    score = score + season * np.sin(2 * np.pi * np.arange(periods) / _SEASON)
    score = score + noise * ar1(_random(seed, 3), (units, periods), persistence=persistence)
    score = score + _shocks(units, periods, planted.get("unit_shocks", 0.0), seed)
    first = min(plan, default=periods)
    last = int(planted.get("selected_on_outcome", 0))
    starts = _worst_quarter(score, first, last) if last else _by_lot(units, plan, seed)
    drift, broken = _planted_moves(starts, periods, planted)
    score = score + drift
    own = _random(seed, 5).normal(0, effect_spread, (units, 1)) if effect_spread else np.zeros((units, 1))
    since = np.arange(periods)[None, :] - starts[:, None]
    path = np.atleast_1d(np.asarray(effect, dtype=float))
    at = np.clip(np.where(np.isfinite(since), since, 0), 0, len(path) - 1).astype(int)
    adopted = since >= 0
    exposed = np.where(adopted, 0.0, planted.get("spill_over", 0.0) * path.mean() * adopted.mean(axis=0)[None, :])
    without = _drawn(outcome, score + exposed, zeros, seed)
    moved = np.where(adopted, _moved(outcome, without, score, path[at] + own, seed), without)
    names = [f"U{i + 1:0{len(str(units))}d}" for i in range(units)]
    labels = _labels(calendar, periods)
    frame = _long(names, labels, moved, starts)
    return PlantedPanel(
        panel=_with_gaps(frame, planted.get("gaps", 0.0), seed),
        truth=_truth(names, labels, starts, moved - without, planted, broken),
    )


def planted_items(
    *,
    units: int = 20,
    periods: int = 40,
    cohorts: Mapping[int, int] | None = None,
    effect: float = 0.0,
    items_per_period: int = 5,
    median_days: float = 10.0,
    unit_spread: float = 0.2,
    seed: int = 0,
) -> PlantedPanel:
    """Return items whose recent ones are unfinished, and the panel that a careless reader makes of them.

    Items start evenly within weeks and take a lognormal time (σ = 1.1); adopting multiplies it by exp(``effect``).
    ``items``: [item, unit, start, end, cohort], end empty where it lies behind the last week. The panel has the mean
    days of the items *finished so far* per unit and week of start: recent weeks look fast, whatever happened. The
    truth is the difference of mean days over all items started after adoption, finished or not.
    """
    plan = {periods // 2: units // 2} if cohorts is None else dict(cohorts)
    _refuse_impossible(units, periods, plan, {})
    starts = _by_lot(units, plan, seed)
    shape = (units, periods, items_per_period)
    score = np.log(median_days) + _random(seed, 1).normal(0, unit_spread, (units, 1, 1))
    without = np.exp(score + _random(seed, 3).normal(0, _ITEM_SIGMA, shape))
    adopted = np.arange(periods)[None, :] >= starts[:, None]
    days = np.where(adopted[:, :, None], without * np.exp(effect), without)
    begun = 7 * (np.arange(periods)[None, :, None] + _random(seed, 4).random(shape))
    finished = begun + days < 7 * periods
    counts = finished.sum(axis=2)
    seen = np.where(counts > 0, np.where(finished, days, 0).sum(axis=2) / np.maximum(counts, 1), np.nan)
    names = [f"U{i + 1:0{len(str(units))}d}" for i in range(units)]
    labels = _labels("week", periods)
    frame = _long(names, labels, seen, starts)
    zero = pd.Timestamp(_FIRST_MONDAY)
    each = np.repeat(np.arange(units), periods * items_per_period)
    start = zero + pd.to_timedelta(begun.ravel(), unit="D").round("s")
    items = pd.DataFrame(
        {
            "item": [f"I{i + 1:07d}" for i in range(begun.size)],
            "unit": np.array(names)[each],
            "start": start,
            "end": (start + pd.to_timedelta(days.ravel(), unit="D").round("s")).where(finished.ravel()),
            "cohort": _adoption(labels, starts)[each],
        }
    )
    truth = _truth(names, labels, starts, (days - without).mean(axis=2), {"unfinished_items": 1.0}, None)
    return PlantedPanel(panel=frame, truth=truth, items=items)


def ar1(random: np.random.Generator, shape: tuple[int, ...], *, persistence: float) -> np.ndarray:
    """Return stationary AR(1) noise of variance 1 along the last axis; more periods only add to the same beginning."""
    drawn = random.standard_normal((shape[-1], *shape[:-1]))
    for t in range(1, len(drawn)):
        drawn[t] = persistence * drawn[t - 1] + np.sqrt(1 - persistence**2) * drawn[t]
    return np.moveaxis(drawn, 0, -1)


def _random(seed: int, subject: int) -> np.random.Generator:
    return np.random.default_rng([seed, subject])


def _refuse_impossible(units: int, periods: int, plan: Mapping[int, int], planted: Mapping[str, float]) -> None:
    wrong = sorted(set(planted) - set(TROUBLES))
    if wrong:
        raise UserError("panel_world_impossible", problem="trouble", value=wrong)
    if sum(plan.values()) > units or any(not 0 < g < periods for g in plan):
        raise UserError("panel_world_impossible", problem="cohorts", value=str(dict(plan)))


def _shocks(units: int, periods: int, size: float, seed: int) -> np.ndarray:
    random = _random(seed, 6)
    when, amount = random.integers(0, periods, (units, 1)), random.normal(0, size, (units, 1))
    return np.where(np.arange(periods)[None, :] >= when, amount, 0.0)


def _by_lot(units: int, plan: Mapping[int, int], seed: int) -> np.ndarray:
    starts = np.full(units, np.inf)
    dates = [g for g in sorted(plan) for _ in range(plan[g])]
    starts[_random(seed, 4).permutation(units)[: len(dates)]] = dates
    return starts


def _worst_quarter(score: np.ndarray, first: int, last: int) -> np.ndarray:
    worst = np.argsort(-score[:, max(first - last, 0) : first].mean(axis=1), kind="stable")
    starts = np.full(len(score), np.inf)
    starts[worst[: max(len(score) // 4, 1)]] = first
    return starts


def _planted_moves(starts: np.ndarray, periods: int, planted: Mapping[str, float]) -> tuple[np.ndarray, int | None]:
    """Return (U, T) what drift and changed definitions add, and the period of the change."""
    time = np.arange(periods)[None, :]
    adopters = np.isfinite(starts)[:, None]
    since = np.where(adopters, time - np.where(adopters, starts[:, None], 0), -np.inf)
    moves = planted.get("pre_trend", 0.0) * np.where(adopters, np.maximum(since + RAMP, 0.0), 0.0)
    first = int(min(starts.min(), periods))
    late = (time >= (first + periods) // 2).astype(float)
    moves = moves + planted.get("definition_changed", 0.0) * late
    moves = moves + planted.get("definition_changed_for_adopters", 0.0) * late * adopters
    changed = any(name.startswith("definition_changed") for name in planted)
    return moves, (first + periods) // 2 if changed else None


def _drawn(outcome: OutcomeKind, score: np.ndarray, zeros: float, seed: int) -> np.ndarray:
    if outcome == "normal":
        return score
    rate: np.ndarray = np.exp(score)
    random = _random(seed, 7)
    if outcome == "count":
        rate = np.asarray(random.poisson(rate), dtype=float)
    return rate if outcome != "zero_inflated" else np.where(random.random(score.shape) < zeros, 0.0, rate)


def _moved(outcome: OutcomeKind, without: np.ndarray, score: np.ndarray, by: np.ndarray, seed: int) -> np.ndarray:
    """Return the outcome with adoption; counts lose single events by chance, or get new ones."""
    if outcome != "count":
        moved: np.ndarray = without + by if outcome == "normal" else without * np.exp(by)
        return moved
    random = _random(seed, 8)
    kept: np.ndarray = random.binomial(without.astype(int), np.exp(np.minimum(by, 0.0))).astype(float)
    kept += random.poisson(np.exp(score) * np.expm1(np.maximum(by, 0.0)))
    return kept


def _labels(calendar: Calendar, periods: int) -> pd.Index:
    if calendar == "count":
        return pd.Index(np.arange(1, periods + 1))
    return pd.date_range(_FIRST_MONDAY, periods=periods, freq="7D" if calendar == "week" else "MS")


def _adoption(labels: pd.Index, starts: np.ndarray) -> pd.Series:
    found = [labels[int(g)] if np.isfinite(g) else None for g in starts]
    return pd.Series(found, dtype=labels.dtype if isinstance(labels, pd.DatetimeIndex) else float).array


def _long(names: list[str], labels: pd.Index, values: np.ndarray, starts: np.ndarray) -> pd.DataFrame:
    units, periods = values.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.array(names), periods),
            "time": labels[np.tile(np.arange(periods), units)],
            "outcome": values.ravel(),
            "cohort": _adoption(labels, starts)[np.repeat(np.arange(units), periods)],
        }
    )


def _with_gaps(frame: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    if not share:
        return frame
    lost = _random(seed, 9).permutation(len(frame))[: round(share * len(frame))]
    empty, absent = lost[: len(lost) // 2], lost[len(lost) // 2 :]
    values = frame["outcome"].to_numpy(copy=True)
    values[empty] = np.nan
    return frame.assign(outcome=values).drop(index=absent).reset_index(drop=True)


def _truth(
    names: list[str],
    labels: pd.Index,
    starts: np.ndarray,
    difference: np.ndarray,
    planted: Mapping[str, float],
    broken: int | None,
) -> Truth:
    since = np.arange(difference.shape[1])[None, :] - starts[:, None]
    cells = since >= 0
    adopters = np.flatnonzero(np.isfinite(starts))
    horizons = np.unique(since[cells]).astype(int)
    at = [since == h for h in horizons]
    return Truth(
        effect=float(difference[cells].mean()) if cells.any() else 0.0,
        by_horizon=pd.DataFrame(
            {
                "horizon": horizons,
                "effect": [float(difference[one].mean()) for one in at],
                "adopters": [int(one.sum()) for one in at],
            }
        ),
        by_unit=pd.DataFrame(
            {
                "unit": [names[i] for i in adopters],
                "cohort": _adoption(labels, starts[adopters]),
                "effect": [float(difference[i, cells[i]].mean()) for i in adopters],
            }
        ),
        troubles=dict(planted),
        broken_at=None if broken is None else labels[broken],
    )
