"""Calendar quarters as half-open spans of UTC days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pegel.errors import InputError
from pegel.eventlog.schema import LATEST_US, from_us, to_us

_NAME: Final = re.compile(r"(\d{4})-Q([1-4])")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Quarter:
    """A quarter of a calendar year; ``number`` 1 to 4.

    >>> Quarter(year=2026, number=1).name, Quarter(year=2026, number=1).before.name
    ('2026-Q1', '2025-Q4')
    """

    year: int
    number: int

    @property
    def name(self) -> str:
        """Return it as it is written."""
        return f"{self.year:04}-Q{self.number}"

    @property
    def from_us(self) -> int:
        """Return its first moment."""
        return to_us(datetime(self.year, 3 * self.number - 2, 1, tzinfo=UTC))

    @property
    def until_us(self) -> int:
        """Return the first moment after it."""
        return self.after.from_us

    @property
    def before(self) -> Quarter:
        """Return the one before."""
        return Quarter(year=self.year - (self.number == 1), number=(self.number - 2) % 4 + 1)

    @property
    def after(self) -> Quarter:
        """Return the one after."""
        return Quarter(year=self.year + (self.number == 4), number=self.number % 4 + 1)


def quarter_of(moment_us: int) -> Quarter:
    """Return the quarter in which a moment lies.

    >>> quarter_of(0)
    Quarter(year=1970, number=1)
    """
    moment = from_us(moment_us)
    return Quarter(year=moment.year, number=(moment.month + 2) // 3)


def quarter_named(name: str) -> Quarter:
    """Return the quarter of a name such as ``2026-Q1``.

    Raises
    ------
    InputError: ``quarter_unknown``.
    """
    found = _NAME.fullmatch(name)
    if found is None or not 1971 <= int(found[1]) < from_us(LATEST_US).year:
        raise InputError("quarter_unknown", name=name[:100])
    return Quarter(year=int(found[1]), number=int(found[2]))


def quarters_between(first_us: int, last_us: int, *, most: int) -> list[Quarter]:
    """Return the quarters from one moment to another, the latest first, at most so many.

    >>> [one.name for one in quarters_between(0, 200 * 86_400_000_000, most=2)]
    ['1970-Q3', '1970-Q2']
    """
    found: list[Quarter] = []
    now = quarter_of(last_us)
    while len(found) < most and now >= quarter_of(first_us):
        found.append(now)
        now = now.before
    return found
