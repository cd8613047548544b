"""Did the choice of adopters use the outcome? If the worst were picked after a bad spell, they recover by themselves.

Question
    Before they adopted, had the adopters just moved away from their own longer past, more than the others had?
Definition
    For a unit u and a period g: d(u, g) = mean of the last ``k`` periods before g, less the mean of all periods before
    those. For each cohort g, the units at risk are those untreated until g; the statistic is the mean over all adopters
    of d(u, g) less the mean of d(·, g) over the units at risk that did not adopt at g.
    Under "the choice does not depend on the recent outcome" every group of that size among the units at risk is equally
    likely, cohort by cohort. The p-value is the share of such choices (all, or seeded draws) whose statistic is at
    least as far from zero.
Meaning
    ``selected`` (p at most ``alpha``) says: leave the ``k`` periods out of the baseline, or do not believe a recovery.
    Not selected is weak comfort: with few units the check sees only large differences. A ramp caused by early,
    undeclared use looks the same.
Source
    Regression to the mean: Galton 1886; Ashenfelter 1978 (the dip before training programmes). The choice among units
    at risk is that of the log-rank test (Mantel 1966).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb, prod
from typing import Any, Final

import numpy as np

from pegel.errors import UserError
from pegel.impact.estimate import DRAWS, Caveat
from pegel.impact.panel import Panel, panel_of
from pegel.impact.permutation import p_value

#: A longer past has at least so many periods.
_SHORTEST_PAST: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionCheck:
    """Whether adopters were chosen by their recent outcome.

    Attributes
    ----------
    statistic: in units of the outcome; None where nothing can be tested (``caveats`` say why). ``adopter_change`` and
        ``control_change`` are its two parts. p_value: two-sided. ways: choices compared, the observed one included.
    k: the last periods before adoption that were looked at; periods: their unit. adopters: how many could be used.
    selected: whether the p-value is below ``alpha``.
    """

    statistic: float | None
    adopter_change: float | None
    control_change: float | None
    p_value: float | None
    ways: int
    k: int
    period: str
    alpha: float
    adopters: int
    selected: bool
    caveats: tuple[Caveat, ...] = ()


def selection_months(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    k: int = 3,
    alpha: float = 0.10,
    draws: int = DRAWS,
    seed: int = 0,
) -> SelectionCheck:
    """Check whether adopters were chosen by the outcome of the last ``k`` periods before they adopted.

    Raises
    ------
    InputError: what ``panel_of`` refuses. UserError: ``impact_selection_periods`` (k below 1),
        ``impact_level_out_of_range``.
    """
    if k < 1:
        raise UserError("impact_selection_periods", value=k)
    if not 0 < alpha < 1:
        raise UserError("impact_level_out_of_range", level=alpha)
    checked = panel_of(panel, unit=unit, time=time, outcome=outcome, cohort=cohort)
    return selection_of(checked, k=k, alpha=alpha, draws=draws, seed=seed)


def selection_of(panel: Panel, *, k: int, alpha: float, draws: int, seed: int) -> SelectionCheck:
    """Return the check of a checked panel."""
    choices = [choice for g in panel.cohorts.tolist() if (choice := _choice(panel, int(g), k)) is not None]
    caveats = list(panel.caveats)
    adopters = sum(int(chosen.sum()) for _, chosen in choices)
    if not choices:
        caveats.append(Caveat("selection_not_testable", {"k": k, "needed": k + _SHORTEST_PAST}))
        return SelectionCheck(
            statistic=None,
            adopter_change=None,
            control_change=None,
            p_value=None,
            ways=1,
            k=k,
            period=panel.axis.unit,
            alpha=alpha,
            adopters=0,
            selected=False,
            caveats=tuple(caveats),
        )
    if adopters < int(panel.adopters.sum()):
        caveats.append(Caveat("adopters_without_past", {"n": int(panel.adopters.sum()) - adopters}))
    own = sum(float(change[chosen].sum()) for change, chosen in choices) / adopters
    other = sum(float(change[~chosen].mean()) * int(chosen.sum()) for change, chosen in choices) / adopters
    drawn = _drawn(choices, draws, seed)
    found = p_value(own - other, drawn)
    ways = len(drawn) + 1
    if ways * alpha < 1:
        caveats.append(Caveat("too_few_ways_to_deal", {"ways": ways, "level": 1 - alpha}))
    selected = found <= alpha
    if selected:
        caveats.append(Caveat("selected_on_outcome", {"k": k, "change": own - other, "p_value": found}))
    return SelectionCheck(
        statistic=own - other,
        adopter_change=own,
        control_change=other,
        p_value=found,
        ways=ways,
        k=k,
        period=panel.axis.unit,
        alpha=alpha,
        adopters=adopters,
        selected=selected,
        caveats=tuple(caveats),
    )


def _choice(panel: Panel, g: int, k: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return d(u, g) of the units at risk (n,), and which of them adopted at g; None where that compares nothing."""
    if g - k < _SHORTEST_PAST:
        return None
    at_risk = panel.cohort >= g
    recent, past = panel.values[at_risk, g - k : g], panel.values[at_risk, : g - k]
    seen_recent, seen_past = ~np.isnan(recent), ~np.isnan(past)
    usable = seen_recent.any(axis=1) & (seen_past.sum(axis=1) >= _SHORTEST_PAST)
    chosen = panel.cohort[at_risk][usable] == g
    if not chosen.any() or chosen.all():
        return None
    change = np.nanmean(recent[usable], axis=1) - np.nanmean(past[usable], axis=1)
    return change, chosen


def _drawn(choices: list[tuple[np.ndarray, np.ndarray]], draws: int, seed: int) -> np.ndarray:
    """Return the statistic of all other choices, or of seeded ones where there are more than ``draws``."""
    sizes = [(len(change), int(chosen.sum())) for change, chosen in choices]
    total = sum(n for _, n in sizes)
    ways = prod(comb(n, m) for n, m in sizes)
    if ways <= draws:
        sums = np.zeros(1)
        for (change, _), (n, m) in zip(choices, sizes, strict=True):
            picked = change[_combinations(n, m)].sum(axis=1)
            parts = picked - (change.sum() - picked) * m / (n - m)
            sums = (sums[:, None] + parts[None, :]).ravel()
        observed = sum(
            float(change[chosen].sum() - change[~chosen].sum() * m / (n - m))
            for (change, chosen), (n, m) in zip(choices, sizes, strict=True)
        )
        # The observed choice is one of them: it is counted apart.
        return np.delete(sums, int(np.argmin(np.abs(sums - observed)))) / total
    random = np.random.default_rng(seed)
    sums = np.zeros(draws)
    for (change, _), (n, m) in zip(choices, sizes, strict=True):
        order = np.argsort(random.random((draws, n)), axis=1, kind="stable")[:, :m]
        picked = change[order].sum(axis=1)
        sums += picked - (change.sum() - picked) * m / (n - m)
    return sums / total


def _combinations(n: int, m: int) -> np.ndarray:
    """Return all ways (W, m) to choose m of n."""
    return np.array(list(combinations(range(n), m)), dtype=np.int64)
