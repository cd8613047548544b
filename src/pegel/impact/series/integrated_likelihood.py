"""A regression on one series whose errors hang together by one unknown parameter, with the doubt about it counted.

Question
    What do the coefficients of a time series regression say, when the dependence of its errors is itself estimated?
Definition
    Errors are Gaussian with a covariance known up to its scale and one parameter (:mod:`autoregression`,
    :mod:`local_level`). ``coefficients`` maximise the exact likelihood. Statements about them do not pretend that the
    parameter is known: at every value of it the coefficients follow Student's t around the generalised least squares
    solution with n − k degrees of freedom; these are averaged with weights proportional to the restricted likelihood
    (prior uniform in the family's own coordinate). Intervals and p-values are those of the mixture.
Why
    Plugging in the estimate rejects a true "no change" in 9 to 17% of short autocorrelated series at the 5% level, the
    mixture in 4 to 7% (docs/methods/interrupted-time-series.md).
Source
    Harville 1974 (restricted likelihood as a marginal one); Zellner & Tiao, *Bayesian analysis of the regression model
    with autocorrelated errors*, JASA 59 (1964); Berger, de Oliveira & Sansó, JASA 96 (2001) for the restricted one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

_COARSE = 64
_FINE = 100
#: Nodes whose restricted likelihood is below exp(−25) of the largest add nothing.
_NEGLIGIBLE = 25.0
_ZOOMS = 2
_ZOOM_NODES = 41
_BISECTIONS = 14
_NEWTON_STEPS = 4


class Whitened(NamedTuple):
    """Columns (G, n, K) whose errors are independent with equal variance, and log determinants (G,), per node."""

    columns: np.ndarray
    log_determinant: np.ndarray


@dataclass(frozen=True, slots=True)
class Family:
    """A one-parameter family of covariances.

    The prior is uniform in a coordinate between ``low`` and ``high``; ``parameter`` turns coordinates into what is
    reported. ``whiten`` takes columns (n, K), their period numbers (n,) ascending, and coordinates (G,).
    ``level_is_diffuse``: the family has a free level of its own; a constant must not be among the regressors.
    """

    name: str
    low: float
    high: float
    level_is_diffuse: bool
    parameter: Callable[[np.ndarray], np.ndarray]
    whiten: Callable[[np.ndarray, np.ndarray, np.ndarray], Whitened]


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Student's t distributions of k coefficients: weights (G,), centres (G, k), squared scales (G, k, k).

    Methods take contrasts (M, k) and answer for each of them.
    """

    weights: np.ndarray
    centres: np.ndarray
    scales: np.ndarray
    dof: int

    def _at(self, contrasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        spread = np.einsum("mi,gij,mj->mg", contrasts, self.scales, contrasts, optimize=True)
        return contrasts @ self.centres.T, np.sqrt(np.maximum(spread, 0.0))

    def mean(self, contrasts: np.ndarray) -> np.ndarray:
        """Return (M,) weighted centres."""
        means: np.ndarray = self._at(contrasts)[0] @ self.weights
        return means

    def standard_errors(self, contrasts: np.ndarray) -> np.ndarray:
        """Return (M,): mean squared scale and spread of the centres, together."""
        centre, scale = self._at(contrasts)
        middle = centre @ self.weights
        errors: np.ndarray = np.sqrt((scale**2 + (centre - middle[:, None]) ** 2) @ self.weights)
        return errors

    def p_values(self, contrasts: np.ndarray) -> np.ndarray:
        """Return (M,): twice the smaller tail beyond zero."""
        centre, scale = self._at(contrasts)
        # Each tail is summed by itself: 1 − cdf would lose the small ones.
        below = stdtr(self.dof, -centre / scale) @ self.weights
        above = stdtr(self.dof, centre / scale) @ self.weights
        tails: np.ndarray = np.minimum(2 * np.minimum(below, above), 1.0)
        return tails

    def intervals(self, contrasts: np.ndarray, level: float) -> np.ndarray:
        """Return (M, 2) bounds that leave equal tails."""
        centre, scale = self._at(contrasts)
        reach = stdtrit(self.dof, (1 + level) / 2) * scale
        return np.column_stack(
            [
                self._quantile(centre, scale, (1 - level) / 2, centre - reach),
                self._quantile(centre, scale, (1 + level) / 2, centre + reach),
            ]
        )

    def _quantile(self, centre: np.ndarray, scale: np.ndarray, share: float, of_parts: np.ndarray) -> np.ndarray:
        """Return (M,) quantiles, by bisection between the parts' own (M, G) and then by Newton's method."""
        low, high = of_parts.min(axis=1), of_parts.max(axis=1)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            short = stdtr(self.dof, (middle[:, None] - centre) / scale) @ self.weights < share
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        place: np.ndarray = (low + high) / 2
        log_size = gammaln((self.dof + 1) / 2) - gammaln(self.dof / 2) - np.log(self.dof * np.pi) / 2
        for _ in range(_NEWTON_STEPS):
            away = (place[:, None] - centre) / scale
            excess = stdtr(self.dof, away) @ self.weights - share
            density = np.exp(log_size - (self.dof + 1) / 2 * np.log1p(away**2 / self.dof)) / scale @ self.weights
            place = np.clip(place - excess / density, low, high)
        return place

    def sample(self, contrasts: np.ndarray, *, draws: int, seed: int) -> np.ndarray:
        """Return (draws, M) joint draws of the contrasts."""
        random = np.random.default_rng(seed)
        nodes = random.choice(len(self.weights), size=draws, p=self.weights)
        spread = np.einsum("mi,gij,lj->gml", contrasts, self.scales, contrasts, optimize=True)
        lengths, directions = np.linalg.eigh(spread)
        roots = directions * np.sqrt(np.maximum(lengths, 0.0))[:, None, :]
        normal = random.standard_normal((draws, len(contrasts)))
        tails = np.sqrt(self.dof / random.chisquare(self.dof, draws))
        away = np.einsum("dij,dj->di", roots[nodes], normal) * tails[:, None]
        drawn: np.ndarray = (self.centres @ contrasts.T)[nodes] + away
        return drawn


@dataclass(frozen=True, slots=True, eq=False)
class SeriesFit:
    """Maximum likelihood and the mixture. ``parameters`` (G,) belong to the mixture's nodes."""

    coefficients: np.ndarray
    parameter: float
    log_likelihood: float
    parameters: np.ndarray
    mixture: Mixture


class Nodes(NamedTuple):
    """Generalised least squares at each node: coefficients (G, k), inverse Gram matrices (G, k, k), sums of squares.

    ``profile`` and ``restricted`` (G,): logarithms of the two likelihoods, scale maximised out and integrated out.
    """

    coefficients: np.ndarray
    inverses: np.ndarray
    squares: np.ndarray
    profile: np.ndarray
    restricted: np.ndarray
    dof: int


def fit_series(family: Family, outcome: np.ndarray, design: np.ndarray, periods: np.ndarray) -> SeriesFit:
    """Fit ``outcome`` (n,) on ``design`` (n, k) of full rank, observed in ``periods`` (n,); gaps are legal.

    The residuals must not all be zero, and n must exceed k by at least 2.
    """
    # Working on residuals of unit size and orthonormal columns keeps all of this independent of units of measurement.
    fixed = np.column_stack([np.ones(len(outcome)), design]) if family.level_is_diffuse else design
    start = np.linalg.lstsq(fixed, outcome, rcond=None)[0][-design.shape[1] :]
    moved = design - design.mean(axis=0) if family.level_is_diffuse else design
    basis, upper = np.linalg.qr(moved)
    rest = outcome - design @ start
    rest = rest - rest.mean() if family.level_is_diffuse else rest
    size = float(np.sqrt(np.mean(rest**2)))
    back = np.linalg.inv(upper) * size

    def at(coordinates: np.ndarray) -> Nodes:
        return nodes_at(family, rest / size, basis, periods, coordinates)

    first = at(_coarse_grid(family))
    best, top = _maximum(family, at, first)
    rows = len(outcome) - int(family.level_is_diffuse)
    parameters, weights, nodes = integrate(family, at, first)
    scales = np.einsum("ij,gjk,lk->gil", back, nodes.inverses, back) * (nodes.squares / nodes.dof)[:, None, None]
    return SeriesFit(
        coefficients=start + back @ top.coefficients[0],
        parameter=float(family.parameter(np.array([best]))[0]),
        log_likelihood=float(top.profile[0]) - rows * float(np.log(size)),
        parameters=parameters,
        mixture=Mixture(weights, start + nodes.coefficients @ back.T, scales, nodes.dof),
    )


def nodes_at(
    family: Family, outcome: np.ndarray, basis: np.ndarray, periods: np.ndarray, coordinates: np.ndarray
) -> Nodes:
    """Return generalised least squares of the outcome (n,) on the basis (n, k) at each coordinate (G,)."""
    k = basis.shape[1]
    white, log_determinant = family.whiten(np.column_stack([basis, outcome]), periods, coordinates)
    gram = np.einsum("gni,gnj->gij", white, white, optimize=True)
    rows = white.shape[1]
    inverses = np.linalg.inv(gram[:, :k, :k])
    coefficients = np.einsum("gij,gj->gi", inverses, gram[:, :k, k])
    squares = gram[:, k, k] - np.einsum("gi,gi->g", gram[:, :k, k], coefficients)
    squares = np.maximum(squares, np.finfo(float).tiny)
    log_gram = np.linalg.slogdet(gram[:, :k, :k])[1]
    profile = -0.5 * (rows * (np.log(2 * np.pi * squares / rows) + 1) + log_determinant)
    restricted = -0.5 * ((rows - k) * np.log(squares) + log_determinant + log_gram)
    return Nodes(coefficients, inverses, squares, profile, restricted, rows - k)


def _coarse_grid(family: Family) -> np.ndarray:
    return family.low + (family.high - family.low) / _COARSE * (np.arange(_COARSE) + 0.5)


def integrate(
    family: Family, at: Callable[[np.ndarray], Nodes], first: Nodes | None = None
) -> tuple[np.ndarray, np.ndarray, Nodes]:
    """Return parameters (G,), weights (G,) that add up to 1, and nodes where the restricted likelihood has its mass."""
    width = (family.high - family.low) / _COARSE
    coarse = _coarse_grid(family)
    height = (first or at(coarse)).restricted
    held = np.flatnonzero(height >= height.max() - _NEGLIGIBLE)
    low = max(family.low, coarse[held[0]] - 1.5 * width)
    high = min(family.high, coarse[held[-1]] + 1.5 * width)
    fine = low + (high - low) / _FINE * (np.arange(_FINE) + 0.5)
    nodes = at(fine)
    weights = np.exp(nodes.restricted - nodes.restricted.max())
    kept = weights > np.exp(-_NEGLIGIBLE)
    chosen = Nodes(
        coefficients=nodes.coefficients[kept],
        inverses=nodes.inverses[kept],
        squares=nodes.squares[kept],
        profile=nodes.profile[kept],
        restricted=nodes.restricted[kept],
        dof=nodes.dof,
    )
    return family.parameter(fine[kept]), weights[kept] / weights[kept].sum(), chosen


def _maximum(family: Family, at: Callable[[np.ndarray], Nodes], first: Nodes) -> tuple[float, Nodes]:
    """Return where the likelihood is largest, by grids that close in on it and a parabola at the end."""
    step = (family.high - family.low) / _COARSE
    best = float(_coarse_grid(family)[int(np.argmax(first.profile))])
    for _ in range(_ZOOMS):
        low, high = max(family.low, best - step), min(family.high, best + step)
        grid = np.linspace(low, high, _ZOOM_NODES)
        height = at(grid).profile
        place = int(np.argmax(height))
        best, step = float(grid[place]), (high - low) / (_ZOOM_NODES - 1)
    if 0 < place < _ZOOM_NODES - 1:
        left, middle, right = height[place - 1 : place + 2]
        bend = left - 2 * middle + right
        best += float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) * step if bend < 0 else 0.0
    return best, at(np.array([best]))
