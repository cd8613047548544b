"""Values on a page: given raw (numbers, dates, amounts), written here in the language of the page."""

from __future__ import annotations

import enum
import math
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, get_args

from django.utils.timezone import is_aware, localtime

from pegel.words import Language, say
from pegel.words.catalogue import shown
from pegel.words.dates import date_text
from pegel.words.durations import in_days
from pegel.words.numbers import number, percent, short_number

Kind = Literal["text", "number", "days", "percent", "date", "datetime", "money", "badge"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
#: Kinds that stand at the right, digit below digit.
NUMERIC: Final[frozenset[Kind]] = frozenset({"number", "days", "percent", "money"})
#: From here on digits tell nothing any more.
_HUGE: Final = 10**15


class Missing(enum.StrEnum):
    """Why there is no value: four answers that are never the same, and none of them is zero."""

    NOT_CONFIGURED = "not_configured"
    NO_DATA = "no_data"
    UNDEFINED = "undefined"
    TOO_FEW = "too_few"


def written(value: object, kind: Kind, language: Language) -> str:
    """Return a value as a person of this language reads it; ``percent`` takes a share of 1, ``money`` is in EUR.

    >>> written(1234.5, "number", "de"), written(0.384, "percent", "en"), written(Missing.NO_DATA, "number", "en")
    ('1.234', '38%', 'no data')
    """
    if isinstance(value, Missing):
        return say(f"ui.missing.{value}", language)
    if isinstance(value, datetime):
        return date_text(_here(value), language) if kind == "date" else _moment(value, language)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number(value, kind, language)
    return shown(value, language)


def _number(value: float | Decimal, kind: Kind, language: Language) -> str:
    if not is_finite(value):
        return say(f"ui.missing.{Missing.UNDEFINED}", language)
    if not -_HUGE < value < _HUGE:
        return f"{Decimal(value):.2e}".replace(".", "," if language == "de" else ".")
    if kind == "percent":
        return percent(float(value), language)
    if kind == "days":
        return in_days(float(value), language)
    if kind == "money":
        return money(value, language)
    return number(value, language) if isinstance(value, int) else short_number(float(value), language)


def is_missing(value: object) -> bool:
    """Tell whether there is no value."""
    return value is None or isinstance(value, Missing)


def is_finite(value: object) -> bool:
    """Tell whether something is a number that can be written down; "not a number" and infinity are none."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def money(value: float | Decimal, language: Language) -> str:
    """Return an amount in EUR; cents only where there are some.

    >>> money(Decimal("1234.50"), "de"), money(1200, "en"), money(-3, "en")
    ('1.234,50\\u202f€', '€1,200', '−€3')
    """
    digits = number(abs(float(value)), language, decimals=0 if value == int(value) else 2)
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{digits}\N{NARROW NO-BREAK SPACE}€" if language == "de" else f"{sign}€{digits}"


def _moment(value: datetime, language: Language) -> str:
    here = _here(value)
    return f"{date_text(here, language)}, {here.hour:02}:{here.minute:02}"


def _here(value: datetime) -> datetime:
    """Return a moment in the time zone of the installation."""
    return localtime(value) if is_aware(value) else value


def machine(value: object) -> str:
    """Return a date or moment as machines read it, for ``<time datetime>``."""
    return (
        _here(value).isoformat()
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else ""
    )
