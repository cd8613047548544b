"""Counts per exposure as a panel holds them: which cells count, and the columns of an event study on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pegel.errors import InputError
from pegel.impact.estimate import Caveat
from pegel.impact.panel import Panel
from pegel.impact.rates.poisson_effects import PoissonEffects, events, fit_poisson_effects, separate_columns


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Counts (U, T), log exposure (U, T) and covariates (U, T, K) where they count (``used``), zero elsewhere."""

    values: np.ndarray
    log_exposure: np.ndarray
    covariates: np.ndarray
    used: np.ndarray
    caveats: tuple[Caveat, ...]

    def fit(self, columns: np.ndarray, used: np.ndarray | None = None) -> PoissonEffects | None:
        """Return the fit on columns (U, T, M) and the covariates."""
        every = np.concatenate([columns, self.covariates], axis=2)
        return fit_poisson_effects(self.values, every, self.log_exposure, self.used if used is None else used)


def rates_of(panel: Panel, exposure: str | None) -> Rates:
    """Return what a panel says about rates.

    Raises
    ------
    InputError: ``impact_negative_counts``, ``impact_exposure_not_positive``, ``impact_rate_not_identified`` (no events
        at all).
    """
    values, caveats = panel.values, []
    if (values < 0).any():
        raise InputError("impact_negative_counts", name=panel.outcome, n=int((values < 0).sum()))
    names = panel.covariate_names
    others = [k for k, name in enumerate(names) if name != exposure]
    log_exposure = np.zeros(panel.shape)
    if exposure is not None:
        over = panel.covariates[:, :, names.index(exposure)]
        idle = panel.observed & (over == 0) & (values == 0)
        wrong = panel.observed & (over <= 0) & ~idle
        if wrong.any():
            raise InputError("impact_exposure_not_positive", name=exposure, n=int(wrong.sum()))
        if idle.any():
            caveats.append(Caveat("exposure_zero", {"n": int(idle.sum())}))
            values = np.where(idle, np.nan, values)
        log_exposure = np.log(np.where(np.isnan(values), 1.0, over))
    used = events(values)
    if not used.any():
        raise InputError("impact_rate_not_identified")
    units, periods = used.any(axis=1), used.any(axis=0)
    if not units.all():
        caveats.append(Caveat("units_without_events", {"n": int((~units).sum())}))
    if not periods.all():
        caveats.append(Caveat("periods_without_events", {"n": int((~periods).sum())}))
    covariates = np.where(used[:, :, None], panel.covariates[:, :, others], 0.0)
    chosen = separate_columns(np.concatenate([panel.treated[:, :, None], covariates], axis=2), used)
    kept = [k - 1 for k in chosen if k > 0]
    lost = [names[others[k]] for k in range(len(others)) if k not in kept]
    if lost:
        caveats.append(Caveat("covariates_collinear", {"n": len(lost), "names": lost}))
    counts = np.where(used, values, 0.0)
    return Rates(counts, np.where(used, log_exposure, 0.0), covariates[:, :, kept], used, tuple(caveats))


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """A column (U, T, H) for each of ``horizons`` (H,) but the ``base``, in the cells ``used`` (U, T)."""

    columns: np.ndarray
    horizons: np.ndarray
    base: int
    used: np.ndarray
    adopters: np.ndarray


def event_columns(cohort: np.ndarray, rates: Rates) -> EventColumns | None:
    """Return the columns by period since adoption; None where there is no period to compare with.

    Without units that never adopt, the last to adopt are controls, and the study ends when they adopt. Horizons without
    any event are left out with their cells: their log rate has no bound.
    """
    periods = np.arange(rates.used.shape[1])
    used = rates.used
    if np.isfinite(cohort).all():
        last = cohort.max()
        used = used & (periods < last)[None, :]
        cohort = np.where(cohort == last, np.inf, cohort)
    since = periods[None, :] - cohort[:, None]
    while True:
        used = used & events(np.where(used, rates.values, np.nan))
        horizons = np.unique(since[used & np.isfinite(since)]).astype(int)
        silent = [h for h in horizons.tolist() if not rates.values[used & (since == h)].any()]
        if not silent:
            break
        used = used & ~np.isin(since, silent)
    before = horizons[horizons < 0]
    if not len(before) or not (horizons >= 0).any():
        return None
    base = int(before.max())
    own = horizons[horizons != base]
    columns = ((since[:, :, None] == own[None, None, :]) & used[:, :, None]).astype(float)
    adopters = np.array([int((used & (since == h)).any(axis=1).sum()) for h in horizons])
    return EventColumns(columns, horizons, base, used, adopters)
