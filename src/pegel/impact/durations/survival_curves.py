"""The product-limit curve of items that are finished or still open, and what is read off it.

The curve and the log-rank test are statsmodels'; here stand the area under the curve with each item's influence, the
percentiles and the bounds. Definitions and sources: ``durations.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

PERCENTILES = (50, 70, 85, 95)
_ROUNDING = 1e-12


class Curve(NamedTuple):
    """Arrays over the times with completions, ascending; ``unfinished`` is S from that time on."""

    time: np.ndarray
    at_risk: np.ndarray
    finished: np.ndarray
    unfinished: np.ndarray


class RestrictedMean(NamedTuple):
    """Mean of min(duration, horizon), its standard error and each item's influence (n,) on it."""

    mean: float
    se: float
    horizon: float
    influence: np.ndarray


def product_limit_curve(duration: np.ndarray, finished: np.ndarray, entry: np.ndarray | None = None) -> Curve:
    """Return the Kaplan–Meier curve; ``entry`` is the age at which an item came under observation."""
    from statsmodels.duration.survfunc import SurvfuncRight  # noqa: PLC0415 - slow to load; only here

    if not finished.any():
        return Curve(np.empty(0), np.empty(0), np.empty(0), np.empty(0))
    curve = SurvfuncRight(duration, finished.astype(float), entry=entry)
    return Curve(curve.surv_times, np.asarray(curve.n_risk, dtype=float), curve.n_events, curve.surv_prob)


def restricted_mean(
    duration: np.ndarray, finished: np.ndarray, *, horizon: float, entry: np.ndarray | None = None
) -> RestrictedMean:
    """Return the area under the product-limit curve up to the horizon.

    The squared influences add up to Greenwood's variance Σ Aⱼ² dⱼ / (nⱼ (nⱼ − dⱼ)), Aⱼ the area from tⱼ to the horizon.

    >>> import numpy as np
    >>> found = restricted_mean(np.array([2.0, 4.0, 9.0]), np.array([True, True, False]), horizon=6)
    >>> round(found.mean, 6), round(found.se, 6)  # 2·1 + 2·2/3 + 2·1/3
    (4.0, 0.942809)
    """
    time, at_risk, done, unfinished = product_limit_curve(duration, finished, entry)
    kept = time < horizon
    time, at_risk, done, unfinished = time[kept], at_risk[kept], done[kept], unfinished[kept]
    pieces = np.diff(np.concatenate([[0.0], time, [horizon]])) * np.concatenate([[1.0], unfinished])
    area = np.cumsum(pieces[:0:-1])[::-1]
    left = at_risk - done
    weight = np.divide(area, left, out=np.zeros(len(area)), where=left > 0)
    passed = np.concatenate([[0.0], np.cumsum(weight * done / np.maximum(at_risk, 1))])
    index = np.searchsorted(time, duration, side="right")
    influence = passed[index].copy()
    if entry is not None:
        influence -= passed[np.minimum(np.searchsorted(time, entry, side="right"), index)]
    ends = finished & (duration < horizon)
    influence[ends] -= weight[index[ends] - 1]
    return RestrictedMean(float(pieces.sum()), float(np.sqrt((influence**2).sum())), horizon, influence)


def log_rank(
    duration: np.ndarray,
    finished: np.ndarray,
    treated: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
) -> dict[str, float | None]:
    """Return chi-squared (one degree of freedom) and p-value of "both groups finish alike at all times".

    None where no time has both groups at risk, and for strata together with late entry (statsmodels 0.15 cannot).
    """
    from statsmodels.duration.survfunc import survdiff  # noqa: PLC0415 - slow to load; only here

    nothing: dict[str, float | None] = {"statistic": None, "p_value": None}
    if not finished.any() or (entry is not None and stratum is not None):
        return nothing
    try:
        chi, _ = survdiff(duration, finished.astype(float), treated.astype(int), strata=stratum, entry=entry)
    except np.linalg.LinAlgError:  # never both groups at risk when something was finished
        return nothing
    return {"statistic": float(chi), "p_value": float(stats.chi2.sf(chi, 1))}


def curve_table(curve: Curve, name: str, level: float) -> pd.DataFrame:
    """Return [group, time, at_risk, finished, unfinished, error, low, high]; bounds on the scale log(−log S)."""
    time, at_risk, done, unfinished = curve
    left = at_risk - done
    spread = np.sqrt(np.cumsum(np.divide(done, at_risk * left, out=np.zeros(len(time)), where=left > 0)))
    inside = (unfinished > 0) & (unfinished < 1)
    logs = np.log(np.where(inside, unfinished, 0.5))
    width = np.where(inside, stats.norm.ppf((1 + level) / 2) * spread / np.abs(logs), 0.0)
    return pd.DataFrame(
        {
            "group": name,
            "time": time,
            "at_risk": at_risk.astype(int),
            "finished": done.astype(int),
            "unfinished": unfinished,
            "error": unfinished * spread,
            "low": np.where(inside, np.exp(logs * np.exp(np.minimum(width, 700.0))), unfinished),
            "high": np.where(inside, np.exp(logs * np.exp(-width)), unfinished),
        }
    )


def percentile_table(curve: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return [group, percentile, time, low, high]: the least time with S ≤ 1 − p; NaN where it is not reached."""
    return pd.DataFrame(
        [
            (name, percent, *(_first(curve, column, 1 - percent / 100) for column in ("unfinished", "low", "high")))
            for percent in PERCENTILES
        ],
        columns=["group", "percentile", "time", "low", "high"],
    )


def _first(curve: pd.DataFrame, column: str, bound: float) -> float:
    below = np.flatnonzero(curve[column].to_numpy() <= bound + _ROUNDING)
    return float(curve["time"].to_numpy()[below[0]]) if len(below) else np.nan
