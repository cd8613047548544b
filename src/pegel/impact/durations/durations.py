"""How long does work take in one group against another, if open work counts too? (Kaplan–Meier, restricted means)

Question
    By how much sooner or later is an item finished in the treated group, looked at up to a horizon?
Definition
    S(t), the share still unfinished after t, by the product-limit estimate in each group. The restricted mean is the
    area under S up to the horizon τ: the mean of min(duration, τ). The effect is that of the treated group less that of
    the control group; negative means sooner. With strata: the mean of the differences within strata, weighted by their
    number of items. Without a group the "effect" is the restricted mean itself.
Why not the mean of finished items
    Soon after a roll-out only fast items are finished; their mean makes every roll-out look fast.
Inference
    Variance after Greenwood, as a sum of squared influences of items; with ``cluster`` influences are summed by cluster
    first, each arm with the factor G / (G − 1), and t with Satterthwaite's degrees of freedom. Log-rank test beside it.
Source
    Kaplan & Meier, JASA 53 (1958); Royston & Parmar, BMC Medical Research Methodology 13 (2013); Uno et al., J. Clin.
    Oncol. 32 (2014), whose ``survRM2`` has the same variance; Brookmeyer & Crowley, Biometrics 38 (1982); Mantel,
    Cancer Chemother. Rep. 50 (1966). Curves and log-rank test are statsmodels'.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.columns import is_missing
from pegel.impact.durations.duration_rows import DurationRows, duration_rows
from pegel.impact.durations.survival_curves import (
    curve_table,
    log_rank,
    percentile_table,
    product_limit_curve,
    restricted_mean,
)
from pegel.impact.estimate import FEW_UNITS, HORIZON_COLUMNS, LEVEL, Caveat, Estimate, Interval

METHOD = "kaplan_meier"
ASSUMPTIONS = ("censoring_independent", "groups_comparable")
#: Below so many finished items in a group its curve rests on single items.
FEW_FINISHED = 10
_ROUNDING = 1e-12


def kaplan_meier(
    data: Any,
    *,
    duration: str,
    finished: str,
    group: str | None = None,
    treated: Any = None,
    start: str | None = None,
    entry: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    horizon: float | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return the difference of restricted means, treated less control, in the unit of the durations.

    Parameters
    ----------
    data: a row per item. duration: time taken, or so far. finished: yes or no.
    group: column with two values, ``treated`` which of them is treated; without it the restricted mean itself.
    start: column of when items started, only to tell whether both groups started in the same time.
    entry: column with the age at which items came under observation (started before the log begins).
    horizon: by default the largest time observed in both groups (in every stratum).

    Raises
    ------
    InputError: those of ``duration_rows``; ``impact_horizon_beyond_data``, ``impact_no_stratum_has_both``.
    UserError: ``impact_level_out_of_range``, ``impact_horizon_not_positive``, ``impact_treated_group_unclear``.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if horizon is not None and not 0 < horizon < np.inf:
        raise UserError("impact_horizon_not_positive", value=horizon)
    rows = duration_rows(
        data,
        duration=duration,
        finished=finished,
        group=group,
        treated=treated,
        start=start,
        entry=entry,
        strata=strata,
        cluster=cluster,
    )
    caveats = list(rows.caveats)
    groups = _groups(rows)
    used, left_out = _strata_with_all(rows, groups)
    if left_out:
        caveats.append(Caveat("strata_without_both_groups", {"n": left_out}))
    until = _horizon(rows, groups, used, horizon)
    caveats += _warnings(rows, groups)
    caveats += _apart(rows)
    silent = next((one.code for one in caveats if one.code in _SILENT), None)
    found = None if silent else _effect(rows, groups, used, until)
    said, more = (_Said(None, silent, None, None), []) if found is None else _said(rows, found, level)
    return Estimate(
        method=METHOD,
        estimand="restricted_mean" if rows.treated is None else "restricted_mean_difference",
        outcome=duration,
        effect=found.effect if found else None,
        se=said.se,
        se_reason=said.se_reason,
        interval=said.interval,
        level=level,
        p_value=said.p_value if rows.treated is not None else None,
        inference="cluster" if rows.clustered else "analytic",
        n=len(rows.duration),
        units=len(np.unique(rows.cluster)),
        adopters=0 if rows.treated is None else len(np.unique(rows.cluster[rows.treated])),
        periods=1,
        by_horizon=pd.DataFrame(columns=list(HORIZON_COLUMNS)),
        diagnostics=_diagnostics(rows, groups, found, until, level),
        caveats=(*caveats, *more),
        assumptions=ASSUMPTIONS if rows.treated is not None else ASSUMPTIONS[:1],
    )


def _entry(rows: DurationRows, mask: np.ndarray) -> np.ndarray | None:
    return rows.entry[mask] if rows.entry.any() else None


def _groups(rows: DurationRows) -> list[tuple[str, np.ndarray]]:
    """Return (name, mask) of the groups, control first; one nameless group where there are none."""
    if rows.treated is None:
        return [("", np.ones(len(rows.duration), dtype=bool))]
    return [(rows.names[0], ~rows.treated), (rows.names[1], rows.treated)]


def _strata_with_all(rows: DurationRows, groups: list[tuple[str, np.ndarray]]) -> tuple[np.ndarray, int]:
    strata = np.unique(rows.stratum)
    full = np.array([all((mask & (rows.stratum == one)).any() for _, mask in groups) for one in strata])
    if not full.any():
        raise InputError("impact_no_stratum_has_both")
    return strata[full], int((~full).sum())


def _horizon(
    rows: DurationRows, groups: list[tuple[str, np.ndarray]], strata: np.ndarray, wanted: float | None
) -> float:
    """Return the horizon; a curve that ends above 0 is not known beyond its last time."""
    ends = []
    for one in strata:
        for _, mask in groups:
            cell = mask & (rows.stratum == one)
            last = float(rows.duration[cell].max())
            done = rows.finished[cell][rows.duration[cell] == last].all()
            ends.append((last, bool(done)))
    if wanted is None:
        least = min(last for last, _ in ends)
        if least <= 0:
            raise InputError("impact_horizon_beyond_data", horizon=least, most=least)
        return least
    known = min((last for last, done in ends if not done), default=np.inf)
    if wanted > known * (1 + _ROUNDING):
        raise InputError("impact_horizon_beyond_data", horizon=wanted, most=known)
    return wanted


#: With one of these nothing can be said about the difference.
_SILENT = ("nothing_finished_in_group", "risk_set_runs_empty")


def _warnings(rows: DurationRows, groups: list[tuple[str, np.ndarray]]) -> list[Caveat]:
    caveats = []
    for name, mask in groups:
        done = int(rows.finished[mask].sum())
        values = {"group": name, "n": done, "items": int(mask.sum())}
        if not done:
            caveats.append(Caveat("nothing_finished_in_group", values))
        elif done < FEW_FINISHED:
            caveats.append(Caveat("few_finished_in_group", values))
        if any(_runs_empty(rows, mask & (rows.stratum == one)) for one in np.unique(rows.stratum)):
            caveats.append(Caveat("risk_set_runs_empty", {"group": name}))
    return caveats


def _runs_empty(rows: DurationRows, cell: np.ndarray) -> bool:
    """Tell whether all watched items are finished at an age after which others came under observation."""
    entry = _entry(rows, cell)
    if entry is None:
        return False
    curve = product_limit_curve(rows.duration[cell], rows.finished[cell], entry)
    return bool((curve.at_risk[:-1] == curve.finished[:-1]).any())


def _apart(rows: DurationRows) -> list[Caveat]:
    """Groups that started at different times are a comparison of before and after."""
    spans = _starts(rows)
    if len(spans) < 2:
        return []
    (_, first, last), (_, other_first, other_last) = spans
    return [Caveat("groups_started_apart")] if last < other_first or other_last < first else []


def _starts(rows: DurationRows) -> list[tuple[str, Any, Any]]:
    """Return (group, first start, last start)."""
    if rows.started is None:
        return []
    spans = []
    for name, mask in _groups(rows):
        known = [value for value, mine in zip(rows.started, mask, strict=True) if mine and not is_missing(value)]
        try:
            if known:
                spans.append((name, min(known), max(known)))
        except TypeError:
            raise InputError("impact_time_unreadable", value=str(known[0])) from None
    return spans


class _Effect(NamedTuple):
    """Effect, influence (N,) of every item on it, and the mean of each group."""

    effect: float
    influence: np.ndarray
    means: tuple[float, ...]
    errors: tuple[float, ...]


def _effect(rows: DurationRows, groups: list[tuple[str, np.ndarray]], strata: np.ndarray, until: float) -> _Effect:
    used = np.isin(rows.stratum, strata)
    influence = np.zeros(len(rows.duration))
    means, errors = np.zeros(len(groups)), np.zeros(len(groups))
    for one in strata:
        share = (rows.stratum == one).sum() / used.sum()
        for i, (_, mask) in enumerate(groups):
            cell = mask & (rows.stratum == one)
            found = restricted_mean(rows.duration[cell], rows.finished[cell], horizon=until, entry=_entry(rows, cell))
            sign = 1.0 if i == len(groups) - 1 else -1.0
            influence[cell] = sign * share * found.influence
            means[i] += share * found.mean
            errors[i] += (share * found.se) ** 2
    effect = means[-1] - (means[0] if len(groups) > 1 else 0.0)
    return _Effect(float(effect), influence, tuple(means.tolist()), tuple(np.sqrt(errors).tolist()))


class _Said(NamedTuple):
    se: float | None
    se_reason: str | None
    interval: Interval | None
    p_value: float | None


def _said(rows: DurationRows, found: _Effect, level: float) -> tuple[_Said, list[Caveat]]:
    variance, freedom, caveats = _variance(rows, found.influence)
    if variance is None:
        return _Said(None, caveats[0].code, None, None), caveats
    if variance <= (_ROUNDING * max(1.0, abs(found.effect))) ** 2:
        return _Said(None, "outcome_without_spread", None, None), [*caveats, Caveat("outcome_without_spread")]
    error = float(np.sqrt(variance))
    law = stats.norm if np.isinf(freedom) else stats.t(freedom)
    reach = float(law.ppf((1 + level) / 2)) * error
    p = 2 * float(law.sf(abs(found.effect) / error))
    return _Said(error, None, Interval(found.effect - reach, found.effect + reach), p), caveats


def _variance(rows: DurationRows, influence: np.ndarray) -> tuple[float | None, float, list[Caveat]]:
    """Return variance, degrees of freedom and caveats; by clusters where there are some."""
    if not rows.clustered:
        return float((influence**2).sum()), np.inf, []
    if rows.fewest_clusters < 2:  # the influences of one arm add up to zero: its variance would be zero
        return None, np.inf, [Caveat("too_few_clusters_in_group", {"n": rows.fewest_clusters})]
    sums = np.bincount(rows.cluster, weights=influence)
    caveats = []
    if len(sums) < FEW_UNITS:
        caveats.append(Caveat("few_units_standard_error", {"units": len(sums)}))
    treated = np.zeros(len(sums)) if rows.treated is None else np.bincount(rows.cluster, weights=rows.treated)
    size = np.bincount(rows.cluster)
    nested = bool(np.isin(treated / size, (0.0, 1.0)).all())
    arms = [treated == size, treated == 0] if nested and rows.treated is not None else [np.ones(len(sums), dtype=bool)]
    parts = [(float((sums[arm] ** 2).sum() * arm.sum() / (arm.sum() - 1)), int(arm.sum()) - 1) for arm in arms]
    total = sum(part for part, _ in parts)
    spread = sum(part**2 / freedom for part, freedom in parts)
    return total, total**2 / spread if spread > 0 else np.inf, caveats


def _diagnostics(
    rows: DurationRows, groups: list[tuple[str, np.ndarray]], found: _Effect | None, until: float, level: float
) -> dict[str, Any]:
    curves = [
        curve_table(product_limit_curve(rows.duration[mask], rows.finished[mask], _entry(rows, mask)), name, level)
        for name, mask in groups
    ]
    result: dict[str, Any] = {
        "horizon": until,
        "groups": pd.DataFrame(
            {
                "group": [name for name, _ in groups],
                "items": [int(mask.sum()) for _, mask in groups],
                "finished": [int(rows.finished[mask].sum()) for _, mask in groups],
                "restricted_mean": list(found.means) if found else [np.nan] * len(groups),
                "se": list(found.errors) if found else [np.nan] * len(groups),
            }
        ),
        "percentiles": pd.concat(
            [percentile_table(curve, name) for curve, (name, _) in zip(curves, groups, strict=True)],
            ignore_index=True,
        ),
        "curves": pd.concat(curves, ignore_index=True),
    }
    if rows.treated is not None:
        result["log_rank"] = log_rank(
            rows.duration,
            rows.finished,
            rows.treated,
            entry=_entry(rows, np.ones(len(rows.duration), dtype=bool)),
            stratum=rows.stratum if len(np.unique(rows.stratum)) > 1 else None,
        )
        control = found.means[0] if found else 0.0
        result["relative"] = found.effect / control if found and control > 0 else None
    if rows.started is not None:
        result["starts"] = pd.DataFrame(_starts(rows), columns=["group", "first", "last"])
    return result
