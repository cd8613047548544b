"""Numbers and shares as German and English write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pegel.words.catalogue import Language

_NARROW_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
_MINUS: Final = "\N{MINUS SIGN}"


def number(value: float, language: Language, *, decimals: int = 0) -> str:
    """Return a number with the thousands and decimal signs of the language.

    >>> number(1234.5, "de", decimals=1), number(1234.5, "en", decimals=1), number(-3, "en")
    ('1.234,5', '1,234.5', '−3')
    """
    text = f"{abs(value):,.{decimals}f}"
    if language == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    return _MINUS + text if value < 0 and any(digit in text for digit in "123456789") else text


def short_number(value: float, language: Language) -> str:
    """Return a number with one decimal where it has one: 12.4, but 12 and not 12.0; from 100 on none.

    >>> short_number(12.04, "en"), short_number(12.44, "en"), short_number(123.4, "en")
    ('12', '12.4', '123')
    """
    rounded = round(value, 1)
    return number(value, language, decimals=0 if abs(rounded) >= 100 or rounded == int(rounded) else 1)


def percent(share: float, language: Language) -> str:
    """Return a share (0 to 1) in per cent without decimals; what is not 0 or all is never rounded to 0 or 100.

    >>> percent(0.384, "en"), percent(0.001, "en"), percent(0, "en"), percent(0.999, "en"), percent(1, "en")
    ('38%', '< 1%', '0%', '> 99%', '100%')
    """
    sign = "" if language == "en" else _NARROW_SPACE
    if 0 < share < 0.01:
        return f"<{_NARROW_SPACE}1{sign}%" if language == "de" else "< 1%"
    if 0.99 < share < 1:
        return f">{_NARROW_SPACE}99{sign}%" if language == "de" else "> 99%"
    return f"{number(share * 100, language)}{sign}%"


def signed(value: int, language: Language) -> str:
    """Return a whole number with its sign; zero has none.

    >>> signed(3, "en"), signed(-3, "en"), signed(0, "en")
    ('+3', '−3', '0')
    """
    return f"+{number(value, language)}" if value > 0 else number(value, language)
