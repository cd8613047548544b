"""When digests are due: in the morning of working days, or of Mondays, by the clock of the installation."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Rhythm = Literal["none", "daily", "weekly"]

#: Days of the week on which a digest is due, Monday is 0.
DAYS: Final[dict[str, frozenset[int]]] = {"daily": frozenset(range(5)), "weekly": frozenset({0})}


def next_due(rhythm: str, after: datetime, *, zone: ZoneInfo, hour: int) -> datetime:
    """Return the first moment after another at which a digest is due (UTC).

    >>> friday = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
    >>> [str(next_due(one, friday, zone=ZoneInfo("Europe/Berlin"), hour=7)) for one in ("daily", "weekly")]
    ['2026-03-09 06:00:00+00:00', '2026-03-09 06:00:00+00:00']
    """
    day = after.astimezone(zone).date()
    while True:
        found = _at(day, zone, hour)
        if found > after and day.weekday() in DAYS[rhythm]:
            return found
        day += timedelta(days=1)


def day_due(rhythm: str, at: datetime, *, zone: ZoneInfo, hour: int) -> date:
    """Return the day of the last digest that was due at a moment, the moment included."""
    day = at.astimezone(zone).date()
    while _at(day, zone, hour) > at or day.weekday() not in DAYS[rhythm]:
        day -= timedelta(days=1)
    return day


def _at(day: date, zone: ZoneInfo, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
