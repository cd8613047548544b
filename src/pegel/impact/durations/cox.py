"""How much faster does work get finished, at every age, other things equal? (Cox 1972)

Question
    By what factor is the rate of finishing higher for treated items than for others of the same age?
Definition
    rate of finishing at age t = h₀(t) · exp(β · treated + γ · covariates); h₀ is free, with strata in each of them.
    The effect is β, the log hazard ratio: above 0 means finished sooner. ``diagnostics["hazard_ratio"]`` is exp(β).
    Equal durations after Efron, or Breslow.
Inference
    Normal, from the observed information; with ``cluster`` the sandwich of score residuals summed by cluster, factor
    G / (G − 1), t with G − 1 degrees of freedom. The score residuals are our own: those of statsmodels 0.15 are
    Breslow's under Efron's ties too, and NaN for items that leave before the first completion.
Check
    Schoenfeld residuals against the rank of time (Grambsch & Therneau): is the ratio the same at every age?
Reported
    A group in which nothing is finished, or covariates that tell finished from unfinished perfectly: then no finite β
    maximises the likelihood (separation), and there is no effect to name.
Source
    Cox, JRSS B 34 (1972); Efron, JASA 72 (1977); Breslow, Biometrics 30 (1974); Lin & Wei, JASA 84 (1989); Grambsch &
    Therneau, Biometrika 81 (1994). Reproduces the published coefficients for the 6-MP trial (Freireich et al. 1963).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.durations.cox_residuals import schoenfeld_test, score_residuals
from pegel.impact.durations.duration_rows import DurationRows, duration_rows
from pegel.impact.estimate import FEW_UNITS, HORIZON_COLUMNS, LEVEL, Caveat, Estimate, Interval

METHOD = "cox"
Ties = Literal["efron", "breslow"]
ASSUMPTIONS = ("censoring_independent", "groups_comparable", "proportional_hazards")
#: A log hazard ratio of 15 per standard deviation is a ratio of millions: the likelihood has no maximum.
_RUNAWAY = 15.0
#: So far beyond the maximum (in standard deviations) the log-likelihood must have fallen, by at least this much.
_FAR, _FALL = 10.0, 1e-4
_NOT_PROPORTIONAL = 0.05


def cox(
    data: Any,
    *,
    duration: str,
    finished: str,
    treatment: str,
    treated: Any = None,
    covariates: Sequence[str] | None = None,
    entry: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    ties: Ties = "efron",
    level: float = LEVEL,
) -> Estimate:
    """Return the log hazard ratio of finishing, treated against control.

    Parameters
    ----------
    treatment: column with two values, ``treated`` which of them is treated (not needed for yes/no and 1/0).
    covariates: columns of numbers known before the treatment. strata: column whose groups have rates of their own.
    entry: column with the age at which items came under observation.

    Raises
    ------
    InputError: those of ``duration_rows``; ``impact_cox_columns_collinear``.
    UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``, ``impact_treated_group_unclear``.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if ties not in ("efron", "breslow"):
        raise UserError("impact_unknown_choice", name="ties", value=ties)
    rows = duration_rows(
        data,
        duration=duration,
        finished=finished,
        group=treatment,
        treated=treated,
        entry=entry,
        strata=strata,
        cluster=cluster,
        covariates=covariates,
    )
    assert rows.treated is not None  # noqa: S101 - the column was named
    names = [treatment, *(covariates or ())]
    exog = np.column_stack([rows.treated.astype(float), rows.covariates])
    caveats = list(rows.caveats)
    silent = _nothing_finished(rows)
    fitted = None
    if silent is None:
        _refuse_collinear(rows, exog, names)
        fitted = _fit(rows, exog, ties)
        if fitted is None:
            silent = Caveat("hazard_ratio_separated", {"names": names})
    if silent is not None or fitted is None:
        return _estimate(rows, duration, level, None, None, {}, [*caveats, silent] if silent else caveats)
    return _answer(rows, duration, names, exog, ties, level, fitted, caveats)


class _Fitted(NamedTuple):
    beta: np.ndarray
    information: np.ndarray
    log_likelihood: float
    null_log_likelihood: float


def _nothing_finished(rows: DurationRows) -> Caveat | None:
    """Without a completion in one group the ratio is 0 or infinite."""
    assert rows.treated is not None  # noqa: S101 - checked before
    for name, mask in ((rows.names[0], ~rows.treated), (rows.names[1], rows.treated)):
        if not rows.finished[mask].any():
            return Caveat("nothing_finished_in_group", {"group": name, "n": 0, "items": int(mask.sum())})
    return None


def _refuse_collinear(rows: DurationRows, exog: np.ndarray, names: list[str]) -> None:
    """Refuse columns that are combinations of others within strata; a constant tells nothing either."""
    inside = exog.copy()
    for one in np.unique(rows.stratum):
        mask = rows.stratum == one
        inside[mask] -= inside[mask].mean(axis=0)
    scale = np.abs(inside).max(axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(inside / scale) < inside.shape[1]:
        raise InputError("impact_cox_columns_collinear", names=names)


def _fit(rows: DurationRows, exog: np.ndarray, ties: Ties) -> _Fitted | None:
    """Return the maximum of the partial likelihood; None where it has none."""
    from statsmodels.duration.hazard_regression import PHReg  # noqa: PLC0415 - slow to load; only here

    centre, scale = exog.mean(axis=0), exog.std(axis=0)
    # Items that come under observation after the last completion of their stratum are never at risk; statsmodels 0.15
    # fails on them.
    last = np.full(int(rows.stratum.max()) + 1, -np.inf)
    np.maximum.at(last, rows.stratum[rows.finished], rows.duration[rows.finished])
    used = rows.entry < np.maximum(last[rows.stratum], np.finfo(float).tiny)
    model = PHReg(
        rows.duration[used],
        (exog[used] - centre) / scale,
        status=rows.finished[used].astype(float),
        # At risk is who came before: statsmodels 0.15 counts those who come at that very time, too.
        entry=np.where(rows.entry > 0, np.nextafter(rows.entry, np.inf), 0.0)[used] if rows.entry.any() else None,
        strata=rows.stratum[used] if len(np.unique(rows.stratum)) > 1 else None,
        ties=ties,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of no convergence, overflow: judged below
        try:
            beta = np.asarray(model.fit(method="newton", maxiter=100).params, dtype=float)
        except np.linalg.LinAlgError:
            return None
        information = -np.asarray(model.hessian(beta), dtype=float)
        slope = np.asarray(model.score(beta), dtype=float)
        found, null = float(model.loglike(beta)), float(model.loglike(np.zeros_like(beta)))
        if not (np.isfinite(beta).all() and np.isfinite(information).all() and np.abs(beta).max() < _RUNAWAY):
            return None
        values, directions = np.linalg.eigh(information)
        beyond = [float(model.loglike(beta + sign * _FAR * one)) for one in directions.T for sign in (1, -1)]
    if values.min() <= 0 or max(beyond) > found - _FALL or np.abs(slope).max() > 1e-4 * rows.finished.sum():
        return None
    return _Fitted(beta / scale, information * np.outer(scale, scale), found, null)


def _answer(
    rows: DurationRows,
    outcome: str,
    names: list[str],
    exog: np.ndarray,
    ties: Ties,
    level: float,
    fitted: _Fitted,
    caveats: list[Caveat],
) -> Estimate:
    naive = np.linalg.inv(fitted.information)
    covariance, freedom = naive, np.inf
    if rows.clustered:
        scores = score_residuals(rows, exog, fitted.beta, ties)
        sums = np.zeros((int(rows.cluster.max()) + 1, exog.shape[1]))
        np.add.at(sums, rows.cluster, scores)
        clusters = len(sums)
        if clusters < FEW_UNITS:
            caveats = [*caveats, Caveat("few_units_standard_error", {"units": clusters})]
        if rows.fewest_clusters < 2 or clusters <= exog.shape[1]:
            caveats = [*caveats, Caveat("too_few_clusters_in_group", {"n": rows.fewest_clusters})]
            covariance = np.full_like(naive, np.nan)
        else:
            covariance = naive @ (sums.T @ sums) @ naive * clusters / (clusters - 1)
        freedom = clusters - 1
    errors = np.sqrt(np.diag(covariance))
    law = stats.norm if np.isinf(freedom) else stats.t(freedom)
    reach = float(law.ppf((1 + level) / 2)) * errors
    check = schoenfeld_test(rows, exog, fitted.beta, naive, names, ties)
    if check["p_value"].iloc[0] < _NOT_PROPORTIONAL:
        caveats = [*caveats, Caveat("hazards_not_proportional", {"p_value": float(check["p_value"].iloc[0])})]
    table = pd.DataFrame(
        {
            "term": names,
            "effect": fitted.beta,
            "se": errors,
            "low": fitted.beta - reach,
            "high": fitted.beta + reach,
            "hazard_ratio": np.exp(fitted.beta),
        }
    )
    ratio = 2 * (fitted.log_likelihood - fitted.null_log_likelihood)
    diagnostics = {
        "hazard_ratio": float(np.exp(fitted.beta[0])),
        "hazard_ratio_interval": Interval(*np.exp(table.loc[0, ["low", "high"]].to_numpy(dtype=float)).tolist()),
        "coefficients": table,
        "finished": int(rows.finished.sum()),
        "ties": ties,
        "log_likelihood": fitted.log_likelihood,
        "likelihood_ratio": {"statistic": ratio, "p_value": float(stats.chi2.sf(ratio, len(names)))},
        "proportional_hazards": check,
    }
    error = float(errors[0]) if np.isfinite(errors[0]) else None
    p = None if error is None else 2 * float(law.sf(abs(fitted.beta[0]) / error))
    return _estimate(rows, outcome, level, fitted, (error, float(reach[0]), p), diagnostics, caveats)


def _estimate(
    rows: DurationRows,
    outcome: str,
    level: float,
    fitted: _Fitted | None,
    sure: tuple[float | None, float, float | None] | None,
    diagnostics: dict[str, Any],
    caveats: list[Caveat],
) -> Estimate:
    assert rows.treated is not None  # noqa: S101 - checked before
    effect = None if fitted is None else float(fitted.beta[0])
    error, reach, p = sure or (None, np.nan, None)
    return Estimate(
        method=METHOD,
        estimand="log_hazard_ratio",
        outcome=outcome,
        effect=effect,
        se=error,
        se_reason=None if error is not None else caveats[-1].code,
        interval=None if effect is None or error is None else Interval(effect - reach, effect + reach),
        level=level,
        p_value=p,
        inference="cluster" if rows.clustered else "analytic",
        n=len(rows.duration),
        units=len(np.unique(rows.cluster)),
        adopters=len(np.unique(rows.cluster[rows.treated])),
        periods=1,
        by_horizon=pd.DataFrame(columns=list(HORIZON_COLUMNS)),
        diagnostics=diagnostics,
        caveats=tuple(caveats),
        assumptions=ASSUMPTIONS,
    )
