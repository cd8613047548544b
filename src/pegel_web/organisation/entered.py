"""What people type in, made fit to keep: lines, paragraphs, amounts, periods. Refuses what no record could hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from pegel.errors import InputError
from pegel_web.organisation.naming import cleaned

MOST_AMOUNT: Final = Decimal("999999999999.99")
_CENT: Final = Decimal("0.01")
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2200, 1, 1)


def line(text: str, *, field: str, most: int) -> str:
    """Return a text of one line that may be empty; otherwise as :func:`cleaned` does."""
    return cleaned(text, field=field, most=most) if text.strip() else ""


def paragraph(text: str, *, field: str, most: int, required: bool = False) -> str:
    """Return a text of several lines.

    Raises
    ------
    InputError: ``text_missing`` where it is required, ``text_too_long``, ``text_unprintable``, each with ``field``.
    """
    if not text.strip():
        if required:
            raise InputError("text_missing", field=field)
        return ""
    if len(text) > most:
        raise InputError("text_too_long", field=field, most=most)
    lines = text.strip().replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    return "\n".join(line(one, field=field, most=most) for one in lines)


def amount(value: Decimal | None) -> Decimal | None:
    """Return an amount in EUR with whole cents.

    Raises
    ------
    InputError: ``amount_invalid``: negative, not a number, fractions of a cent, or more than 999,999,999,999.99.
    """
    if value is None:
        return None
    if not value.is_finite() or not 0 <= value <= MOST_AMOUNT or value != value.quantize(_CENT):
        raise InputError("amount_invalid", most=MOST_AMOUNT)
    return value.quantize(_CENT)


def day(value: date) -> date:
    """Return a date that somebody may mean.

    Raises
    ------
    InputError: ``date_out_of_range``: typing errors such as 20206.
    """
    if not FIRST_DAY <= value <= LAST_DAY:
        raise InputError("date_out_of_range", day=value, first=FIRST_DAY, last=LAST_DAY)
    return value


def forward(valid_from: date, valid_until: date | None) -> None:
    """Refuse a period that ends before it begins.

    Raises
    ------
    InputError: ``validity_backwards``, ``date_out_of_range``.
    """
    day(valid_from)
    if valid_until is not None:
        day(valid_until)
    if valid_until is not None and valid_until <= valid_from:
        raise InputError("validity_backwards", valid_from=valid_from, valid_until=valid_until)
