"""Parts of a panel: some periods, the time before adoption, one group of adopters and its controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pegel.impact.panel import Panel


def between(panel: Panel, begin: int, end: int) -> Panel:
    """Return the panel of periods ``begin`` to ``end`` − 1.

    Units that adopt later have not adopted in it; units that had adopted before it, or are not observed in it, are
    left out.
    """
    starts = panel.cohort - begin
    starts = np.where(starts >= end - begin, np.inf, starts)
    values = panel.values[:, begin:end]
    kept = ~np.isnan(values).all(axis=1) & (starts > 0)
    part = replace(
        panel,
        values=values,
        cohort=starts,
        covariates=panel.covariates[:, begin:end],
        axis=replace(panel.axis, first=panel.axis.first + begin * panel.axis.step, length=end - begin),
    )
    return part.only(np.flatnonzero(kept))


def before_adoption(panel: Panel, *, until: int) -> Panel:
    """Return the panel without what adopters did later than horizon ``until``, cut after the last adopter's.

    Dates of adoption stay what they are, also where they now lie behind the last period.
    """
    horizon = np.arange(panel.shape[1])[None, :] - panel.cohort[:, None]
    values = np.where(horizon > until, np.nan, panel.values)
    end = int(panel.cohorts.max()) + until + 1 if panel.adopters.any() else panel.shape[1]
    part = replace(
        panel,
        values=values[:, : max(end, 0)],
        covariates=panel.covariates[:, : max(end, 0)],
        axis=replace(panel.axis, length=max(end, 0)),
    )
    return part.only(np.flatnonzero(part.observed.any(axis=1)))


def only_group(panel: Panel, members: np.ndarray, control: str) -> tuple[Panel, np.ndarray]:
    """Return the panel in which of all adopters only ``members`` (U,) adopt, and the indices of its units.

    The other adopters are left out (``never``), or stand among the units without adoption for as long as they have not
    adopted (``not_yet``).
    """
    others = panel.adopters & ~members
    if control == "never":
        units = np.flatnonzero(~others)
        return panel.only(units), units
    seen = np.where(others[:, None] & (panel.treated > 0), np.nan, panel.values)
    units = np.flatnonzero(~np.isnan(seen).all(axis=1))
    kept = panel.with_values(seen).with_cohort(np.where(members, panel.cohort, np.inf))
    return kept.only(units), units
