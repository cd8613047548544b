"""Days as numbers and weeks of the true calendar, for tables that come with dates of any kind.

A day is its proleptic Gregorian ordinal (day 1 is Monday, 0001-01-01), a week the number of whole weeks since then: so
years of 53 weeks need no care. A month is 12 × year + month − 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from pegel.errors import InputError

#: Stands for a missing day in arrays of day numbers.
NO_DAY: Final = -1


def day_number(value: Any) -> int | None:
    """Return the number of a day given as date, datetime (UTC), ISO text, or the types of numpy and pandas.

    Raises
    ------
    InputError: ``impact_time_unreadable``; plain integers are refused, since they may mean anything.

    >>> day_number("2026-01-05"), day_number(date(2026, 1, 5)), day_number(None), day_number(" ")
    (739621, 739621, None, None)
    """
    if value is None or (np.ndim(value) == 0 and pd.isna(value)) or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, np.datetime64):
        return day_number(value.astype("datetime64[us]").item())
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).date().toordinal()
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, str):
        try:
            return day_number(datetime.fromisoformat(value.strip()))
        except ValueError:
            pass
    raise InputError("impact_time_unreadable", value=str(value)[:40])


def day_numbers(values: Sequence[Any]) -> np.ndarray:
    """Return day numbers (n,), :data:`NO_DAY` where a day is missing."""
    known: dict[Any, int] = {}
    numbers = np.empty(len(values), dtype=np.int64)
    for place, value in enumerate(values):
        try:
            number = known.get(value)
        except TypeError:  # a list or another thing that is no day
            raise InputError("impact_time_unreadable", value=type(value).__name__) from None
        if number is None:
            read = day_number(value)
            number = known[value] = NO_DAY if read is None else read
        numbers[place] = number
    return numbers


def week_of_day(day: Any) -> Any:
    """Return the number of the ISO week of a day number (or of an array of them)."""
    return (day - 1) // 7


def monday(week: int) -> date:
    """Return the first day of a week.

    >>> monday(week_of_day(day_number("2026-01-01"))).isoformat()
    '2025-12-29'
    """
    return date.fromordinal(week * 7 + 1)


def week_label(week: int) -> str:
    """Return the ISO name of a week.

    >>> [week_label(week_of_day(day_number(day))) for day in ("2020-12-31", "2021-01-03", "2021-01-04")]
    ['2020-W53', '2020-W53', '2021-W01']
    """
    year, number, _ = monday(week).isocalendar()
    return f"{year}-W{number:02d}"


def full_weeks(first: int, last: int) -> range:
    """Return the weeks all of whose days lie between two day numbers, both included.

    >>> list(full_weeks(day_number("2026-01-06"), day_number("2026-01-25"))) == [
    ...     week_of_day(day_number("2026-01-12")), week_of_day(day_number("2026-01-19"))]
    True
    """
    return range(-(-(first - 1) // 7), (last - 7) // 7 + 1)


def month_of_day(day: int) -> int:
    """Return the number of the month of a day number."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


def first_of_month(month: int) -> date:
    """Return the first day of a month.

    >>> first_of_month(month_of_day(day_number("2026-02-28"))).isoformat()
    '2026-02-01'
    """
    return date(month // 12, month % 12 + 1, 1)


def month_label(month: int) -> str:
    """Return the name of a month, such as ``2026-02``."""
    return f"{month // 12}-{month % 12 + 1:02d}"


def full_months(first: int, last: int) -> range:
    """Return the months all of whose days lie between two day numbers, both included."""
    begin = month_of_day(first) + (date.fromordinal(first).day > 1)
    is_whole = (date.fromordinal(last) + timedelta(days=1)).day == 1
    return range(begin, month_of_day(last) + is_whole)
