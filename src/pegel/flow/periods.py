"""Days and weeks as integers, so that every engine buckets them alike.

A day is a UTC day. A week begins on Monday 00:00 UTC (ISO 8601) and is named by that moment.
"""

from __future__ import annotations

from typing import Final

import narwhals as nw

from pegel.eventlog.schema import DAY_US, WEEK_US

#: 1970-01-01 was a Thursday: the Monday before it lies three days earlier.
_MONDAY_US: Final = 3 * DAY_US


def day_of(moment: nw.Expr) -> nw.Expr:
    """Return the beginning of the day of a moment (both in microseconds)."""
    return moment // DAY_US * DAY_US


def week_of(moment: nw.Expr) -> nw.Expr:
    """Return the beginning of the week of a moment (both in microseconds)."""
    return (moment + _MONDAY_US) // WEEK_US * WEEK_US - _MONDAY_US


def week_start_us(moment_us: int) -> int:
    """Return the beginning of the week of a moment.

    >>> from pegel.eventlog.schema import from_us
    >>> from_us(week_start_us(0)).date().isoformat()
    '1969-12-29'
    """
    return (moment_us + _MONDAY_US) // WEEK_US * WEEK_US - _MONDAY_US
