"""Errors of which a share carries over from one period to the next: AR(1), by exact likelihood.

Definition
    e_t = φ e_{t−1} + innovation, stationary: the first observation counts with its own variance 1 / (1 − φ²), in units
    of the innovation's. Over a gap of d periods the carried share is φ^d and the variance of what is new
    (1 − φ^{2d}) / (1 − φ²), so gaps need neither filling nor a filter.
Prior
    Uniform in arcsin φ, which gives φ the density 1 / (π √(1 − φ²)): the coordinate in which φ is known equally well
    everywhere.
Source
    Box & Jenkins, *Time Series Analysis* (1970), A7.4. Reproduces statsmodels' SARIMAX to six digits
    (tests/pegel/impact/test_interrupted_time_series.py).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pegel.impact.series.integrated_likelihood import Family, Whitened

#: |φ| stays below 1 − 5e-9: there the likelihood of a stationary series ends.
_EDGE: Final = np.pi / 2 - 1e-4


def whiten(columns: np.ndarray, periods: np.ndarray, coordinates: np.ndarray) -> Whitened:
    """Return the innovations of every column, each divided by its standard deviation.

    >>> import numpy as np
    >>> white = whiten(np.array([[2.0], [3.0]]), np.array([0, 1]), np.arcsin([0.6]))
    >>> white.columns[0, :, 0].round(6).tolist()  # 2 · √(1 − 0.36), then 3 − 0.6 · 2
    [1.6, 1.8]
    """
    phi = np.sin(coordinates)
    own = np.cos(coordinates) ** 2  # 1 − φ², without cancellation near 1
    share = phi[:, None] ** np.diff(periods)[None, :]
    scale = np.where(np.diff(periods)[None, :] == 1, 1.0, (1 - share**2) / own[:, None])
    first = columns[None, :1, :] * np.sqrt(own)[:, None, None]
    later = (columns[None, 1:, :] - share[:, :, None] * columns[None, :-1, :]) / np.sqrt(scale)[:, :, None]
    return Whitened(np.concatenate([first, later], axis=1), np.log(scale).sum(axis=1) - np.log(own))


def correlated_gram(columns: np.ndarray, periods: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Return (G, K, K): X′ R X with the correlations R_ij = φ^|i − j| between periods, for columns X (n, K)."""
    shares = phi[:, None] ** np.diff(periods, prepend=periods[0])[None, :]
    carried = np.zeros((len(phi), columns.shape[1]))
    total = np.zeros((len(phi), columns.shape[1], columns.shape[1]))
    for row, share in zip(columns, shares.T, strict=True):
        carried = carried * share[:, None]
        total += row[None, :, None] * carried[:, None, :]
        carried = carried + row[None, :]
    gram: np.ndarray = total + total.transpose(0, 2, 1) + columns.T @ columns
    return gram


AUTOREGRESSION: Final = Family("ar1", -_EDGE, _EDGE, False, np.sin, whiten)
