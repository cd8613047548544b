"""The shortest interval of fixed length for an effect when trends may bend, but by no more than M per period.

Definition
    θ = l'τ is an average of effects at the horizons after adoption. The estimates there are effects plus the difference
    δ in trends; those before adoption are δ alone. δ belongs to Δ^SD(M): its slope changes by at most M between
    neighbouring periods, so with M = 0 it is any straight line. The estimate is l'β_post + v'β_pre: the trend
    extrapolated from the leads is taken off. Its bias is at most

        B(v) = M · ( Σ_{r=0}^{P−1} |Σ_{s>r} (s − r) l_s|  +  Σ_{k<K} |a_k| ),    a = v summed up twice, a_K = Σ s l_s

    (a_K is what makes the bias of a straight line vanish), its standard deviation σ(v), and the interval reaches
    σ · cv(B / σ) to either side, cv(t) being the ``level`` quantile of |N(t, 1)|. The weights v minimise its length.
Computation
    Every pair (B, σ) that can be best is a point of the path x(λ) = argmin σ²(x) / 2 + λ Σ|x_k| over x = a_1 … a_{K−1},
    which consists of straight pieces (Osborne, Presnell & Turlach 2000): it is followed exactly, and the best point on
    it is the root of one equation in λ. No step is iterative but that root.
Source
    Rambachan & Roth, *A more credible approach to parallel trends*, Review of Economic Studies 90 (2023), section 4.1;
    Armstrong & Kolesár, Econometrica 86 (2018). Reproduces R's ``HonestDiD``
    (tests/pegel/impact/test_honest_bounds.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize
from scipy.special import ndtr, ndtri

_CLOSE = 1e-12


class FixedLength(NamedTuple):
    """``estimate`` ± ``half``; ``bias``: the most that trends can add; ``weights`` (K,) of the leads."""

    estimate: float
    half: float
    bias: float
    weights: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class SmoothTrends:
    """Leads and effects with their covariance, made ready for any M.

    ``path``: (S,) falling λ and (S, K − 1) x at the ends of the straight pieces. ``fixed``: bias per M at x = 0.
    """

    beta: np.ndarray
    covariance: np.ndarray
    target: np.ndarray
    leads: int
    steps: np.ndarray
    path: tuple[np.ndarray, np.ndarray]
    fixed: float

    def interval(self, bound: float, *, level: float) -> FixedLength:
        """Return the shortest interval for trends that bend by at most ``bound`` (M) per period."""
        knots, ends = self.path

        def at(penalty: float) -> np.ndarray:
            return np.array([np.interp(penalty, knots[::-1], ends[::-1, j]) for j in range(ends.shape[1])])

        def gain(penalty: float) -> float:
            """What a little less bias is worth, less what it costs in standard deviation."""
            x = at(penalty)
            sd = self._sd(x)
            t = bound * self._bias(x) / sd
            quantile, slope = folded_quantile(t, level)
            return bound * slope * sd - (quantile - t * slope) * penalty

        best = knots[0]
        if not bound:
            best = 0.0
        elif self._sd(at(best)) > 0 and len(knots) > 1 and gain(best) < 0:
            best = float(optimize.brentq(gain, 0.0, best, xtol=1e-13 * best))
        x = at(best)
        sd, bias = self._sd(x), bound * self._bias(x)
        weights = self._weights(x)
        half = sd * folded_quantile(bias / sd, level)[0] if sd > 0 else bias
        estimate = float(self.beta @ np.append(weights, self.target))
        return FixedLength(estimate, float(half), float(bias), weights)

    def _weights(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.steps @ np.append(x, _reach(self.target)))

    def _sd(self, x: np.ndarray) -> float:
        both = np.append(self._weights(x), self.target)
        return float(np.sqrt(max(both @ self.covariance @ both, 0.0)))

    def _bias(self, x: np.ndarray) -> float:
        return self.fixed + float(np.abs(x).sum())


def smooth_trends(beta: np.ndarray, covariance: np.ndarray, *, leads: int, target: np.ndarray) -> SmoothTrends:
    """Return the problem made ready.

    Parameters
    ----------
    beta (K + P,), covariance: leads in order of time, without the base, then effects; the periods follow each other
        without gaps. leads: K, at least 1. target (P,): weights l of the effects.
    """
    once = np.eye(leads) - np.eye(leads, k=-1)
    steps = once @ once
    pre, cross = covariance[:leads, :leads], covariance[:leads, leads:] @ target
    free = steps[:, :-1]
    start = steps[:, -1] * _reach(target)
    path = _path(free.T @ pre @ free, free.T @ (pre @ start + cross))
    later = np.arange(1, len(target) + 1)
    bends = [float(np.abs((later[r:] - r) @ target[r:])) for r in range(len(target))]
    return SmoothTrends(beta, covariance, target, leads, steps, path, float(np.sum(bends)))


def _reach(target: np.ndarray) -> float:
    """Return what a straight trend with slope 1 adds to the average."""
    return float(np.arange(1, len(target) + 1) @ target)


def folded_quantile(t: float, level: float) -> tuple[float, float]:
    """Return the ``level`` quantile of |N(t, 1)| and its derivative by t.

    >>> round(folded_quantile(0.0, 0.95)[0], 4), round(folded_quantile(3.0, 0.95)[0], 4)
    (1.96, 4.6449)
    """
    low, high = max(t + float(ndtri(level)) - 1e-9, 0.0), t + float(ndtri((1 + level) / 2)) + 1e-9
    q = float(optimize.brentq(lambda q: ndtr(q - t) - ndtr(-q - t) - level, low, high, xtol=1e-14, rtol=1e-14))
    near, far = np.exp(-((q - t) ** 2) / 2), np.exp(-((q + t) ** 2) / 2)
    return q, float((near - far) / (near + far))


def _path(gram: np.ndarray, linear: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the knots of x(λ) = argmin x'Gx/2 + c'x + λ Σ|x|, from the λ at which all x are 0 down to 0."""
    n = len(linear)
    x = np.zeros(n)
    penalty = float(np.max(np.abs(linear), initial=0.0))
    knots, ends = [penalty], [x]
    active: list[int] = []
    sign = np.zeros(n)
    gone = -1
    for _ in range(20 * n + 1):
        if penalty <= 0:
            break
        slack = linear + gram @ x
        off = [j for j in range(n) if j not in active]
        joins = [j for j in off if abs(slack[j]) >= penalty * (1 - 1e-9) and j != gone]
        if joins:
            j = max(joins, key=lambda j: abs(slack[j]))
            active.append(j)
            sign[j] = -np.sign(slack[j])
            off.remove(j)
        # As λ falls by a unit, active x move by ``move`` and the slack of the others by ``drift``.
        move = np.linalg.solve(gram[np.ix_(active, active)], sign[active])
        drift = gram[np.ix_(off, active)] @ move
        length, gone = penalty, -1
        for i, j in enumerate(active):
            if x[j] * move[i] < 0 and -x[j] / move[i] < length:
                length, gone = -x[j] / move[i], j
        for i, j in enumerate(off):
            for side in (1.0, -1.0):
                speed = 1.0 + side * drift[i]
                left = penalty - side * slack[j]
                if speed > _CLOSE and left > penalty * 1e-9 and left / speed < length:
                    length, gone = left / speed, -1
        x = x.copy()
        x[active] += length * move
        penalty -= length
        if gone >= 0:
            x[gone] = 0.0
            active.remove(gone)
        knots.append(max(penalty, 0.0))
        ends.append(x)
    return np.array(knots), np.array(ends)
