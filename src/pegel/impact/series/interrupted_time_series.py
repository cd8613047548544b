"""One series without any comparison: did it change when the adopter changed?

Question
    By how much did the level (and slope) of the series move at adoption, beyond its trend, its season and its usual
    wandering?
Definition
    Regression of the series on its level, trend, season and the change since adoption (:mod:`series_design`), with
    errors that hang together: AR(1) or a local level by exact likelihood, or Poisson counts per exposure. The effect is
    the level change, or with ``level_and_slope`` the mean change over the observed periods since adoption.
How sure
    Ordinary and Newey-West standard errors call 17 to 30% of unchanged autocorrelated series changed. Here the doubt
    about the autocorrelation is counted (:mod:`integrated_likelihood`); measured rates are in
    docs/methods/interrupted-time-series.md. Beside it stands placebo in time: the same model at every earlier date.
    Whatever else happened at adoption is part of the effect: one series is grade D, weak evidence at best.
Gaps
    Legal anywhere.
Source
    Box & Tiao, *Intervention analysis*, JASA 70 (1975); Wagner et al. 2002 (segmented regression); Brodersen et al.
    2015 (state space form).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pegel.errors import UserError
from pegel.impact.estimate import DRAWS, HORIZON_COLUMNS, LEVEL, Caveat, Estimate, Interval
from pegel.impact.series.segmented_regression import ChangeFit, Errors, Model, at_earlier_dates, fit_change
from pegel.impact.series.series_design import Effect, Season, season_length, season_of
from pegel.impact.series.single_series import Series, series_of

METHOD = "interrupted_time_series"
INFERENCE = "integrated_likelihood"
ASSUMPTIONS = ("nothing_else_changed", "past_goes_on", "no_anticipation", "adoption_stays")
#: With fewer earlier dates a rank among them says nothing; from this share on they say that the model is too sure.
_LEAST_EARLIER_DATES = 5
_ALARMING_SHARE = 1 / 3
_NEARLY_RANDOM_WALK = 0.9


def interrupted_time_series(
    data: Any,
    *,
    time: str,
    outcome: str,
    adopted: Any,
    unit: str | None = None,
    model: Model = "ar1",
    seasonality: str | int | None = "auto",
    trend: bool = True,
    effect: Effect = "level",
    exposure: str | None = None,
    family: Errors = "normal",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the change of one series at adoption; in units of the outcome, for counts as a log rate ratio.

    Parameters
    ----------
    data: a row per period. adopted: when, in the form of the column ``time``; a period treated in part is not treated.
    unit: column that names the series; it must hold one name. seasonality: periods per season, or ``auto``.
    exposure: column of what counts are counted over (persons, items); with ``family="poisson"`` only.
    draws, seed: of the band over all horizons (``level_and_slope``); nothing else is random.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_several_series``, ``impact_adopted_missing``,
        ``impact_nothing_before``, ``impact_adopted_after_series``, ``impact_negative_counts``,
        ``impact_exposure_not_positive``. UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``,
        ``impact_counts_need_ar1``, ``impact_exposure_needs_counts``.
    """
    _check_choices(model=model, effect=effect, family=family, level=level, exposure=exposure)
    series = series_of(
        data, time=time, outcome=outcome, adopted=adopted, unit=unit, exposure=exposure, counts=family == "poisson"
    )
    season, about_season = _season(series, seasonality)
    caveats = [Caveat("no_comparison"), *series.caveats, *about_season]
    fit = partial(fit_change, model=model, family=family, effect=effect, trend=trend, season=season)
    found = fit(series, series.adoption)
    diagnostics = _about(series, model=model, family=family, season=season)
    if isinstance(found, Caveat):
        return _estimate(series, outcome, effect, level, [*caveats, found], diagnostics)
    low, high = (float(bound) for bound in found.mixture.intervals(found.contrast, level)[0])
    value = found.change
    placebo = at_earlier_dates(series, fit, found, level)
    diagnostics |= {**_details(series, found, level), "placebo_in_time": placebo}
    if family == "poisson":
        with np.errstate(over="ignore"):  # a bound that large is none
            diagnostics["ratio"] = float(np.exp(value))
            diagnostics["ratio_interval"] = Interval(float(np.exp(low)), float(np.exp(high)))
    return _estimate(
        series,
        outcome,
        effect,
        level,
        [*caveats, *_doubts(found, placebo, model, level)],
        diagnostics,
        value=value,
        se=float(found.mixture.standard_errors(found.contrast)[0]),
        interval=Interval(low, high),
        p_value=found.p_value,
        by_horizon=_by_horizon(series, found, level=level, draws=draws, seed=seed),
    )


def _check_choices(*, model: str, effect: str, family: str, level: float, exposure: str | None) -> None:
    for name, value, allowed in (
        ("model", model, ("ar1", "local_level")),
        ("effect", effect, ("level", "level_and_slope")),
        ("family", family, ("normal", "poisson")),
    ):
        if value not in allowed:
            raise UserError("impact_unknown_choice", name=name, value=value)
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if family == "poisson" and model != "ar1":
        raise UserError("impact_counts_need_ar1", model=model)
    if family == "normal" and exposure is not None:
        raise UserError("impact_exposure_needs_counts", name=exposure)


def _season(series: Series, seasonality: str | int | None) -> tuple[Season | None, list[Caveat]]:
    length = season_length(series.axis, seasonality)
    if length is None:
        # A week of days is a pattern, not a drift that could pass for a change; a year is.
        yearly = series.axis.kind in ("month", "week") and season_length(series.axis, "auto") is not None
        return None, [Caveat("season_not_modelled")] if seasonality is None and yearly else []
    before = series.adoption - int(series.periods[0])
    season = season_of(length, before)
    if season is None:
        return None, [Caveat("season_not_separable", {"n": before, "needed": int(np.ceil(2 * length))})]
    return season, []


def _doubts(found: ChangeFit, placebo: dict[str, Any], model: Model, level: float) -> list[Caveat]:
    caveats = []
    if model == "ar1" and found.mixture.weights[found.fit.parameters > _NEARLY_RANDOM_WALK].sum() > 0.5:
        caveats.append(Caveat("nearly_random_walk"))
    total = len(placebo["dates"])
    if total < _LEAST_EARLIER_DATES:
        return [*caveats, Caveat("too_few_placebo_dates", {"n": total})]
    smallest = float(placebo["dates"]["p_value"].min())
    as_unusual = smallest <= found.p_value < 1 - level
    if as_unusual or smallest < (1 - level) / total or placebo["rejecting"] >= _ALARMING_SHARE * total:
        caveats.append(Caveat("placebo_dates_reject", {"n": placebo["rejecting"], "total": total}))
    return caveats


def _about(series: Series, *, model: Model, family: Errors, season: Season | None) -> dict[str, Any]:
    return {
        "grade": "D",
        "model": model,
        "family": family,
        "season": None if season is None else {"periods": season.periods, "waves": list(season.waves)},
        "before": int((series.periods < series.adoption).sum()),
        "after": int((series.periods >= series.adoption).sum()),
        "adopted": series.axis.label(series.adoption),
        "axis": {"unit": series.axis.unit, "first": series.axis.label(0), "last": series.axis.label(series.length - 1)},
    }


def _details(series: Series, found: ChangeFit, level: float) -> dict[str, Any]:
    """Return coefficients, what ties the errors together, and the series beside what it would be without the change."""
    names = (("constant",) if found.constant else ()) + found.design.names
    every = np.eye(len(names))
    bounds = found.mixture.intervals(every, level)
    values = found.fit.coefficients
    changed = 1 + int(found.design.slope)
    own = values[int(found.constant) :]
    counts = found.dispersion is not None
    rest = found.design.columns[:, changed:] @ own[changed:] + series.log_exposure
    change = found.design.columns[:, :changed] @ own[:changed]
    # A wandering level has no constant: its mean before adoption stands for it.
    start = values[0] if found.constant else (series.values - rest)[series.periods < series.adoption].mean()
    expected = np.exp(start + rest) if counts else start + rest
    after = series.periods >= series.adoption
    usual = float(expected[after].mean())
    ends = np.interp([(1 - level) / 2, (1 + level) / 2], np.cumsum(found.mixture.weights), found.fit.parameters)
    details = {
        "coefficients": pd.DataFrame(
            {
                "name": names,
                "value": values,
                "se": found.mixture.standard_errors(every),
                "low": bounds[:, 0],
                "high": bounds[:, 1],
            }
        ),
        "errors": {
            "parameter": "autocorrelation" if found.constant else "gain",
            "value": found.fit.parameter,
            "low": float(ends[0]),
            "high": float(ends[1]),
        },
        "log_likelihood": found.fit.log_likelihood,
        "dof": found.mixture.dof,
        "series": pd.DataFrame(
            {
                "period": [series.axis.label(int(period)) for period in series.periods],
                "observed": series.values,
                "fitted": np.exp(start + rest + change) if counts else expected + change,
                "expected": expected,
            }
        ),
    }
    if counts:
        return {**details, "dispersion": found.dispersion}
    return {**details, "relative": found.change / usual if usual > 0 else None}


def _by_horizon(series: Series, found: ChangeFit, *, level: float, draws: int, seed: int) -> pd.DataFrame:
    """Return the change by periods since adoption where it may grow; a pure level change has no horizons."""
    if not found.design.slope:
        return pd.DataFrame(columns=list(HORIZON_COLUMNS), dtype=float)
    horizons = np.arange(series.length - series.adoption)
    contrasts = found.design.contrasts(horizons, constant=found.constant)
    effects = contrasts @ found.fit.coefficients
    errors = found.mixture.standard_errors(contrasts)
    bounds = found.mixture.intervals(contrasts, level)
    # Both coefficients suffice for all horizons: their joint draws give the largest deviation over all of them.
    ends = found.design.contrasts(np.array([0.0, 1.0]), constant=found.constant)
    drawn = found.mixture.sample(ends, draws=draws, seed=seed)
    paths = drawn[:, :1] + (drawn[:, 1:] - drawn[:, :1]) * horizons[None, :]
    reach = float(np.quantile(np.abs((paths - effects) / errors).max(axis=1), level)) * errors
    return pd.DataFrame(
        {
            "horizon": horizons,
            "effect": effects,
            "se": errors,
            "low": bounds[:, 0],
            "high": bounds[:, 1],
            "band_low": np.minimum(effects - reach, bounds[:, 0]),
            "band_high": np.maximum(effects + reach, bounds[:, 1]),
            "adopters": 1,
        },
        columns=list(HORIZON_COLUMNS),
    )


def _estimate(
    series: Series,
    outcome: str,
    effect: Effect,
    level: float,
    caveats: list[Caveat],
    diagnostics: dict[str, Any],
    *,
    value: float | None = None,
    se: float | None = None,
    interval: Interval | None = None,
    p_value: float | None = None,
    by_horizon: pd.DataFrame | None = None,
) -> Estimate:
    return Estimate(
        method=METHOD,
        estimand="level_change" if effect == "level" else "mean_change",
        outcome=outcome,
        effect=value,
        se=se,
        se_reason=None if se is not None else caveats[-1].code,
        interval=interval,
        level=level,
        p_value=p_value,
        inference=INFERENCE,
        n=len(series.values),
        units=1,
        adopters=1,
        periods=series.length,
        by_horizon=pd.DataFrame(columns=list(HORIZON_COLUMNS), dtype=float) if by_horizon is None else by_horizon,
        diagnostics=diagnostics,
        caveats=tuple(caveats),
        assumptions=ASSUMPTIONS,
    )
