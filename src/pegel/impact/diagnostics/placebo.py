"""What does the estimator find where there is nothing to find?

In time
    Adoption is pretended k periods earlier, for every k that leaves a cohort a period before, on the periods before
    the true adoption only. Effects are compared in their own standard errors where the estimator knows them: a placebo
    averages over k periods, the headline over more. ``alarming``: more than a tenth of the placebos reach the headline.
    Placebos of neighbouring k overlap, so ``p_value`` (the headline's rank among them) is a description, not a test.
In space
    Every never-adopter is pretended to have adopted, among the never-adopters, at each of the true dates. ``p_value``:
    the true dates are dealt out to never-adopters at random, and the rank of the headline among the averages that this
    gives is taken; with one adopter that is the rank among all single placebos, exactly. What cohorts weigh in the
    headline is taken as their number of units times their periods since adoption.
Source
    Abadie, Diamond & Hainmueller, JASA 105 (2010) (in space, and ranks); Heckman & Hotz, JASA 84 (1989) (in time).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.diagnostics.event_leads import base_of
from pegel.impact.diagnostics.sub_panels import before_adoption
from pegel.impact.estimate import DRAWS, Caveat
from pegel.impact.fit import Fit, Fitter
from pegel.impact.panel import Panel
from pegel.impact.permutation import Deals, deal_dates, draw_by_refitting, draw_by_weights, p_value

#: More than that share of placebos as large as the headline is alarming.
MOST_AS_LARGE = 0.1
_FEW_PLACEBOS = 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaceboInTime:
    """What was found at pretended dates.

    Attributes
    ----------
    effects: [shift, effect, se, ratio, adopters, as_large]: periods earlier, what was found, its standard error and
        their ratio (NaN where not known), how many adopters had enough past, and whether it reaches the headline.
    effect, ratio: the headline, and in its own standard errors.
    by_ratio: whether ratios are compared rather than effects.
    """

    effects: pd.DataFrame
    effect: float
    ratio: float | None
    by_ratio: bool
    share_as_large: float
    p_value: float
    alarming: bool
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaceboInSpace:
    """What was found for never-adopters.

    ``effects``: [unit, effect, as_large] per never-adopter, averaged over the true dates. ``share_as_large``: of these.
    ``ways``: deals behind ``p_value``, the true one included; None where ``caveats`` say why not.
    """

    effects: pd.DataFrame
    effect: float
    share_as_large: float
    p_value: float | None
    ways: int
    caveats: tuple[Caveat, ...] = ()


def placebo_in_time(panel: Panel, fitter: Fitter, *, most: int | None = None) -> PlaceboInTime:
    """Return effects at dates before the true ones, found on data from before them.

    Parameters
    ----------
    most: the largest shift to try; all that are possible unless said.

    Raises
    ------
    InputError: ``impact_no_placebo_dates`` (no cohort has two periods before adoption) and those of the estimator.
    """
    fit = fitter(panel)
    past = before_adoption(panel, until=base_of(fit))
    found = []
    for shift in range(1, past.shape[1]):
        if most is not None and shift > most:
            break
        pretended = past.only(past.cohort > shift)
        pretended = pretended.with_cohort(pretended.cohort - shift)
        placebo = _fitted(pretended, fitter)
        if placebo is not None:
            found.append((shift, placebo.effect, _error(pretended, placebo), int(pretended.adopters.sum())))
    if not found:
        raise InputError("impact_no_placebo_dates")
    table = pd.DataFrame(found, columns=["shift", "effect", "se", "adopters"])
    error = _error(panel, fit)
    by_ratio = bool(error > 0 and (table["se"] > 0).all())
    table["ratio"] = table["effect"] / table["se"].where(table["se"] > 0)
    own = fit.effect / error if by_ratio else fit.effect
    compared = table["ratio" if by_ratio else "effect"].to_numpy(dtype=float)
    table["as_large"] = np.abs(compared) >= abs(own)
    share = float(table["as_large"].mean())
    return PlaceboInTime(
        effects=table[["shift", "effect", "se", "ratio", "adopters", "as_large"]],
        effect=fit.effect,
        ratio=float(fit.effect / error) if error > 0 else None,
        by_ratio=by_ratio,
        share_as_large=share,
        p_value=p_value(own, compared),
        alarming=share > MOST_AS_LARGE,
        caveats=(Caveat("few_placebo_dates", {"n": len(table)}),) if len(table) < _FEW_PLACEBOS else (),
    )


def placebo_in_space(panel: Panel, fitter: Fitter, *, draws: int = DRAWS, seed: int = 0) -> PlaceboInSpace:
    """Return effects of adoptions that never-adopters are pretended to have made.

    Raises
    ------
    InputError: ``impact_too_few_never_adopters`` (fewer than three) and those of the estimator.
    """
    fit = fitter(panel)
    never = panel.only(~panel.adopters)
    if never.shape[0] < 3:
        raise InputError("impact_too_few_never_adopters", n=never.shape[0])
    dates = panel.cohort[panel.adopters]
    cohorts, sizes = np.unique(dates[dates > 0], return_counts=True)
    single = np.column_stack([_each_in_turn(never, fitter, int(g)) for g in cohorts])
    usable = np.isfinite(single).all(axis=0)
    if not usable.any():
        raise InputError("impact_nothing_before")
    single, cohorts, sizes = single[:, usable], cohorts[usable], sizes[usable]
    share = sizes * (panel.shape[1] - cohorts) / (sizes @ (panel.shape[1] - cohorts))
    each = single @ share
    averages = _averages(single, sizes, share, draws=draws, seed=seed)
    as_large = np.abs(each) >= abs(fit.effect)
    return PlaceboInSpace(
        effects=pd.DataFrame({"unit": list(never.units), "effect": each, "as_large": as_large}),
        effect=fit.effect,
        share_as_large=float(as_large.mean()),
        p_value=None if averages is None else p_value(fit.effect, averages),
        ways=0 if averages is None else len(averages) + 1,
        caveats=(Caveat("fewer_never_adopters_than_adopters"),) if averages is None else (),
    )


def _fitted(panel: Panel, fitter: Fitter) -> Fit | None:
    """Return the fit; None where there is nothing to fit."""
    try:
        fit = fitter(panel)
    except UserError:
        return None
    return fit if np.isfinite(fit.effect) else None


def _error(panel: Panel, fit: Fit) -> float:
    """Return the standard error by influence, summed over clusters; NaN where it is not known."""
    if fit.influence is None:
        return float("nan")
    _, codes = np.unique(panel.clusters, return_inverse=True)
    return float(np.sqrt((np.bincount(codes, weights=fit.influence) ** 2).sum()))


def _each_in_turn(never: Panel, fitter: Fitter, g: int) -> np.ndarray:
    """Return (N,) what is found when each never-adopter is pretended to have adopted in period g."""
    n = never.shape[0]
    first = never.with_cohort(np.where(np.arange(n) == 0, float(g), np.inf))
    fit = _fitted(first, fitter)
    if fit is None:
        return np.full(n, np.nan)
    order = np.tile(np.arange(n), (n, 1))
    order[:, 0], order[np.arange(n), np.arange(n)] = np.arange(n), 0
    deals = Deals(order, True)
    if fit.weights is not None and never.balanced:
        return draw_by_weights(first, fit.weights.cohorts, fit.weights.weights[:1], deals)[:, 0]

    def again(one: Panel) -> tuple[float, np.ndarray]:
        refit = _fitted(one, fitter)
        return (float("nan") if refit is None else refit.effect), np.empty(0)

    return draw_by_refitting(first, again, deals)[0]


def _averages(single: np.ndarray, sizes: np.ndarray, share: np.ndarray, *, draws: int, seed: int) -> np.ndarray | None:
    """Return (P,) headlines when the true dates are dealt out to never-adopters; None if there are too few of them."""
    n, adopters = len(single), int(sizes.sum())
    if adopters > n:
        return None
    codes = np.append(np.repeat(np.arange(len(sizes)), sizes), np.full(n - adopters, len(sizes)))
    weight = np.append(share / sizes, 0.0)
    effects = np.column_stack([single, np.zeros(n)])
    deals = deal_dates(codes.astype(float), draws=draws, seed=seed)
    orders = np.vstack([np.arange(n)[None, :], deals.order]) if deals.complete else deals.order
    dealt = codes[orders]
    return np.asarray((weight[dealt] * effects[np.arange(n)[None, :], dealt]).sum(axis=1))
