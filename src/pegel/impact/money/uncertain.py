"""Quantities that are known only roughly, as functions from a chance between 0 and 1 to a value.

That form lets several of them be drawn together with a given correlation (a Gaussian copula), and lets each be set to
its 5% or 95% value while the others stay in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from scipy import stats

from pegel.errors import UserError

Shape = Literal["triangular", "pert"]


class Uncertain(Protocol):
    """Something with quantiles."""

    def quantile(self, chance: np.ndarray) -> np.ndarray:
        """Return the values below which the quantity lies with these chances."""
        ...


@dataclass(frozen=True, slots=True)
class Range:
    """Least, most likely and largest value. ``pert`` (a beta) leans more to the middle than ``triangular``.

    >>> Range(0, 1, 2).quantile(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 2.0]
    """

    low: float
    mid: float
    high: float
    shape: Shape = "triangular"

    def __post_init__(self) -> None:
        if not np.isfinite([self.low, self.mid, self.high]).all() or not self.low <= self.mid <= self.high:
            raise UserError("impact_range_not_ordered", low=self.low, mid=self.mid, high=self.high)
        if self.shape not in ("triangular", "pert"):
            raise UserError("impact_unknown_choice", name="shape", value=self.shape)

    def quantile(self, chance: np.ndarray) -> np.ndarray:
        """Return the values below which the quantity lies with these chances."""
        width = self.high - self.low
        if width == 0:
            return np.full(len(chance), float(self.low))
        place = (self.mid - self.low) / width
        law = stats.triang(place) if self.shape == "triangular" else stats.beta(1 + 4 * place, 5 - 4 * place)
        return np.asarray(self.low + width * law.ppf(chance))


@dataclass(frozen=True, slots=True)
class Beta:
    """A share, as if ``a`` of a + b cases had been realised.

    >>> Beta(3, 3).quantile(np.array([0.5])).round(6).tolist()
    [0.5]
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.a, self.b]).all() and self.a > 0 and self.b > 0):
            raise UserError("impact_beta_not_positive", a=self.a, b=self.b)

    def quantile(self, chance: np.ndarray) -> np.ndarray:
        """Return the values below which the quantity lies with these chances."""
        return np.asarray(stats.beta(self.a, self.b).ppf(chance))


@dataclass(frozen=True, slots=True)
class Known:
    """A value without doubt."""

    value: float

    def quantile(self, chance: np.ndarray) -> np.ndarray:
        """Return the value for every chance."""
        return np.full(len(chance), float(self.value))


@dataclass(frozen=True, slots=True)
class TwoSided:
    """A normal distribution on each side of the middle, whose ``level`` interval is the one given."""

    middle: float
    low: float
    high: float
    level: float

    def quantile(self, chance: np.ndarray) -> np.ndarray:
        """Return the values below which the quantity lies with these chances."""
        z = stats.norm.ppf(chance)
        edge = float(stats.norm.ppf((1 + self.level) / 2))
        below, above = max(self.middle - self.low, 0.0), max(self.high - self.middle, 0.0)
        return np.asarray(self.middle + z / edge * np.where(z < 0, below, above))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Values drawn elsewhere (a bootstrap, a posterior), each as likely as the other."""

    values: np.ndarray

    def __post_init__(self) -> None:
        if not len(self.values) or not np.isfinite(self.values).all():
            raise UserError("impact_samples_not_finite", n=int((~np.isfinite(self.values)).sum()))

    def quantile(self, chance: np.ndarray) -> np.ndarray:
        """Return the values below which the quantity lies with these chances."""
        return np.asarray(np.quantile(self.values, chance))


def draw_together(
    parts: Mapping[str, Uncertain], *, correlations: Mapping[tuple[str, str], float], draws: int, seed: int
) -> dict[str, np.ndarray]:
    """Return ``draws`` values of each quantity; ``correlations`` are those of the normal scores behind them.

    Raises
    ------
    UserError: ``impact_unknown_choice`` (a correlation of something else), ``impact_correlations_impossible``.
    """
    names = list(parts)
    matrix = np.eye(len(names))
    for (one, other), value in correlations.items():
        if one not in parts or other not in parts or one == other:
            raise UserError("impact_unknown_choice", name="correlations", value=f"{one}, {other}")
        if not -1 <= value <= 1:
            raise UserError("impact_correlations_impossible", value=value)
        i, j = names.index(one), names.index(other)
        matrix[i, j] = matrix[j, i] = value
    values, vectors = np.linalg.eigh(matrix)
    if values.min() < -1e-9:
        raise UserError("impact_correlations_impossible", value=float(values.min()))
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    # Each quantity has a stream of its own, so that one more of them does not change the others.
    streams = [np.random.default_rng([seed, *name.encode()]) for name in names]
    scores = np.column_stack([one.standard_normal(draws) for one in streams])
    # Without correlations the scores stay exactly as drawn.
    chance = np.clip(stats.norm.cdf(scores @ root if correlations else scores), 1e-12, 1 - 1e-12)
    return {name: part.quantile(chance[:, i]) for i, (name, part) in enumerate(parts.items())}
