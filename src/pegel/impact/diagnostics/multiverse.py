"""Does the answer depend on choices that somebody else would have made otherwise?

Question
    An analysis makes choices that the question does not fix. Had each been made otherwise, what would have come out?
Choices
    *estimator*: Callaway & Sant'Anna with controls that have not yet or never adopt; imputation.
    *anticipation*: 0 or 1 periods. *scale*: the outcome, or its logarithm where all of it is above 0.
    *clipped*: values beyond the 1st and 99th percentile set to these, or not.
    *window*: all periods; without the first or the last tenth of them; only the first periods after adoption (three, or
    half of them if there are fewer than six), or only those after these.
Crossed
    All choices are combined (up to 120 variants). Where every deal of a permutation would need a new fit, one choice at
    a time is changed instead, unless said otherwise.
Shares
    Of the variants that could be estimated: how many have the sign of the first one, whose interval excludes 0, and
    whose interval excludes 0 on the other side. They describe; variants are no sample, so nothing is tested.
Source
    Steegen, Tuerlinckx, Gelman & Vanpaemel, *Increasing transparency through a multiverse analysis*, Perspectives on
    Psychological Science 11 (2016); Simonsohn, Simmons & Nelson, Nature Human Behaviour 4 (2020).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.diagnostics.sub_panels import between
from pegel.impact.estimate import FEW_UNITS, LEVEL, Caveat
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.fit import CohortWeights, Fit, Fitter, draw
from pegel.impact.panel import Panel
from pegel.impact.permutation import invert, p_value

WINDOWS: Final = ("all", "without_first", "without_last", "early", "late")
SCALES: Final = ("level", "log")
#: From a number of periods of anticipation to an estimator.
ESTIMATORS: Final[Mapping[str, Callable[[int], Fitter]]] = {
    "callaway_santanna_not_yet": lambda periods: callaway_santanna.fitter(control="not_yet", anticipation=periods),
    "callaway_santanna_never": lambda periods: callaway_santanna.fitter(control="never", anticipation=periods),
    "imputation": lambda periods: imputation.fitter(anticipation=periods),
}
COLUMNS: Final = (
    "estimator",
    "anticipation",
    "scale",
    "clipped",
    "window",
    "effect",
    "low",
    "high",
    "p_value",
    "inference",
    "reason",
    "repeats",
)
_NOT_YET, _NEVER = "callaway_santanna_not_yet", "callaway_santanna_never"
_DRAWS: Final = 499
_DRAWS_BY_REFITTING: Final = 99
_CLIPPED_AT: Final = (0.01, 0.99)
_FIRST_PERIODS: Final = 3


class Variant(NamedTuple):
    """One way to make all choices."""

    estimator: str
    anticipation: int
    scale: str
    clipped: bool
    window: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multiverse:
    """What came out of each variant.

    Attributes
    ----------
    variants: [estimator, anticipation, scale, clipped, window, effect, low, high, p_value, inference, reason, repeats];
        the first is the reference. Effects on the ``log`` scale are differences of logarithms. What could not be
        estimated has no effect and a ``reason``. ``repeats``: a choice that changes nothing (periods that the estimator
        does not look at); such variants do not count.
    estimated: number of variants with an effect that count; ``crossed``: whether all choices were combined.
    same_sign, excludes_zero, against: shares of these; None where the reference could not be estimated.
    """

    variants: pd.DataFrame
    estimated: int
    crossed: bool
    same_sign: float | None
    excludes_zero: float | None
    against: float | None
    level: float
    caveats: tuple[Caveat, ...] = ()


def multiverse(
    panel: Panel,
    *,
    estimators: Mapping[str, Callable[[int], Fitter]] = ESTIMATORS,
    anticipations: Sequence[int] = (0, 1),
    scales: Sequence[str] = SCALES,
    clipped: Sequence[bool] = (False, True),
    windows: Sequence[str] = WINDOWS,
    crossed: bool | None = None,
    level: float = LEVEL,
    draws: int = _DRAWS,
    seed: int = 0,
) -> Multiverse:
    """Return the effect under every combination of choices; the first of each is the reference.

    Raises
    ------
    UserError: ``impact_level_out_of_range``, ``impact_unknown_choice``, ``impact_no_choice``.
    """
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)
    for name, values, allowed in (("windows", windows, WINDOWS), ("scales", scales, SCALES)):
        for value in values:
            if value not in allowed:
                raise UserError("impact_unknown_choice", name=name, value=value)
    if not all((estimators, anticipations, scales, clipped, windows)):
        raise UserError("impact_no_choice")
    caveats = []
    if "log" in scales and not (panel.values[panel.observed] > 0).all():
        caveats.append(Caveat("no_logarithm_of_zero"))
        scales = [scale for scale in scales if scale != "log"] or ["log"]
    names = list(estimators)
    if len(panel.cohorts) == 1 and {_NEVER, _NOT_YET} <= set(names):
        names.remove(_NEVER)  # with a single cohort both have the same controls
    if crossed is None:
        crossed = len(np.unique(panel.clusters)) >= FEW_UNITS or (panel.balanced and not panel.covariate_names)
    variants = [Variant(*one) for one in product(names, anticipations, scales, clipped, windows)]
    if not crossed:
        variants = [one for one in variants if sum(a != b for a, b in zip(one, variants[0], strict=True)) <= 1]
    found = [_found(panel, one, estimators[one.estimator], level, draws, seed) for one in variants]
    table = pd.DataFrame([(*one, *what) for one, what in zip(variants, found, strict=True)], columns=list(COLUMNS[:-1]))
    table["repeats"] = _repeats(table)
    known = table[np.isfinite(table["effect"]) & ~table["repeats"]]
    judged = known[known["low"].notna()]
    above, below = judged["low"] > 0, judged["high"] < 0
    first = float(table["effect"].iloc[0])
    comparable = bool(np.isfinite(first))
    return Multiverse(
        variants=table,
        estimated=len(known),
        crossed=crossed,
        same_sign=float((np.sign(known["effect"]) == np.sign(first)).mean()) if comparable else None,
        excludes_zero=float((above | below).mean()) if len(judged) else None,
        against=float((below if first > 0 else above).mean()) if comparable and len(judged) else None,
        level=level,
        caveats=tuple(caveats),
    )


def _repeats(table: pd.DataFrame) -> np.ndarray:
    """Tell which variants only repeat one above them that differs in window or clipping, within rounding."""
    rounded = table["effect"].map(lambda effect: f"{effect:.9e}")
    twice = table.assign(effect=rounded)[["estimator", "scale", "anticipation", "effect"]].duplicated()
    return np.asarray(twice & np.isfinite(table["effect"]))


class _Found(NamedTuple):
    effect: float
    low: float
    high: float
    p_value: float
    inference: str | None
    reason: str | None


def _found(
    panel: Panel, variant: Variant, estimator: Callable[[int], Fitter], level: float, draws: int, seed: int
) -> _Found:
    try:
        chosen = _prepared(panel, variant)
        fitter = partial(_headline, fitter=estimator(variant.anticipation), window=variant.window)
        fit = fitter(chosen)
    except UserError as error:
        return _Found(np.nan, np.nan, np.nan, np.nan, None, error.code)
    groups, codes = np.unique(chosen.clusters, return_inverse=True)
    if fit.influence is not None and len(groups) >= FEW_UNITS:
        se = float(np.sqrt((np.bincount(codes, weights=fit.influence) ** 2).sum()))
        reach = float(stats.norm.ppf((1 + level) / 2)) * se
        p = 2 * float(stats.norm.sf(abs(fit.effect) / se)) if se > 0 else float(not fit.effect)
        return _Found(fit.effect, fit.effect - reach, fit.effect + reach, p, "analytic", None)
    if fit.weights is None or not chosen.balanced:
        draws = min(draws, _DRAWS_BY_REFITTING)
    drawn = draw(chosen, fitter, fit, draws=draws, seed=seed)
    interval = invert(fit.effect, drawn.effects, drawn.slopes, level=level)
    return _Found(fit.effect, *interval, p_value(fit.effect, drawn.effects), "permutation", None)


def _prepared(panel: Panel, variant: Variant) -> Panel:
    """Return the panel that the variant looks at."""
    values = panel.values
    if variant.clipped:
        values = np.clip(values, *np.nanquantile(values, _CLIPPED_AT))
    if variant.scale == "log":
        if not (values[panel.observed] > 0).all():
            raise InputError("impact_no_logarithm")
        values = np.log(values)
    chosen = panel.with_values(values)
    periods = panel.shape[1]
    tenth = max(periods // 10, 1)
    if variant.window == "without_first":
        return between(chosen, tenth, periods)
    return between(chosen, 0, periods - tenth) if variant.window == "without_last" else chosen


def _headline(panel: Panel, *, fitter: Fitter, window: str) -> Fit:
    """Return the fit with its headline only: of all horizons, of the first after adoption, or of those after these."""
    fit = fitter(panel)
    effect, influence, weights = fit.effect, fit.influence, None if fit.weights is None else fit.weights.weights[0]
    if window in ("early", "late"):
        after = (fit.horizons >= 0) & np.isfinite(fit.effects)
        last = int(fit.horizons[after].max(initial=-1))
        if last < 1:
            raise InputError("impact_horizons_not_observed", first=0, last=1, longest=last)
        first_ones = min(_FIRST_PERIODS, (last + 1) // 2)
        chosen = after & ((fit.horizons < first_ones) if window == "early" else (fit.horizons >= first_ones))
        share = np.where(chosen, fit.adopters, 0) / fit.adopters[chosen].sum()
        effect = float(share[chosen] @ fit.effects[chosen])
        influence = None if fit.horizon_influence is None else fit.horizon_influence[:, chosen] @ share[chosen]
        weights = None if fit.weights is None else np.einsum("h,hct->ct", share, fit.weights.weights[1:])
    return replace(
        fit,
        effect=effect,
        influence=influence,
        horizons=fit.horizons[:0],
        effects=fit.effects[:0],
        adopters=fit.adopters[:0],
        horizon_influence=None,
        weights=None if weights is None or fit.weights is None else CohortWeights(fit.weights.cohorts, weights[None]),
    )
