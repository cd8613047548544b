"""Periods as consecutive numbers, by true calendar arithmetic.

Times may be dates, datetimes (read as UTC dates), pandas periods, texts (``2026-03``, ``2026-W05``, ``2026-Q1``,
``2026-03-02``) or plain integers that count (years, sprints). Integers that spell a calendar (202612, 202701) are
refused: their difference is not a number of months.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from pegel.errors import InputError

Kind = Literal["count", "day", "week", "month", "quarter", "year"]
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})$")
_WEEK: Final = re.compile(r"(\d{4})-?W(\d{2})$")
_QUARTER: Final = re.compile(r"(\d{4})-?Q([1-4])$")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].+)?$")
#: Larger numbers are not whole any more once they were floats.
_LARGEST_COUNT: Final = 2**53
#: More periods than days in half a century are a wrong year, or numbers that are no periods.
_LONGEST: Final = 20_000
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The periods of a panel: ``first`` is the number of period 0, ``step`` how many numbers one period spans.

    ``kind`` says what is counted: days since 1970, weeks since the Monday 1969-12-29, months since year 0, plain
    numbers. A half-yearly panel of dates has kind ``month`` and step 6. ``weekday``: on which weeks begin (Monday 0).
    """

    kind: Kind
    first: int
    step: int
    length: int
    weekday: int = 0

    def label(self, index: int) -> str:
        """Return the name of a period, such as ``2026-W05``, ``2026-03`` or ``2007``."""
        number = self.first + index * self.step
        if self.kind == "count":
            return str(number)
        if self.kind == "day":
            return date.fromordinal(_EPOCH + number).isoformat()
        if self.kind == "week":
            year, week, _ = date.fromordinal(_MONDAY + 7 * number).isocalendar()
            return f"{year}-W{week:02d}"
        year, month = divmod(number, 12)
        if self.step % 12 == 0 and not month:
            return str(year)
        return f"{year}-Q{month // 3 + 1}" if self.step == 3 and not month % 3 else f"{year}-{month + 1:02d}"

    @property
    def unit(self) -> str:
        """Return what a period is called: ``day``, ``week``, ``month``, ``quarter``, ``year`` or ``period``."""
        if self.kind == "month":
            return {1: "month", 3: "quarter", 12: "year"}.get(self.step, "period")
        return (
            {"count": "period", "day": "day", "week": "week"}.get(self.kind, "period") if self.step == 1 else "period"
        )


_EPOCH: Final = date(1970, 1, 1).toordinal()
_MONDAY: Final = date(1969, 12, 29).toordinal()


def axis_of(values: Sequence[Any]) -> tuple[TimeAxis, np.ndarray]:
    """Return the axis that times lie on and each time's index on it.

    Raises
    ------
    InputError: ``impact_no_rows``, ``impact_time_unreadable``, ``impact_time_missing``, ``impact_integer_calendar``
        (202612), ``impact_mixed_granularity`` (months among weeks), ``impact_too_many_periods``.

    >>> axis, index = axis_of(["2025-12", "2026-01", "2026-03"])
    >>> index.tolist(), axis.label(2), axis.unit
    ([0, 1, 3], '2026-02', 'month')
    """
    if not len(values):
        raise InputError("impact_no_rows")
    kind, numbers, weekday = _numbers(values)
    first = int(numbers.min())
    step = int(np.gcd.reduce(numbers - first)) or 1
    length = (int(numbers.max()) - first) // step + 1
    if length > _LONGEST:
        raise InputError("impact_too_many_periods", n=length, most=_LONGEST)
    return TimeAxis(kind, first, step, length, weekday), (numbers - first) // step


def place_on(axis: TimeAxis, values: Sequence[Any]) -> np.ndarray:
    """Return the index of the first period that begins at or after each time; infinite for missing ones (never).

    Periods outside the axis get indices below 0 or beyond its length. A date inside a period counts from the next
    period on, unless it is the period's first day: a period that is treated in part is not treated.

    Raises
    ------
    InputError: ``impact_cohort_unreadable`` when adoption and times are not of the same kind.
    """
    placed = np.full(len(values), np.inf)
    known = [i for i, value in enumerate(values) if not _never(value)]
    if not known:
        return placed
    chosen = [values[i] for i in known]
    numbers = _cohort_numbers(axis, chosen)
    placed[known] = np.ceil((numbers - axis.first) / axis.step)
    return placed


def is_missing(value: Any) -> bool:
    """Tell whether a cell says nothing: None, NaN, NaT, NA, an empty text."""
    if isinstance(value, str):
        return not value.strip()
    return pd.isna(value) is True


def _never(value: Any) -> bool:
    """Tell whether an adoption date means never: missing, or infinite."""
    return is_missing(value) or (isinstance(value, int | float | np.number) and math.isinf(float(value)))


def _numbers(values: Sequence[Any]) -> tuple[Kind, np.ndarray, int]:
    """Return what times count, their numbers, and the weekday on which weeks begin."""
    distinct = list(dict.fromkeys(values))
    if any(is_missing(value) for value in distinct):
        raise InputError("impact_time_missing", n=sum(is_missing(value) for value in values))
    if all(_is_integer(value) for value in distinct):
        if large := [value for value in distinct if abs(value) >= _LARGEST_COUNT]:
            raise InputError("impact_time_unreadable", value=str(large[0]))
        plain = np.asarray(values, dtype=np.int64)
        if _spells_a_calendar(plain):
            raise InputError("impact_integer_calendar", value=int(plain.min()))
        return "count", plain, 0
    read = {value: _read(value) for value in distinct}
    kinds = {kind for kind, _ in read.values()}
    weekday = 0
    if kinds == {"day"}:
        kind, coded = _coarsest({value: number for value, (_, number) in read.items()})
        if kind == "week":
            weekday = date.fromordinal(_EPOCH + next(iter(read.values()))[1]).weekday()
    elif len(kinds) == 1:
        kind, coded = next(iter(kinds)), {value: number for value, (_, number) in read.items()}
    else:
        raise InputError("impact_mixed_granularity", kinds=sorted(kinds))
    return kind, np.array([coded[value] for value in values], dtype=np.int64), weekday


def _is_integer(value: Any) -> bool:
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, int | np.integer):
        return True
    return isinstance(value, float | np.floating) and float(value).is_integer()


def _spells_a_calendar(numbers: np.ndarray) -> bool:
    """Tell whether integers read as year and month or week (202612), or as year, month and day (20261201)."""
    years, rest = np.divmod(numbers, 100)
    if ((years >= _FIRST_YEAR) & (years <= _LAST_YEAR) & (rest >= 1) & (rest <= 53)).all():
        return True
    years, rest = np.divmod(numbers, 10_000)
    months, days = np.divmod(rest, 100)
    fits = (years >= _FIRST_YEAR) & (years <= _LAST_YEAR) & (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    return bool(fits.all())


def _read(value: Any) -> tuple[Kind, int]:
    """Return what one time counts and its number."""
    frequency = getattr(value, "freqstr", None)
    if frequency is not None and hasattr(value, "start_time"):  # a pandas period
        start = value.start_time.date()
        if frequency[0] in "MQYA":
            return "month", start.year * 12 + start.month - 1
        return "day", start.toordinal() - _EPOCH
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, datetime):
        value = (value.astimezone(UTC) if value.tzinfo else value).date()
    if isinstance(value, date):
        return "day", value.toordinal() - _EPOCH
    text = str(value).strip()
    try:
        if found := _MONTH.match(text):
            return "month", date(int(found[1]), int(found[2]), 1).year * 12 + int(found[2]) - 1
        if found := _QUARTER.match(text):
            return "month", int(found[1]) * 12 + 3 * int(found[2]) - 3
        if found := _WEEK.match(text):
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return "week", (monday.toordinal() - _MONDAY) // 7
        if _DAY.match(text):
            return _read(datetime.fromisoformat(text))
    except ValueError:
        pass
    raise InputError("impact_time_unreadable", value=text)


def _coarsest(days: dict[Any, int]) -> tuple[Kind, dict[Any, int]]:
    """Return dates as months when all are first days, as weeks when all fall on one weekday, else as days."""
    dates = {value: date.fromordinal(_EPOCH + number) for value, number in days.items()}
    if len(days) > 1 and all(day.day == 1 for day in dates.values()):
        return "month", {value: day.year * 12 + day.month - 1 for value, day in dates.items()}
    if all(day.weekday() == next(iter(dates.values())).weekday() for day in dates.values()):
        return "week", {value: (day.toordinal() - _MONDAY) // 7 for value, day in dates.items()}
    steps = np.diff(np.sort(np.fromiter(set(days.values()), dtype=np.int64)))
    # Daily panels have mostly neighbouring days (weekends may lack); months among weeks do not.
    if np.median(steps) > 1:
        raise InputError("impact_mixed_granularity", kinds=["month", "week"])
    return "day", days


def _cohort_numbers(axis: TimeAxis, values: Sequence[Any]) -> np.ndarray:
    if axis.kind == "count":
        if not all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in values):
            raise InputError("impact_cohort_unreadable", value=str(values[0]), expected="count")
        return np.array([float(value) for value in values])
    numbers = []
    for value in values:
        if isinstance(value, int | float | np.number):
            raise InputError("impact_cohort_unreadable", value=str(value), expected=axis.kind)
        kind, number = _read(value)
        numbers.append(_converted(kind, number, axis))
    return np.array(numbers)


def _converted(kind: Kind, number: int, axis: TimeAxis) -> float:
    """Return a time in the numbers of an axis; parts of a period are fractions, so that they round up."""
    if kind == axis.kind:
        return float(number)
    if kind == "week":
        day = _MONDAY + 7 * number
    elif kind == "month":
        day = date(number // 12, number % 12 + 1, 1).toordinal()
    else:
        day = _EPOCH + number
    if axis.kind == "day":
        return float(day - _EPOCH)
    if axis.kind == "week":
        return (day - _MONDAY - axis.weekday) / 7
    then = date.fromordinal(day)
    return then.year * 12 + then.month - 1 + (then.day - 1) / 31
