"""Regressions of long differences on adopting, with effects of the entry period, on adopters and clean controls.

Many horizons at once: arrays have the axes unit, horizon, entry period (U, H, E) and covariates (K).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pegel.impact.panel import Panel

Weighting = Literal["variance", "equal"]
#: A direction of the covariates that varies less than this share of the rest is left out.
_OWN_SHARE = 1e-10
_CLOSE = 1e-6
#: So many numbers are worked on at once.
_BLOCK = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Projections:
    """What was found at horizons (H,); those at which nobody can be compared are not among them.

    Attributes
    ----------
    horizons; until: (H,) the horizon until which controls are clean, and adopters must have been in the panel.
    effects: (H,) NaN where covariates tell adopters from controls. influence: (U, H).
    adopts: (U, H) who counts as adopter. shares: (H, E) weights of the entry periods, which add up to 1.
    """

    horizons: np.ndarray
    until: np.ndarray
    effects: np.ndarray
    influence: np.ndarray
    adopts: np.ndarray
    shares: np.ndarray

    def only(self, chosen: np.ndarray) -> Projections:
        """Return some horizons, given as a mask."""
        return Projections(
            self.horizons[chosen],
            self.until[chosen],
            self.effects[chosen],
            self.influence[:, chosen],
            self.adopts[:, chosen],
            self.shares[chosen],
        )


def projections(
    panel: Panel,
    entries: np.ndarray,
    horizons: np.ndarray,
    until: np.ndarray,
    *,
    anticipation: int,
    weighting: Weighting,
) -> Projections:
    """Return the regressions at horizons (H,) with controls that are clean ``until`` (H,); entry periods are (E,)."""
    size = panel.shape[0] * max(len(entries), 1) * (1 + len(panel.covariate_names))
    step = max(1, _BLOCK // size)
    blocks = [slice(begin, begin + step) for begin in range(0, len(horizons), step)]
    found = [_block(panel, entries, horizons[one], until[one], anticipation, weighting) for one in blocks]
    every = Projections(
        np.concatenate([one.horizons for one in found]),
        np.concatenate([one.until for one in found]),
        np.concatenate([one.effects for one in found]),
        np.concatenate([one.influence for one in found], axis=1),
        np.concatenate([one.adopts for one in found], axis=1),
        np.concatenate([one.shares for one in found]),
    )
    return every.only(np.asarray(every.adopts.any(axis=0)))


def _block(
    panel: Panel,
    entries: np.ndarray,
    horizons: np.ndarray,
    until: np.ndarray,
    anticipation: int,
    weighting: Weighting,
) -> Projections:
    last = panel.shape[1] - 1
    target = entries[None, :] + horizons[:, None]
    inside = (target >= 0) & (entries[None, :] + until[:, None] <= last)
    base = entries - 1 - anticipation
    change = panel.values[:, np.clip(target, 0, last)] - panel.values[:, base][:, None, :]
    covariates = panel.covariates[:, base]
    known = ~np.isnan(covariates).any(axis=2)[:, None, :]
    seen = ~np.isnan(change) & known & inside
    dates = panel.cohort[:, None, None]
    adopts = (dates == entries) & seen
    clean = (dates > entries + np.maximum(until + anticipation, 0)[:, None]) & seen
    # Adopters in a period without controls are compared with nobody.
    adopts &= clean.any(axis=0)
    change = np.where(seen, change, 0.0)
    x = np.where(seen[..., None], covariates[:, None], 0.0) if covariates.shape[2] else np.empty((*seen.shape, 0))
    estimate = _variance_weighted if weighting == "variance" else _equally_weighted
    effects, influence = estimate(change, adopts, clean, x)
    n1, n0 = adopts.sum(axis=0), clean.sum(axis=0)
    share = n1 * n0 / np.maximum(n1 + n0, 1) if weighting == "variance" else n1.astype(float)
    shares = share / np.maximum(share.sum(axis=1), np.finfo(float).tiny)[:, None]
    return Projections(horizons, until, effects, influence, adopts.any(axis=2), shares)


def _variance_weighted(
    change: np.ndarray, adopts: np.ndarray, clean: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (H,) of adopting, with effects of periods and covariates, and influences (U, H)."""
    used = adopts | clean
    mark, rest = _less_means(adopts.astype(float), used), _less_means(change, used)
    if x.shape[3]:
        x = _less_means(x, used)
        inverse, _ = _inverse(x, _spread(x))
        mark, rest = _off(x, inverse, mark), _off(x, inverse, rest)
    square = (mark**2).sum(axis=(0, 2))
    square[square <= _OWN_SHARE * adopts.sum(axis=(0, 2))] = np.nan
    effects = (mark * rest).sum(axis=(0, 2)) / square
    return effects, (mark * (rest - effects[:, None] * mark)).sum(axis=2) / square


def _equally_weighted(
    change: np.ndarray, adopts: np.ndarray, clean: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return adopters' mean change (H,) less what the controls' regression lets expect, and influences (U, H)."""
    n1, n0 = adopts.sum(axis=0), np.maximum(clean.sum(axis=0), 1)
    total = np.maximum(n1.sum(axis=1), 1).astype(float)
    rest = change - (change * clean).sum(axis=0) / n0
    factor = clean * (n1 / n0)
    if x.shape[3]:
        own = _less_means(x, clean)
        scale = _spread(_less_means(x, adopts | clean))
        inverse, blind = _inverse(own, scale)
        beside = x - (x * clean[..., None]).sum(axis=0) / n0[..., None]
        put = np.einsum("uhek,uhe->hk", beside, adopts)  # what adopters differ in from the controls of their period
        # Adopters that differ in what does not vary among the controls cannot be compared.
        total[np.abs(np.einsum("hk,hkl->hl", put / scale, blind)).max(axis=1) > _CLOSE] = np.nan
        slope = np.einsum("hkl,hl->hk", inverse, np.einsum("uhek,uhe->hk", own, change))
        rest = rest - np.einsum("uhek,hk->uhe", beside, slope)
        factor = factor + clean * np.einsum("uhek,hk->uhe", own, np.einsum("hkl,hl->hk", inverse, put))
    effects = (rest * adopts).sum(axis=(0, 2)) / total
    return effects, (adopts * (rest - effects[:, None]) - factor * rest).sum(axis=2) / total


def _less_means(values: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return values (U, H, E) or (U, H, E, K) less their mean over the used units of each period; 0 for others."""
    marks = used if values.ndim == 3 else used[..., None]
    means = (values * marks).sum(axis=0) / np.maximum(marks.sum(axis=0), 1)
    return np.where(marks, values - means, 0.0)


def _spread(x: np.ndarray) -> np.ndarray:
    """Return (H, K): roots of the sums of squares; 1 for what does not vary."""
    found = np.sqrt((x**2).sum(axis=(0, 2)))
    return np.where(found > 0, found, 1.0)


def _inverse(x: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inverses (H, K, K) of the sums of products of covariates, and the directions (H, K, K) without any.

    The inverse leaves those directions, of covariates divided by ``scale`` (H, K), out; other columns are 0.
    """
    products = np.einsum("uhek,uhel->hkl", x, x)
    squares = scale[:, :, None] * scale[:, None, :]
    share, direction = np.linalg.eigh(products / squares)
    used = (share > _OWN_SHARE)[:, None, :]
    inverse = np.einsum("hkd,hld->hkl", direction * used / np.where(used, share[:, None, :], 1.0), direction) / squares
    return inverse, np.where(used, 0.0, direction)


def _off(x: np.ndarray, inverse: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return values (U, H, E) less what covariates explain of them."""
    slope = np.einsum("hkl,hl->hk", inverse, np.einsum("uhek,uhe->hk", x, values))
    return np.asarray(values - np.einsum("uhek,hk->uhe", x, slope))
