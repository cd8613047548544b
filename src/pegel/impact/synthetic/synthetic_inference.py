"""How sure a synthetic comparison is: the same adoption dates on other units, or one unit left out at a time.

Definition
    ``placebo``: adopters are set aside and their dates dealt out among the units that never adopt (all ways if they are
    few, else seeded draws); each deal is estimated anew, weights and all. No effect of anybody is in these estimates,
    so τ is not rejected while the observed estimate less τ is no farther from zero than enough of them.
    ``permutation``: the dates are dealt out among all units, which needs fewer never adopters. Real adopters then serve
    as donors with their effect in their outcomes; the estimate of a deal on the data less τ is taken with the weights
    it has on the data as they are.
    ``jackknife``: each unit (cluster) is left out, the weights of the rest as they are; normal quantiles.
Rule of ``auto``
    The first of ``placebo`` and ``permutation`` with enough ways to reject anything at the level; it looks at numbers
    of units only. With neither the interval is unbounded.
Standard errors
    Placebo and permutation have none; ``placebo_se`` in the diagnostics is that of Arkhangelsky et al. 2021, algorithm
    4, which takes adopters to be as noisy as the others and the estimate to be normal.
Source
    Abadie, Diamond & Hainmueller 2010 (placebos in space); Arkhangelsky et al. 2021, algorithms 3 and 4; Conley & Taber
    2011. Why adopters are set aside: with a large effect a placebo that borrows from an adopter looks as extreme as the
    adopter (docs/methods/synthetic-control.md has the figures).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.estimate import DRAWS, FEW_UNITS, HORIZON_COLUMNS, Caveat, Estimate, Interval
from pegel.impact.fit import sup_t
from pegel.impact.panel import Panel
from pegel.impact.permutation import deal_dates, invert, p_value
from pegel.impact.synthetic.synthetic_comparisons import Reading, Solved, Solver, read

SyntheticInference = Literal["auto", "placebo", "permutation", "jackknife"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judgement:
    """What inference says: see :class:`Estimate` for the members."""

    inference: str
    se: float | None = None
    se_reason: str | None = None
    interval: Interval
    p_value: float
    by_horizon: pd.DataFrame
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()
    assumptions: tuple[str, ...] = ()


class Dealt(NamedTuple):
    """Readings under other deals of the dates; ``complete``: all of them."""

    kind: Literal["placebo", "permutation"]
    readings: list[Reading]
    complete: bool

    @property
    def ways(self) -> int:
        """Return how many ways there are, the observed one included."""
        return len(self.readings) + 1


class Ranked(NamedTuple):
    """A test of no effect and its inversion. ``scales`` (P,) make a deal's estimates comparable with the observed."""

    p_value: float
    interval: Interval
    scales: np.ndarray
    diagnostics: dict[str, Any]
    caveats: tuple[Caveat, ...] = ()


Rank = Callable[[Reading, list[Reading], float], Ranked]


def judge(
    solved: Solved,
    solve: Solver,
    reading: Reading,
    *,
    method: str,
    inference: str,
    level: float,
    draws: int = DRAWS,
    seed: int,
) -> Judgement:
    """Return interval, p-value and the table by horizon.

    Raises
    ------
    UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``, ``impact_no_influence`` (a synthetic method has
        no influence function), ``impact_jackknife_needs_two``. InputError: ``impact_placebo_needs_controls``.
    """
    check_inference(inference, ("auto", "placebo", "permutation", "jackknife"), method, level)
    if inference == "jackknife":
        return _jackknifed(solved, reading, level=level, seed=seed)
    kind = kind_of_deal(solved.panel, inference, level=level, draws=draws)
    return by_deals(reading, deal(solved.panel, solve, kind, draws=draws, seed=seed), size_of_effect, level)


def check_inference(inference: str, known: tuple[str, ...], method: str, level: float) -> None:
    """Refuse a level or a kind of inference that there is not."""
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    if inference in ("cluster", "analytic"):
        raise UserError("impact_no_influence", method=method)
    if inference not in known:
        raise UserError("impact_unknown_choice", name="inference", value=inference)


def kind_of_deal(panel: Panel, inference: str, *, level: float, draws: int) -> Literal["placebo", "permutation"]:
    """Return among whom dates are dealt out: as asked, or by the rule of ``auto``."""
    if inference == "placebo":
        return "placebo"
    if inference == "permutation":
        return "permutation"
    adopters = int(panel.adopters.sum())
    feasible = int((~panel.adopters).sum()) > adopters
    if feasible and can_reject(ways_to_deal(panel, "placebo", draws=draws), level):
        return "placebo"
    if not feasible or can_reject(ways_to_deal(panel, "permutation", draws=draws), level):
        return "permutation"
    return "placebo"


def can_reject(ways: int, level: float) -> bool:
    """Tell whether so many ways can reject anything at a level."""
    return ways * (1.0 - level) * (1 + 1e-12) >= 1.0


def ways_to_deal(panel: Panel, kind: Literal["placebo", "permutation"], *, draws: int) -> int:
    """Return how many ways there are, the observed one included; at most ``draws`` + 1."""
    return len(_other_dates(panel, kind, draws=draws, seed=0)[1]) + 1


def _other_dates(
    panel: Panel, kind: Literal["placebo", "permutation"], *, draws: int, seed: int
) -> tuple[Panel, np.ndarray, bool]:
    """Return the panel to deal in, the dates (P, U) of every deal, and whether these are all."""
    if kind == "permutation":
        deals = deal_dates(panel.cohort, draws=draws, seed=seed)
        return panel, panel.cohort[deals.order], deals.complete
    controls, dates = panel.only(~panel.adopters), np.sort(panel.cohort[panel.adopters])
    if controls.shape[0] <= len(dates):
        raise InputError("impact_placebo_needs_controls", controls=controls.shape[0], adopters=len(dates))
    first = np.concatenate([dates, np.full(controls.shape[0] - len(dates), np.inf)])
    deals = deal_dates(first, draws=draws, seed=seed)
    dealt = first[deals.order]
    # Among controls no deal is the observed one, so the way that the others are listed against counts as well.
    return controls, np.vstack([first, dealt]) if deals.complete else dealt, deals.complete


def deal(panel: Panel, solve: Solver, kind: Literal["placebo", "permutation"], *, draws: int, seed: int) -> Dealt:
    """Return the readings under other deals of the dates."""
    among, dates, complete = _other_dates(panel, kind, draws=draws, seed=seed)
    treated = among.treated
    fits = (solve(among.with_cohort(cohort)) for cohort in dates)
    return Dealt(kind, [read(one.comparisons, one.values, treated) for one in fits], complete)


def size_of_effect(reading: Reading, readings: list[Reading], level: float) -> Ranked:
    """Test by how far the effect is from zero."""
    effects = np.array([one.effect for one in readings])
    slopes = np.array([one.slope for one in readings])
    interval = invert(reading.effect, effects, slopes, level=level)
    return Ranked(p_value(reading.effect, effects), interval, np.ones(len(readings)), {"statistic": "size_of_effect"})


def by_deals(reading: Reading, dealt: Dealt, rank: Rank, level: float) -> Judgement:
    """Return what other deals of the dates say about the observed one."""
    ranked = rank(reading, dealt.readings, level)
    enough = can_reject(dealt.ways, level)
    said: dict[str, Any] = {"ways": dealt.ways, "all_ways": dealt.complete, **ranked.diagnostics}
    if dealt.kind == "placebo" and dealt.readings:
        said["placebo_se"] = float(np.std([one.effect for one in dealt.readings]))
    few = () if enough else (Caveat("too_few_ways_to_deal", {"ways": dealt.ways, "level": level}),)
    return Judgement(
        inference=dealt.kind,
        se_reason="permutation_has_no_se",
        interval=ranked.interval,
        p_value=ranked.p_value,
        by_horizon=_table_of_deals(reading, dealt.readings, ranked.scales, level, enough),
        diagnostics=said,
        caveats=(*ranked.caveats, *few),
        assumptions=("adopters_like_others",),
    )


def _table_of_deals(
    reading: Reading, readings: list[Reading], scales: np.ndarray, level: float, enough: bool
) -> pd.DataFrame:
    many = len(reading.horizons)
    found, slopes = np.zeros((len(readings), many)), np.zeros((len(readings), many))
    for row, one in enumerate(readings):  # the same dates make the same horizons
        found[row], slopes[row] = one.effects * scales[row], one.slopes * scales[row]
    bounds = [invert(float(e), found[:, h], slopes[:, h], level=level) for h, e in enumerate(reading.effects)]
    # What is left of a deal's estimate once the observed effects are taken out of the data shows the noise.
    noise = found - slopes * reading.effects
    size = np.sqrt((noise**2).mean(axis=0)) if len(noise) else np.zeros(many)
    reach = np.full(many, np.inf)
    if enough:
        used = size > 0
        largest = (np.abs(noise[:, used]) / size[used]).max(axis=1) if used.any() else np.zeros(len(noise))
        reach = np.quantile(largest, level, method="higher") * size
    return horizon_table(reading, np.full(many, np.nan), bounds, reach)


def horizon_table(reading: Reading, se: np.ndarray, bounds: list[Interval], reach: np.ndarray) -> pd.DataFrame:
    """Return the table by horizon of an estimate; ``reach``: half the width of the band for all horizons at once."""
    return pd.DataFrame(
        {
            "horizon": reading.horizons,
            "effect": reading.effects,
            "se": se,
            "low": [one.low for one in bounds],
            "high": [one.high for one in bounds],
            "band_low": reading.effects - reach,
            "band_high": reading.effects + reach,
            "adopters": reading.adopters,
        },
        columns=list(HORIZON_COLUMNS),
    )


def _jackknifed(solved: Solved, reading: Reading, *, level: float, seed: int) -> Judgement:
    """Return what leaving out one unit (cluster) at a time says; refused where that leaves a cohort empty."""
    panel = solved.panel
    treated = panel.treated
    _, codes = np.unique(panel.clusters, return_inverse=True)
    groups = int(codes.max()) + 1
    found = []
    for code in range(groups):
        left = [one.without(codes == code) for one in solved.comparisons]
        if any(one is None for one in left):
            raise UserError("impact_jackknife_needs_two")
        again = read(tuple(one for one in left if one is not None), solved.values, treated)
        found.append(np.append(again.effects, again.effect))
    off = (np.array(found) - np.mean(found, axis=0)) * np.sqrt((groups - 1) / groups)
    *at, error = np.sqrt((off**2).sum(axis=0)).tolist()
    quantile = float(stats.norm.ppf((1 + level) / 2))
    critical = max(sup_t(off[:, :-1], level=level, seed=seed), quantile)
    ratio = abs(reading.effect) / error if error else np.inf if reading.effect else 0.0
    se = np.array(at)
    bounds = [Interval(e - quantile * s, e + quantile * s) for e, s in zip(reading.effects, at, strict=True)]
    few = (Caveat("few_units_standard_error", {"units": groups}),) if groups < FEW_UNITS else ()
    return Judgement(
        inference="jackknife",
        se=error,
        interval=Interval(reading.effect - quantile * error, reading.effect + quantile * error),
        p_value=2 * float(stats.norm.sf(ratio)),
        by_horizon=horizon_table(reading, se, bounds, critical * se),
        diagnostics={"clusters": groups, "band_critical_value": critical},
        caveats=few,
    )


def synthetic_estimate(
    solved: Solved,
    reading: Reading,
    said: Judgement,
    *,
    method: str,
    level: float,
    assumptions: tuple[str, ...],
    caveats: tuple[Caveat, ...],
    diagnostics: Mapping[str, Any],
) -> Estimate:
    """Return the estimate that a reading and a judgement make."""
    panel = solved.panel
    first, last = panel.axis.label(0), panel.axis.label(panel.shape[1] - 1)
    return Estimate(
        method=method,
        estimand="simple",
        outcome=panel.outcome,
        effect=reading.effect,
        se=said.se,
        se_reason=said.se_reason,
        interval=said.interval,
        level=level,
        p_value=said.p_value,
        inference=said.inference,
        n=int(panel.observed.sum()),
        units=panel.shape[0],
        adopters=int(panel.adopters.sum()),
        periods=panel.shape[1],
        by_horizon=said.by_horizon,
        diagnostics={
            **diagnostics,
            "axis": {"unit": panel.axis.unit, "first": first, "last": last},
            **said.diagnostics,
        },
        caveats=(*caveats, *said.caveats),
        assumptions=(*assumptions, *said.assumptions),
    )
