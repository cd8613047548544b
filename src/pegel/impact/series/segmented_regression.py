"""One series and one date: the regression with a change at it, and the same at earlier dates where nothing happened.

Placebo in time (Bertrand, Duflo & Mullainathan 2004; Abadie, Diamond & Hainmueller 2015): a model that also finds
changes at dates without any is too sure of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from pegel.impact.estimate import Caveat
from pegel.impact.series.autoregression import AUTOREGRESSION
from pegel.impact.series.integrated_likelihood import Mixture, SeriesFit, fit_series
from pegel.impact.series.local_level import LOCAL_LEVEL
from pegel.impact.series.segmented_poisson import fit_counts
from pegel.impact.series.series_design import Design, Effect, Season, design_of, separable
from pegel.impact.series.single_series import Series

Model = Literal["ar1", "local_level"]
Errors = Literal["normal", "poisson"]
#: Fewer observations before adoption do not show how a series wanders.
LEAST_BEFORE = 8
#: Nor do fewer observations than coefficients and this many more tell a change from noise.
_LEAST_FREE = 5
_LEAST_AFTER_EARLIER_DATE = 4
_MOST_EARLIER_DATES = 40
#: Residuals below this share of the values are rounding, not noise.
_NO_NOISE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class ChangeFit:
    """A fit with its design. ``contrast`` (1, k): the change at the mean observed horizon.

    ``constant``: the first coefficient is one. ``dispersion``: of counts; None for a normal outcome.
    """

    design: Design
    constant: bool
    fit: SeriesFit
    contrast: np.ndarray
    dispersion: float | None

    @property
    def mixture(self) -> Mixture:
        """Return what is known about the coefficients."""
        return self.fit.mixture

    @property
    def change(self) -> float:
        """Return the estimated change."""
        return float(self.contrast[0] @ self.fit.coefficients)

    @property
    def p_value(self) -> float:
        """Return that of no change."""
        return float(self.mixture.p_values(self.contrast)[0])


def fit_change(
    series: Series,
    adoption: int,
    *,
    model: Model,
    family: Errors,
    effect: Effect,
    trend: bool,
    season: Season | None,
) -> ChangeFit | Caveat:
    """Return the fit with a change at ``adoption``, or why there is none."""
    after = series.periods >= adoption
    design = design_of(series.periods, adoption, effect=effect, trend=trend, season=season)
    free = len(series.values) - design.columns.shape[1] - 1
    if (~after).sum() < LEAST_BEFORE or not after.any() or free < _LEAST_FREE:
        seen = {"before": int((~after).sum()), "after": int(after.sum()), "needed": LEAST_BEFORE}
        return Caveat("series_too_short", seen)
    if not separable(design):
        return Caveat("change_not_separable")
    constant = model == "ar1"
    full = np.column_stack([np.ones(len(series.values)), design.columns])
    columns = full if constant else design.columns
    contrast = design.contrasts(np.array([(series.periods[after] - adoption).mean()]), constant=constant)
    if family == "poisson":
        if not series.values[after].any() or not series.values[~after].any():
            return Caveat("no_events_on_one_side")
        counted = fit_counts(series.values, columns, series.periods, series.log_exposure)
        if counted is None:
            return Caveat("rate_not_identified")
        return ChangeFit(design, constant, counted[0], contrast, counted[1])
    rest = series.values - full @ np.linalg.lstsq(full, series.values, rcond=None)[0]
    if np.abs(rest).max() <= _NO_NOISE * np.abs(series.values).max():
        return Caveat("series_without_noise")
    covariance = AUTOREGRESSION if constant else LOCAL_LEVEL
    return ChangeFit(design, constant, fit_series(covariance, series.values, columns, series.periods), contrast, None)


def at_earlier_dates(
    series: Series, fit: Callable[[Series, int], ChangeFit | Caveat], own: ChangeFit, level: float
) -> dict[str, Any]:
    """Return how the same model fares at earlier dates, on what was observed before adoption.

    At each date the window after it is as long as the true one, where there is so much. ``dates``: [period, effect,
    p_value]; ``rejecting``: how many have p < 1 − level; ``p_value``: share of dates, the true one included, whose
    p-value is as small. Neighbouring dates share most of their data, so this is a rank, not an exact test.
    """
    earlier = series.before(series.adoption)
    dates = [
        int(date)
        for date in earlier.periods
        if (earlier.periods < date).sum() >= LEAST_BEFORE
        and (earlier.periods >= date).sum() >= _LEAST_AFTER_EARLIER_DATE
    ]
    if len(dates) > _MOST_EARLIER_DATES:
        dates = [dates[i] for i in np.linspace(0, len(dates) - 1, _MOST_EARLIER_DATES).round().astype(int)]
    after = series.length - series.adoption
    rows = []
    for date in dates:
        found = fit(earlier.before(date + after), date)
        if isinstance(found, ChangeFit):
            rows.append((series.axis.label(date), found.change, found.p_value))
    table = pd.DataFrame(rows, columns=["period", "effect", "p_value"])
    small = table["p_value"].to_numpy(dtype=float)
    return {
        "dates": table,
        "p_value": float((1 + (small <= own.p_value).sum()) / (1 + len(small))),
        "rejecting": int((small < 1 - level).sum()),
    }
