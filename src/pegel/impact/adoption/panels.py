"""Outcomes and adoption joined into the panel that estimators read: one row per unit and whole period.

Question
    What did each unit achieve in each week or month, and since which period is it an adopter?
Definition
    Periods are ISO weeks or calendar months. Only whole periods count: the first and last of the window, and of a
    unit's life, are cut where they are partial. A unit's cohort is its first whole period as an adopter: a period that
    is treated in part is not treated. Days after the moment up to which adoption is known are cut too.
Gaps
    No rows of a unit in a period mean *nothing known* or *nothing happened*; only whoever knows the metric can say
    which, and has to (``zero_is_data``). Zeros are filled in within the unit's life only; without known lives, between
    its first and its last row. A mean, a median or a ratio of nothing is no zero.
Unknown adoption
    Units of which it is unknown whether or when they adopted are neither adopters nor controls: they are left out, and
    named.
Refused
    Rows of several granularities, weeks to be made into months, averages to be averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.adoption.adoption import Adoption
from pegel.impact.adoption.adoption_usage import frame_of, units_in
from pegel.impact.adoption.days_and_weeks import NO_DAY, day_number, day_numbers
from pegel.impact.adoption.panel_metrics import Metric, measured
from pegel.impact.adoption.periods import Grain, Period, PeriodKind, place_rows
from pegel.impact.columns import numbers_of
from pegel.impact.estimate import Caveat

Unknown = Literal["drop", "never"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnalysisPanel:
    """The joined panel.

    Attributes
    ----------
    frame: [unit, time, <metrics>, n_<metrics>, cohort, adopted_date, (dose)]: a row per unit and period; ``time`` and
        ``cohort`` are names of periods (``2026-W05``, ``2026-03``), ``cohort`` None for never.
    window: first and last day of its periods. changes: [date, unit, what, time] of definitions changed inside it.
    """

    frame: pd.DataFrame
    period: PeriodKind
    window: tuple[date, date]
    changes: pd.DataFrame
    caveats: tuple[Caveat, ...] = ()


def join_panel(
    outcomes: Any,
    adoption: Any,
    *,
    metrics: Sequence[Metric],
    time: str,
    unit: str = "unit",
    period: PeriodKind = "week",
    rows: Grain | None = None,
    window: tuple[date, date] | None = None,
    lives: Any = None,
    definition_changes: Sequence[tuple[Any, Any, str]] = (),
    unknown: Unknown = "drop",
) -> AnalysisPanel:
    """Return the panel of outcomes and adoption.

    Parameters
    ----------
    outcomes: frame [unit, time, values, ...] of items, days, weeks or months. time: column of days, of names of
        periods, or of microseconds since 1970 where its name ends in ``_us``. rows: what one row stands for; None: as
        the times show (names of periods, first days of months, one weekday throughout; else days).
    adoption: what ``adoption_dates`` returned; or a frame [unit, adopted_date], where a missing date means never.
    window: first and last day that the outcomes cover; None: from the first to the last row (caveat).
    lives: [unit, first, last] days in which units exist; missing bounds are open.
    definition_changes: (day, unit or None for all, what) where a workflow, a state or a metric changed its meaning.
    unknown: leave out units whose adoption is unknown, or read them as never.

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_no_rows``, ``impact_unit_missing``, ``impact_not_numbers``,
        ``impact_infinite_values``, ``impact_time_missing``, ``impact_time_unreadable``, ``impact_mixed_granularity``,
        ``impact_average_of_averages``, ``impact_no_whole_period``, ``impact_unit_twice``, ``impact_adoption_unknown``.
        UserError: ``impact_unknown_choice``.
    """
    if period not in get_args(PeriodKind):
        raise UserError("impact_unknown_choice", name="period", value=period)
    if unknown not in get_args(Unknown):
        raise UserError("impact_unknown_choice", name="unknown", value=unknown)
    names = [metric.name for metric in metrics]
    if not names or len(set(names)) < len(names):
        raise UserError("impact_metric_name", name=", ".join(names))
    wanted = [unit, time, *(name for metric in metrics for name in (metric.column, metric.per) if name is not None)]
    frame = frame_of(outcomes, wanted)
    if not len(frame):
        raise InputError("impact_no_rows")
    caveats: list[Caveat] = []
    labels = units_in(frame, unit, {})
    placed, grain = place_rows(frame[time].to_list(), time, rows, period)
    adopted = _adopted(adoption)
    last_known = adoption.as_of.toordinal() if isinstance(adoption, Adoption) else None
    whole = _whole_periods(placed, window, last_known, caveats)
    data = pd.DataFrame({"unit": pd.Series(labels, dtype=object), "time": placed.index})
    for metric in metrics:
        for name in (metric.column, metric.per):
            if name is not None:
                data[f"value {name}"] = numbers_of(frame[name], name)
    units = _known_units(labels, adopted, unknown, caveats)
    inside = data[data["time"].isin(np.array(whole)) & data["unit"].isin(units)]
    grid = pd.MultiIndex.from_product([units, list(whole)], names=["unit", "time"])
    alive, partial = _alive(inside, units, whole, placed, lives)
    caveats += _cut(data, whole, placed, partial)
    panel = pd.DataFrame(index=grid)
    for metric in metrics:
        values, behind = measured(metric, inside, grain, caveats)
        panel[metric.name] = values.reindex(grid)
        panel[f"n_{metric.name}"] = behind.reindex(grid).fillna(0.0)
        if metric.zero_is_data:
            silent = ~grid.isin(inside.set_index(["unit", "time"]).index)
            panel.loc[silent & alive, metric.name] = 0.0
        panel.loc[partial, [metric.name, f"n_{metric.name}"]] = [np.nan, 0.0]
    if lives is None and any(metric.zero_is_data for metric in metrics):
        caveats.append(Caveat("zeros_between_rows_only"))
    return _finished(panel, placed, adopted, adoption, definition_changes, caveats)


def _adopted(adoption: Any) -> dict[Any, tuple[int | None, str | None]]:
    """Return day number of adoption, or None with a reason, by unit."""
    table = frame_of(adoption.units if isinstance(adoption, Adoption) else adoption, ("unit", "adopted_date"))
    units = units_in(table, "unit", {})
    if len(set(units)) < len(units):
        twice = sorted({str(one) for one in units if units.count(one) > 1})
        raise InputError("impact_unit_twice", units=twice[:5])
    days = day_numbers(table["adopted_date"].to_list()).tolist()
    reasons = table["reason"].to_list() if "reason" in table.columns else ["never"] * len(units)
    return {
        one: (None if day == NO_DAY else day, None if day != NO_DAY else reason if isinstance(reason, str) else "never")
        for one, day, reason in zip(units, days, reasons, strict=True)
    }


def _known_units(
    labels: list[Any], adopted: dict[Any, tuple[int | None, str | None]], unknown: Unknown, caveats: list[Caveat]
) -> list[Any]:
    """Return the units of the panel, and say which are left out because their adoption is unknown."""
    present = set(labels)
    lost = {
        one: adopted.get(one, (None, "no_data"))[1]
        for one in present
        if one not in adopted or (adopted[one][0] is None and adopted[one][1] != "never")
    }
    if lost and unknown == "drop":
        names = sorted(lost, key=str)
        caveats.append(
            Caveat(
                "adoption_unknown",
                {"n": len(lost), "units": names, "reasons": sorted({str(one) for one in lost.values()})},
            )
        )
        present -= set(lost)
    silent = sorted(set(adopted) - set(labels), key=str)
    if silent:
        caveats.append(Caveat("units_without_rows", {"n": len(silent), "units": silent}))
    if not present:
        raise InputError("impact_adoption_unknown", n=len(lost))
    return sorted(present, key=str)


def _whole_periods(
    placed: Period, window: tuple[date, date] | None, last_known: int | None, caveats: list[Caveat]
) -> range:
    """Return the periods that lie wholly in the window and before the end of what is known of adoption."""
    if window is None:
        first, last = placed.first_day, placed.last_day
        if placed.grain == "day":
            caveats.append(Caveat("window_from_data"))
    else:
        bounds = [day_number(one) for one in window]
        if bounds[0] is None or bounds[1] is None:
            raise InputError("impact_time_missing", n=sum(one is None for one in bounds))
        first, last = bounds[0], bounds[1]
    if last_known is not None and last > last_known:
        caveats.append(Caveat("outcomes_after_as_of", {"days": last - last_known}))
        last = last_known
    whole = placed.whole(first, last) if first <= last else range(0)
    if not len(whole):
        raise InputError("impact_no_whole_period", period=placed.kind)
    return whole


def _alive(
    inside: pd.DataFrame, units: list[Any], whole: range, placed: Period, lives: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each unit and period whether the unit exists throughout, and whether it does so in part only."""
    alive = np.zeros((len(units), len(whole)), dtype=bool)
    partial = np.zeros_like(alive)
    known: dict[Any, tuple[int, int]] = {}
    if lives is not None:
        table = frame_of(lives, ("unit", "first", "last"))
        begins, ends = (day_numbers(table[name].to_list()).tolist() for name in ("first", "last"))
        known = dict(zip(units_in(table, "unit", {}), zip(begins, ends, strict=True), strict=True))
    starts = np.array([placed.begin(index) for index in whole])
    stops = np.array([placed.begin(index + 1) - 1 for index in whole])
    spans = inside.groupby("unit")["time"].agg(["min", "max"]).to_dict("index")
    for row, one in enumerate(units):
        if one in known:
            begin, end = known[one]
            end = end if end != NO_DAY else int(stops[-1])
            alive[row] = (starts >= begin) & (stops <= end)
            partial[row] = ~alive[row] & (stops >= begin) & (starts <= end)
        elif one in spans:
            alive[row] = (np.array(whole) >= spans[one]["min"]) & (np.array(whole) <= spans[one]["max"])
    return alive.ravel(), partial.ravel()


def _cut(data: pd.DataFrame, whole: range, placed: Period, partial: np.ndarray) -> list[Caveat]:
    """Report periods with rows that are no part of the panel, and parts of periods at the ends of units' lives."""
    outside = sorted(set(data["time"].tolist()) - set(whole))
    caveats = []
    if outside:
        near = [placed.label(index) for index in outside if index in (whole.start - 1, whole.stop)]
        caveats.append(Caveat("periods_cut", {"n": len(outside), "partial": near}))
    if partial.any():
        caveats.append(Caveat("partial_lives_cut", {"n": int(partial.sum())}))
    return caveats


def _finished(
    panel: pd.DataFrame,
    placed: Period,
    adopted: dict[Any, tuple[int | None, str | None]],
    adoption: Any,
    definition_changes: Sequence[tuple[Any, Any, str]],
    caveats: list[Caveat],
) -> AnalysisPanel:
    """Name the periods, add cohorts, dose and changed definitions."""
    frame = panel.reset_index()
    periods = frame["time"].to_numpy()
    known = ((one, adopted.get(one, (None, None))[0]) for one in frame["unit"].unique())
    days = {one: day for one, day in known if day is not None}
    cohorts = {one: placed.first_from(day) for one, day in days.items()}
    window = (placed.begin(int(periods.min())), placed.begin(int(periods.max()) + 1) - 1)
    within = [one for one, day in days.items() if window[0] <= day <= window[1]]
    inside = [one for one in within if placed.begin(cohorts[one]) != days[one]]
    if inside:
        caveats.append(Caveat("adopted_within_period", {"n": len(inside), "units": inside}))
    if isinstance(adoption, Adoption) and len(adoption.dose):
        frame["dose"] = placed.dose(frame[["unit", "time"]], adoption.dose)
    frame["time"] = [placed.label(int(index)) for index in periods]
    labels = {one: placed.label(index) for one, index in cohorts.items()}
    dates = {one: date.fromordinal(day) for one, day in days.items()}
    frame["cohort"] = pd.Series([labels.get(one) for one in frame["unit"]], dtype=object)
    frame["adopted_date"] = pd.Series([dates.get(one) for one in frame["unit"]], dtype=object)
    changes = _changes(definition_changes, placed, window, set(frame["unit"]), cohorts, caveats)
    return AnalysisPanel(
        frame=frame,
        period=placed.kind,
        window=(date.fromordinal(window[0]), date.fromordinal(window[1])),
        changes=changes,
        caveats=tuple(caveats),
    )


def _changes(
    definition_changes: Sequence[tuple[Any, Any, str]],
    placed: Period,
    window: tuple[int, int],
    units: set[Any],
    cohorts: dict[Any, int],
    caveats: list[Caveat],
) -> pd.DataFrame:
    """Return the changes inside the window; one on its first day changes nothing within it."""
    rows = []
    at_adoption = 0
    for moment, unit, what in definition_changes:
        number = day_number(moment)
        if number is None:
            raise InputError("impact_time_missing", n=1)
        if not window[0] < number <= window[1] or (unit is not None and unit not in units):
            continue
        index = placed.of_day(number)
        rows.append((date.fromordinal(number), unit, what, placed.label(index)))
        at_adoption += unit in cohorts and abs(index - cohorts[unit]) <= 1
    if rows:
        changed = sorted({row[2] for row in rows})
        caveats.append(Caveat("definition_changed", {"n": len(rows), "what": changed, "at_adoption": at_adoption}))
    rows.sort(key=lambda row: (row[0], str(row[1]), row[2]))
    return pd.DataFrame(rows, columns=["date", "unit", "what", "time"], dtype=object)
