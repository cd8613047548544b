"""What the two-way regression compares with what (Goodman-Bacon 2021).

Question
    Which comparisons of two groups make up the regression's effect, and how much comes from comparisons that are not
    fair?
Definition
    In a panel without gaps the regression's effect is the weighted mean of all differences in differences of two
    cohorts: a cohort against units that never adopt (``treated_vs_never``), an early cohort against a later one before
    that adopts (``earlier_vs_later``), a late cohort against an earlier one that has adopted already
    (``later_vs_earlier``), a cohort against units treated from the start (``later_vs_always``, where kept). With n_k
    the share of units and D_k the share of treated periods of a cohort, V the variance of adoption after both effects,
    an early cohort k and a later one l weigh

        treated_vs_never   n_k n_never D_k (1 − D_k) / V
        earlier_vs_later   n_k n_l (D_k − D_l) (1 − D_k) / V
        later_vs_earlier   n_k n_l D_l (D_k − D_l) / V
        later_vs_always    n_l n_always D_l (1 − D_l) / V

    Weights add up to 1. The last two kinds take a changing effect of treated units for what would have happened anyway.
Source
    Goodman-Bacon, *Difference-in-differences with variation in treatment timing*, J. Econometrics 225 (2021), th. 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, LEVEL, Caveat, Estimate, Inference
from pegel.impact.estimators.cluster_errors import clustered_estimate
from pegel.impact.estimators.two_way_fixed_effects import ASSUMPTIONS, regression
from pegel.impact.estimators.two_way_fixed_effects import fitter as two_way_fitter
from pegel.impact.fit import Fit, Fitter
from pegel.impact.panel import Panel, panel_of

METHOD = "bacon_decomposition"
KINDS = ("treated_vs_never", "earlier_vs_later", "later_vs_earlier", "later_vs_always")
#: Kinds whose controls are treated already.
UNFAIR = ("later_vs_earlier", "later_vs_always")


def bacon_decomposition(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    already: Literal["drop", "keep"] = "drop",
    cluster: str | None = None,
    inference: Inference = "auto",
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Return the two-way regression's effect with the comparisons that it is made of.

    ``diagnostics["comparisons"]`` [kind, treated, control, weight, effect] has a row per comparison; the mean of
    effects under the weights is the estimate; ``by_kind`` [kind, weight, effect] adds them up; ``unfair_weight`` is
    the weight of comparisons with treated units.

    Parameters
    ----------
    already: units treated from the first period on are left out, or kept as controls, as the regression has them.

    Raises
    ------
    InputError: what ``panel_of`` and ``two_way_fixed_effects`` refuse; ``impact_panel_has_gaps``.
    UserError: ``impact_covariates_not_supported``, ``impact_unknown_choice``, ``impact_jackknife_undefined``.
    """
    if covariates:
        raise UserError("impact_covariates_not_supported", method=METHOD, names=list(covariates))
    if already not in ("drop", "keep"):
        raise UserError("impact_unknown_choice", name="already", value=already)
    checked = panel_of(panel, unit=unit, time=time, outcome=outcome, cohort=cohort, cluster=cluster, already=already)
    _refuse_gaps(checked)
    linear, _ = regression(checked)
    estimate = clustered_estimate(
        checked,
        fitter(),
        linear,
        method=METHOD,
        estimand="coefficient",
        inference=inference,
        level=level,
        draws=draws,
        seed=seed,
        assumptions=ASSUMPTIONS,
    )
    table = comparisons(checked)
    unfair = float(table["weight"][table["kind"].isin(UNFAIR)].sum())
    caveats = estimate.caveats
    if unfair > 0:
        caveats = (*caveats, Caveat("compares_with_treated", {"percent": 100 * unfair}))
    return replace(
        estimate,
        caveats=caveats,
        diagnostics={
            **estimate.diagnostics,
            "comparisons": table,
            "by_kind": _by_kind(table),
            "unfair_weight": unfair,
        },
    )


def fitter() -> Fitter:
    """Return the estimator as a function from a panel to its fit: that of the two-way regression, gaps refused."""
    return _fit


def _fit(panel: Panel) -> Fit:
    _refuse_gaps(panel)
    return two_way_fitter()(panel)


def _refuse_gaps(panel: Panel) -> None:
    gaps = int((~panel.observed).sum())
    if gaps:
        raise InputError("impact_panel_has_gaps", method=METHOD, n=gaps, total=panel.values.size)


def comparisons(panel: Panel) -> pd.DataFrame:
    """Return [kind, treated, control, weight, effect] of a panel without gaps, a row per comparison of two groups.

    Groups are named by their first treated period, ``never`` and ``always``.
    """
    dates, counts = np.unique(panel.cohort, return_counts=True)
    means = np.array([panel.values[panel.cohort == date].mean(axis=0) for date in dates])
    shares = counts / counts.sum()
    periods = panel.shape[1]
    treated = np.clip(periods - dates, 0, None) / periods
    rows = [row for k in range(len(dates)) for row in _against(k, dates, means, shares, treated, panel)]
    table = pd.DataFrame(rows, columns=["kind", "treated", "control", "weight", "effect"])
    # V adds the weights up to 1; it is the mean square of adoption after both effects.
    table["weight"] = table["weight"] / table["weight"].sum()
    return table


def _against(
    k: int, dates: np.ndarray, means: np.ndarray, shares: np.ndarray, treated: np.ndarray, panel: Panel
) -> Iterator[tuple[str, str, str, float, float]]:
    """Yield the comparisons whose treated group is the k-th; weights still times V."""
    periods = np.arange(panel.shape[1])
    if dates[k] <= 0 or np.isinf(dates[k]):
        return
    mine = treated[k]
    for other in range(len(dates)):
        both = shares[k] * shares[other]
        if other == k:
            continue
        if np.isinf(dates[other]):
            kind, weight, window = "treated_vs_never", both * mine * (1 - mine), periods >= 0
        elif dates[other] <= 0:
            kind, weight, window = "later_vs_always", both * mine * (1 - mine), periods >= 0
        elif dates[other] > dates[k]:
            kind, window = "earlier_vs_later", periods < dates[other]
            weight = both * (mine - treated[other]) * (1 - mine)
        else:
            kind, window = "later_vs_earlier", periods >= dates[other]
            weight = both * mine * (treated[other] - mine)
        before, after = window & (periods < dates[k]), window & (periods >= dates[k])
        change = means[:, after].mean(axis=1) - means[:, before].mean(axis=1)
        yield kind, _name(dates[k], panel), _name(dates[other], panel), weight, float(change[k] - change[other])


def _name(date: float, panel: Panel) -> str:
    return "never" if np.isinf(date) else "always" if date <= 0 else panel.axis.label(int(date))


def _by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Return [kind, weight, effect]: the weight of each kind that occurs and the mean effect within it."""
    rows = []
    for kind in KINDS:
        some = table[table["kind"] == kind]
        if len(some):
            weight = float(some["weight"].sum())
            rows.append((kind, weight, float((some["weight"] * some["effect"]).sum() / weight)))
    return pd.DataFrame(rows, columns=["kind", "weight", "effect"])
