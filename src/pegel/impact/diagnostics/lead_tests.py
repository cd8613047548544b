"""Tests of leads, and the linear trends that a test would find.

A test is built from the noise of the leads alone: by influence functions (from 40 units, or clusters, on) or from the
leads of permuted adoption dates. So it can be asked both for the p-value of the leads found and for its power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import optimize, stats

from pegel.impact.diagnostics.event_leads import EventStudy, is_regular
from pegel.impact.permutation import p_value

#: Powers at which a test is asked for the trend it finds (Roth 2022 reports both).
POWERS = (0.5, 0.8)
#: A full covariance of more leads than that share of the clusters is mostly noise; then the largest lead is tested.
_CLUSTERS_PER_LEAD = 5
#: Gaussian draws, as a power of two.
_GAUSS_DRAWS = 13


class LeadTest(Protocol):
    """A test of leads (K,)."""

    @property
    def name(self) -> str:
        """Return its code."""

    def value(self, leads: np.ndarray) -> float:
        """Return the statistic."""

    def p_value(self, leads: np.ndarray) -> float:
        """Return the two-sided p-value of no deviation."""

    def power(self, shift: np.ndarray) -> float:
        """Return the chance to reject when the leads are truly ``shift`` (K,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Wald:
    """All leads are zero, by their full covariance; F with (K, G − K) degrees of freedom (Hotelling)."""

    covariance: np.ndarray
    clusters: int
    alpha: float
    name: str = "wald"

    @property
    def _scale(self) -> tuple[int, int, float]:
        k = len(self.covariance)
        return k, self.clusters - k, (self.clusters - k) / (k * (self.clusters - 1))

    def value(self, leads: np.ndarray) -> float:
        """Return the statistic."""
        return float(leads @ np.linalg.solve(self.covariance, leads))

    def p_value(self, leads: np.ndarray) -> float:
        """Return the two-sided p-value of no deviation."""
        k, rest, scale = self._scale
        return float(stats.f.sf(self.value(leads) * scale, k, rest))

    def power(self, shift: np.ndarray) -> float:
        """Return the chance to reject when the leads are truly ``shift`` (K,)."""
        k, rest, _ = self._scale
        return float(stats.ncf.sf(stats.f.isf(self.alpha, k, rest), k, rest, self.value(shift)))


@dataclass(frozen=True, slots=True, eq=False)
class Largest:
    """All leads are zero, by the largest |lead| / scale; ``noise`` (N, K): leads of deals, or Gaussian ones."""

    noise: np.ndarray
    scale: np.ndarray
    alpha: float
    name: str = "largest"

    def value(self, leads: np.ndarray) -> float:
        """Return the statistic."""
        return float(np.max(np.abs(leads) / self.scale))

    def p_value(self, leads: np.ndarray) -> float:
        """Return the two-sided p-value of no deviation."""
        return p_value(self.value(leads), self._drawn(np.zeros(len(leads))))

    def power(self, shift: np.ndarray) -> float:
        """Return the chance to reject when the leads are truly ``shift`` (K,)."""
        least = least_rejected(self._drawn(np.zeros(len(shift))), self.alpha)
        return float((self._drawn(shift) > least).mean()) if len(self.noise) else 0.0

    def band(self, level: float) -> np.ndarray:
        """Return (K,) half-widths of the band that holds for all leads at once."""
        return least_rejected(self._drawn(np.zeros(len(self.scale))), 1 - level) * self.scale

    def _drawn(self, shift: np.ndarray) -> np.ndarray:
        return np.asarray(np.max(np.abs(self.noise + shift) / self.scale, axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A weighted sum of leads is zero: t with ``df`` degrees of freedom, or ``noise`` (N,) of deals instead."""

    weights: np.ndarray
    se: float
    alpha: float
    df: int = 0
    noise: np.ndarray | None = None
    name: str = "line"

    def value(self, leads: np.ndarray) -> float:
        """Return the statistic."""
        return float(self.weights @ leads)

    def p_value(self, leads: np.ndarray) -> float:
        """Return the two-sided p-value of no deviation."""
        if self.noise is not None:
            return p_value(self.value(leads), self.noise)
        ratio = abs(self.value(leads)) / self.se if self.se > 0 else np.inf if self.value(leads) else 0.0
        return 2 * float(stats.t.sf(ratio, self.df))

    def power(self, shift: np.ndarray) -> float:
        """Return the chance to reject when the leads are truly ``shift`` (K,)."""
        by, edge = self.value(shift), self.least
        if self.noise is not None:
            return float((np.abs(self.noise + by) > edge).mean()) if len(self.noise) else 0.0
        if not self.se:
            return float(by != 0)
        return float(stats.norm.sf((edge - by) / self.se) + stats.norm.cdf((-edge - by) / self.se))

    @property
    def least(self) -> float:
        """Return the size from which on the test rejects."""
        if self.noise is not None:
            return least_rejected(np.abs(self.noise), self.alpha)
        return float(stats.t.isf(self.alpha / 2, self.df)) * self.se


@dataclass(frozen=True, slots=True, eq=False)
class AnyLead:
    """At least one lead is significant by itself: what is mostly looked at, the pre-test that Roth (2022) studies."""

    noise: np.ndarray
    scale: np.ndarray
    alpha: float
    name: str = "any_lead"

    def value(self, leads: np.ndarray) -> float:
        """Return the statistic."""
        return float(np.max(np.abs(leads) / self.scale))

    def p_value(self, leads: np.ndarray) -> float:
        """Return the two-sided p-value of no deviation."""
        return float(2 * stats.norm.sf(self.value(leads)))

    def power(self, shift: np.ndarray) -> float:
        """Return the chance to reject when the leads are truly ``shift`` (K,)."""
        edge = float(stats.norm.isf(self.alpha / 2)) * self.scale
        return float((np.abs(self.noise + shift) > edge).any(axis=1).mean())


def least_rejected(drawn: np.ndarray, alpha: float) -> float:
    """Return the bound beyond which a permutation test rejects at ``alpha``; infinite with too few ways.

    >>> least_rejected(np.arange(1.0, 20.0), 0.05), least_rejected(np.arange(1.0, 20.0), 0.1)
    (19.0, 18.0)
    """
    as_far = floor(alpha * (len(drawn) + 1) * (1 + 1e-12)) - 1  # so many deals may reach as far as the leads found
    return float(np.sort(drawn)[len(drawn) - 1 - as_far]) if as_far >= 0 else np.inf


def joint_test(study: EventStudy, at: np.ndarray, *, alpha: float, seed: int) -> LeadTest:
    """Return the Wald test where the covariance can be trusted, else the test of the largest lead."""
    covariance = study.covariance[np.ix_(at, at)]
    if study.sums is not None and len(at) * _CLUSTERS_PER_LEAD <= study.clusters and is_regular(covariance):
        return Wald(covariance, study.clusters, alpha)
    return largest_lead(study, at, alpha=alpha, seed=seed)


def largest_lead(study: EventStudy, at: np.ndarray, *, alpha: float, seed: int) -> Largest:
    """Return the test of the largest lead; its scale takes the leads found as one more deal."""
    if study.drawn is not None:
        noise = study.drawn[:, at]
        found = study.fit.effects[at]
        scale = np.sqrt(((noise**2).sum(axis=0) + found**2) / (len(noise) + 1))
    else:
        noise, scale = _gaussian(study.covariance[np.ix_(at, at)], seed)
    return Largest(noise, np.where(scale > 0, scale, 1.0), alpha)


def any_lead(study: EventStudy, at: np.ndarray, *, alpha: float, seed: int) -> LeadTest | None:
    """Return the test that looks at each lead by itself; not for permutation, which has no such habit."""
    if study.sums is None or not len(at):
        return None
    noise, scale = _gaussian(study.covariance[np.ix_(at, at)], seed)
    return AnyLead(noise, np.where(scale > 0, scale, 1.0), alpha)


def line_test(study: EventStudy, at: np.ndarray, weights: np.ndarray, *, alpha: float, estimated: int = 0) -> Line:
    """Return the test of a weighted sum of leads.

    ``estimated``: how many weights stem from the covariance itself. Its error then enters twice, as too small a
    standard error and as weights that are not the best, each by (G − 1) / (G − K) in the variance.
    """
    rest = max(study.clusters - max(estimated, 1), 1)
    se = float(np.sqrt(max(weights @ study.covariance[np.ix_(at, at)] @ weights, 0.0)))
    se *= max(study.clusters - 1, 1) / rest if estimated else 1.0
    noise = None if study.drawn is None else study.drawn[:, at] @ weights
    return Line(weights, se, alpha, rest, noise)


def _gaussian(covariance: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (N, K) evenly spread normal draws with that covariance, and their standard deviations (K,)."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    even = stats.qmc.Sobol(len(covariance), rng=np.random.default_rng(seed)).random_base2(_GAUSS_DRAWS)
    return stats.norm.ppf(np.clip(even, 1e-12, 1 - 1e-12)) @ root.T, np.sqrt(np.diag(covariance))


def slopes_found(tests: Mapping[str, LeadTest], response: np.ndarray, bias: float, effect: float) -> pd.DataFrame:
    """Return [test, power, slope, bias, bias_to_effect]: the slope at which each test reaches each power.

    ``response`` (K,), ``bias``: what a slope of 1 does to the leads and to the headline. Infinite: no slope is found.
    """
    rows = []
    for name, test in tests.items():
        for power in POWERS:
            slope = _slope_at(test, response, power)
            shift = abs(slope * bias)
            rows.append((name, power, slope, shift, shift / abs(effect) if effect else np.inf))
    return pd.DataFrame(rows, columns=["test", "power", "slope", "bias", "bias_to_effect"])


def _slope_at(test: LeadTest, response: np.ndarray, power: float) -> float:
    reach = float(np.max(np.abs(response), initial=0.0))
    if not reach:
        return np.inf
    if test.power(np.zeros(len(response))) >= power:
        return 0.0  # many leads, looked at one by one, reject that often anyway
    high = 1.0 / reach
    for _ in range(200):
        if test.power(high * response) >= power:
            break
        high *= 2
    else:
        return np.inf
    for _ in range(400):
        if test.power(high / 2 * response) < power:
            break
        high /= 2
    else:
        return 0.0  # leads without noise: any slope is found
    return float(optimize.brentq(lambda slope: test.power(slope * response) - power, high / 2, high, xtol=1e-10 * high))
