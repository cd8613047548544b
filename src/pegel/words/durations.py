"""Durations as people say them: days with one decimal, hours below a day, minutes below an hour."""

from __future__ import annotations

from typing import Final

from pegel.words.catalogue import Language, forms_of, say
from pegel.words.numbers import number, short_number

_HOURS: Final = 24
_MINUTES: Final = 60


def duration(days: float, language: Language, *, unit: str = "days") -> str:
    """Return a duration given in days (of 24 hours, or working days: ``unit`` "working_days", never split into hours).

    >>> duration(12.44, "en"), duration(1, "de"), duration(0.5, "en"), duration(0.9999, "en"), duration(0.0001, "de")
    ('12.4 days', '1 Tag', '12 hours', '1 day', '< 1 Minute')
    """
    if unit != "days":
        return _with_unit(days, unit, language)
    hours = round(days * _HOURS, 1)
    if hours >= _HOURS:
        return _with_unit(days, "days", language)
    minutes = round(days * _HOURS * _MINUTES)
    if minutes >= _MINUTES:
        return _with_unit(days * _HOURS, "hours", language)
    if days > 0 and minutes < 1:
        return say("duration.below_a_minute", language)
    return _with_unit(minutes, "minutes", language)


def in_days(days: float, language: Language) -> str:
    """Return days with one decimal for a table column, hundredths below a tenth of a day; the head says the unit.

    >>> in_days(3, "en"), in_days(1234.56, "de"), in_days(0.034, "en"), in_days(0.001, "en")
    ('3.0', '1.234,6', '0.03', '< 0.01')
    """
    if 0 < days < 0.005:
        return "< " + number(0.01, language, decimals=2)
    return number(days, language, decimals=1 if days == 0 or days >= 0.095 else 2)


def _with_unit(value: float, unit: str, language: Language) -> str:
    text = short_number(value, language)
    forms = forms_of(f"duration.{unit}", language)
    return forms["one" if text == "1" else "other"].format(value=text)
