"""Unit and period effects, taken out of a regression exactly, also where the panel has gaps.

Question
    What is left of a column of numbers once each unit's own level and each period's own level are taken out?
Definition
    Least squares of the column on a constant per unit and a constant per period; periods may have constants of their
    own for each group of units. Units (or periods, whichever are more) are eliminated, the rest is one small system
    with one free constant per connected part of the panel. No iteration, no tolerance.
Linear effects
    A coefficient, or an average of some, is a sum of outcomes with known weights. That, the residuals and the way to
    make residuals are all that standard errors need (``cluster_errors``).
Collinear columns
    A covariate that the effects and the columns before it explain (nothing but rounding is left) is left out and named.
Source
    Frisch & Waugh 1933; Lovell 1963; Abowd, Creecy & Kramarz 2002 (connected parts); singletons as in Correia 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: A column is explained when this share of its size, or less, is left.
_NOTHING_LEFT = 1e-9
_ROUNDING = 1e-13


def without_singletons(observed: np.ndarray) -> np.ndarray:
    """Return (U, T): the observations less those that are alone in their unit or period, and hence say nothing.

    >>> without_singletons(np.array([[True, True], [True, True], [True, False]])).sum(axis=1).tolist()
    [2, 2, 0]
    """
    kept = observed.copy()
    while True:
        alone = kept & ((kept.sum(axis=1) == 1)[:, None] | (kept.sum(axis=0) == 1)[None, :])
        if not alone.any():
            return kept
        kept &= ~alone


class FixedEffects:
    """The effects of units, and of periods apart for each group of units.

    Parameters
    ----------
    observed: (U, T) bool. groups: (U,) codes 0 … G − 1; one group unless said otherwise.

    Columns are (U, T) or (U, T, M) arrays; what stands where nothing is observed is ignored.
    """

    def __init__(self, observed: np.ndarray, groups: np.ndarray | None = None) -> None:
        self.observed = observed
        self.groups = np.zeros(len(observed), dtype=np.int64) if groups is None else groups
        codes = range(int(self.groups.max()) + 1)
        self._blocks = [_block(np.flatnonzero(self.groups == code), observed) for code in codes]

    @property
    def parts(self) -> np.ndarray:
        """Return (G, T): which connected part each period belongs to within its group; −1 where nothing is observed.

        The effects of two periods can be compared only within one part.
        """
        return np.array([block.parts for block in self._blocks])

    @property
    def shared(self) -> int:
        """Return how many constants there are beyond one for each observed unit but the first."""
        return sum(block.rank for block in self._blocks) - int(self.observed.any(axis=1).sum()) + 1

    def residuals(self, columns: np.ndarray) -> np.ndarray:
        """Return what is left of columns, 0 where nothing is observed."""
        return self.split(columns)[0]

    def split(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what is left of columns, and (G, T) or (G, T, M): the effects of periods.

        Levels of the effects of connected parts are arbitrary.
        """
        wide = columns if columns.ndim == 3 else columns[:, :, None]
        left = np.zeros(wide.shape)
        levels = np.zeros((len(self._blocks), *wide.shape[1:]))
        for code, block in enumerate(self._blocks):
            seen = block.seen[:, :, None]
            own = np.where(seen, wide[block.rows], 0.0)
            by_unit, levels[code] = block.solve(own.sum(axis=1), own.sum(axis=0))
            left[block.rows] = np.where(seen, own - by_unit[:, None, :] - levels[code][None], 0.0)
        return left.reshape(columns.shape), levels.reshape(len(levels), *columns.shape[1:])

    def contrasts(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return parts (U, A) and (G, T, A) of the weights that sums of period effects put on outcomes.

        ``wanted`` (G, T, A) sums to 0 within each connected part; the weight of an observation is the part of its unit
        plus that of its period.
        """
        by_unit = np.zeros((len(self.observed), wanted.shape[2]))
        by_period = np.zeros(wanted.shape)
        for code, block in enumerate(self._blocks):
            nothing = np.zeros((len(block.rows), wanted.shape[2]))
            by_unit[block.rows], by_period[code] = block.solve(nothing, wanted[code])
        return by_unit, by_period


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One group: ``seen`` (R, T), and the normal equations of its effects, reduced to their smaller side.

    ``system`` and its ``inverse`` are None where no observation is missing; then the answer is a mean of means.
    """

    rows: np.ndarray
    seen: np.ndarray
    parts: np.ndarray
    rank: int
    system: np.ndarray | None = None
    inverse: np.ndarray | None = None

    def solve(self, by_unit: np.ndarray, by_period: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return constants of units (R, M) and periods (T, M) whose sums over observations are those given."""
        units, periods = self.seen.shape
        if self.system is None:
            of_periods = (by_period - by_unit.sum(axis=0) / periods) / units
            return (by_unit - of_periods.sum(axis=0)) / periods, of_periods
        if periods <= units:
            return self._reduced(self.seen.astype(float), by_unit, by_period)
        of_periods, of_units = self._reduced(self.seen.T.astype(float), by_period, by_unit)
        return of_units, of_periods

    def _reduced(self, seen: np.ndarray, long: np.ndarray, short: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        counts = np.maximum(seen.sum(axis=1), 1.0)[:, None]
        wanted = short - seen.T @ (long / counts)
        found = self.inverse @ wanted
        found = found + self.inverse @ (wanted - self.system @ found)  # once more: exact to rounding
        return (long - seen @ found) / counts, found


def _block(rows: np.ndarray, observed: np.ndarray) -> _Block:
    seen = observed[rows]
    units, periods = seen.shape
    if seen.all():
        return _Block(rows, seen, np.zeros(periods, dtype=np.int64), units + periods - 1)
    of_units, of_periods = _parts(seen)
    rank = int((of_units >= 0).sum() + (of_periods >= 0).sum() - (of_periods.max() + 1))
    tall, sides = (seen, of_periods) if periods <= units else (seen.T, of_units)
    shares = tall / np.maximum(tall.sum(axis=1), 1)[:, None]
    system = np.diag(tall.sum(axis=0).astype(float)) - tall.T.astype(float) @ shares
    # One constant per connected part is free (and all are where nothing is observed); the added block fixes their sum
    # at 0 and leaves all else as it is.
    same = sides[:, None] == sides[None, :]
    fixed = system + max(float(np.diag(system).mean()), 1.0) * same / same.sum(axis=1)[:, None]
    fixed[np.diag_indices_from(fixed)] += np.where(sides < 0, 1.0, 0.0)
    return _Block(rows, seen, of_periods, rank, fixed, np.linalg.inv(fixed))


def _parts(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the connected part of each unit and period, −1 where nothing is observed."""
    of_units, of_periods = np.full(seen.shape[0], -1), np.full(seen.shape[1], -1)
    used = seen.any(axis=0)
    part = 0
    while (used & (of_periods < 0)).any():
        reached = np.arange(seen.shape[1]) == np.flatnonzero(used & (of_periods < 0))[0]
        while True:
            units = seen[:, reached].any(axis=1)
            further = seen[units].any(axis=0)
            if (further == reached).all():
                break
            reached = further
        of_units[units], of_periods[reached] = part, part
        part += 1
    return of_units, of_periods


@dataclass(frozen=True, slots=True, eq=False)
class Adjustments:
    """Covariates after the effects: ``kept`` and ``dropped`` name their columns, ``q`` (U, T, R) spans what they add.

    ``triangle`` (R, R): the kept columns without the effects are ``q @ triangle``. ``levels`` (G, T, R): the effects of
    periods on the kept columns.
    """

    kept: tuple[int, ...]
    dropped: tuple[int, ...]
    q: np.ndarray
    triangle: np.ndarray
    levels: np.ndarray

    def off(self, columns: np.ndarray) -> np.ndarray:
        """Return columns (U, T) or (U, T, M), free of the effects already, less what the covariates explain."""
        if not self.kept:
            return columns
        return columns - np.tensordot(self.q, np.tensordot(self.q, columns, axes=([0, 1], [0, 1])), axes=1)

    def coefficients(self, column: np.ndarray) -> np.ndarray:
        """Return the coefficients (R,) of the kept covariates in the regression of a column (U, T)."""
        return np.linalg.solve(self.triangle, np.tensordot(self.q, column, axes=([0, 1], [0, 1])))


def adjustments(effects: FixedEffects, covariates: np.ndarray) -> Adjustments:
    """Take the effects out of covariates (U, T, K) and find those that add nothing to them and to the ones before."""
    seen = effects.observed
    raw = np.where(seen[:, :, None], covariates, 0.0)
    centred = np.where(seen[:, :, None], raw - raw[seen].mean(axis=0), 0.0)
    without, levels = effects.split(centred)
    found: list[np.ndarray] = []
    kept: list[int] = []
    columns: list[np.ndarray] = []
    for k in range(covariates.shape[2]):
        left = without[:, :, k]
        smallest = max(_NOTHING_LEFT * np.linalg.norm(centred[:, :, k]), _ROUNDING * np.linalg.norm(raw[:, :, k]))
        column = np.zeros(covariates.shape[2])
        for _ in range(2):  # twice is enough (Kahan)
            for i, q in enumerate(found):
                share = float((q * left).sum())
                column[i] += share
                left = left - share * q
        size = float(np.linalg.norm(left))
        if size > smallest:
            column[len(found)] = size
            found.append(left / size)
            kept.append(k)
            columns.append(column)
    rank = len(found)
    return Adjustments(
        kept=tuple(kept),
        dropped=tuple(k for k in range(covariates.shape[2]) if k not in kept),
        q=np.stack(found, axis=2) if found else np.empty((*seen.shape, 0)),
        triangle=np.array(columns).T[:rank] if found else np.empty((0, 0)),
        levels=levels[:, :, kept],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearEffect:
    """A coefficient of a regression, or an average of some: what standard errors need to know about it.

    Attributes
    ----------
    effect: the sum of ``weights`` (U, T) × outcomes. residuals: (U, T) of the whole regression.
    make_residuals: from columns (U, T, M) to their residuals of the whole regression.
    clusters: (U,) codes. n: observations. parameters: constants and coefficients that do not belong to one unit.
    """

    effect: float
    weights: np.ndarray
    residuals: np.ndarray
    make_residuals: Callable[[np.ndarray], np.ndarray]
    clusters: np.ndarray
    n: int
    parameters: int
