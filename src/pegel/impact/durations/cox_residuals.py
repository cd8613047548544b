"""Score and Schoenfeld residuals of a Cox model, with equal durations after Efron or Breslow.

Score residuals add up to the score, so their sums by cluster make the sandwich variance (Lin & Wei 1989). Schoenfeld
residuals, scaled, drift with time where the hazard ratio does (Grambsch & Therneau 1994).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.impact.durations.duration_rows import DurationRows


class _Steps(NamedTuple):
    """The completions of one stratum, taken one by one: d at the same time are d steps.

    times: (J,) distinct, ``place`` of each item's duration among them, ``done`` indices of finished items.
    step: (D,) index into times; share: (D,) of the weight of those that finish together which is no longer at risk.
    rate: (D,) 1 / S₀; mean: (D, K) weighted mean at risk. weight: (N,) exp(xβ), up to a factor.
    """

    times: np.ndarray
    place: np.ndarray
    done: np.ndarray
    step: np.ndarray
    share: np.ndarray
    rate: np.ndarray
    mean: np.ndarray
    weight: np.ndarray


def score_residuals(rows: DurationRows, exog: np.ndarray, beta: np.ndarray, ties: str) -> np.ndarray:
    """Return (N, K): each item's part of the score at β.

    δᵢ (xᵢ − x̄) − exp(xᵢβ) Σ over completions at which i is at risk of (xᵢ − x̄) / S₀. Under Efron's ties the d items
    that finish together count 1 − l/d of their weight at the l-th of their d steps.
    """
    result = np.zeros(exog.shape)
    for one in np.unique(rows.stratum):
        cell = np.flatnonzero(rows.stratum == one)
        if rows.finished[cell].any():
            steps = _steps(rows.duration[cell], rows.finished[cell], rows.entry[cell], exog[cell], beta, ties)
            result[cell] = _scores(steps, rows.duration[cell], rows.entry[cell], exog[cell])
    return result


def schoenfeld_test(
    rows: DurationRows, exog: np.ndarray, beta: np.ndarray, covariance: np.ndarray, names: list[str], ties: str
) -> pd.DataFrame:
    """Return [term, statistic, p_value]: does a coefficient drift with the rank of time? One degree of freedom each.

    The residual of a completion is its covariates less their weighted mean at risk, scaled by covariance times number
    of completions.
    """
    residuals = np.zeros(exog.shape)
    for one in np.unique(rows.stratum):
        cell = np.flatnonzero(rows.stratum == one)
        if rows.finished[cell].any():
            steps = _steps(rows.duration[cell], rows.finished[cell], rows.entry[cell], exog[cell], beta, ties)
            residuals[cell[steps.done]] = exog[cell[steps.done]] - _means(steps)[steps.place[steps.done]]
    done = rows.finished
    rank = stats.rankdata(rows.duration[done])
    drift = rank - rank.mean()
    count = int(done.sum())
    spread = count * np.diag(covariance) * (drift**2).sum()
    if spread.min() <= 0:  # all finished after the same time: nothing can drift
        return pd.DataFrame({"term": names, "statistic": 0.0, "p_value": 1.0})
    statistic = (drift @ residuals[done] @ covariance * count) ** 2 / spread
    return pd.DataFrame({"term": names, "statistic": statistic, "p_value": stats.chi2.sf(statistic, 1)})


def _steps(
    duration: np.ndarray, finished: np.ndarray, entry: np.ndarray, exog: np.ndarray, beta: np.ndarray, ties: str
) -> _Steps:
    times = np.unique(duration[finished])
    linear = exog @ beta
    weight = np.exp(linear - linear.max())
    values = np.column_stack([weight, weight[:, None] * exog])
    at_risk = _at_risk(times, duration, entry, values)
    place = np.searchsorted(times, duration)
    done = np.flatnonzero(finished)
    ended = np.bincount(place[done], minlength=len(times))
    step = np.repeat(np.arange(len(times)), ended)
    rank = np.arange(len(step)) - np.repeat(np.cumsum(ended) - ended, ended)
    share = rank / ended[step] if ties == "efron" else np.zeros(len(step))
    sums = at_risk[step] - share[:, None] * _by_time(place[done], values[done], len(times))[step]
    return _Steps(times, place, done, step, share, 1 / sums[:, 0], sums[:, 1:] / sums[:, :1], weight)


def _scores(steps: _Steps, duration: np.ndarray, entry: np.ndarray, exog: np.ndarray) -> np.ndarray:
    times, done = len(steps.times), steps.done
    hazards = np.column_stack([steps.rate, steps.rate[:, None] * steps.mean])
    full = _by_time(steps.step, hazards, times)
    part = _by_time(steps.step, hazards * (1 - steps.share)[:, None], times)
    passed = np.concatenate([np.zeros((1, full.shape[1])), np.cumsum(full, axis=0)])
    gone = np.searchsorted(steps.times, duration, side="right")
    here = passed[gone] - passed[np.minimum(np.searchsorted(steps.times, entry, side="right"), gone)]
    here[done] += (part - full)[steps.place[done]]
    result: np.ndarray = -steps.weight[:, None] * (exog * here[:, :1] - here[:, 1:])
    result[done] += exog[done] - _means(steps)[steps.place[done]]
    return result


def _means(steps: _Steps) -> np.ndarray:
    """Return (J, K): the mean at risk, averaged over the steps of each time."""
    ended = np.bincount(steps.step, minlength=len(steps.times))
    result: np.ndarray = _by_time(steps.step, steps.mean, len(steps.times)) / ended[:, None]
    return result


def _at_risk(times: np.ndarray, duration: np.ndarray, entry: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return sums of values (N, C) over the items at risk at each time: entry < time ≤ duration."""
    change = np.zeros((len(times) + 1, values.shape[1]))
    begin = np.searchsorted(times, np.where(entry > 0, entry, -1.0), side="right")
    np.add.at(change, begin, values)
    np.add.at(change, np.maximum(np.searchsorted(times, duration, side="right"), begin), -values)
    result: np.ndarray = np.cumsum(change, axis=0)[:-1]
    return result


def _by_time(step: np.ndarray, values: np.ndarray, times: int) -> np.ndarray:
    result = np.zeros((times, values.shape[1]))
    np.add.at(result, step, values)
    return result
