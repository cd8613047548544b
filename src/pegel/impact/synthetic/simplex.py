"""Least squares with weights that are not negative and add up to 1: the weights of synthetic methods.

Question
    Which average of some columns comes closest to a target?
Definition
    w = argmin mean over rows of (A w − b)² + ridge² · Σ w², with w ≥ 0 and Σ w = 1; with an intercept A and b are taken
    less their means over rows. Where several w do equally well, the one of the smallest Σ w² is meant: the ridge is
    never less than 1e-5 of the size of A_j − b, so that the answer depends neither on the order of columns nor on luck.
How
    Since Σ w = 1, A w − b is an average of the columns A_j − b: the search is for the point of a polytope that is
    nearest to the origin. With Z the matrix of these columns and u ≥ 0 the solution of the non-negative least squares
    of (0, 1) on (Z, 1ᵀ), that point has the weights u ÷ Σ u. Lawson & Hanson's active-set method ends there exactly.
    ``frank_wolfe`` is the iteration of the R package synthdid, which stops early; it serves to reproduce published
    figures. ``duality_gap`` says how far any w can be from the optimum, whoever found it.
Source
    Wolfe 1976, *Finding the nearest point in a polytope*; Lawson & Hanson 1974, ch. 23; Frank & Wolfe 1956; Jaggi 2013
    (gap); Arkhangelsky et al. 2021, *Synthetic difference-in-differences*, American Economic Review 111.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

#: Weights of less than this belong to rounding.
NOTHING = 1e-9
_TIE_BREAK = 1e-5
_FIRST_STEPS = 100
_MOST_STEPS = 10_000


def simplex_weights(
    columns: np.ndarray, target: np.ndarray, *, ridge: float = 0.0, intercept: bool = False
) -> np.ndarray:
    """Return the weights (K,) of columns (R, K) that come closest to the target (R,), exactly.

    >>> import numpy as np
    >>> simplex_weights(np.array([[0.0, 4.0], [2.0, 2.0]]), np.array([1.0, 2.0])).round(9).tolist()
    [0.75, 0.25]
    """
    a, b = _centred(columns, target) if intercept else (columns, target)
    rows, many = a.shape
    points = a - b[:, None]
    size = float(np.sqrt((points**2).mean()))
    held = max(ridge, _TIE_BREAK * size) or 1.0
    lifted = np.vstack([points / np.sqrt(rows), held * np.eye(many)])
    # The last row only fixes the length of u; of the same size as the others it keeps the problem well posed.
    scale = np.sqrt((lifted**2).sum() / many)
    found, _ = nnls(
        np.vstack([lifted / scale, np.ones(many)]), np.append(np.zeros(len(lifted)), 1.0), maxiter=30 * many + 100
    )
    found[found < NOTHING * found.max()] = 0.0
    return np.asarray(found / found.sum())


def frank_wolfe(
    columns: np.ndarray, target: np.ndarray, *, ridge: float, intercept: bool, smallest_gain: float
) -> np.ndarray:
    """Return the weights (K,) as synthdid finds them: 100 steps, then again from the large weights only.

    A step goes towards the best single column, as far as is best; it is the last when the objective falls by no more
    than ``smallest_gain``². Weights of at most a quarter of the largest are set to 0 between the two rounds.
    """
    a, b = _centred(columns, target) if intercept else (columns, target)
    many = a.shape[1]
    first = _steps(a, b, np.full(many, 1.0 / many), ridge, smallest_gain, _FIRST_STEPS)
    large = np.where(first > first.max() / 4, first, 0.0)
    return _steps(a, b, large / large.sum(), ridge, smallest_gain, _MOST_STEPS)


def _steps(
    a: np.ndarray, b: np.ndarray, weights: np.ndarray, ridge: float, smallest_gain: float, most: int
) -> np.ndarray:
    penalty = len(b) * ridge**2
    rest = a @ weights - b
    before = np.inf
    for step in range(most):
        slope = rest @ a + penalty * weights
        best = int(np.argmin(slope))
        way = -weights
        way[best] += 1.0
        change = a @ way
        bend = change @ change + penalty * (way @ way)
        length = min(1.0, max(0.0, -float(slope @ way) / bend)) if bend > 0 else 0.0
        weights = weights + length * way
        rest = rest + length * change
        now = float(rest @ rest + penalty * (weights @ weights)) / len(b)
        if step and before - now <= smallest_gain**2:
            break
        before = now
    return weights


def objective(
    columns: np.ndarray, target: np.ndarray, weights: np.ndarray, *, ridge: float = 0.0, intercept: bool = False
) -> float:
    """Return the mean squared distance of the weighted columns from the target, with the ridge."""
    a, b = _centred(columns, target) if intercept else (columns, target)
    rest = a @ weights - b
    return float(rest @ rest / len(b) + ridge**2 * (weights @ weights))


def duality_gap(
    columns: np.ndarray, target: np.ndarray, weights: np.ndarray, *, ridge: float = 0.0, intercept: bool = False
) -> float:
    """Return a bound on how far the objective of these weights lies above the least possible one."""
    a, b = _centred(columns, target) if intercept else (columns, target)
    slope = 2.0 * (a.T @ (a @ weights - b) / len(b) + ridge**2 * weights)
    return float(slope @ weights - slope.min())


def _centred(columns: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return columns - columns.mean(axis=0), target - target.mean()
