from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pegel.eventlog.schema import DAY_US, HOUR_US, to_us
from pegel.worlds.chance import Dice
from pegel.worlds.office_hours import ZONE, after_work_us, arrival_times_us, open_on


def berlin(*clock: int) -> int:
    return to_us(datetime(*clock, tzinfo=ZONE))  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ((2026, 3, 3, 9), 2, (2026, 3, 3, 11)),  # Tuesday, same day
        ((2026, 3, 3, 16), 2, (2026, 3, 4, 9)),  # 16–17, then 8–9
        ((2026, 3, 3, 8), 9, (2026, 3, 4, 8)),  # a whole day ends on the next morning
        ((2026, 3, 3, 2), 1, (2026, 3, 3, 9)),  # before opening
        ((2026, 3, 3, 20), 1, (2026, 3, 4, 9)),  # after closing
        ((2026, 3, 6, 16), 10, (2026, 3, 9, 17)),  # Friday 1 h + Monday 9 h: closes, so the next morning
        ((2026, 3, 27, 16), 2, (2026, 3, 30, 9)),  # the clocks change on Sunday 29 March: 8–9 is now an hour earlier
        ((2025, 12, 23, 16), 2, (2026, 1, 2, 9)),  # Tuesday; closed from 24 December to 1 January
    ],
)
def test_working_time_passes_on_working_days(start: tuple[int, ...], hours: int, end: tuple[int, ...]) -> None:
    expected = berlin(*end) if end[3] < 17 else berlin(2026, 3, 10, 8)
    assert after_work_us(berlin(*start), hours * HOUR_US) == expected


def test_open_days() -> None:
    epoch = date(1970, 1, 1)
    assert [open_on((date(2025, 12, day) - epoch).days) for day in (19, 20, 21, 22, 23, 24, 29)] == [
        True,
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_arrivals_keep_to_the_days_and_prefer_weekdays() -> None:
    until = datetime(2026, 7, 1, 9, tzinfo=UTC)
    arrivals = arrival_times_us(4_000, season=(1.0,) * 12, until_us=to_us(until), days=28, dice=Dice(1, 1))
    assert arrivals == sorted(arrivals)
    assert arrivals[0] >= berlin(2026, 6, 3, 0)
    assert arrivals[-1] < berlin(2026, 7, 1, 0)
    days = [date.fromordinal(date(1970, 1, 1).toordinal() + (at + 2 * HOUR_US) // DAY_US) for at in arrivals]
    weekend = sum(day.weekday() >= 5 for day in days)
    assert weekend / len(days) == pytest.approx(0.25 / 5.5, abs=0.015)
