"""Errors around a level that wanders: the local level model, by exact diffuse likelihood.

Definition
    y_t = level_t + regressors + noise, level_{t+1} = level_t + drift. The ratio of the variances of drift and noise is
    q = g² / (1 − g), where g is the gain: the share by which the level follows a new observation in the long run. At
    g = 0 the level stands still (ordinary least squares), at g = 1 the series is a random walk. The first level is
    wholly unknown and takes the first observation. Over a gap of d periods the level drifts d times.
Prior
    Uniform in the gain.
Source
    Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter* (1989), ch. 2 and 3.
    Reproduces statsmodels' UnobservedComponents (tests/pegel/impact/test_interrupted_time_series.py).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pegel.impact.series.integrated_likelihood import Family, Whitened

_EDGE: Final = 1 - 1e-6


def whiten(columns: np.ndarray, periods: np.ndarray, coordinates: np.ndarray) -> Whitened:
    """Return the one-step errors of every column, each divided by its standard deviation; one row less.

    >>> import numpy as np
    >>> white = whiten(np.array([[2.0], [3.0], [7.0]]), np.array([0, 1, 2]), np.array([0.0]))
    >>> (white.columns[0, :, 0] ** 2).round(6).tolist()  # 1² / 2, then (7 − 2.5)² / (3/2)
    [0.5, 13.5]
    """
    drift = coordinates**2 / (1 - coordinates)
    nodes, rows = len(coordinates), len(columns)
    level = np.repeat(columns[None, 0, :], nodes, axis=0)
    doubt = np.ones(nodes)
    errors = np.empty((nodes, rows - 1, columns.shape[1]))
    log_determinant = np.zeros(nodes)
    for i, step in enumerate(np.diff(periods)):
        doubt = doubt + drift * step
        variance = doubt + 1
        error = columns[None, i + 1, :] - level
        errors[:, i, :] = error / np.sqrt(variance)[:, None]
        log_determinant += np.log(variance)
        level = level + (doubt / variance)[:, None] * error
        doubt = doubt / variance
    return Whitened(errors, log_determinant)


LOCAL_LEVEL: Final = Family("local_level", 0.0, _EDGE, True, np.asarray, whiten)
