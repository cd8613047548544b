"""What a single series is explained by: its level, a trend, seasons, and the change since adoption.

Definition
    level change: 1 from adoption on. Slope change: periods since adoption, 0 at adoption itself. Trend: periods since
    adoption, before it as well. Seasons: with at least four whole seasons before adoption and up to 12 periods in one,
    a level for each place in the season; with at least two, a wave per season and one per half season; with fewer,
    nothing, because a season seen once cannot be told from a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pegel.errors import UserError
from pegel.impact.time_axis import TimeAxis

Effect = Literal["level", "level_and_slope"]
_WEEKS_PER_YEAR = 365.25 / 7
_SEASONS_FOR_WAVES = 2
_SEASONS_FOR_PLACES = 4
_MOST_PLACES = 12


@dataclass(frozen=True, slots=True)
class Season:
    """A season of so many periods, described by waves: how often each goes round in a season."""

    periods: float
    waves: tuple[int, ...]

    def columns(self, periods: np.ndarray) -> np.ndarray:
        """Return cosine and sine of each wave; a wave of two periods has no sine."""
        parts = []
        for wave in self.waves:
            angle = 2 * np.pi * wave * periods / self.periods
            parts += [np.cos(angle)] if 2 * wave == self.periods else [np.cos(angle), np.sin(angle)]
        return np.column_stack(parts)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Regressors (n, k) by name, without a constant. ``level``, ``slope``: places of the change; None: not modelled."""

    columns: np.ndarray
    names: tuple[str, ...]
    slope: bool

    def contrasts(self, horizons: np.ndarray, *, constant: bool) -> np.ndarray:
        """Return (H, k): level change plus slope change times horizon, in the order of the coefficients."""
        result = np.zeros((len(horizons), len(self.names) + int(constant)))
        result[:, int(constant)] = 1.0
        if self.slope:
            result[:, int(constant) + 1] = horizons
        return result


def season_length(axis: TimeAxis, seasonality: str | int | None) -> float | None:
    """Return how many periods a season has: a year of months or weeks, a week of days; None: no season is known.

    Raises
    ------
    UserError: ``impact_unknown_choice``.
    """
    if seasonality is None:
        return None
    if isinstance(seasonality, int) and not isinstance(seasonality, bool) and seasonality >= 2:
        return float(seasonality)
    if seasonality != "auto":
        raise UserError("impact_unknown_choice", name="seasonality", value=seasonality)
    if axis.kind == "month":
        return 12 / axis.step if axis.step in (1, 2, 3, 4, 6) else None
    if axis.kind == "week":
        return _WEEKS_PER_YEAR / axis.step if axis.step <= 13 else None
    return 7.0 if axis.kind == "day" and axis.step == 1 else None


def season_of(length: float, before: int) -> Season | None:
    """Return the season that ``before`` periods before adoption can carry; None when they are too few.

    >>> season_of(12.0, 24).waves, season_of(12.0, 48).waves, season_of(12.0, 23)
    ((1, 2), (1, 2, 3, 4, 5, 6), None)
    """
    seen = before / length
    highest = int(length // 2)
    if seen < _SEASONS_FOR_WAVES:
        return None
    if seen >= _SEASONS_FOR_PLACES and length <= _MOST_PLACES:
        return Season(length, tuple(range(1, highest + 1)))
    return Season(length, tuple(range(1, min(highest, 2) + 1)))


def design_of(periods: np.ndarray, adoption: int, *, effect: Effect, trend: bool, season: Season | None) -> Design:
    """Return the regressors at the observed ``periods`` (n,); seasons only as far as they differ there."""
    since = (periods - adoption).astype(float)
    after = (since >= 0).astype(float)
    columns, names = [after], ["level_change"]
    if effect == "level_and_slope":
        columns.append(after * since)
        names.append("slope_change")
    if trend:
        columns.append(since)
        names.append("trend")
    if season is not None:
        waves = season.columns(periods)
        parts, sizes, _ = np.linalg.svd(waves - waves.mean(axis=0), full_matrices=False)
        # Weekdays without weekends need fewer columns than there are waves.
        distinct = parts[:, sizes > 1e-9 * np.sqrt(len(periods))]
        columns += list(distinct.T)
        names += [f"season_{i + 1}" for i in range(distinct.shape[1])]
    return Design(np.column_stack(columns), tuple(names), effect == "level_and_slope")


def separable(design: Design) -> bool:
    """Tell whether a constant and the regressors can be told apart."""
    full = np.column_stack([np.ones(len(design.columns)), design.columns])
    size = np.linalg.norm(full, axis=0)
    return bool((size > 0).all() and np.linalg.matrix_rank(full / size, tol=1e-8) == full.shape[1])
