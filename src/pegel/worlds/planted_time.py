"""When the planted company is open, told day by day from the calendar's hours.

The working clock that figures are measured with (``pegel.eventlog.calendar_time``) is not used: it is under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from pegel.eventlog.calendar import MINUTES_A_DAY, Calendar, built_in_calendar
from pegel.eventlog.schema import DAY_US, SECOND_US
from pegel.worlds.office_hours import local_us_of, utc_us_of

#: Name of the calendar whose off-hours are planted.
CALENDAR_NAME: Final = "de"
MINUTE_US: Final = 60 * SECOND_US
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def calendar() -> Calendar:
    """Return the planted company's calendar: Monday to Friday 9 to 17 in Berlin, without nationwide holidays."""
    found = built_in_calendar(CALENDAR_NAME)
    if found is None:
        raise ValueError(CALENDAR_NAME)
    return found


_CALENDAR: Final = calendar()


class Diary:
    """The working days from a date on: day 0 is the first of them.

    >>> diary = Diary(date(2026, 1, 1))  # New Year is a holiday, Friday the 2nd is worked
    >>> [diary.day(number).isoformat() for number in (0, 1)]
    ['2026-01-02', '2026-01-05']
    """

    def __init__(self, first: date) -> None:
        self._next = first
        self._days: list[date] = []

    def day(self, number: int) -> date:
        """Return the date of a working day."""
        while len(self._days) <= number:
            if _CALENDAR.hours_on(self._next):
                self._days.append(self._next)
            self._next += timedelta(days=1)
        return self._days[number]

    def at(self, number: int, hour: int, minute: int = 0) -> int:
        """Return the moment (µs) at which the clock on the wall shows a time on a working day."""
        return _on(self.day(number), hour * 60 + minute)


def open_hours(from_us: int, until_us: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches within [from_us, until_us) in which the company is open, in order.

    From Friday 16:00 to Monday 10:00 in Berlin, one hour is worked on either side:

    >>> friday, monday = _on(date(2026, 1, 9), 16 * 60), _on(date(2026, 1, 12), 10 * 60)
    >>> [(end - begin) // MINUTE_US for begin, end in open_hours(friday, monday)]
    [60, 60]
    """
    first, last = (local_us_of(moment) // DAY_US for moment in (from_us, until_us))
    for number in range(first, last + 1):
        day = date.fromordinal(_EPOCH_DAY + number)
        for opens, closes in _CALENDAR.hours_on(day):
            begin, end = max(_on(day, opens), from_us), min(_on(day, closes), until_us)
            if begin < end:
                yield begin, end


def _on(day: date, minute: int) -> int:
    days, rest = divmod(minute, MINUTES_A_DAY)
    return utc_us_of((day.toordinal() - _EPOCH_DAY + days) * DAY_US + rest * MINUTE_US)
