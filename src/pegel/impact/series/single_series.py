"""One series and the date of its change: read, checked, gaps left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np

from pegel.errors import InputError
from pegel.impact.estimate import Caveat
from pegel.impact.panel import Panel, panel_of
from pegel.impact.time_axis import TimeAxis, place_on

_SERIES = "pegel series"
_NEVER = "pegel never"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """Values (n,) observed in ``periods`` (n,), ascending, of the ``length`` that the axis has.

    ``log_exposure`` (n,): 0 where counts have no exposure. ``adoption``: index of the first treated period.
    """

    values: np.ndarray
    periods: np.ndarray
    log_exposure: np.ndarray
    adoption: int
    axis: TimeAxis
    length: int
    caveats: tuple[Caveat, ...]

    def before(self, period: int) -> Series:
        """Return what was observed before a period."""
        kept = self.periods < period
        return replace(self, values=self.values[kept], periods=self.periods[kept], log_exposure=self.log_exposure[kept])


def series_of(
    data: Any, *, time: str, outcome: str, adopted: Any, unit: str | None, exposure: str | None, counts: bool
) -> Series:
    """Return the checked series of a data frame with a row per period.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_several_series``, ``impact_adopted_missing``,
        ``impact_nothing_before``, ``impact_adopted_after_series``, ``impact_negative_counts``,
        ``impact_exposure_not_positive``.
    """
    frame = nw.from_native(data, eager_only=True).with_columns(
        nw.lit("series").alias(_SERIES), nw.lit("").alias(_NEVER)
    )
    panel = panel_of(
        nw.to_native(frame),
        unit=unit or _SERIES,
        time=time,
        outcome=outcome,
        cohort=_NEVER,
        covariates=[exposure] if exposure else None,
    )
    if panel.shape[0] > 1:
        raise InputError("impact_several_series", n=panel.shape[0], examples=[str(one) for one in panel.units[:3]])
    start = float(place_on(panel.axis, [adopted])[0])
    if not np.isfinite(start):
        raise InputError("impact_adopted_missing")
    if start <= 0:
        raise InputError("impact_nothing_before")
    if start >= panel.shape[1]:
        raise InputError("impact_adopted_after_series", adopted=adopted, last=panel.axis.label(panel.shape[1] - 1))
    seen = panel.observed[0]
    values = panel.values[0, seen]
    if counts and (values < 0).any():
        raise InputError("impact_negative_counts", name=outcome, n=int((values < 0).sum()))
    return Series(
        values=values,
        periods=np.flatnonzero(seen),
        log_exposure=_log_exposure(panel, seen, exposure),
        adoption=int(start),
        axis=panel.axis,
        length=panel.shape[1],
        caveats=panel.caveats,
    )


def _log_exposure(panel: Panel, seen: np.ndarray, exposure: str | None) -> np.ndarray:
    if exposure is None:
        return np.zeros(int(seen.sum()))
    known = panel.covariates[0, seen, 0]
    if (known <= 0).any():
        raise InputError("impact_exposure_not_positive", name=exposure, n=int((known <= 0).sum()))
    logs: np.ndarray = np.log(known)
    return logs
