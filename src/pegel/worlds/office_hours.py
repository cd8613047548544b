"""When the invented company works and when work arrives: Monday to Friday, 8 to 17 in Berlin, closed over Christmas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from functools import cache
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from pegel.eventlog.schema import DAY_US, HOUR_US, from_us, to_us
from pegel.worlds.chance import Dice

ZONE: Final = ZoneInfo("Europe/Berlin")
_OPENS_US: Final = 8 * HOUR_US
_CLOSES_US: Final = 17 * HOUR_US
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
#: Arrivals by weekday, Monday first.
_WEEKDAY: Final = (1.25, 1.1, 1.0, 1.0, 0.9, 0.15, 0.1)
_CLOSED_ARRIVALS: Final = 0.2


def after_work_us(at_us: int, working_us: int) -> int:
    """Time at which ``working_us`` of working time have passed since ``at_us`` (both µs).

    Friday 2026-01-09 15:00 UTC is 16:00 in Berlin: one of two hours is left for Monday, 8:00 to 9:00.

    >>> from datetime import UTC, datetime
    >>> from_us(after_work_us(to_us(datetime(2026, 1, 9, 15, tzinfo=UTC)), 2 * HOUR_US)).isoformat()
    '2026-01-12T08:00:00+00:00'
    """
    local_us = local_us_of(at_us)
    while True:
        day, time_us = divmod(local_us, DAY_US)
        time_us = max(time_us, _OPENS_US)
        if time_us < _CLOSES_US and open_on(day):
            left_us = _CLOSES_US - time_us
            if working_us < left_us:
                return utc_us_of(day * DAY_US + time_us + working_us)
            working_us -= left_us
        local_us = (day + 1) * DAY_US


def arrival_times_us(count: int, *, season: Sequence[float], until_us: int, days: int, dice: Dice) -> list[int]:
    """Arrival times of ``count`` items on the ``days`` days before the day of ``until_us``, ascending, in µs."""
    last = local_us_of(until_us) // DAY_US
    chosen = range(last - days, last)
    weights = list(accumulate(_arrival_weight(day, season) for day in chosen))
    arrivals = []
    for _ in range(count):
        day = chosen[dice.pick_cumulative(weights)]
        from_us_of_day, until_us_of_day = (0, DAY_US) if dice.chance(0.15) else (_OPENS_US - HOUR_US, _CLOSES_US)
        time_us = from_us_of_day + dice.below(until_us_of_day - from_us_of_day)
        arrivals.append(utc_us_of(day * DAY_US + time_us))
    return sorted(arrivals)


@cache
def open_on(day: int) -> bool:
    """Whether the company works on a local day (days since 1970-01-01)."""
    here = date.fromordinal(_EPOCH_DAY + day)
    closed = (here.month == 12 and here.day >= 24) or (here.month == 1 and here.day == 1)
    return here.weekday() < 5 and not closed


def local_us_of(at_us: int) -> int:
    """Clock reading in Berlin at a time, as µs since 1970-01-01 00:00 of that clock."""
    return to_us(from_us(at_us).astimezone(ZONE).replace(tzinfo=UTC))


def utc_us_of(local_us: int) -> int:
    """Time at which the clock in Berlin reads ``local_us`` (the first one where it does so twice)."""
    return to_us(from_us(local_us).replace(tzinfo=ZONE).astimezone(UTC))


def _arrival_weight(day: int, season: Sequence[float]) -> float:
    here = date.fromordinal(_EPOCH_DAY + day)
    weight = _WEEKDAY[here.weekday()] * season[here.month - 1]
    return weight if open_on(day) or here.weekday() >= 5 else weight * _CLOSED_ARRIVALS
