"""Counts and rare events in a panel: by which factor did the rate of the adopters move?

Question
    Defects, incidents, deployments: how did their rate (per exposure) change with adoption, compared with units that
    had not adopted?
Definition
    E[count] = exposure · exp(unit + period + β adopted + covariates), by Poisson pseudo-maximum likelihood. The effect
    is β, a log rate ratio; the ratio stands in the diagnostics. Counts need not be Poisson, nor whole numbers; zeros
    are no trouble, and no log(1 + x) is taken, whose answer depends on the unit of measurement.
By horizon
    The same model with a column for each period since adoption; the base is the last period before it. Without units
    that never adopt, the last adopters serve as controls until they adopt.
How sure
    Below 40 units the adoption dates are dealt out anew. On the rates without adoption, multiplied by exp(τ) for the
    adopters, every deal's log ratio is taken by one scoring step; the interval holds every τ that is not rejected.
    Above, sums of scores by cluster.
Several dates
    Like any two-way regression, β mixes comparisons with units already treated. ``imputed_log_ratio`` in the
    diagnostics fits units and periods without adoption only, and compares the events after adoption with those expected
    from it.
Source
    Wooldridge, *Simple approaches to nonlinear difference-in-differences with panel data*, Econometrics J. 26 (2023);
    Correia, Guimarães & Zylkin 2020 (separation, absorbed effects); Chen & Roth, *Logs with zeros?*, QJE 139 (2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, FEW_UNITS, HORIZON_COLUMNS, LEVEL, Caveat, Estimate, Inference, Interval
from pegel.impact.fit import Fit, estimate_of
from pegel.impact.panel import Panel, panel_of
from pegel.impact.rates.poisson_effects import PoissonEffects, events, separate_columns
from pegel.impact.rates.rate_permutation import deal_rates
from pegel.impact.rates.rates import Rates, event_columns, rates_of

METHOD = "quasi_poisson"
ESTIMAND = "log_rate_ratio"
ASSUMPTIONS = ("parallel_rates", "no_anticipation", "no_spill_over", "adoption_stays")


def quasi_poisson(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    exposure: str | None = None,
    covariates: Sequence[str] | None = None,
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the log rate ratio of adopting, with the ratio in the diagnostics.

    Parameters
    ----------
    panel: long data frame, a row per unit and period. exposure: column of what is counted over (persons, items, days).

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_negative_counts``, ``impact_exposure_not_positive``,
        ``impact_nobody_adopted``, ``impact_no_controls_left``, ``impact_rate_not_identified``.
    """
    checked = panel_of(
        panel,
        unit=unit,
        time=time,
        outcome=outcome,
        cohort=cohort,
        covariates=[*(covariates or ()), *([exposure] if exposure else [])],
        cluster=cluster,
    )
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if inference not in ("auto", "permutation", "cluster", "analytic"):
        raise UserError("impact_unknown_choice", name="inference", value=inference)
    if inference == "auto":
        inference = "permutation" if len(np.unique(checked.clusters)) < FEW_UNITS else "analytic"
    fit = fitter(exposure=exposure)
    if inference == "permutation":
        return _by_permutation(checked, fit(checked), exposure, level=level, draws=draws, seed=seed)
    # Units without events add nothing to a standard error; counting them as clusters would make it look surer.
    rates = rates_of(checked, exposure)
    told = tuple(one for one in rates.caveats if one.code == "units_without_events")
    if told:
        having = np.flatnonzero(rates.used.any(axis=1))
        checked = replace(checked.only(having), caveats=(*checked.caveats, *told))
    found = estimate_of(
        checked,
        fit,
        method=METHOD,
        estimand=ESTIMAND,
        inference=inference,
        level=level,
        seed=seed,
        assumptions=ASSUMPTIONS,
    )
    return replace(found, diagnostics={**found.diagnostics, **_ratios(found.effect, found.interval)})


def fitter(*, exposure: str | None = None) -> partial[Fit]:
    """Return the estimator as a function from a panel to its fit; ``exposure`` is then one of its covariates."""
    return partial(_fit, exposure=exposure)


def _fit(panel: Panel, *, exposure: str | None) -> Fit:
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    rates = rates_of(panel, exposure)
    treated = panel.treated * rates.used
    if not separate_columns(panel.treated[:, :, None], rates.used):
        raise InputError("impact_no_controls_left", control="not_yet")
    adopters = panel.adopters[:, None] & rates.used
    for when in (treated == 1, adopters & (treated == 0)):
        if not rates.values[when].any():
            raise InputError("impact_rate_not_identified")
    found = rates.fit(treated[:, :, None])
    if found is None:
        raise InputError("impact_rate_not_identified")
    effect, influence = float(found.coefficients[0]), _influence(rates, found)[:, 0]
    horizons = _event_study(panel, rates)
    imputed = _imputed(rates, treated)
    caveats = list(rates.caveats)
    error = float(np.sqrt((influence**2).sum()))
    if imputed is not None and len(panel.cohorts) > 1 and abs(imputed - effect) > error:
        percent, other = 100 * float(np.expm1(effect)), 100 * float(np.expm1(imputed))
        caveats.append(Caveat("imputed_rate_differs", {"percent": percent, "imputed_percent": other}))
    free = int(rates.used.sum()) - int(rates.used.any(axis=1).sum()) - int(rates.used.any(axis=0).sum())
    free += 1 - len(found.coefficients)
    safe = np.where(rates.used, found.means, 1.0)
    pearson = float((np.where(rates.used, rates.values - found.means, 0.0) ** 2 / safe).sum())
    return Fit(
        effect=effect,
        horizons=horizons.horizons,
        effects=horizons.effects,
        adopters=horizons.adopters,
        n=int(rates.used.sum()),
        influence=influence,
        horizon_influence=horizons.influence,
        diagnostics={
            "ratio": float(np.exp(effect)),
            "imputed_log_ratio": imputed,
            "dispersion": pearson / free if free > 0 else None,
            "events": float(rates.values.sum()),
            "events_after": float(rates.values[treated == 1].sum()),
            "expected_after": float((found.means * np.exp(-effect))[treated == 1].sum()),
        },
        caveats=tuple(caveats),
    )


def _influence(rates: Rates, found: PoissonEffects) -> np.ndarray:
    """Return (U, K): what each unit adds to the coefficients."""
    off = np.where(rates.used, rates.values - found.means, 0.0)
    return np.linalg.solve(found.information, np.einsum("utk,ut->ku", found.left, off)).T


@dataclass(frozen=True, slots=True, eq=False)
class _Horizons:
    horizons: np.ndarray
    effects: np.ndarray
    adopters: np.ndarray
    influence: np.ndarray


def _event_study(panel: Panel, rates: Rates) -> _Horizons:
    """Return log rate ratios by period since adoption, 0 at the base; none where they are not identified."""
    study = event_columns(panel.cohort, rates)
    found = None
    if study is not None:
        every = np.concatenate([study.columns, rates.covariates], axis=2)
        if len(separate_columns(every, study.used)) == every.shape[2]:
            found = rates.fit(study.columns, study.used)
    if study is None or found is None:
        nobody = np.empty(0, dtype=int)
        return _Horizons(nobody, np.empty(0), nobody, np.empty((panel.shape[0], 0)))
    at_base = study.horizons == study.base
    effects = np.zeros(len(study.horizons))
    influence = np.zeros((panel.shape[0], len(study.horizons)))
    own = int((~at_base).sum())
    effects[~at_base] = found.coefficients[:own]
    influence[:, ~at_base] = _influence(rates, found)[:, :own]
    return _Horizons(study.horizons, effects, study.adopters, influence)


def _imputed(rates: Rates, treated: np.ndarray) -> float | None:
    """Return the log of events after adoption by those that units and periods without adoption lead to expect."""
    before = rates.used & (treated == 0)
    used = before & events(np.where(before, rates.values, np.nan))
    after = (treated == 1) & used.any(axis=1)[:, None] & used.any(axis=0)[None, :]
    if not rates.values[after].any():
        return None
    if len(separate_columns(rates.covariates, used)) < rates.covariates.shape[2]:
        return None
    found = rates.fit(np.empty((*used.shape, 0)), used)
    if found is None or not found.effects.connected:
        return None
    units, periods = found.effects.split(found.logs)
    known = rates.covariates @ found.coefficients
    expected = np.exp(units[:, None] + periods[None, :] + known + rates.log_exposure)
    return float(np.log(rates.values[after].sum() / expected[after].sum()))


def _ratios(effect: float | None, interval: Interval | None) -> dict[str, Any]:
    """Return the ratio with its interval; bounds of 0 and infinity where the data sets none."""
    if effect is None or interval is None:
        return {}
    with np.errstate(over="ignore"):
        return {
            "ratio": float(np.exp(effect)),
            "ratio_interval": Interval(float(np.exp(interval.low)), float(np.exp(interval.high))),
        }


def _by_permutation(panel: Panel, fit: Fit, exposure: str | None, *, level: float, draws: int, seed: int) -> Estimate:
    dealt = deal_rates(panel, rates_of(panel, exposure), fit, level=level, draws=draws, seed=seed)
    caveats = [*panel.caveats, *fit.caveats]
    if dealt.ways * (1 - level) < 1:
        caveats.append(Caveat("too_few_ways_to_deal", {"ways": dealt.ways, "level": level}))
    table = pd.DataFrame(
        {
            "horizon": fit.horizons,
            "effect": fit.effects,
            "se": np.nan,
            "low": fit.effects - dealt.reach,
            "high": fit.effects + dealt.reach,
            "band_low": fit.effects - dealt.band,
            "band_high": fit.effects + dealt.band,
            "adopters": fit.adopters,
        },
        columns=list(HORIZON_COLUMNS),
    )
    axis = {"unit": panel.axis.unit, "first": panel.axis.label(0), "last": panel.axis.label(panel.shape[1] - 1)}
    return Estimate(
        method=METHOD,
        estimand=ESTIMAND,
        outcome=panel.outcome,
        effect=fit.effect,
        se=None,
        se_reason="permutation_has_no_se",
        interval=dealt.interval,
        level=level,
        p_value=dealt.p_value,
        inference="permutation",
        n=fit.n,
        units=panel.shape[0],
        adopters=int(panel.adopters.sum()),
        periods=panel.shape[1],
        by_horizon=table,
        diagnostics={
            **fit.diagnostics,
            "axis": axis,
            "ways": dealt.ways,
            "all_ways": dealt.complete,
            **_ratios(fit.effect, dealt.interval),
        },
        caveats=tuple(caveats),
        assumptions=ASSUMPTIONS,
    )
