"""Unit and period effects of some cells of a panel by least squares, solved exactly whatever gaps there are.

The normal equations of unit effects a and period effects b over cells N (U, T; 1 where a cell counts) are
n_i a_i + Σ_t N_it b_t = r_i and m_t b_t + Σ_i N_it a_i = s_t. The longer side is eliminated, the shorter one solved
densely. Units and periods that no chain of cells links have effects on levels of their own (Abowd, Creecy & Kramarz
2002): a cell between two such parts has no fitted value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve


@dataclass(frozen=True, slots=True, eq=False)
class TwoWayEffects:
    """The solved structure of cells (U, T): made once, used for many right-hand sides.

    Attributes
    ----------
    cells: (U, T) 1.0 where a cell counts. unit_part (U,), period_part (T,): number of the part that each is linked
        to; −1 without any cell.
    """

    cells: np.ndarray
    unit_part: np.ndarray
    period_part: np.ndarray
    _factor: tuple[np.ndarray, bool]
    _flipped: bool

    def linked(self) -> np.ndarray:
        """Return (U, T): which cells of the panel, counted or not, have a fitted value."""
        same = self.unit_part[:, None] == self.period_part[None, :]
        return np.asarray(same & (self.unit_part >= 0)[:, None])

    def solve(self, units: np.ndarray, periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return unit (U, K) and period effects (T, K) for K right-hand sides: sums by unit (U, K), by period (T, K).

        Of the solutions, which differ by a constant per part, it is one in which the effects of the shorter side add up
        to 0 in each part. Effects without any cell are 0.
        """
        cells = self.cells.T if self._flipped else self.cells
        far, near = (periods, units) if self._flipped else (units, periods)
        counts = np.maximum(cells.sum(axis=1), 1.0)[:, None]
        short = cho_solve(self._factor, near - cells.T @ (far / counts), check_finite=False)
        long = (far - cells @ short) / counts
        return (short, long) if self._flipped else (long, short)

    def fit(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the effects of the counted cells of values (U, T, K); what stands in other cells is not looked at."""
        counted = np.where(self.cells[:, :, None] > 0, values, 0.0)
        return self.solve(counted.sum(axis=1), counted.sum(axis=0))


def two_way_effects(counted: np.ndarray) -> TwoWayEffects:
    """Return the structure of the counted cells (U, T) of a panel.

    >>> import numpy as np
    >>> apart = two_way_effects(np.array([[True, False], [False, True]]))
    >>> apart.linked().tolist()
    [[True, False], [False, True]]
    """
    cells = counted.astype(float)
    flipped = cells.shape[1] > cells.shape[0]
    wide = cells.T if flipped else cells
    shared = wide.T @ (wide / np.maximum(wide.sum(axis=1), 1.0)[:, None])
    short_part, levels = _parts(shared > 0)
    first = wide.argmax(axis=1)
    long_part = np.where(wide.any(axis=1), short_part[first], -1)
    # Within a part only differences are known; the added square fixes the sum of its effects at 0.
    matrix = np.diag(wide.sum(axis=0)) - shared + (levels[:, None] == levels[None, :])
    factor = cho_factor(matrix, lower=True, check_finite=False)
    parts = (short_part, long_part) if flipped else (long_part, short_part)
    return TwoWayEffects(cells, *parts, factor, flipped)


def _parts(linked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of each row, −1 where it is linked to none, and numbers that also tell those apart."""
    part = np.full(len(linked), -1)
    for start in np.flatnonzero(linked.diagonal()):
        if part[start] >= 0:
            continue
        reached = linked[start]
        while True:
            more = linked[reached].any(axis=0)
            if more.sum() == reached.sum():
                break
            reached = more
        part[reached] = start
    return part, np.where(part >= 0, part, -1 - np.arange(len(linked)))
