"""Did adopters and the others move alike before adoption, and would the tests have noticed if they had not?

Question
    Leads are estimates at periods before adoption, measured against one and the same base: the last period before
    adoption (before anticipation, if any). If the others show what adopters would have done, leads are mere noise.
Tests
    *joint*: all leads are zero. Wald with the leads' full covariance, F-distributed with (K, G − K) degrees of freedom
    (Hotelling's T²); with more than G / 5 leads, or with few units, the largest |lead| / scale instead.
    *slope*: leads follow no linear trend. Generalised least squares with their covariance where Wald is used; else the
    line through leads and base, its level free, weighted by adopters.
    *ramp*: the last third of the periods before adoption (at most six) lies where the earlier ones lie.
    Below 40 units (clusters) all p-values come from permuted adoption dates, dealt on the outcome less the estimated
    effects: else a strong effect would drown the leads.
Power
    The linear trend of adopters against never-adopters that a test finds in one of two, or in four of five cases, and
    what such a trend adds to the headline when it goes on after adoption (Roth 2022).
Alarm
    ``alarming``: the smallest of the three p-values, adjusted by Holm, is at most 1 − ``level``, *and* the deviation is
    material: the largest lead, the ramp, or what the slope adds to the headline reaches a quarter of the headline.
    Leads without alarm prove little where the tests are ``weak``: a trend that the slope test misses in one case of
    five would explain the whole headline.
Source
    Roth, *Pretest with caution*, AER: Insights 4 (2022); Roth 2026, *Interpreting event-studies from recent
    difference-in-differences methods* (one base for all leads); Hotelling 1931; Holm 1979; Ashenfelter 1978 (the dip).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import UserError
from pegel.impact.diagnostics.event_leads import EventStudy, event_study
from pegel.impact.diagnostics.lead_tests import (
    Wald,
    any_lead,
    joint_test,
    largest_lead,
    line_test,
    slopes_found,
)
from pegel.impact.estimate import DRAWS, FEW_UNITS, HORIZON_COLUMNS, LEVEL, Caveat, Inference
from pegel.impact.fit import Fitter
from pegel.impact.panel import Panel

#: From that share of the headline on a deviation before adoption matters.
MATERIAL = 0.25
_LONGEST_RAMP = 6


class JointTest(NamedTuple):
    """``test``: ``wald`` (then ``statistic`` is W) or ``largest`` (|lead| / scale). ``df``: number of leads."""

    test: str
    statistic: float
    df: int
    p_value: float


class TrendTest(NamedTuple):
    """A slope per period, or a step (late less early), in units of the outcome; ``periods`` late or in the line."""

    value: float
    se: float
    p_value: float
    periods: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreTrends:
    """What the periods before adoption say.

    Attributes
    ----------
    leads: [horizon, effect, se, low, high, band_low, band_high, adopters]; the band holds for all leads at once.
    joint, slope, ramp: the tests; None with too few leads (one is needed for joint and slope, two for ramp).
    power: [test, power, slope, bias, bias_to_effect]: slope per period (infinite: no slope is found so often) of
        ``joint``, ``slope`` and, by influence only, ``any_lead`` (some lead significant by itself).
    effect, bias_per_slope: the headline, and what a slope of 1 per period adds to it.
    alarming, reasons: the rule above; ``leads_jointly_off``, ``leads_slope``, ``ramp_before_adoption`` (towards the
        effect), ``dip_before_adoption`` (away from it: part of the effect may be recovery).
    weak: a slope that goes unnoticed in one case of five would explain the whole headline.
    """

    leads: pd.DataFrame
    joint: JointTest | None
    slope: TrendTest | None
    ramp: TrendTest | None
    power: pd.DataFrame
    effect: float
    bias_per_slope: float
    alarming: bool
    reasons: tuple[str, ...]
    weak: bool
    inference: str
    level: float
    caveats: tuple[Caveat, ...] = ()

    @property
    def tested(self) -> bool:
        """Tell whether there was anything to test."""
        return self.joint is not None


def pre_trends(
    panel: Panel,
    fitter: Fitter,
    *,
    leads: int | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> PreTrends:
    """Return the leads, their tests, the power of these, and whether there is reason for alarm.

    Parameters
    ----------
    fitter: an estimator whose fit has leads, such as ``callaway_santanna.fitter()``.
    leads: how many leads to use, the last ones before adoption; all unless said.

    Raises
    ------
    UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``, ``impact_no_influence``.
    InputError: those of the estimator.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if leads is not None and leads < 1:
        raise UserError("impact_unknown_choice", name="leads", value=leads)
    study = event_study(panel, fitter, inference=inference, draws=draws, seed=seed)
    fit, alpha = study.fit, 1 - level
    at, base = study.leads(leads)
    beta = fit.effects[at]
    response, bias = response_to_trend(panel, fitter, study)
    joint = joint_test(study, at, alpha=alpha, seed=seed) if len(at) else None
    points = np.append(at, base)
    sure = joint.covariance if isinstance(joint, Wald) else None
    by_slope = _slope_weights(response[points], fit.adopters[points], sure)
    by_ramp = _ramp_weights(fit.adopters[points])
    used = 0 if sure is None else len(at)
    slope = None if by_slope is None else line_test(study, at, by_slope[: len(at)], alpha=alpha, estimated=used)
    ramp = None if by_ramp is None else line_test(study, at, by_ramp[: len(at)], alpha=alpha)
    asked = {"joint": joint, "slope": slope, "any_lead": any_lead(study, at, alpha=alpha, seed=seed)}
    power = slopes_found({name: one for name, one in asked.items() if one}, response[at], bias, fit.effect)
    said = None if joint is None else JointTest(joint.name, joint.value(beta), len(at), joint.p_value(beta))
    line = None if slope is None else TrendTest(slope.value(beta), slope.se, slope.p_value(beta), len(points))
    late = _ramp_length(len(points))
    step = None if ramp is None else TrendTest(ramp.value(beta), ramp.se, ramp.p_value(beta), late)
    reasons = _reasons(said, line, step, beta, bias, fit.effect, level)
    unnoticed = power.loc[(power["test"] == "slope") & (power["power"] > 0.5), "bias"]
    return PreTrends(
        leads=_lead_table(study, at, level, seed),
        joint=said,
        slope=line,
        ramp=step,
        power=power,
        effect=fit.effect,
        bias_per_slope=bias,
        alarming=bool(reasons),
        reasons=reasons,
        weak=bool(unnoticed.empty or unnoticed.iloc[0] >= abs(fit.effect)),
        inference=study.inference,
        level=level,
        caveats=(*panel.caveats, *fit.caveats, *_remarks(study, len(at), level)),
    )


def response_to_trend(panel: Panel, fitter: Fitter, study: EventStudy) -> tuple[np.ndarray, float]:
    """Return what leads (H,) and headline become, per unit of slope, if adopters trend away from never-adopters.

    The trend is zero in the base period and grows by 1 per period. Where nobody stays without adoption (all trend
    alike, and nothing shows) each cohort is taken to trend away from its controls.
    """
    fit = study.fit
    since = np.arange(panel.shape[1])[None, :] - np.where(panel.adopters, panel.cohort + study.base, 0.0)[:, None]
    trend = np.where(panel.adopters[:, None], since, 0.0)
    step = float(np.nanstd(panel.values)) or 1.0
    if not panel.adopters.all():
        try:
            moved = fitter(panel.with_values(panel.values + step * trend))
        except UserError:  # an estimator that takes no negative outcome, for example
            moved = fit
        response = (moved.effects - fit.effects) / step
        if moved is not fit and np.nanmax(np.abs(response[fit.horizons < study.base]), initial=0.0) > 1e-6:
            return response, (moved.effect - fit.effect) / step
    after = (fit.horizons >= 0) & np.isfinite(fit.effects)
    later = (fit.horizons - study.base).astype(float)
    return later, float(np.average(later[after], weights=np.maximum(fit.adopters[after], 1e-9)))


def _slope_weights(response: np.ndarray, adopters: np.ndarray, covariance: np.ndarray | None) -> np.ndarray | None:
    """Return the weights of points (in order, the base last) in the slope: the most exact ones, or a weighted line."""
    if not len(response) or not np.ptp(np.append(response, 0.0)):
        return None
    if covariance is not None:
        weights = np.linalg.solve(covariance, response[: len(covariance)])
        return np.asarray(weights / (weights @ response[: len(covariance)]))
    if len(response) == 1:
        return np.asarray(1 / response)
    share = adopters / adopters.sum()
    away = response - share @ response
    return np.asarray(share * away / (share @ away**2))


def _ramp_length(points: int) -> int:
    return min(max(points // 3, 1), _LONGEST_RAMP)


def _ramp_weights(adopters: np.ndarray) -> np.ndarray | None:
    """Return the weights of points (in order, the base last) in the mean of the late ones less that of the rest."""
    if len(adopters) < 3:
        return None
    late = np.arange(len(adopters)) >= len(adopters) - _ramp_length(len(adopters))
    return np.asarray(np.where(late, adopters / adopters[late].sum(), -adopters / adopters[~late].sum()))


def _reasons(
    joint: JointTest | None,
    slope: TrendTest | None,
    ramp: TrendTest | None,
    beta: np.ndarray,
    bias: float,
    effect: float,
    level: float,
) -> tuple[str, ...]:
    """Return what is significant after Holm, if anything found is material."""
    deviations = [np.max(np.abs(beta), initial=0.0), abs(ramp.value) if ramp else 0.0]
    deviations.append(abs(slope.value * bias) if slope else 0.0)
    if max(deviations) < MATERIAL * abs(effect) or not max(deviations):
        return ()
    away = ramp is not None and ramp.value * effect < 0
    named: Mapping[str, JointTest | TrendTest | None] = {
        "leads_jointly_off": joint,
        "leads_slope": slope,
        "dip_before_adoption" if away else "ramp_before_adoption": ramp,
    }
    tests = sorted(((one.p_value, code) for code, one in named.items() if one), key=lambda pair: pair[0])
    found = []
    for rank, (p, code) in enumerate(tests):
        if p * (len(tests) - rank) > (1 - level) * (1 + 1e-12):
            break
        found.append(code)
    return tuple(code for code in named if code in found)


def _remarks(study: EventStudy, leads: int, level: float) -> list[Caveat]:
    remarks = []
    if not leads:
        remarks.append(Caveat("no_leads"))
    if study.drawn is not None and (len(study.drawn) + 1) * (1 - level) < 1:
        remarks.append(Caveat("pre_trend_test_cannot_reject", {"ways": len(study.drawn) + 1, "level": level}))
    if study.sums is not None and study.clusters < FEW_UNITS:
        remarks.append(Caveat("few_units_standard_error", {"units": study.clusters}))
    return remarks


def _lead_table(study: EventStudy, at: np.ndarray, level: float, seed: int) -> pd.DataFrame:
    fit = study.fit
    effect = fit.effects[at]
    se = np.sqrt(np.diag(study.covariance)[at])
    if study.drawn is None:
        reach = float(stats.norm.ppf((1 + level) / 2)) * se
    else:
        reach = np.array([line_test(study, at[[i]], np.ones(1), alpha=1 - level).least for i in range(len(at))])
    band = largest_lead(study, at, alpha=1 - level, seed=seed).band(level) if len(at) else reach
    columns = {
        "horizon": fit.horizons[at],
        "effect": effect,
        "se": se if study.drawn is None else np.full(len(at), np.nan),
        "low": effect - reach,
        "high": effect + reach,
        "band_low": effect - np.maximum(band, reach),
        "band_high": effect + np.maximum(band, reach),
        "adopters": fit.adopters[at],
    }
    return pd.DataFrame(columns, columns=list(HORIZON_COLUMNS))
