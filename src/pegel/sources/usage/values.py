"""Reads single figures of telemetry: days, counts, amounts of money. Never raises; None means missing or unusable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from pegel.eventlog.schema import DAY_US, EARLIEST_US, LATEST_US, SECOND_US
from pegel.sources.json_values import moment_us

#: No count of a day is larger; what is, is a placeholder or an overflow.
MOST_COUNTED: Final = 10**15
#: APIs that tell money in the lowest unit of the currency mean cents: they bill in dollars.
CENTS: Final = 100
_MOST_PAID: Final = Decimal(10) ** 12
_LONGEST: Final = 40
#: From here on an epoch counts milliseconds: 10^11 seconds are in the year 5138.
_MILLISECONDS_FROM: Final = 10**11
_HARMLESS: Final = re.compile(r"[\d.,:/+\-TZ ]{1,40}")
_EPOCH: Final = date(1970, 1, 1)
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_SIGNS: Final = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "fr.": "CHF"}


class Figures:
    """Reads the figures of one row and counts those that are there but cannot be used (``unusable``)."""

    def __init__(self) -> None:
        self.unusable = 0

    def count(self, value: object) -> int | None:
        """Return a whole number from 0.

        >>> figures = Figures()
        >>> [figures.count(value) for value in (3, 3.0, "3", None, -1, float("nan"), True, 10**40)], figures.unusable
        ([3, 3, 3, None, None, None, None, None], 4)
        """
        if value is None or value == "":
            return None
        number: int | None = None
        if isinstance(value, str):
            text = value.strip()
            number = int(text) if len(text) <= _LONGEST and text.isascii() and text.isdigit() else None
        elif isinstance(value, int) and not isinstance(value, bool):
            number = value
        elif isinstance(value, float) and value.is_integer():
            number = int(value)
        if number is None or not 0 <= number <= MOST_COUNTED:
            self.unusable += 1
            return None
        return number

    def amount(self, value: object) -> Decimal | None:
        """Return an amount as a program writes it (decimal point).

        >>> figures = Figures()
        >>> [str(figures.amount(value)) for value in ("123.45", 0.1, 7)], figures.amount("1,5"), figures.unusable
        (['123.45', '0.1', '7'], None, 1)
        """
        if value is None or value == "":
            return None
        number: Decimal | None = None
        if isinstance(value, int | float | str) and not isinstance(value, bool) and len(text := str(value)) <= _LONGEST:
            try:
                number = Decimal(text.strip())
            except InvalidOperation:
                number = None
        if number is None or not number.is_finite() or abs(number) > _MOST_PAID:
            self.unusable += 1
            return None
        return number

    def written_amount(self, value: str) -> Decimal | None:
        """Return an amount as a person writes it, with comma or point; unusable where it could mean two things.

        >>> figures = Figures()
        >>> [str(figures.written_amount(text)) for text in ("19,90", "1.234,50", "0.125", "19 €", "1,234.5")]
        ['19.90', '1234.50', '0.125', '19', '1234.5']
        >>> figures.written_amount("1.234"), figures.unusable
        (None, 1)
        """
        text = re.sub(r"(?<=[0-9])[A-Za-z]{3}$", "", re.sub(r"[€$£'’\s]", "", value))
        if not text:
            return None
        marks = re.findall(r"[.,]", text)
        whole, decimals, groups = text, "", [text]
        if marks and marks.count(marks[-1]) > 1:
            groups = text.split(marks[-1])  # 1.234.567
        elif marks:
            whole, decimals = text.rsplit(marks[-1], 1)
            groups = re.split(r"[.,]", whole)
        doubtful = len(marks) == 1 and len(decimals) == 3 and whole.strip("+-0") != ""  # 1.234: a thousand, or one
        if doubtful or any(len(group) != 3 for group in groups[1:]) or not re.fullmatch(r"[+-]?[0-9.,]*", text):
            self.unusable += 1
            return None
        return self.amount("".join(groups) + (f".{decimals}" if decimals else ""))


def day_of(value: object) -> date | None:
    """Return the UTC day of an ISO date or time, or of seconds or milliseconds since 1970.

    >>> day_of("2026-03-02"), day_of("2026-03-02T23:30:00-05:00"), day_of("soon"), day_of(float("nan"))
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 3), None, None)
    >>> day_of(1772409600), day_of(1772409600000)
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 2))
    """
    at_us = _moment_us(value)
    return None if at_us is None else _EPOCH + timedelta(days=at_us // DAY_US)


def _moment_us(value: object) -> int | None:
    if isinstance(value, str):
        return moment_us(value.strip()) if len(value) <= _LONGEST else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < LATEST_US:
        return None
    at_us = int(value) * (1_000 if value >= _MILLISECONDS_FROM else SECOND_US)
    return at_us if EARLIEST_US <= at_us < LATEST_US else None


def span_days(start: object, end: object) -> float | None:
    """Return how many days lie between two times; None where one of them cannot be read."""
    begin, until = _moment_us(start), _moment_us(end)
    return None if begin is None or until is None else (until - begin) / DAY_US


def currency_of(value: object) -> str | None:
    """Return the ISO 4217 code of a currency.

    >>> currency_of("usd"), currency_of(" € "), currency_of("credits"), currency_of(None)
    ('USD', 'EUR', None, None)
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.casefold() in _SIGNS:
        return _SIGNS[text.casefold()]
    return text.upper() if _CURRENCY.fullmatch(text) else None


def id_of(value: object) -> str | None:
    """Return an id, which may be a number or a text.

    >>> id_of(12), id_of(" a "), id_of(""), id_of(True)
    ('12', 'a', None, None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) <= MOST_COUNTED else None
    return value.strip() or None if isinstance(value, str) else None


def folded(name: str | None) -> str | None:
    """Return a name without what makes no difference between people: case and blanks around it."""
    return None if name is None else name.strip().casefold() or None


def total(counts: Sequence[int | None]) -> int | None:
    """Return the sum of what is known; None where nothing is.

    >>> total([1, None, 2]), total([None])
    (3, None)
    """
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def harmless(value: object) -> str:
    """Return the text of a value where it can only be a date or a number, else nothing: it could name a person.

    >>> harmless("2026-02-30"), harmless("anna@example.org"), harmless(12)
    ('2026-02-30', '', '12')
    """
    text = str(value).strip() if isinstance(value, str | int | float | date) else ""
    return text if _HARMLESS.fullmatch(text) else ""
