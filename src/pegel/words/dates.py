"""Dates as German and English write them. Times are UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pegel.words.catalogue import Language

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_text(day: date, language: Language) -> str:
    """Return a date; of a datetime its day.

    >>> date_text(date(2026, 12, 31), "de"), date_text(date(2026, 12, 31), "en")
    ('31.12.2026', '31 Dec 2026')
    """
    if language == "de":
        return f"{day.day:02}.{day.month:02}.{day.year:04}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year:04}"


def day_text(moment_us: int, language: Language) -> str:
    """Return the UTC date of a moment in microseconds.

    >>> day_text(0, "en")
    '1 Jan 1970'
    """
    return date_text(_at(moment_us), language)


def period_text(from_moment_us: int, until_us: int, language: Language) -> str:
    """Return a half-open period by its first and last day.

    >>> period_text(0, 86_400_000_000, "en"), period_text(0, 86_400_000_001, "de")
    ('1 Jan 1970', '01.01.1970 – 02.01.1970')
    """
    first, last = (day_text(us, language) for us in (from_moment_us, max(from_moment_us, until_us - 1)))
    return first if first == last else f"{first} – {last}"


def moment_text(moment_us: int, language: Language) -> str:
    """Return date, hour and minute (UTC).

    >>> moment_text(3_600_000_000, "en"), moment_text(3_600_000_000, "de")
    ('1 Jan 1970, 01:00 UTC', '01.01.1970, 01:00 UTC')
    """
    moment = _at(moment_us)
    return f"{date_text(moment, language)}, {moment.hour:02}:{moment.minute:02} UTC"


def _at(moment_us: int) -> datetime:
    # The tables of the log bring polars with them, which a command that only says something does not need.
    from pegel.eventlog.schema import from_us  # noqa: PLC0415

    return from_us(moment_us)
