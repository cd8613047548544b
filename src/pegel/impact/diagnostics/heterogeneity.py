"""Does adoption help some groups more than others, or do their effects differ by no more than chance?

Question
    Groups of adopters (cohorts, or any grouping of units) each have an effect. How different are they really?
Definition
    The effect of a group is that of the estimator with only this group adopting. The other adopters are controls until
    they adopt; where the estimator takes never-adopters only, they are left out. Random effects: group effects θ_k
    scatter around μ with variance τ², estimates around θ_k with covariance S (groups share controls). With
    P = S⁻¹ − S⁻¹11'S⁻¹ / 1'S⁻¹1,

        Q = θ̂'Pθ̂        τ² = max(0, (Q − (K − 1)) / tr P)        I² = max(0, (Q − (K − 1)) / Q)

    which is DerSimonian & Laird's method where S is diagonal. μ is the mean weighted by (S + τ²I)⁻¹, its interval that
    of t with K − 1 degrees of freedom. *shrunken* effects are the best predictions of θ_k: each estimate drawn towards
    μ, the more the noisier it is. The prediction interval holds the effect of a further group (t with K − 2).
Standard errors
    By influence functions from 40 units (clusters) on, the variance of a group of n times n / (n − 1); Q / (K − 1) then
    has an F distribution with K − 1 and Σ(n − 1) degrees of freedom (chi-squared without this would call differences
    real too often: 14% in 150 worlds with groups of eight). Below, S is diagonal with the variances of permuted dates.
Too few
    Groups with fewer than ``least`` adopters are shown without standard error and left out of the rest; with fewer than
    three groups left there is no pooling: two groups cannot tell scatter from noise.
Source
    DerSimonian & Laird, Controlled Clinical Trials 7 (1986); Higgins, Thompson & Spiegelhalter, JRSS A 172 (2009)
    (prediction); Higgins & Thompson, Statistics in Medicine 21 (2002) (I²).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.diagnostics.event_leads import base_of, is_regular, without_effect
from pegel.impact.diagnostics.sub_panels import only_group
from pegel.impact.estimate import FEW_UNITS, LEVEL, Caveat, Interval
from pegel.impact.fit import Fit, Fitter
from pegel.impact.panel import Panel
from pegel.impact.permutation import deal_dates, draw_by_refitting, draw_by_weights

_LEAST_BY_INFLUENCE, _LEAST_BY_PERMUTATION = 5, 2
_LEAST_GROUPS = 3
_DRAWS = 99


class Pooled(NamedTuple):
    """Random effects: μ with standard error and interval, τ, Q with its p-value, I², and where a further group lies."""

    mean: float
    se: float
    interval: Interval
    tau: float
    q: float
    p_value: float
    i_squared: float
    prediction: Interval


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heterogeneity:
    """Effects by group.

    Attributes
    ----------
    groups: [group, adopters, effect, se, low, high, shrunken, reason]; in order of time for cohorts, else of names.
        ``reason`` is the code of what keeps a group out (``too_few_adopters``, or why it could not be estimated).
    pooled: None where ``caveats`` say why not (``too_few_groups``, ``groups_without_noise``).
    differ: whether groups differ by more than chance lets expect, at 1 − ``level``; None without pooling.
    """

    groups: pd.DataFrame
    pooled: Pooled | None
    differ: bool | None
    inference: str
    level: float
    caveats: tuple[Caveat, ...] = ()


def heterogeneity(
    panel: Panel,
    fitter: Fitter,
    *,
    groups: Mapping[Any, Any] | None = None,
    least: int | None = None,
    level: float = LEVEL,
    draws: int = _DRAWS,
    seed: int = 0,
) -> Heterogeneity:
    """Return the effect of every group of adopters, and how much of their scatter is real.

    Parameters
    ----------
    groups: from a unit's name to its group; cohorts unless given. Adopters without a group are left out.
    least: fewest adopters of a group, at least 2; unless said 5, or 2 where standard errors come from permuted dates.

    Raises
    ------
    UserError: ``impact_level_out_of_range``, ``impact_no_influence``. InputError: ``impact_nobody_adopted``,
        ``impact_no_groups`` and those of the estimator on the whole panel.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    few = len(np.unique(panel.clusters)) < FEW_UNITS
    least = max(least or (_LEAST_BY_PERMUTATION if few else _LEAST_BY_INFLUENCE), 2)
    members = _members(panel, groups)
    control = str(fitter(panel).diagnostics.get("control", "not_yet"))
    found = [_group(panel, fitter, mask, control, least, few, draws, seed) for mask in members.values()]
    used = [i for i, one in enumerate(found) if one.reason is None]
    effects = np.array([one.effect for one in found])
    covariance = np.zeros((len(found), len(found)))
    freedom = 0
    if used:
        noise = np.column_stack([found[i].noise for i in used])
        sizes = np.array([one.sum() for one in members.values()], dtype=float)[used]
        if not few:
            noise = noise * np.sqrt(sizes / (sizes - 1))
            freedom = int((sizes - 1).sum())
        products = np.diag(noise[0] ** 2) if few else noise.T @ noise
        covariance[np.ix_(used, used)] = products
    pooled, shrunken, caveats = _pooled(effects[used], covariance[np.ix_(used, used)], freedom, level)
    outside = panel.adopters & ~np.any(list(members.values()), axis=0)
    if outside.any():
        caveats.append(Caveat("units_without_group", {"n": int(outside.sum())}))
    se = np.where(np.isin(np.arange(len(found)), used), np.sqrt(np.diag(covariance)), np.nan)
    reach = float(stats.norm.ppf((1 + level) / 2)) * se
    table = pd.DataFrame(
        {
            "group": list(members),
            "adopters": [int(mask.sum()) for mask in members.values()],
            "effect": effects,
            "se": se,
            "low": effects - reach,
            "high": effects + reach,
            "shrunken": np.nan,
            "reason": pd.Series([one.reason for one in found], dtype=object),
        }
    )
    if pooled is not None:
        table.loc[used, "shrunken"] = shrunken
    return Heterogeneity(
        groups=table,
        pooled=pooled,
        differ=None if pooled is None else pooled.p_value <= 1 - level,
        inference="permutation" if few else "analytic",
        level=level,
        caveats=tuple(caveats),
    )


def _members(panel: Panel, groups: Mapping[Any, Any] | None) -> dict[Any, np.ndarray]:
    """Return which adopters (U,) belong to each group."""
    if groups is None:
        return {panel.axis.label(int(g)): panel.cohort == g for g in panel.cohorts}
    named = [groups.get(unit) if adopts else None for unit, adopts in zip(panel.units, panel.adopters, strict=True)]
    names = sorted({name for name in named if name is not None}, key=str)
    if not names:
        raise InputError("impact_no_groups")
    return {name: np.array([one == name for one in named]) for name in names}


class _Group(NamedTuple):
    """``noise``: cluster sums of influence (G,), or the standard deviation under deals (1,)."""

    effect: float
    noise: np.ndarray
    reason: str | None


def _group(
    panel: Panel, fitter: Fitter, members: np.ndarray, control: str, least: int, few: bool, draws: int, seed: int
) -> _Group:
    _, codes = np.unique(panel.clusters, return_inverse=True)
    nothing = np.empty(0)
    try:
        alone, units = only_group(panel, members, control)
        fit = fitter(alone)
    except UserError as error:
        return _Group(float("nan"), nothing, error.code)
    if members.sum() < least:
        return _Group(fit.effect, nothing, "too_few_adopters")
    if few:
        still = without_effect(alone, fit, after=base_of(fit))
        drawn = _dealt(still, fitter, fit, draws, seed)
        reason = None if len(drawn) else "too_few_ways_to_deal"
        return _Group(fit.effect, np.sqrt(np.mean(drawn**2, keepdims=True)) if len(drawn) else drawn, reason)
    if fit.influence is None:
        raise UserError("impact_no_influence", method="heterogeneity")
    return _Group(fit.effect, np.bincount(codes[units], weights=fit.influence, minlength=int(codes.max()) + 1), None)


def _dealt(panel: Panel, fitter: Fitter, fit: Fit, draws: int, seed: int) -> np.ndarray:
    """Return (P,) effects under other deals of the dates."""
    deals = deal_dates(panel.cohort, draws=draws, seed=seed, clusters=panel.clusters)
    if fit.weights is not None and panel.balanced and deals.keep_sizes(panel.cohort):
        return draw_by_weights(panel, fit.weights.cohorts, fit.weights.weights[:1], deals)[:, 0]

    def again(one: Panel) -> tuple[float, np.ndarray]:
        try:
            return fitter(one).effect, np.empty(0)
        except UserError:  # a deal may leave the group without controls; it then says nothing
            return np.nan, np.empty(0)

    drawn, _ = draw_by_refitting(panel, again, deals)
    return np.asarray(drawn[np.isfinite(drawn)])


def _pooled(
    effects: np.ndarray, covariance: np.ndarray, freedom: int, level: float
) -> tuple[Pooled | None, np.ndarray, list[Caveat]]:
    """Return random effects and the shrunken effects (K,); ``freedom`` 0: Q is chi-squared."""
    k = len(effects)
    if k < _LEAST_GROUPS:
        return None, effects, [Caveat("too_few_groups", {"n": k, "least": _LEAST_GROUPS})]
    if not is_regular(covariance):
        return None, effects, [Caveat("groups_without_noise")]
    ones = np.ones(k)
    inverse = np.linalg.inv(covariance)
    total = inverse @ ones
    projector = inverse - np.outer(total, total) / total.sum()
    q = float(effects @ projector @ effects)
    tau2 = max(0.0, (q - (k - 1)) / float(np.trace(projector)))
    weights = np.linalg.solve(covariance + tau2 * np.eye(k), ones)
    mean, se = float(weights @ effects / weights.sum()), float(1 / np.sqrt(weights.sum()))
    shrunken = mean + tau2 * np.linalg.solve(covariance + tau2 * np.eye(k), effects - mean)
    near = float(stats.t.ppf((1 + level) / 2, k - 1)) * se
    far = float(stats.t.ppf((1 + level) / 2, k - 2)) * float(np.sqrt(tau2 + se**2))
    pooled = Pooled(
        mean=mean,
        se=se,
        interval=Interval(mean - near, mean + near),
        tau=float(np.sqrt(tau2)),
        q=q,
        p_value=float(stats.f.sf(q / (k - 1), k - 1, freedom) if freedom else stats.chi2.sf(q, k - 1)),
        i_squared=max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0,
        prediction=Interval(mean - far, mean + far),
    )
    return pooled, shrunken, []
