"""Standard errors of regressions when observations of one unit (or cluster of units) belong together.

Question
    How far could the coefficient be off, given that a unit's periods are not independent of each other?
Definitions
    ``crv1``: the sandwich over clusters, times G / (G − 1) · (n − 1) / (n − k), as Stata and R's fixest have it; k
    counts covariates, effects and the constants of periods, not those of units, which lie within clusters.
    ``crv3``: the jackknife, √((G − 1) / G · Σ (effect without cluster g − effect)²). Both with t(G − 1).
    ``wild_bootstrap`` (WCR-11): outcomes are made anew from the regression with the effect fixed at a value τ, the
    residuals of each cluster times one random sign; the p-value of τ is the share of signs, the observed ones included,
    whose t is at least as far from zero. All signs up to 12 clusters, else seeded draws; Webb's six points on request.
    The interval holds every τ that is not rejected; with few signs none can be, then it is unbounded.
Which to believe
    ``crv1`` is too small below some 40 clusters, ``crv3`` about right or too large. With few *adopting* clusters none
    of the three can be relied on; permutation of adoption dates then remains.
Source
    Cameron, Gelbach & Miller 2008; MacKinnon, Nielsen & Webb, *Cluster-robust inference: a guide to empirical
    practice*, J. Econometrics 232 (2023) and *Fast and reliable jackknife and bootstrap methods for cluster-robust
    inference*, J. Applied Econometrics 38 (2023); Webb, *Reworking wild bootstrap-based inference*, 2014.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import UserError
from pegel.impact.estimate import FEW_UNITS, Caveat, Estimate, Inference, Interval
from pegel.impact.estimators.fixed_effects import LinearEffect
from pegel.impact.fit import Fit, Fitter, estimate_of
from pegel.impact.panel import Panel

Signs = Literal["rademacher", "webb"]
#: Up to so many clusters all signs are gone through.
ALL_SIGNS = 12
_WEBB = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])
_AT_ONCE = 64
_TIE = 1e-9
_DOUBLINGS = 40
_HALVINGS = 60
_FEWEST = 2
#: In simulations with 60 units crv1 rejects a true "no effect" in 13, 8 and 7 % of cases with 5, 8 and 12 adopters.
_FEW_ON_ONE_SIDE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterError:
    """One way to say how sure a coefficient is: ``crv1``, ``crv3`` or ``wild_bootstrap``.

    ``se`` is None where the way has none, all is None where it cannot be had; then ``reason`` says why. ``draws``: how
    many signs, the observed ones included, and whether they are all (``complete``).
    """

    kind: str
    clusters: int
    se: float | None = None
    p_value: float | None = None
    interval: Interval | None = None
    draws: int | None = None
    complete: bool | None = None
    reason: str | None = None


def clustered_estimate(
    panel: Panel,
    fitter: Fitter,
    linear: LinearEffect,
    *,
    method: str,
    estimand: str,
    inference: Inference,
    level: float,
    draws: int,
    seed: int,
    assumptions: tuple[str, ...],
) -> Estimate:
    """Return the estimate of a regression: ``cluster`` inference by the jackknife, all errors beside it.

    Below 40 clusters, where they differ, ``diagnostics["cluster_errors"]`` has all three kinds; above, the asked ones.

    Raises
    ------
    UserError: ``impact_jackknife_undefined`` when leaving out a cluster leaves nothing to estimate from,
        ``impact_too_few_clusters`` when there is one only.
    """
    groups = len(np.unique(panel.clusters))
    if groups < _FEWEST and inference in ("cluster", "analytic"):
        raise UserError("impact_too_few_clusters", clusters=groups)
    chosen: Fitter = partial(_jackknifed, fitter=fitter) if inference == "cluster" else fitter
    estimate = estimate_of(
        panel,
        chosen,
        method=method,
        estimand=estimand,
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=assumptions,
    )
    found = [crv1(linear, level=level)]
    if inference == "cluster" and estimate.se is not None:
        found.append(_by_t("crv3", linear.effect, estimate.se, groups, level))
    elif groups < FEW_UNITS:
        found.append(crv3(panel, fitter, level=level))
    if groups < FEW_UNITS:
        found.append(wild_bootstrap(linear, level=level, draws=draws, seed=seed))
    caveats = estimate.caveats
    if estimate.se is not None:
        caveats = (*caveats, *_few_adopters(panel))
    diagnostics = {**estimate.diagnostics, "cluster_errors": error_table(found)}
    return replace(estimate, caveats=caveats, diagnostics=diagnostics)


def _few_adopters(panel: Panel) -> list[Caveat]:
    """With few clusters that adopt, or few that do not, standard errors are too small however many there are in all."""
    adopting = len(np.unique(panel.clusters[panel.adopters]))
    others = len(np.unique(panel.clusters[~panel.adopters]))
    few = adopting < _FEW_ON_ONE_SIDE or 0 < others < _FEW_ON_ONE_SIDE
    return [Caveat("few_adopters_standard_error", {"n": adopting, "others": others})] if few else []


def influence_of(linear: LinearEffect) -> np.ndarray | None:
    """Return (U,): what each unit adds, scaled so that the squared sums of clusters add up to CRV1 squared.

    None with a single cluster, whose sum is 0 whatever the data.
    """
    factor = small_sample_factor(n=linear.n, parameters=linear.parameters, clusters=linear.clusters)
    return None if factor is None else (linear.weights * linear.residuals).sum(axis=1) * math.sqrt(factor)


def small_sample_factor(*, n: int, parameters: int, clusters: np.ndarray) -> float | None:
    """Return G / (G − 1) · (n − 1) / (n − k); None with a single cluster."""
    groups = len(np.unique(clusters))
    return None if groups < _FEWEST else groups / (groups - 1) * (n - 1) / max(n - parameters, 1)


def crv1(linear: LinearEffect, *, level: float) -> ClusterError:
    """Return the sandwich with Stata's and fixest's factor, and t(G − 1)."""
    influence = influence_of(linear)
    codes, groups = _codes(linear.clusters)
    if influence is None:
        return ClusterError(kind="crv1", clusters=groups, reason="too_few_clusters")
    sums = np.bincount(codes, weights=influence, minlength=groups)
    return _by_t("crv1", linear.effect, float(np.sqrt((sums**2).sum())), groups, level)


def crv3(panel: Panel, fitter: Fitter, *, level: float) -> ClusterError:
    """Return the jackknife over clusters, and t(G − 1)."""
    fit = fitter(panel)
    _, groups = _codes(panel.clusters)
    if groups < _FEWEST:
        return ClusterError(kind="crv3", clusters=groups, reason="too_few_clusters")
    left_out = leave_one_out(panel, fitter, fit)[:, 0]
    if not np.isfinite(left_out).all():
        return ClusterError(kind="crv3", clusters=groups, reason="jackknife_undefined")
    se = float(np.sqrt((groups - 1) / groups * ((left_out - fit.effect) ** 2).sum()))
    return _by_t("crv3", fit.effect, se, groups, level)


def leave_one_out(panel: Panel, fitter: Fitter, fit: Fit) -> np.ndarray:
    """Return (G, 1 + H): the effect, and those at the horizons of ``fit``, without each cluster; NaN: there is none."""
    codes, groups = _codes(panel.clusters)
    found = np.full((groups, 1 + len(fit.horizons)), np.nan)
    for g in range(groups):
        try:
            without = fitter(panel.only(codes != g))
        except UserError:  # no adopters or no controls remain
            continue
        at = {horizon: i for i, horizon in enumerate(without.horizons.tolist())}
        found[g, 0] = without.effect
        found[g, 1:] = [without.effects[at[h]] if h in at else np.nan for h in fit.horizons.tolist()]
    return found


def _jackknifed(panel: Panel, *, fitter: Fitter) -> Fit:
    """Return the fit with jackknife deviations as influence, such that t(G − 1) inference on them is that of CRV3."""
    fit = fitter(panel)
    codes, groups = _codes(panel.clusters)
    found = leave_one_out(panel, fitter, fit)
    lost = int((~np.isfinite(found[:, 0])).sum())
    if lost:
        raise UserError("impact_jackknife_undefined", clusters=groups, lost=lost)
    deviations = (np.concatenate([[fit.effect], fit.effects]) - found) * (groups - 1) / groups
    influence = np.zeros((panel.shape[0], found.shape[1]))
    _, first = np.unique(codes, return_index=True)
    influence[first] = deviations
    caveats = fit.caveats
    unknown = ~np.isfinite(deviations[:, 1:]).all(axis=0)
    if fit.horizon_influence is not None:  # those of one adopter are named by the fit
        unknown &= np.isfinite(fit.horizon_influence).all(axis=0)
    if unknown.any():
        caveats = (*caveats, Caveat("horizons_without_error", {"n": int(unknown.sum())}))
    return replace(fit, influence=influence[:, 0], horizon_influence=influence[:, 1:], caveats=caveats)


def _by_t(kind: str, effect: float, se: float, groups: int, level: float) -> ClusterError:
    reach = float(stats.t.ppf((1 + level) / 2, groups - 1)) * se
    p = 2 * float(stats.t.sf(abs(effect) / se, groups - 1)) if se > 0 else float(effect == 0)
    return ClusterError(kind=kind, clusters=groups, se=se, p_value=p, interval=Interval(effect - reach, effect + reach))


def wild_bootstrap(
    linear: LinearEffect, *, level: float, draws: int, seed: int, signs: Signs = "rademacher"
) -> ClusterError:
    """Return the restricted wild cluster bootstrap: p-value of no effect, and the interval of effects not rejected."""
    codes, groups = _codes(linear.clusters)
    if groups < _FEWEST:
        return ClusterError(kind="wild_bootstrap", clusters=groups, reason="too_few_clusters")
    random, complete = _signs(groups, signs, draws, seed)
    test = _test(linear, codes, groups, random)
    ways = len(random) + 1
    p = (1 + test.as_far(0.0)) / ways
    interval = Interval(*(_bound(test, side, (1 - level) * ways) for side in (-1.0, 1.0)))
    return ClusterError(
        kind="wild_bootstrap", clusters=groups, p_value=p, interval=interval, draws=ways, complete=complete
    )


def _signs(groups: int, signs: Signs, draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """Return (B, G) factors of the clusters' residuals without the observed ones, and whether they are all.

    All signs turned round give the same |t|, so half of them, those with + first, stand for all.
    """
    random = np.random.default_rng(seed)
    if signs == "webb":
        return _WEBB[random.integers(0, 6, size=(draws, groups))], False
    if signs != "rademacher":
        raise UserError("impact_unknown_choice", name="signs", value=signs)
    if groups <= ALL_SIGNS:
        return np.array([(1.0, *rest) for rest in product((1.0, -1.0), repeat=groups - 1)][1:]), True
    return random.integers(0, 2, size=(draws, groups)) * 2.0 - 1.0, False


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    """t statistics of effect = τ: squared, numerators and denominators are polynomials in δ = (effect − τ) / Σ w².

    With B signs: numerators ``above`` + δ ``slope`` (B,), denominators ``flat`` + δ ``linear`` + δ² ``square`` (B,).
    """

    effect: float
    size: float
    variance: float
    above: np.ndarray
    slope: np.ndarray
    flat: np.ndarray
    linear: np.ndarray
    square: np.ndarray

    def as_far(self, tau: float) -> int:
        """Return how many signs have a t at least as far from zero as the observed one."""
        delta = (self.effect - tau) / self.size
        drawn = (self.above + delta * self.slope) ** 2 * self.variance
        observed = (self.effect - tau) ** 2 * (self.flat + delta * self.linear + delta**2 * self.square)
        return int((drawn >= observed * (1 - _TIE)).sum())


def _test(linear: LinearEffect, codes: np.ndarray, groups: int, random: np.ndarray) -> _Test:
    """Prepare the test.

    With the effect fixed at τ the residuals are e + δ w (e: unrestricted ones, w: weights). Signs v make an effect
    τ + Σ_g v_g w_g'(e + δ w)_g and residuals M (v ∘ (e + δ w)), whose cluster scores are linear in v and in δ.
    """
    columns = np.stack([linear.residuals, linear.weights], axis=2)
    own = np.array([[(linear.weights[codes == g] * columns[codes == g, :, k]).sum() for g in range(groups)]
                    for k in range(2)])  # fmt: skip
    scores = np.zeros((2, groups, groups))  # [k, h, g]: score of cluster g when only cluster h has residuals
    for begin in range(0, groups, _AT_ONCE):
        some = np.arange(begin, min(begin + _AT_ONCE, groups))
        lone = np.where((codes[:, None] == some)[:, None, None, :], columns[:, :, :, None], 0.0)
        left = linear.make_residuals(lone.reshape(*columns.shape[:2], -1)).reshape(lone.shape)
        by_unit = np.einsum("ut,utkh->khu", linear.weights, left)
        for g in range(groups):
            scores[:, some, g] = by_unit[:, :, codes == g].sum(axis=2)
    e, w = random @ scores[0], random @ scores[1]
    return _Test(
        effect=linear.effect,
        size=float((linear.weights**2).sum()),
        variance=float((own[0] ** 2).sum()),
        above=random @ own[0],
        slope=random @ own[1],
        flat=(e**2).sum(axis=1),
        linear=2 * (e * w).sum(axis=1),
        square=(w**2).sum(axis=1),
    )


def _bound(test: _Test, side: float, allowed: float) -> float:
    """Return the farthest effect on one side that is not rejected: not more than ``allowed`` ways, all included, reach.

    Looked for at doubling distances, then halved; infinite when the farthest distance is not rejected either.
    """
    most = math.floor(allowed * (1 + 1e-12))
    step = math.sqrt(test.variance) or abs(test.effect) * _TIE
    steps = [step * 2.0**k for k in range(-5, _DOUBLINGS)]
    kept = [1 + test.as_far(test.effect + side * far) > most for far in steps]
    if kept[-1]:
        return side * math.inf
    last = max((k for k, one in enumerate(kept) if one), default=-1)
    low, high = (steps[last] if last >= 0 else 0.0), steps[last + 1]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if 1 + test.as_far(test.effect + side * middle) > most:
            low = middle
        else:
            high = middle
    return test.effect + side * low


def error_table(found: list[ClusterError]) -> pd.DataFrame:
    """Return [kind, clusters, se, p_value, low, high, draws, reason], a row per kind."""
    none = Interval(math.nan, math.nan)
    rows = [
        (
            one.kind,
            one.clusters,
            math.nan if one.se is None else one.se,
            math.nan if one.p_value is None else one.p_value,
            *(one.interval or none),
            one.draws or 0,
            one.reason,
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=["kind", "clusters", "se", "p_value", "low", "high", "draws", "reason"])


def _codes(clusters: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the clusters as codes 0 … G − 1, and G."""
    found, codes = np.unique(clusters, return_inverse=True)
    return codes, len(found)
