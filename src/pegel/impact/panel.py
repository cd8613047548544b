"""The panel that every estimator reads: units in rows, periods in columns, gaps left as gaps.

Units are streams or teams. What an honest estimate cannot rest on is refused with a code (duplicate unit-periods,
integers that spell a calendar, an adoption date that changes); what a reader must know is reported as a caveat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np

from pegel.errors import InputError
from pegel.impact.estimate import Caveat
from pegel.impact.time_axis import TimeAxis, axis_of, is_missing, place_on

#: The squares of larger outcomes are no numbers any more.
_LARGEST = 1e100
#: A count of periods from here on is read as years; then an adoption in "year 0" can only mean never.
_YEARS_FROM = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A checked panel of U units and T periods.

    Attributes
    ----------
    values: (U, T) outcome, NaN where nothing was observed. No unit is empty; a period in which nobody was seen may be.
    cohort: (U,) index of the first treated period, infinite for units that never adopt within the panel.
    covariates: (U, T, K), K may be 0. clusters: (U,) integer codes; each unit its own unless said otherwise.
    units: names, in their order. axis: what the periods are. caveats: what was found and set right.
    """

    values: np.ndarray
    cohort: np.ndarray
    covariates: np.ndarray
    clusters: np.ndarray
    units: tuple[Any, ...]
    axis: TimeAxis
    outcome: str
    covariate_names: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Return (units, periods)."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def observed(self) -> np.ndarray:
        """Return (U, T): where there is an outcome."""
        return np.asarray(~np.isnan(self.values))

    @property
    def balanced(self) -> bool:
        """Tell whether every unit has an outcome in every period."""
        return bool(self.observed.all())

    @property
    def adopters(self) -> np.ndarray:
        """Return (U,): which units adopt within the panel."""
        return np.asarray(np.isfinite(self.cohort))

    @property
    def treated(self) -> np.ndarray:
        """Return (U, T): 1.0 from the first treated period on."""
        return (np.arange(self.shape[1])[None, :] >= self.cohort[:, None]).astype(float)

    @property
    def cohorts(self) -> np.ndarray:
        """Return the distinct first treated periods, ascending, without never."""
        return np.unique(self.cohort[self.adopters]).astype(int)

    def with_values(self, values: np.ndarray) -> Panel:
        """Return the panel with another outcome of the same shape."""
        return replace(self, values=values)

    def with_cohort(self, cohort: np.ndarray) -> Panel:
        """Return the panel as if the units had adopted at other times."""
        return replace(self, cohort=cohort)

    def only(self, units: np.ndarray) -> Panel:
        """Return the panel of some units, given as a mask or as indices; periods stay as they are."""
        chosen = np.flatnonzero(units) if units.dtype == bool else units
        return replace(
            self,
            values=self.values[chosen],
            cohort=self.cohort[chosen],
            covariates=self.covariates[chosen],
            clusters=self.clusters[chosen],
            units=tuple(self.units[i] for i in chosen),
        )


def panel_of(
    data: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | None = None,
    cluster: str | None = None,
    already: str = "drop",
) -> Panel:
    """Return the checked panel of a data frame (pandas, Polars or anything narwhals reads) in long form.

    Parameters
    ----------
    cohort: column with the first treated period of the unit; missing means never.
    covariates: columns of numbers. cluster: column whose values group units (default: each unit for itself).
    already: units treated from the first period on tell nothing about before: ``drop`` them with a caveat, or ``keep``.

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_no_rows``, ``impact_not_numbers``, ``impact_infinite_values``,
        ``impact_unit_missing``, ``impact_duplicate_unit_periods``, ``impact_cohort_changes``,
        ``impact_cluster_changes``, ``impact_cohort_zero`` and those of ``axis_of``.
    """
    names = [unit, time, outcome, cohort, *(covariates or ()), *((cluster,) if cluster else ())]
    frame = nw.from_native(data, eager_only=True)
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise InputError("impact_column_missing", names=absent, found=list(frame.columns))
    if not len(frame):
        raise InputError("impact_no_rows")
    caveats: list[Caveat] = []
    labels = frame[unit].to_list()
    if any(is_missing(label) for label in set(labels)):
        raise InputError("impact_unit_missing", n=sum(is_missing(label) for label in labels))
    order = _sorted(set(labels))
    place = {label: i for i, label in enumerate(order)}
    rows = np.array([place[label] for label in labels])
    axis, periods = axis_of(frame[time].to_list())
    _refuse_duplicates(rows, periods, order, axis)
    first = _one_per_unit(frame[cohort].to_list(), rows, len(order), "impact_cohort_changes", order)
    first, zero = _zero_is_never(first, axis)
    caveats += zero
    starts = place_on(axis, first)
    starts, late = _within(starts, axis)
    caveats += late
    values = _grid(_numbers(frame[outcome], outcome), rows, periods, (len(order), axis.length))
    wide = [_grid(_numbers(frame[name], name), rows, periods, values.shape) for name in covariates or ()]
    clusters = np.arange(len(order))
    if cluster:
        groups = _one_per_unit(frame[cluster].to_list(), rows, len(order), "impact_cluster_changes", order)
        codes = {label: i for i, label in enumerate(dict.fromkeys(groups))}
        clusters = np.array([codes[label] for label in groups])
    panel = Panel(
        values=values,
        cohort=starts,
        covariates=np.stack(wide, axis=2) if wide else np.empty((*values.shape, 0)),
        clusters=clusters,
        units=tuple(order),
        axis=axis,
        outcome=outcome,
        covariate_names=tuple(covariates or ()),
    )
    kept, dropped = _useful(panel, already)
    return replace(kept, caveats=(*caveats, *dropped))


def _sorted(labels: set[Any]) -> list[Any]:
    try:
        return sorted(labels)
    except TypeError:  # names of several kinds: text among numbers
        return sorted(labels, key=lambda label: (str(type(label)), str(label)))


def _numbers(column: Any, name: str) -> np.ndarray:
    if not column.dtype.is_numeric() and column.dtype != nw.Boolean:
        raise InputError("impact_not_numbers", name=name)
    numbers = np.asarray(column.cast(nw.Float64).to_numpy(), dtype=float)
    endless = np.abs(numbers) > _LARGEST
    if endless.any():
        raise InputError("impact_infinite_values", name=name, n=int(endless.sum()))
    return numbers


def _grid(numbers: np.ndarray, rows: np.ndarray, periods: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    grid = np.full(shape, np.nan)
    grid[rows, periods] = numbers
    return grid


def _refuse_duplicates(rows: np.ndarray, periods: np.ndarray, order: list[Any], axis: TimeAxis) -> None:
    keys = rows * np.int64(axis.length) + periods
    found, counts = np.unique(keys, return_counts=True)
    twice = found[counts > 1]
    if len(twice):
        shown = [f"{order[key // axis.length]} {axis.label(int(key % axis.length))}" for key in twice[:3].tolist()]
        raise InputError("impact_duplicate_unit_periods", n=len(twice), examples=shown)


def _one_per_unit(values: list[Any], rows: np.ndarray, units: int, code: str, order: list[Any]) -> list[Any]:
    """Return the one value of each unit; missing ones count as one value of their own."""
    found: list[Any] = [None] * units
    seen = [False] * units
    for value, row in zip(values, rows.tolist(), strict=True):
        known = None if is_missing(value) else value
        if seen[row] and found[row] != known:
            raise InputError(code, unit=str(order[row]), values=[str(found[row]), str(known)])
        found[row], seen[row] = known, True
    return found


def _zero_is_never(first: list[Any], axis: TimeAxis) -> tuple[list[Any], list[Caveat]]:
    """Read an adoption in year 0 as never, with a caveat; refuse 0 where it could be a period before the first."""
    zeros = sum(isinstance(value, int | float | np.number) and value == 0 for value in first)
    if axis.kind != "count" or not zeros or axis.first <= 0:
        return first, []
    if axis.first < _YEARS_FROM:
        raise InputError("impact_cohort_zero", n=zeros)
    read = [None if isinstance(value, int | float | np.number) and value == 0 else value for value in first]
    return read, [Caveat("zero_read_as_never", {"n": zeros})]


def _within(starts: np.ndarray, axis: TimeAxis) -> tuple[np.ndarray, list[Caveat]]:
    """Units that adopt after the last period have not adopted within the panel."""
    late = np.isfinite(starts) & (starts >= axis.length)
    caveats = [Caveat("adopts_after_the_panel", {"n": int(late.sum())})] if late.any() else []
    return np.where(late, np.inf, np.maximum(starts, 0)), caveats


def _useful(panel: Panel, already: str) -> tuple[Panel, list[Caveat]]:
    caveats = []
    observed = panel.observed
    if panel.covariate_names:
        lacking = observed & np.isnan(panel.covariates).any(axis=2)
        if lacking.any():
            caveats.append(Caveat("covariates_missing", {"n": int(lacking.sum())}))
            panel = panel.with_values(np.where(lacking, np.nan, panel.values))
            observed = panel.observed
    empty = ~observed.any(axis=1)
    if empty.all():
        raise InputError("impact_no_rows")
    if empty.any():
        caveats.append(Caveat("units_without_outcome", {"n": int(empty.sum())}))
    always = (panel.cohort <= 0) & ~empty
    if already == "drop" and always.any():
        caveats.append(Caveat("already_treated_dropped", {"n": int(always.sum())}))
    else:
        always = np.zeros_like(always)
    kept = panel.only(~(empty | always)) if (empty | always).any() else panel
    if not kept.shape[0]:
        raise InputError("impact_all_already_treated")
    gaps = int((~kept.observed).sum())
    if gaps:
        caveats.append(Caveat("gaps_in_the_panel", {"n": gaps, "share": gaps / kept.values.size}))
    return kept, caveats
