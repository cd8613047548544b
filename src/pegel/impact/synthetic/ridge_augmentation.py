"""What a synthetic control misses before adoption, corrected by ridge regression (Ben-Michael, Feller & Rothstein).

Definition
    With X (R, K) the donors' and x (R,) the adopter's rows before adoption, both less the donors' mean, and w the
    weights of the synthetic control: w + Xᵀ (X Xᵀ + ridge · I)⁻¹ (x − X w). The weights still add up to 1 but may be
    negative: where donors cannot imitate the adopter this extrapolates. A large ridge gives the synthetic control back.
Choice of the ridge
    Each period before adoption is left out in turn and foretold by weights from the others; of 21 values, from the
    largest squared singular value of X down to 1e-8 of it, the largest whose mean squared error lies within one
    standard error of the smallest.
Source
    Ben-Michael, Feller & Rothstein 2021, *The augmented synthetic control method*, JASA 116.
"""

from __future__ import annotations

import numpy as np

from pegel.impact.synthetic.simplex import simplex_weights

_VALUES = 21
_SMALLEST = 1e-8


def augmented_weights(columns: np.ndarray, target: np.ndarray, weights: np.ndarray, *, ridge: float) -> np.ndarray:
    """Return the weights (K,) corrected for what they miss of the target (R,).

    >>> import numpy as np
    >>> augmented_weights(np.array([[1.0, 3.0]]), np.array([4.0]), np.array([0.0, 1.0]), ridge=0.0).round(9).tolist()
    [-0.5, 1.5]
    """
    return np.asarray(weights + _corrections(columns, target, weights, np.array([ridge]))[0])


def chosen_ridge(columns: np.ndarray, target: np.ndarray, periods: int) -> float:
    """Return the ridge that leaving out each of the first ``periods`` rows recommends; the largest for one period."""
    centred = columns - columns.mean(axis=1, keepdims=True)
    largest = float(np.linalg.norm(centred, 2) ** 2)
    ridges = largest * _SMALLEST ** (np.arange(_VALUES) / (_VALUES - 1))
    if periods < 2 or not largest:
        return largest or 1.0
    errors = np.empty((periods, _VALUES))
    for row in range(periods):
        kept = np.arange(len(columns)) != row
        weights = simplex_weights(columns[kept], target[kept])
        all_weights = weights + _corrections(columns[kept], target[kept], weights, ridges)
        errors[row] = (target[row] - all_weights @ columns[row]) ** 2
    means = errors.mean(axis=0)
    best = int(np.argmin(means))
    bound = means[best] + errors[:, best].std(ddof=1) / np.sqrt(periods)
    return float(ridges[np.argmax(means <= bound)])


def _corrections(columns: np.ndarray, target: np.ndarray, weights: np.ndarray, ridges: np.ndarray) -> np.ndarray:
    """Return (V, K): the correction of the weights for each ridge."""
    centre = columns.mean(axis=1)
    x = columns - centre[:, None]
    missed = target - centre - x @ weights
    left, sizes, right = np.linalg.svd(x, full_matrices=False)
    used = sizes > 1e-12 * max(sizes.max(), 1e-300)
    shrunk = sizes[used] / (sizes[used] ** 2 + ridges[:, None]) * (left.T @ missed)[used]
    return np.asarray(shrunk @ right[used])
