"""Rows of outcomes on the weeks or months of a panel, by true calendar arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.adoption.days_and_weeks import (
    NO_DAY,
    day_numbers,
    first_of_month,
    full_months,
    full_weeks,
    month_label,
    month_of_day,
    week_label,
    week_of_day,
)

PeriodKind = Literal["week", "month"]
#: What one row of outcomes stands for: a day (or an item of that day), a week, a month.
Grain = Literal["day", "week", "month"]
_WEEK: Final = re.compile(r"(\d{4})-?W(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_DAY_US: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
#: Days of one weekday show weeks only where there are at least so many different ones.
_FEW_DAYS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """Where rows lie on the periods: ``index`` (n,), the number of each row's week or month.

    ``first_day`` and ``last_day``: what the rows cover, as day numbers.
    """

    kind: PeriodKind
    grain: Grain
    index: np.ndarray
    first_day: int
    last_day: int

    def begin(self, index: int) -> int:
        """Return the number of the first day of a period."""
        return index * 7 + 1 if self.kind == "week" else first_of_month(index).toordinal()

    def label(self, index: int) -> str:
        """Return the name of a period."""
        return week_label(index) if self.kind == "week" else month_label(index)

    def of_day(self, day: int) -> int:
        """Return the period of a day."""
        return int(week_of_day(day)) if self.kind == "week" else month_of_day(day)

    def first_from(self, day: int) -> int:
        """Return the first period that begins on a day or later."""
        index = self.of_day(day)
        return index if self.begin(index) == day else index + 1

    def whole(self, first: int, last: int) -> range:
        """Return the periods that lie wholly between two days, both included."""
        return full_weeks(first, last) if self.kind == "week" else full_months(first, last)

    def dose(self, rows: pd.DataFrame, dose: pd.DataFrame) -> list[float]:
        """Return the dose of rows [unit, time]; of a month, the mean of the weeks whose Thursday is in it."""
        weeks = _labels(dose["week"].to_list(), _WEEK, "week")
        index = weeks if self.kind == "week" else [month_of_day(week * 7 + 4) for week in weeks]
        by = pd.Series(dose["share"].to_numpy(), index=pd.MultiIndex.from_arrays([dose["unit"], index]))
        means = by.groupby(level=[0, 1]).mean().to_dict()
        return [means.get((unit, time), np.nan) for unit, time in zip(rows["unit"], rows["time"], strict=True)]


def place_rows(values: list[Any], name: str, grain: Grain | None, kind: PeriodKind) -> tuple[Period, Grain]:
    """Return the periods of rows by their times, and what a row stands for.

    Raises
    ------
    InputError: ``impact_time_missing``, ``impact_time_unreadable``, ``impact_mixed_granularity``. UserError:
        ``impact_unknown_choice``.
    """
    if grain not in (None, "day", "week", "month"):
        raise UserError("impact_unknown_choice", name="rows", value=grain)
    missing = int(pd.isna(pd.Series(values, dtype=object)).sum())
    if missing:
        raise InputError("impact_time_missing", n=missing)
    told, days = _days(values, name)
    seen = told or _grain_of(days)
    if told is not None and grain not in (None, told):
        raise InputError("impact_mixed_granularity", kinds=sorted({told, str(grain)}))
    found: Grain = grain or seen
    # Rows that are said to be weeks or months must lie on one day of them; else they are several kinds of rows.
    if found == "week" and len(np.unique(week_of_day(days) * 7 - days)) > 1:
        raise InputError("impact_mixed_granularity", kinds=["day", "week"])
    if found == "month" and any(date.fromordinal(int(one)).day != 1 for one in np.unique(days)):
        raise InputError("impact_mixed_granularity", kinds=["day", "month"])
    if found not in ("day", kind):
        raise InputError("impact_mixed_granularity", kinds=sorted([found, kind]))
    if found == "day":
        first, last = int(days.min()), int(days.max())
    elif found == "week":
        first, last = int(week_of_day(days.min())) * 7 + 1, int(week_of_day(days.max())) * 7 + 7
    else:
        first = int(days.min())
        last = first_of_month(month_of_day(int(days.max())) + 1).toordinal() - 1
    distinct, place = np.unique(days, return_inverse=True)
    index = week_of_day(distinct) if kind == "week" else np.array([month_of_day(int(one)) for one in distinct])
    return Period(kind, found, index[place], first, last), found


def _days(values: list[Any], name: str) -> tuple[Grain | None, np.ndarray]:
    """Return the day numbers of times, and what a row stands for where the times are names of periods."""
    if name.endswith("_us"):
        if not all(isinstance(one, int | np.integer) and not isinstance(one, bool) for one in values):
            raise InputError("impact_time_unreadable", value=str(next(iter(values)))[:40])
        return None, np.array([_EPOCH + int(one) // _DAY_US for one in values], dtype=np.int64)
    texts = {one.strip() if isinstance(one, str) else _period_name(one) for one in set(values)}
    weeks = {text for text in texts if text is not None and _WEEK.fullmatch(text)}
    months = {text for text in texts if text is not None and _MONTH.fullmatch(text)}
    kinds: list[str] = [kind for kind, found in (("week", weeks), ("month", months)) if found]
    if len(weeks) + len(months) < len(texts):
        kinds.append("day")
    if len(kinds) > 1:
        raise InputError("impact_mixed_granularity", kinds=sorted(kinds))
    if kinds == ["day"]:
        days = day_numbers(values)
        if (days == NO_DAY).any():
            raise InputError("impact_time_missing", n=int((days == NO_DAY).sum()))
        return None, days
    names = [one.strip() if isinstance(one, str) else str(_period_name(one)) for one in values]
    if weeks:
        return "week", np.array(_labels(names, _WEEK, "week"), dtype=np.int64) * 7 + 1
    firsts = {index: first_of_month(index).toordinal() for index in set(_labels(names, _MONTH, "month"))}
    return "month", np.array([firsts[index] for index in _labels(names, _MONTH, "month")], dtype=np.int64)


def _period_name(value: Any) -> str | None:
    """Return the name of a pandas period of a week or month; None for everything else."""
    if not isinstance(value, pd.Period):
        return None
    start = value.start_time.date()
    if value.freqstr.startswith("W"):
        return week_label(int(week_of_day(start.toordinal())))
    return month_label(month_of_day(start.toordinal())) if value.freqstr.startswith("M") else None


def _labels(names: list[str], pattern: re.Pattern[str], kind: Grain) -> list[int]:
    """Return the numbers of weeks or months by their names."""
    known: dict[str, int] = {}
    for name in set(names):
        found = pattern.fullmatch(name)
        try:
            if found is None:
                raise ValueError(name)
            year, part = int(found[1]), int(found[2])
            first = date.fromisocalendar(year, part, 1) if kind == "week" else date(year, part, 1)
        except ValueError:
            raise InputError("impact_time_unreadable", value=name[:40]) from None
        known[name] = int(week_of_day(first.toordinal())) if kind == "week" else month_of_day(first.toordinal())
    return [known[name] for name in names]


def _grain_of(days: np.ndarray) -> Grain:
    """Return what rows stand for, as their days show: first days of months, one weekday throughout, or else days."""
    distinct = np.unique(days)
    if len(distinct) < _FEW_DAYS:
        return "day"
    if all(date.fromordinal(int(one)).day == 1 for one in distinct):
        return "month"
    return "week" if len(np.unique(distinct % 7)) == 1 else "day"
