"""Reads the times of a log and notices those without a zone."""

from __future__ import annotations

import re
from typing import Final

from pegel.eventlog.schema import DAY_US
from pegel.sources.formats import ReadOptions
from pegel.sources.moment_patterns import LONGEST_MOMENT
from pegel.sources.xes.times import moment_reader

_OFFSET: Final = re.compile(r"(?i)(?:z|utc|gmt|[+-]\d\d(?::?\d\d)?)\s*\Z")
#: Values that an object has from the beginning are dated 1970-01-01, in whatever zone, or 0.
_SINCE_EVER_US: Final = 2 * DAY_US


class Times:
    """Reads times into microseconds since 1970.

    ``local``: times of day without offset occurred, which the given zone was assumed for.

    >>> times = Times(ReadOptions(zone="Europe/Berlin"))
    >>> times.read("1970-01-01T00:00:01Z"), times.local, times.read("1970-01-01 01:00:01"), times.local
    (1000000, False, 1000000, True)

    Raises
    ------
    InputError: ``unknown_zone``.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._read = moment_reader(options)
        self.local = False

    def read(self, text: str) -> int | None:
        """Microseconds since 1970 of one time, or None if it cannot be read."""
        if len(text) > LONGEST_MOMENT:
            return None
        moment_us = self._read(text)
        if not self.local and moment_us is not None and ":" in text and not _OFFSET.search(text, 10):
            self.local = True
        return moment_us

    def is_since_ever(self, text: str | None) -> bool:
        """Tell whether a value with this time is one that the object has from the beginning."""
        if text is None or text.strip() in ("", "0"):
            return True
        moment_us = self._read(text) if len(text) <= LONGEST_MOMENT else None
        return moment_us is not None and abs(moment_us) < _SINCE_EVER_US
