"""An interval for an effect when trends after adoption may move by no more than M̄ times their largest move before it.

Definition
    δ is the difference in trends that estimates hold besides the effect. It belongs to Δ^RM(M̄) if no step δ_t − δ_{t−1}
    after the base is larger than M̄ times the largest step up to the base. That set is a union of polyhedra, one for
    each step s before the base and each of its signs, and the interval is the union of what they give: all θ that the
    hybrid conditional and least-favourable test (*C-LF*) of Andrews, Roth & Pakes does not reject.
Computation
    With d the chosen step and its sign, l'τ = θ and c_t = Σ_{r≥t} l_r, each step after the base gives two moments
    ± (b_t − u_t) − M̄ d ≤ 0. Their means are known up to the effects' own steps u, of which only Σ c_t u_t = θ matters.
    The test's linear programme therefore has only P + 2 vertices, which can be written down:

        (± (l'β − θ) − M̄ d Σ|c_t|) / Σ|c_t| sd_t±        and        −2 M̄ d / (sd_t+ + sd_t−) for each t

    The statistic is the largest of these; its truncation given the others, and the least favourable critical value (a
    distribution of two variables), need no programme and no simulation.
Source
    Rambachan & Roth, Review of Economic Studies 90 (2023), sections 2.4.1 and 3; Andrews, Roth & Pakes, *Inference for
    linear conditional moment inequalities*, Review of Economic Studies 90 (2023). Reproduces R's ``HonestDiD``
    (tests/pegel/impact/test_honest_bounds.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize
from scipy.special import log_ndtr, ndtr, ndtri_exp

from pegel.impact.estimate import Interval

#: Share of the test's size that its first, least favourable stage may use up (Andrews, Roth & Pakes).
_FIRST_STAGE = 0.1
_GRID = 400
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(128)
_REACH = 8.0
_MOST = 1_000.0


@dataclass(frozen=True, slots=True, eq=False)
class _Polyhedron:
    """Vertices (V,) as rows of ``levels`` − ``slopes`` · θ, their covariance (V, V), and the first stage's bound."""

    levels: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray
    bound: float
    size: float

    def accepts(self, theta: np.ndarray) -> np.ndarray:
        """Tell for each θ (N,) whether the test accepts it."""
        values = self.levels[:, None] - self.slopes[:, None] * theta[None, :]
        best = values.argmax(axis=0)
        at = np.arange(len(theta))
        largest = values[best, at]
        variance = self.covariance[best, best]
        sure = variance <= 1e-24 * self.covariance.max()
        sd = np.sqrt(np.where(sure, 1.0, variance))
        along = self.covariance[:, best] / np.where(sure, 1.0, variance)
        rest = values - along * largest
        with np.errstate(divide="ignore", invalid="ignore"):
            edges = rest / (1 - along)
        low = np.where(along < 1 - 1e-9, edges, -np.inf).max(axis=0) / sd
        high = np.minimum(np.where(along > 1 + 1e-9, edges, np.inf).min(axis=0), self.bound) / sd
        critical = np.maximum(_truncated_quantile(1 - self.size, low, high), 0.0)
        outside = (largest / sd < low) | (largest / sd > high)
        accepted = np.where(sure, largest <= 0, outside | (largest / sd <= critical))
        return np.asarray(accepted & (largest <= self.bound))


def _truncated_quantile(p: float, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the quantile of the standard normal between two bounds, computed in the tail where they lie."""
    flip = low > 0
    log_a, log_b = log_ndtr(np.where(flip, -high, low)), log_ndtr(np.where(flip, -low, high))
    below = np.exp(np.minimum(log_a - log_b, 0.0))
    share = np.where(flip, 1 - p, p)
    found = ndtri_exp(log_b + np.log(below + share * (1 - below)))
    return np.asarray(np.where(flip, -found, found))


def _polyhedra(
    beta: np.ndarray, covariance: np.ndarray, *, leads: int, target: np.ndarray, bound: float, level: float
) -> Iterator[_Polyhedron]:
    """Yield the polyhedra, those of the largest steps first: they reach furthest."""
    # First differences along leads, base and effects: K steps up to the base, then P steps after it.
    path = np.insert(np.eye(leads + len(target)), leads, 0.0, axis=0)
    steps = np.diff(path, axis=0)
    values, spread = steps @ beta, steps @ covariance @ steps.T
    reach = np.cumsum(target[::-1])[::-1]
    far = bound * np.abs(reach).sum()
    average = np.append(np.zeros(leads), reach)
    alpha = 1 - level
    first = _FIRST_STAGE * alpha
    own = np.diag(spread)[leads:]
    for s in np.argsort(-np.abs(values[:leads]), kind="stable"):
        for sign in (1.0, -1.0) if values[s] >= 0 else (-1.0, 1.0):
            shared = 2 * bound * sign * spread[leads:, s]
            sd_up = np.sqrt(np.maximum(own + bound**2 * spread[s, s] - shared, 0.0))
            sd_down = np.sqrt(np.maximum(own + bound**2 * spread[s, s] + shared, 0.0))
            plus = float(np.abs(reach) @ np.where(reach > 0, sd_up, sd_down))
            minus = float(np.abs(reach) @ np.where(reach > 0, sd_down, sd_up))
            pairs = 2 * bound / (sd_up + sd_down)
            # All vertices are sums of two things: the average, and the step d.
            along = sign * (average @ spread[:, s])
            joint = np.array([[average @ spread @ average, along], [along, spread[s, s]]])
            parts = np.vstack([[1 / plus, -far / plus], [-1 / minus, -far / minus], np.outer(pairs, [0.0, -1.0])])
            slopes = np.concatenate([[1 / plus, -1 / minus], np.zeros(len(target))])
            least = _first_stage(joint, plus, minus, far, float(pairs.max(initial=0.0)), 1 - first)
            levels = parts @ np.array([average @ values, sign * values[s]])
            size = (alpha - first) / (1 - first)
            yield _Polyhedron(levels, slopes, parts @ joint @ parts.T, least, size)


def _first_stage(joint: np.ndarray, plus: float, minus: float, far: float, pair: float, probability: float) -> float:
    """Return the quantile of the largest vertex when all moments are just zero.

    ``joint`` (2, 2): covariance of the average x and the step d. The largest vertex stays below q where d ≥ −q / pair
    and −q · minus − far · d ≤ x ≤ q · plus + far · d.
    """
    sd = float(np.sqrt(joint[1, 1]))
    tilt = joint[0, 1] / joint[1, 1] if sd else 0.0
    rest = float(np.sqrt(max(joint[0, 0] - tilt * joint[0, 1], 0.0))) or 1e-300

    def missing(q: float) -> float:
        least = max(-q / pair, -_REACH * sd) if pair else -_REACH * sd
        half = (_REACH * sd - least) / 2
        d = least + half * (_NODES + 1)
        chance = ndtr((q * plus + (far - tilt) * d) / rest) - ndtr((-q * minus - (far + tilt) * d) / rest)
        density = np.exp(-((d / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
        return float(half * (_NODE_WEIGHTS * np.maximum(chance, 0.0) * density).sum()) - probability

    high = 4.0
    while missing(high) < 0:
        high *= 2
    return float(optimize.brentq(missing, 0.0, high, xtol=1e-12))


def relative_interval(
    beta: np.ndarray, covariance: np.ndarray, *, leads: int, target: np.ndarray, bound: float, level: float
) -> Interval:
    """Return the smallest interval that holds all effects which the test does not reject.

    Parameters
    ----------
    beta (K + P,), covariance: leads in order of time, without the base, then effects; without gaps. leads: K.
    target (P,): weights l of the effects. bound: M̄.
    """
    low, high = np.inf, -np.inf
    for one in _polyhedra(beta, covariance, leads=leads, target=target, bound=bound, level=level):
        # Beyond these the first two vertices alone exceed the bound of the first stage.
        least, most = (one.levels[0] - one.bound) / one.slopes[0], (one.levels[1] - one.bound) / one.slopes[1]
        grid = np.linspace(least, most, _GRID)
        if not least < most or (low <= least and most <= high):
            continue
        accepted = np.flatnonzero(one.accepts(grid))
        if len(accepted):
            low = min(low, _edge(one, grid, int(accepted[0]), -1))
            high = max(high, _edge(one, grid, int(accepted[-1]), 1))
    return Interval(low, high)


def _edge(polyhedron: _Polyhedron, grid: np.ndarray, at: int, step: int) -> float:
    """Return where acceptance ends beyond a point of the grid."""
    if not 0 <= at + step < len(grid):
        return float(grid[at])
    inside, outside = float(grid[at]), float(grid[at + step])
    for _ in range(8):
        between = np.linspace(inside, outside, 33)
        last = int(np.flatnonzero(polyhedron.accepts(between))[-1])
        inside, outside = float(between[last]), float(between[min(last + 1, 32)])
    return inside


def relative_breakdown(
    beta: np.ndarray, covariance: np.ndarray, *, leads: int, target: np.ndarray, level: float
) -> float:
    """Return the smallest M̄ at which an effect of 0 is not rejected; infinite beyond 1,000."""

    def nothing_possible(bound: float) -> bool:
        found = _polyhedra(beta, covariance, leads=leads, target=target, bound=bound, level=level)
        return any(bool(one.accepts(np.zeros(1))[0]) for one in found)

    if nothing_possible(0.0):
        return 0.0
    high = 1.0
    while not nothing_possible(high):
        high *= 2
        if high > _MOST:
            return np.inf
    low = high / 2 if high > 1 else 0.0
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if nothing_possible(middle) else (middle, high)
    return (low + high) / 2
