"""Standard errors of one coefficient of a least squares regression that do not need errors of equal size.

HC2 with the degrees of freedom of Bell & McCaffrey 2002 (Imbens & Kolesár 2016), HC3 with n − k, and by cluster the
jackknife CRV3 with G − 1 (MacKinnon, Nielsen & Webb 2023).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_ALL_LEVERAGE = 1e-10


class Error(NamedTuple):
    """A standard error and the degrees of freedom of its t; NaN where the coefficient rests on one row or cluster."""

    se: float
    dof: float


def hc2(design: np.ndarray, residuals: np.ndarray, place: int) -> Error:
    """Return HC2 for the coefficient at ``place`` of a design (n, k) of full rank, with Bell-McCaffrey degrees.

    >>> import numpy as np
    >>> x = np.array([[1, 0], [1, 0], [1, 1], [1, 1.0]])  # two and two: Welch's error √(s₁²/2 + s₀²/2)
    >>> error = hc2(x, np.array([-1, 1, -2, 2.0]), 1)
    >>> round(error.se**2, 6), round(error.dof, 6)
    (5.0, 2.0)
    """
    basis, own, spare = _parts(design, place)
    if _rests_on_one(own, spare):
        return Error(np.nan, np.nan)
    weight = np.where(spare > _ALL_LEVERAGE, own / np.sqrt(np.maximum(spare, _ALL_LEVERAGE)), 0.0)
    variance = float(((weight * residuals) ** 2).sum())
    # With errors of equal size the variance estimate is a quadratic form in them; its first two moments set the t.
    squares = weight**2
    crossed = (squares[:, None] * basis).T @ basis
    second = float((squares**2 * (2 * spare - 1)).sum() + (crossed**2).sum())
    first = float((squares * spare).sum())
    return Error(float(np.sqrt(variance)), max(first**2 / second, 1.0) if second > 0 else 1.0)


def hc3(design: np.ndarray, residuals: np.ndarray, place: int) -> Error:
    """Return HC3 for the coefficient at ``place``, with n − k degrees of freedom."""
    _, own, spare = _parts(design, place)
    if _rests_on_one(own, spare):
        return Error(np.nan, np.nan)
    weight = np.where(spare > _ALL_LEVERAGE, own / np.maximum(spare, _ALL_LEVERAGE), 0.0)
    return Error(float(np.sqrt(((weight * residuals) ** 2).sum())), float(design.shape[0] - design.shape[1]))


def _parts(design: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an orthonormal basis (n, k), weights of the coefficient on the outcome (n,), and 1 − leverage (n,)."""
    basis, upper = np.linalg.qr(design)
    own = basis @ np.linalg.inv(upper)[place]
    return basis, own, 1 - (basis**2).sum(axis=1)


def _rests_on_one(own: np.ndarray, spare: np.ndarray) -> bool:
    """Tell whether a row that counts is met exactly whatever its value: nothing shows how far it could be off."""
    return bool((np.abs(own[spare <= _ALL_LEVERAGE]) > 1e-8 * np.abs(own).max()).any())


def crv3(design: np.ndarray, outcome: np.ndarray, place: int, clusters: np.ndarray) -> Error:
    """Return the jackknife over clusters (n,), coded from 0: each left out once, around the estimate from all."""
    groups = int(clusters.max()) + 1
    k = design.shape[1]
    grams = np.zeros((groups, k, k))
    sides = np.zeros((groups, k))
    np.add.at(grams, clusters, design[:, :, None] * design[:, None, :])
    np.add.at(sides, clusters, design * outcome[:, None])
    gram, side = grams.sum(axis=0), sides.sum(axis=0)
    full = np.linalg.solve(gram, side)[place]
    rest = gram[None] - grams
    size = np.sqrt(np.maximum(np.diagonal(gram), np.finfo(float).tiny))
    if np.linalg.matrix_rank(rest / size[:, None] / size[None, :], tol=1e-9, hermitian=True).min() < k:
        return Error(np.nan, np.nan)
    left = np.linalg.solve(rest, (side[None] - sides)[:, :, None])[:, place, 0]
    return Error(float(np.sqrt((groups - 1) / groups * ((left - full) ** 2).sum())), float(groups - 1))
