"""A roll-out that can be judged later: a stepped wedge whose order is drawn by lot, with what it could show.

Question
    In which order should units adopt, so that the effect can be told from everything else?
Definition
    Units adopt in ``waves``, ``every`` so many periods, the first at ``start``; a share may stay without. The order is
    drawn by restricted randomisation: 2,000 candidate lots are drawn, spread evenly over the strata if any; the tenth
    whose waves differ least in the units' average past outcome (sum over waves of size × squared mean, standardised)
    is kept, at least 100 different ones if there are so many; one of the kept is drawn.
    ``Design.deals`` are the other kept lots: with them the permutation test (``fit.draw(deals=...)``) is exact, because
    each of the kept lots was as likely as the one drawn.
    Alternatives (number of waves, spacing, share without) are compared by their MDE at the same last period.
Proof
    ``record`` holds all that the lot depends on and the order itself; ``hash`` is the SHA-256 of its canonical JSON.
    Publish it before the first wave. Same input, same seed, same bytes.
Source
    Hussey & Hughes, *Design and analysis of stepped wedge cluster randomized trials*, Contemporary Clinical Trials 28
    (2007); Moulton, *Covariate-based constrained randomization of group-randomized trials*, Clinical Trials 1 (2004);
    Ji, Fink, Robyn & Small, *Randomization inference for stepped-wedge cluster-randomised trials*, Annals of Applied
    Statistics 11 (2017).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import narwhals as nw
import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.estimate import LEVEL, Caveat
from pegel.impact.fit import Fitter
from pegel.impact.panel import Panel, panel_of
from pegel.impact.permutation import Deals
from pegel.impact.planning.placebo_roll_outs import ROLL_OUTS, Trial, Tries
from pegel.impact.planning.power import Power, Recommendation, power_of, refuse_outside
from pegel.impact.planning.untreated_past import means, past_of
from pegel.impact.time_axis import TimeAxis, axis_of, place_on

DEFINITION: Final = "stepped_wedge/1"
ALTERNATIVE_COLUMNS: Final = (
    "waves",
    "every",
    "never_share",
    "periods",
    "units",
    "adopters",
    "mde",
    "share",
    "chance",
    "basis",
    "asked",
)
_CANDIDATES: Final = 2_000
_KEPT_SHARE: Final = 0.1
_LEAST_KEPT: Final = 100
#: Another design must lower the MDE by more than placebo roll-outs scatter.
_BETTER: Final = 0.95
_COHORT: Final = "pegel: first treated period"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """An order by lot and what it could show.

    Attributes
    ----------
    order: [unit, wave, date], by wave; wave 0 without date stays without. ``date`` goes into a panel's cohort column.
    mde, mde_reason, power: at the last period, see :class:`~pegel.impact.power.Power`; None with reason ``no_past``.
    alternatives: designs compared at the same last period. best: ``as_asked``, ``another_design``, ``nothing_shows``
        (no effect would be found by any), or ``no_past``, with figures.
    units: in the order of panels; lots (L, U): wave of each unit in each kept lot; chosen: which of them was drawn.
    """

    order: pd.DataFrame
    mde: float | None
    mde_reason: str | None
    power: Power | None
    alternatives: pd.DataFrame
    best: Recommendation
    units: tuple[Any, ...]
    lots: np.ndarray
    chosen: int
    seed: int
    record: Mapping[str, Any]
    hash: str
    caveats: tuple[Caveat, ...]
    assumptions: tuple[str, ...] = ("order_drawn_by_lot", "order_is_kept")

    def deals(self) -> Deals:
        """Return the other lots that could have been drawn, for a permutation test on a panel of these units."""
        mine = self.lots[self.chosen]
        holders = np.argsort(mine, kind="stable")
        others = np.delete(self.lots, self.chosen, axis=0)
        order = np.empty_like(others, dtype=np.int64)
        np.put_along_axis(order, np.argsort(others, axis=1, kind="stable"), holders[None, :], axis=1)
        return Deals(order, True)

    def summary(self, language: Literal["de", "en"] = "en") -> str:
        """Return the design in a few sentences, German (``de``) or English (``en``)."""
        from pegel.words.power import design_in_words  # noqa: PLC0415 - words stand above; only this face speaks

        return design_in_words(self, language)


def design(
    panel: Any,
    *,
    waves: int,
    start: Any,
    every: int,
    unit: str = "unit",
    time: str | None = None,
    outcome: str | None = None,
    never_share: float = 0.0,
    strata: str | Mapping[Any, Any] | None = None,
    periods: int | None = None,
    compare: Sequence[tuple[int, int, float]] | None = None,
    effect_that_matters: float | None = None,
    weeks_more: Sequence[int] = (2, 4, 8, 13, 26),
    units_more: Sequence[int] = (2, 4, 8, 16),
    estimator: Fitter | None = None,
    before: int = 1,
    level: float = LEVEL,
    power: float = 0.8,
    draws: int = ROLL_OUTS,
    seed: int = 0,
) -> Design:
    """Return an order of adoption by lot, and the smallest effect that it could show.

    Parameters
    ----------
    panel: the past, a row per unit and period; or names of units, then nothing can be said about effects.
    start: first period of the first wave, after the panel. every: periods between waves. never_share: share of units
        that stay without, at least one if above 0. periods: from the first wave to the end of measuring; default
        ``waves × every``. strata: a column, or stratum by unit. compare: (waves, every, never_share) of alternatives.

    Raises
    ------
    InputError: what ``panel_of`` refuses; ``impact_units_twice``, ``impact_stratum_missing``,
        ``impact_stratum_changes``, ``impact_past_too_short``. UserError: ``impact_plan_setting_invalid``,
        ``impact_design_starts_in_past``.
    """
    past, axis, begin, caveats = _read(panel, unit, time, outcome, start)
    units = len(past.units)
    length = waves * every if periods is None else periods
    refuse_outside("waves", waves, 1, units)
    refuse_outside("every", every, 1, 10_000)
    refuse_outside("never_share", never_share, 0, 1 - waves / units + 1e-9, whole=False)
    refuse_outside("periods", length, (waves - 1) * every + 1, 100_000)
    groups = _strata(strata, panel, past.units, unit)
    known = time is not None and outcome is not None
    levels = _standardised(past) if known else None
    lots, chosen = _draw_lot(_sizes(units, waves, never_share), groups, levels, seed)
    wave = lots[chosen]
    order = _order(past.units, wave, axis, begin, every)
    record = {
        "definition": DEFINITION,
        "seed": seed,
        "waves": waves,
        "every": every,
        "never_share": never_share,
        "start": axis.label(begin),
        "strata": None if strata is None else [int(one) for one in groups],
        "levels": None if levels is None else [float(one).hex() for one in levels],
        "kept_lots": len(lots),
        "order": [
            [str(row.unit), int(row.wave), None if row.date is None else str(row.date)] for row in order.itertuples()
        ],
    }
    found, table, best = None, pd.DataFrame(columns=list(ALTERNATIVE_COLUMNS)), Recommendation("no_past")
    if known:
        trial = Trial(estimator=estimator, before=before, level=level, power=power, draws=draws, seed=seed)
        starts = np.where(wave > 0, begin + (wave - 1.0) * every, np.inf)
        found = power_of(
            past,
            starts,
            ends=begin + length,
            trial=trial,
            weeks_more=weeks_more,
            units_more=units_more,
            effect_that_matters=effect_that_matters,
        )
        asked = (waves, every, never_share)
        others = _alternatives(asked, units, length) if compare is None else compare
        table = _compared(
            Tries(past_of(past, starts, seed), trial), [asked, *others], units, length, effect_that_matters
        )
        best = _best(table)
    return Design(
        order=order,
        mde=found.mde if found else None,
        mde_reason=found.mde_reason if found else "no_past",
        power=found,
        alternatives=table,
        best=best,
        units=past.units,
        lots=lots,
        chosen=chosen,
        seed=seed,
        record=record,
        hash=hash_of(record),
        caveats=found.caveats if found else caveats,
    )


def hash_of(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record's canonical JSON: sorted keys, no spaces, UTF-8.

    >>> hash_of({"seed": 1})[:12]
    'fbe47f6d82b4'
    """
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(
    data: Any, unit: str, time: str | None, outcome: str | None, start: Any
) -> tuple[Panel, TimeAxis, int, tuple[Caveat, ...]]:
    """Return the past (of names alone: one empty period), the axis and the index of the first wave on it."""
    if time is not None and outcome is not None:
        frame = nw.from_native(data, eager_only=True).with_columns(nw.lit(None, dtype=nw.Float64).alias(_COHORT))
        past = panel_of(frame, unit=unit, time=time, outcome=outcome, cohort=_COHORT)
        begin = place_on(past.axis, [start])[0]
        if not np.isfinite(begin):
            raise InputError("impact_time_missing", n=1)
        if begin < past.shape[1]:
            raise UserError("impact_design_starts_in_past", start=str(start), last=past.axis.label(past.shape[1] - 1))
        return past, past.axis, int(begin), past.caveats
    if hasattr(data, "columns"):
        frame = nw.from_native(data, eager_only=True)
        if unit not in frame.columns:
            raise InputError("impact_column_missing", names=[unit], found=list(frame.columns))
        names = list(dict.fromkeys(frame[unit].to_list()))
    else:
        names = list(data)
    twice = [str(name) for name, n in Counter(one for one in names if isinstance(one, Hashable)).items() if n > 1]
    if twice:
        raise InputError("impact_units_twice", names=twice)
    bare = pd.DataFrame({"unit": names, "time": 1, "outcome": 0.0, "cohort": np.nan})
    axis, _ = axis_of([start])
    return panel_of(bare, unit="unit", time="time", outcome="outcome", cohort="cohort"), axis, 0, ()


def _strata(strata: str | Mapping[Any, Any] | None, data: Any, units: tuple[Any, ...], unit: str) -> np.ndarray:
    """Return (U,) integer codes of strata."""
    if strata is None:
        return np.zeros(len(units), dtype=np.int64)
    if isinstance(strata, str):
        frame = nw.from_native(data, eager_only=True)
        if strata not in frame.columns:
            raise InputError("impact_column_missing", names=[strata], found=list(frame.columns))
        found: dict[Any, Any] = {}
        for name, value in zip(frame[unit].to_list(), frame[strata].to_list(), strict=True):
            if found.setdefault(name, value) != value:
                raise InputError("impact_stratum_changes", unit=str(name), values=[str(found[name]), str(value)])
    else:
        found = dict(strata)
    missing = [str(name) for name in units if found.get(name) is None or found[name] != found[name]]
    if missing:
        raise InputError("impact_stratum_missing", names=missing)
    codes = {label: i for i, label in enumerate(dict.fromkeys(found[name] for name in units))}
    return np.array([codes[found[name]] for name in units])


def _standardised(past: Panel) -> np.ndarray:
    """Return (U,) average past outcomes in standard deviations, less what the periods observed have in common."""
    mean = means(past.values - means(past.values, 0), 1)[:, 0]
    spread = mean.std()
    levels: np.ndarray = (mean - mean.mean()) / spread if spread else np.zeros(len(mean))
    return levels


def _sizes(units: int, waves: int, never_share: float) -> np.ndarray:
    """Return (1 + W,) how many units stay without, and adopt in each wave."""
    never = max(round(never_share * units), 1) if never_share else 0
    each, more = divmod(units - never, waves)
    return np.array([never, *(each + (w < more) for w in range(waves))])


def _draw_lot(sizes: np.ndarray, groups: np.ndarray, levels: np.ndarray | None, seed: int) -> tuple[np.ndarray, int]:
    """Return the kept lots (L, U) and which of them was drawn."""
    random = np.random.default_rng([seed, 3])
    shape = (_CANDIDATES, len(groups))
    # Units stand stratum by stratum, waves are dealt along that line as evenly as their sizes allow.
    line = random.permuted(np.tile(np.arange(groups.max() + 1), (_CANDIDATES, 1)), axis=1)[:, groups] + random.random(
        shape
    )
    slots = np.repeat(np.arange(len(sizes)), sizes)
    within = np.concatenate([np.arange(size) for size in sizes])
    dealt = np.argsort((within + random.random(shape)) / sizes[slots], axis=1, kind="stable")
    candidates = np.empty(shape, dtype=np.int64)
    np.put_along_axis(candidates, np.argsort(line, axis=1, kind="stable"), slots[dealt], axis=1)
    lots = np.unique(candidates, axis=0)
    if levels is not None:
        sums = np.stack([((lots == w) * levels).sum(axis=1) for w in range(len(sizes))], axis=1)
        imbalance = (sums**2 / np.maximum(sizes, 1)).sum(axis=1).round(9)
        kept = max(int(np.ceil(_KEPT_SHARE * len(lots))), min(_LEAST_KEPT, len(lots)))
        lots = lots[np.sort(np.argsort(imbalance, kind="stable")[:kept])]
    return lots, int(random.integers(len(lots)))


def _order(units: tuple[Any, ...], wave: np.ndarray, axis: TimeAxis, begin: int, every: int) -> pd.DataFrame:
    def date(w: int) -> Any:
        index = begin + (w - 1) * every
        if not w:
            return None
        return axis.first + index * axis.step if axis.kind == "count" else axis.label(index)

    turn = sorted(range(len(units)), key=lambda i: (wave[i] == 0, wave[i]))
    dates = pd.Series([date(int(wave[i])) for i in turn], dtype=object)
    return pd.DataFrame({"unit": [units[i] for i in turn], "wave": wave[turn], "date": dates})


def _alternatives(asked: tuple[int, int, float], units: int, length: int) -> list[tuple[int, int, float]]:
    """Return designs that differ from the asked one in one thing and end by the same period."""
    waves, every, never = asked
    widest = max(1, (length - 1) // max(waves - 1, 1))
    tried = [(w, every, never) for w in (1, 2, waves - 1, waves + 1, 2 * waves)]
    tried += [(waves, e, never) for e in (max(1, every // 2), 2 * every, widest)]
    tried += [(waves, every, share) for share in (0.0, 0.1, 0.2, 1 / 3, 0.5)]
    fits = [one for one in tried if 1 <= one[0] <= (1 - one[2]) * units and (one[0] - 1) * one[1] < length]
    return [one for one in dict.fromkeys(fits) if one != asked]


def _compared(
    tries: Tries, designs: Sequence[tuple[int, int, float]], units: int, length: int, matters: float | None
) -> pd.DataFrame:
    rows = []
    for place, (waves, every, never) in enumerate(designs):
        slots = np.repeat(np.arange(waves + 1), _sizes(units, waves, never))
        plan = np.where(slots > 0, tries.trial.before + (slots - 1.0) * every, np.inf)
        row = tries.row(plan, length, 0, matters)
        rows.append({"waves": waves, "every": every, "never_share": never, **row, "asked": place == 0})
    return pd.DataFrame(rows, columns=list(ALTERNATIVE_COLUMNS))


def _best(table: pd.DataFrame) -> Recommendation:
    asked = table.iloc[0]
    best = table.loc[table["mde"].idxmin()]
    if not np.isfinite(best["mde"]):
        return Recommendation("nothing_shows", {"n": len(table)})
    kept = asked if best["mde"] >= _BETTER * asked["mde"] else best
    figures = {name: kept[name].item() for name in ("waves", "every", "never_share", "mde", "share")}
    return Recommendation(
        "as_asked" if kept is asked else "another_design", {**figures, "mde_asked": float(asked["mde"])}
    )
