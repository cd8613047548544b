"""Adopters beside a weighted average of donors: what synthetic difference-in-differences and synthetic control share.

Definition
    A *block* is one cohort (for synthetic control: one adopter of it), periods before adoption, a stretch of periods
    after it, and *donors*: units that have not adopted by the end of the stretch (``not_yet``), or never do
    (``never``). Where later cohorts drop out as donors one after the other, a cohort has several stretches. A
    *comparison* is a block with weights. Its gap in a period is the mean of the adopters less the weighted donors, less
    the gap's own weighted mean before adoption (synthetic control: no weights on periods, the level stays in).
    The effect is the average gap over all treated cells (units × periods); at each horizon over the units seen there.
Gaps in the panel
    Weights need every donor in every period: incomplete donors are left out with a caveat, incomplete adopters are
    refused, periods in which nobody was observed are passed over.
Source
    Arkhangelsky et al. 2021; Clarke, Pailañir, Athey & Imbens 2023, *Synthetic difference-in-differences estimation*
    (cohort by cohort, averaged by treated cells).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from pegel.errors import InputError, UserError
from pegel.impact.estimate import Caveat
from pegel.impact.panel import Panel

Control = Literal["never", "not_yet"]
#: Fewer donors or periods before adoption than these make weights that say little (docs/methods).
ENOUGH_DONORS = 8
ENOUGH_PERIODS = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Who is compared with whom, and when. All arrays hold indices into the panel.

    ``shown``: periods whose gap is reported: ``before``, those of anticipation, ``after``, in this order.
    ``share``: part of the cohort's treated cells that lies in this stretch.
    """

    cohort: int
    members: np.ndarray
    donors: np.ndarray
    before: np.ndarray
    after: np.ndarray
    shown: np.ndarray
    share: float

    def each(self) -> Iterator[Block]:
        """Yield a block for every adopter alone."""
        for member in self.members:
            yield replace(self, members=np.array([member]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A block with weights of its donors (J,) and of its periods before adoption (B,); the latter may all be 0."""

    block: Block
    unit_weights: np.ndarray
    time_weights: np.ndarray

    @property
    def keeps_level(self) -> bool:
        """Tell whether a constant difference of level counts as part of the gap."""
        return not self.time_weights.any()

    def paths(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the adopters' mean and the weighted donors (S,) in the shown periods."""
        own = values[np.ix_(self.block.members, self.block.shown)].mean(axis=0)
        return own, self.unit_weights @ values[np.ix_(self.block.donors, self.block.shown)]

    def gaps(self, values: np.ndarray) -> np.ndarray:
        """Return the gap (S,) in each shown period."""
        own, other = self.paths(values)
        apart = own - other
        return np.asarray(apart - self.time_weights @ apart[: len(self.block.before)])

    def error_before(self, gaps: np.ndarray) -> float:
        """Return the mean squared gap before adoption, the level taken out where the comparison takes it out."""
        early = gaps[: len(self.block.before)]
        return float((early**2).mean() if self.keeps_level else early.var())

    def without(self, units: np.ndarray) -> Comparison | None:
        """Return the comparison without some units (a mask), the weights as they are; None if nothing is left."""
        members = self.block.members[~units[self.block.members]]
        stay = ~units[self.block.donors]
        if not len(members) or self.unit_weights[stay].sum() <= 0:
            return None
        return Comparison(
            block=replace(self.block, members=members, donors=self.block.donors[stay]),
            unit_weights=self.unit_weights[stay] / self.unit_weights[stay].sum(),
            time_weights=self.time_weights,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """A panel with its comparisons; ``values`` (U, T) are the outcomes less what covariates explain."""

    panel: Panel
    values: np.ndarray
    comparisons: tuple[Comparison, ...]
    caveats: tuple[Caveat, ...]


Solver = Callable[[Panel], Solved]


class Reading(NamedTuple):
    """What comparisons find. ``slope`` and ``slopes`` are what they find in the observed adoption itself.

    ``error_before``: mean squared gap before adoption. ``after``: means over treated cells of gap², gap × gap of the
    adoption, and the latter squared: the mean of (gap − τ × adoption)² for any τ.
    """

    effect: float
    horizons: np.ndarray
    effects: np.ndarray
    adopters: np.ndarray
    slope: float
    slopes: np.ndarray
    error_before: float
    after: tuple[float, float, float]


def read(comparisons: tuple[Comparison, ...], values: np.ndarray, treated: np.ndarray) -> Reading:
    """Read outcomes (U, T) and the observed adoption (U, T) off comparisons."""
    parts = []
    early: list[tuple[float, float]] = []
    for one in comparisons:
        block = one.block
        gaps, marks = one.gaps(values), one.gaps(treated)
        late = np.arange(len(block.shown)) >= len(block.shown) - len(block.after)
        # A cohort counts once at each horizon, also where several stretches look back at the same periods.
        weight = len(block.members) * np.where(late, 1.0, block.share)
        parts.append(np.array([block.shown - block.cohort, gaps, marks, weight, late]))
        early.append((one.error_before(gaps), len(block.members) * block.share))
    horizon, gaps, marks, weight, late = np.hstack(parts)
    horizons, at = np.unique(horizon, return_inverse=True)
    total = np.bincount(at, weight)
    cells = weight * late / (weight * late).sum()
    errors, shares = np.array(early).T
    return Reading(
        effect=float(cells @ gaps),
        horizons=horizons.astype(int),
        effects=np.bincount(at, weight * gaps) / total,
        adopters=np.rint(total).astype(int),
        slope=float(cells @ marks),
        slopes=np.bincount(at, weight * marks) / total,
        error_before=float(errors @ shares / shares.sum()),
        after=(float(cells @ gaps**2), float(cells @ (gaps * marks)), float(cells @ marks**2)),
    )


def check_choices(control: str, anticipation: int) -> None:
    """Refuse what no comparison can be made from.

    Raises
    ------
    UserError: ``impact_unknown_choice``, ``impact_anticipation_negative``.
    """
    if control not in ("never", "not_yet"):
        raise UserError("impact_unknown_choice", name="control", value=control)
    if anticipation < 0:
        raise UserError("impact_anticipation_negative", value=anticipation)


def complete_units(panel: Panel) -> tuple[Panel, tuple[Caveat, ...]]:
    """Return the panel of units without gaps, and a caveat if donors were left out.

    Raises
    ------
    InputError: ``impact_adopters_incomplete``, ``impact_no_complete_donors``.
    """
    seen = panel.observed.any(axis=0)
    missing = (~panel.observed[:, seen]).sum(axis=1)
    if not missing.any():
        return panel, ()
    lacking = missing > 0
    if (lacking & panel.adopters).any():
        n = int((lacking & panel.adopters).sum())
        raise InputError("impact_adopters_incomplete", n=n, gaps=int(missing[panel.adopters].sum()))
    if lacking[~panel.adopters].all():
        raise InputError("impact_no_complete_donors", n=int(lacking.sum()))
    left = int((~lacking & ~panel.adopters).sum())
    return panel.only(~lacking), (Caveat("incomplete_donors_dropped", {"n": int(lacking.sum()), "left": left}),)


def blocks_of(panel: Panel, *, control: Control, anticipation: int) -> tuple[list[Block], list[Caveat]]:
    """Return the blocks of a complete panel, and caveats on cohorts and cells that have none.

    Raises
    ------
    InputError: ``impact_nobody_adopted``, ``impact_nothing_before``, ``impact_no_controls_left``.
    """
    if not panel.adopters.any():
        raise InputError("impact_nobody_adopted")
    seen = np.flatnonzero(panel.observed.any(axis=0))
    blocks: list[Block] = []
    late = lost = cells = 0
    for cohort in panel.cohorts.tolist():
        before = seen[seen < cohort - anticipation]
        if not len(before):
            late += 1
            continue
        after = seen[seen >= cohort]
        found = list(_stretches(panel, cohort, after, control, anticipation))
        covered = sum(len(stretch) for stretch, _ in found)
        cells += len(after)
        lost += len(after) - covered
        between = seen[(seen >= cohort - anticipation) & (seen < cohort)]
        blocks += [
            Block(
                cohort=cohort,
                members=np.flatnonzero(panel.cohort == cohort),
                donors=donors,
                before=before,
                after=stretch,
                shown=np.concatenate([before, between, stretch]),
                share=len(stretch) / covered,
            )
            for stretch, donors in found
        ]
    if not blocks:
        raise InputError("impact_no_controls_left", control=control) if cells else InputError("impact_nothing_before")
    caveats = [Caveat("cohorts_without_before", {"n": late})] if late else []
    if lost:
        caveats.append(Caveat("cells_without_controls", {"n": lost, "total": cells}))
    return blocks, caveats


def _stretches(
    panel: Panel, cohort: int, after: np.ndarray, control: Control, anticipation: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield stretches of periods after adoption with the donors that last through each."""
    if control == "never":
        free = np.repeat(~panel.adopters[:, None], len(after), axis=1)
    else:
        free = panel.cohort[:, None] > np.maximum(after + anticipation, cohort)[None, :]
    counts = free.sum(axis=0)
    for many in np.unique(counts[counts > 0])[::-1]:
        stretch = counts == many  # donors only ever drop out: the same number means the same donors
        yield after[stretch], np.flatnonzero(free[:, np.argmax(stretch)])


def thin_caveats(comparisons: tuple[Comparison, ...]) -> list[Caveat]:
    """Return caveats on too few donors and on too short a time before adoption."""
    donors = min(len(one.block.donors) for one in comparisons)
    periods = min(len(one.block.before) for one in comparisons)
    caveats = []
    if donors < ENOUGH_DONORS:
        caveats.append(Caveat("few_donors", {"n": donors, "wanted": ENOUGH_DONORS}))
    if periods < ENOUGH_PERIODS:
        caveats.append(Caveat("few_periods_before", {"n": periods, "wanted": ENOUGH_PERIODS}))
    return caveats


def noise_level(values: np.ndarray, units: np.ndarray, periods: np.ndarray) -> float:
    """Return the standard deviation of all changes from one period to the next; 0 if there are fewer than two."""
    changes = np.diff(values[np.ix_(units, periods)], axis=1)
    return float(changes.std(ddof=1)) if changes.size > 1 else 0.0
