"""Leads cohort by cohort: averaging over cohorts can hide that one rises while another falls.

Definition
    A cell is the lead of one cohort in one period. *universal*: against the cohort's last period before adoption.
    *varying*: against the period before, as R's ``did`` has it by default; such leads look harmless where the others
    show a ramp (Roth 2026), yet with the same controls the joint statistic is the same: it does not depend on the base.
Joint test
    W = leads' · covariance⁻¹ · leads, chi-squared with as many degrees of freedom as there are cells.
Any estimator
    A cell is estimated with the other adopters seen until they adopt (``not_yet``) or not at all (``never``).
Source
    Callaway & Sant'Anna 2021; reproduces the pre-test of R's ``did`` (tests/pegel/impact/test_pre_trends.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import UserError
from pegel.impact.diagnostics.event_leads import base_of
from pegel.impact.diagnostics.sub_panels import only_group
from pegel.impact.estimate import FEW_UNITS, Caveat
from pegel.impact.fit import Fit, Fitter
from pegel.impact.panel import Panel

Base = Literal["universal", "varying"]
#: With more cells than that share of the units the covariance is mostly noise.
_UNITS_PER_CELL = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CohortPreTest:
    """``leads``: [cohort, period, effect, se]. ``statistic``, ``df``, ``p_value``: None where ``caveats`` say why."""

    leads: pd.DataFrame
    statistic: float | None
    df: int
    p_value: float | None
    base: str
    caveats: tuple[Caveat, ...] = ()


def cohort_pre_test(
    panel: Panel, fitter: Fitter, *, base: Base = "universal", control: Literal["never", "not_yet"] = "not_yet"
) -> CohortPreTest:
    """Return the leads of every cohort and their joint test.

    Raises
    ------
    UserError: ``impact_unknown_choice``, ``impact_no_influence``.
    """
    for name, value, allowed in (
        ("base", base, ("universal", "varying")),
        ("control", control, ("never", "not_yet")),
    ):
        if value not in allowed:
            raise UserError("impact_unknown_choice", name=name, value=value)
    rows: list[tuple[str, str, float]] = []
    influence: list[np.ndarray] = []
    for g in panel.cohorts:
        alone, units = only_group(panel, panel.cohort == g, control)
        for period, effect, parts in _cells(alone, fitter, int(g), base):
            rows.append((panel.axis.label(int(g)), panel.axis.label(period), effect))
            influence.append(np.zeros(panel.shape[0]))
            influence[-1][units] = parts
    _, codes = np.unique(panel.clusters, return_inverse=True)
    sums = np.zeros((int(codes.max()) + 1, len(rows)))
    np.add.at(sums, codes, np.reshape(influence, (len(rows), panel.shape[0])).T)
    leads = pd.DataFrame(rows, columns=["cohort", "period", "effect"])
    leads["se"] = np.sqrt((sums**2).sum(axis=0))
    statistic, caveats = _wald(leads["effect"].to_numpy(dtype=float), sums)
    return CohortPreTest(
        leads=leads,
        statistic=statistic,
        df=len(rows),
        p_value=None if statistic is None else float(stats.chi2.sf(statistic, len(rows))),
        base=base,
        caveats=caveats,
    )


def _cells(panel: Panel, fitter: Fitter, g: int, base: Base) -> list[tuple[int, float, np.ndarray]]:
    """Return [period, lead, influence (U,)] of the cohort of a panel that has only one."""
    if base == "universal":
        fit = _fit(panel, fitter)
        if fit is None or fit.horizon_influence is None:
            return []
        return [
            (g + int(h), float(effect), fit.horizon_influence[:, i])
            for i, (h, effect) in enumerate(zip(fit.horizons, fit.effects, strict=True))
            if h < base_of(fit) and np.isfinite(effect)
        ]
    cells = []
    for t in range(1, g):
        fit = _fit(panel.with_cohort(np.where(panel.adopters, float(t), np.inf)), fitter)
        if fit is None or fit.horizon_influence is None:
            continue
        at = np.flatnonzero((fit.horizons == 0) & np.isfinite(fit.effects))
        cells += [(t, float(fit.effects[i]), fit.horizon_influence[:, i]) for i in at]
    return cells


def _fit(panel: Panel, fitter: Fitter) -> Fit | None:
    """Return the fit; None where a cohort has no controls or nothing before."""
    try:
        fit = fitter(replace(panel, caveats=()))
    except UserError:
        return None
    if fit.horizon_influence is None:
        raise UserError("impact_no_influence", method="cohort_pre_test")
    return fit


def _wald(effects: np.ndarray, sums: np.ndarray) -> tuple[float | None, tuple[Caveat, ...]]:
    if not len(effects):
        return None, (Caveat("no_leads"),)
    if len(sums) < max(FEW_UNITS, _UNITS_PER_CELL * len(effects)):
        return None, (Caveat("too_many_leads_for_a_joint_test", {"leads": len(effects), "units": len(sums)}),)
    covariance = sums.T @ sums
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(effects):
        return None, (Caveat("leads_are_collinear"),)
    return float(effects @ np.linalg.solve(covariance, effects)), ()
