"""Patterns of the notations of dates and times, read alike by Python's and by polars' regular expressions.

Named groups: y year, m month, d day (a and b: two numbers whose order is not known yet; n: a month's name), H hour,
M minute, S second, f fraction of a second, p the a or p of AM and PM, z offset or zone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

#: A time is never longer (characters); longer cells are not searched at all.
LONGEST_MOMENT: Final = 64

#: White space in both engines alike; Excel and newer English locales put U+00A0 and U+202F into times.
_BLANK: Final = "[ \t\r\n\u00a0\u202f]"


def _pattern(text: str) -> str:
    return f"^_*{text}_*$".replace("_", _BLANK)


_TIME: Final = (
    r"(?:(?:T|,?_+)(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,12}))?)?"
    r"(?:_*(?P<p>[AaPp])\.?[Mm]\.?)?(?:_+Uhr)?_*(?P<z>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_WEEKDAY: Final = r"(?:[A-Za-z]{2,10}\.?,?_+)?"
_NAME: Final = r"(?P<n>[A-Za-zÄÖÜäöü]{3,9})\.?"
_YEAR: Final = r"(?P<y>[0-9]{4}|[0-9]{2})"

YEAR_FIRST: Final = _pattern(r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})" + _TIME)
COMPACT: Final = _pattern(
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?:T?(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2})?"
    r"(?:\.(?P<f>[0-9]{1,12}))?(?P<p>[AaPp])?(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
DOTTED: Final = _pattern(_WEEKDAY + r"(?P<d>[0-9]{1,2})\._?(?P<m>[0-9]{1,2})\._?" + _YEAR + _TIME)
NUMERIC: Final = _pattern(r"(?P<a>[0-9]{1,2})[/-](?P<b>[0-9]{1,2})[/-]" + _YEAR + _TIME)
DAY_NAME: Final = _pattern(_WEEKDAY + r"(?P<d>[0-9]{1,2})(?:[/.-]|\.?_+)" + _NAME + r"(?:[/-]|,?_+)" + _YEAR + _TIME)
NAME_DAY: Final = _pattern(_WEEKDAY + _NAME + r"(?:_+|[/-])(?P<d>[0-9]{1,2})(?:,?_+|[/-])" + _YEAR + _TIME)
NUMBER: Final = _pattern(r"(?P<i>[0-9]{1,17})(?:[.,](?P<f>[0-9]{1,12}))?")
#: Dates that say nothing by themselves about the order of day and month.
UNORDERED: Final = _pattern(r"[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]").removesuffix(_BLANK + "*$")

MONTHS: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jän jänner",
            "feb february februar",
            "mar march mrz mär märz maerz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}


def with_order(order: Literal["dmy", "mdy"]) -> str:
    """Return the pattern of dates with slashes or hyphens for one order of day and month."""
    first, second = ("d", "m") if order == "dmy" else ("m", "d")
    return NUMERIC.replace("?P<a>", f"?P<{first}>").replace("?P<b>", f"?P<{second}>")


@lru_cache(maxsize=32)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern for Python's engine, whose ``$`` alone would allow a further line end."""
    return re.compile(pattern.removesuffix("$") + r"\Z")


class Layout(NamedTuple):
    """A fixed notation: the exact shape of its values, how strptime reads them, and whether they carry an offset."""

    shape: str
    notation: str
    has_offset: bool
    has_time: bool


_DATES: Final = (
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
    (r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", "%d.%m.%Y"),
    (r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", None),
)
_CLOCK: Final = re.compile(r"(T| )[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.(?:[0-9]{3}|[0-9]{6}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?\Z")


def layout_of(example: str, order: Literal["dmy", "mdy"] | None) -> Layout | None:
    """Return the fixed notation of a value, or None where it has none that strptime can be trusted with.

    >>> layout_of("2026-01-31 10:00", None).notation, layout_of("31/1/2026", "dmy").notation
    ('%Y-%m-%d %H:%M', '%d/%m/%Y')
    >>> layout_of("31/1/2026", None) is None
    True
    """
    for shape, notation in _DATES:
        date = re.match(shape, example)
        if date is None:
            continue
        if notation is None:
            if order is None:
                return None
            notation = "%d/%m/%Y" if order == "dmy" else "%m/%d/%Y"  # noqa: PLW2901  the order is known only now
        if date.end() == len(example):
            return Layout(f"^{shape}$", notation, has_offset=False, has_time=False)
        clock = _CLOCK.match(example, date.end())
        return None if clock is None else _with_clock(shape, notation, clock)
    return None


def _with_clock(shape: str, notation: str, clock: re.Match[str]) -> Layout:
    joint, seconds, fraction, offset = clock.groups()
    # 24:00, and an offset beyond a day, are left to the slower patterns.
    shapes = [shape, joint, "(?:[01][0-9]|2[0-3]):[0-5][0-9]"]
    notations = [notation, joint, "%H:%M"]
    if seconds:
        shapes.append(":[0-5][0-9]")
        notations.append(":%S")
    if fraction:
        shapes.append(rf"\.[0-9]{{{len(fraction) - 1}}}")
        notations.append("%.f")
    if offset == "Z":
        shapes.append("Z")
        notations.append("Z")
    elif offset:
        colon = ":" if ":" in offset else ""
        shapes.append(rf"[+-](?:[01][0-9]|2[0-3]){colon}[0-5][0-9]")
        notations.append("%z")
    return Layout(f"^{''.join(shapes)}$", "".join(notations), has_offset=offset is not None, has_time=True)
