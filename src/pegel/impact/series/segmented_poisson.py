"""Counts in one series: a log-linear rate per exposure, with overdispersion and autocorrelation in the errors.

Definition
    E[count_t] = exposure_t · exp(x_t β), fitted by Poisson (pseudo) maximum likelihood: right whenever the mean is, of
    whatever shape the counts are. The variance is D times the mean, and neighbouring standardised errors correlate with
    φ (gaps: φ^d). Around the estimate, coefficients follow Student's t with n − k degrees of freedom and the sandwich
    variance of φ, averaged over φ with the restricted likelihood of the linearised model as weights, as for
    :mod:`integrated_likelihood`. D is never taken below 1: independent events are not steadier than Poisson's.
Source
    Wedderburn 1974; McCullagh & Nelder, *Generalized Linear Models* (1989), ch. 9; Bernal, Cummins & Gasparrini,
    *Interrupted time series regression*, Int. J. Epidemiology 46 (2017); Zeger 1988 for counts that hang together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from pegel.impact.series.autoregression import AUTOREGRESSION, correlated_gram
from pegel.impact.series.integrated_likelihood import Mixture, Nodes, SeriesFit, integrate, nodes_at

_MOST_STEPS = 100
#: A log rate this far from the mean one means that it runs off to infinity: no events where the model needs some.
_RUNAWAY = 25.0


class PoissonFit(NamedTuple):
    """Coefficients (k,), fitted means (n,) and Poisson log-likelihood."""

    coefficients: np.ndarray
    means: np.ndarray
    log_likelihood: float


def poisson_regression(counts: np.ndarray, design: np.ndarray, log_exposure: np.ndarray) -> PoissonFit | None:
    """Return the Poisson fit by iterated weighted least squares; None where it runs off to infinity."""
    if not counts.sum() > 0:
        return None
    basis, upper = np.linalg.qr(design)
    middle = float(np.log(counts.sum() / np.exp(log_exposure).sum()))
    rate = np.full(len(counts), middle)
    for _ in range(_MOST_STEPS):
        means = np.exp(rate + log_exposure)
        root = np.sqrt(means)
        solved = np.linalg.lstsq(root[:, None] * basis, root * (rate + (counts - means) / means), rcond=None)[0]
        new = basis @ solved
        if np.abs(new - middle).max() > _RUNAWAY:
            return None
        step, rate = float(np.abs(new - rate).max()), new
        if step < 1e-11:
            means = np.exp(rate + log_exposure)
            likelihood = float((counts * np.log(means) - means - gammaln(counts + 1)).sum())
            return PoissonFit(np.linalg.solve(upper, solved), means, likelihood)
    return None


def fit_counts(
    counts: np.ndarray, design: np.ndarray, periods: np.ndarray, log_exposure: np.ndarray
) -> tuple[SeriesFit, float] | None:
    """Return the fit and the dispersion D as found (without φ, not held at 1); None where a rate is not identified."""
    found = poisson_regression(counts, design, log_exposure)
    if found is None:
        return None
    root = np.sqrt(found.means)
    basis, upper = np.linalg.qr(root[:, None] * design)
    errors = (counts - found.means) / root
    dof = len(counts) - design.shape[1]
    dispersion = float((errors**2).sum()) / dof
    size = np.sqrt(dispersion) or 1.0

    def at(coordinates: np.ndarray) -> Nodes:
        return nodes_at(AUTOREGRESSION, errors / size, basis, periods, coordinates)

    phi, weights, nodes = integrate(AUTOREGRESSION, at)
    # Sums of squares are of innovations; the errors themselves have 1 / (1 − φ²) times that variance.
    overdispersion = np.maximum(nodes.squares / dof * size**2 / (1 - phi**2), 1.0)
    back = np.linalg.inv(upper)
    grams = correlated_gram(basis, periods, phi) * overdispersion[:, None, None]
    scales = np.einsum("ij,gjk,lk->gil", back, grams, back)
    centres = np.repeat(found.coefficients[None, :], len(phi), axis=0)
    mixture = Mixture(weights, centres, scales, dof)
    return SeriesFit(found.coefficients, float(phi @ weights), found.log_likelihood, phi, mixture), dispersion
