"""Reads the times of a log, fast where their shape is the usual one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from pegel.eventlog.schema import DAY_US, EPOCH, SECOND_US
from pegel.sources.formats import ReadOptions
from pegel.sources.moments import MomentFormat, find_zone

#: Up to the hour; minute and second; at most milliseconds, because those are few enough to remember; the offset.
_USUAL: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2})(:[0-9]{2}:[0-9]{2})(|\.[0-9]{1,3})(Z|[+-][0-9]{2}:[0-9]{2}|)"
)
_REMEMBERED: Final = 1 << 16


def moment_reader(options: ReadOptions) -> Callable[[str], int | None]:
    """Return a function that reads a time into microseconds since 1970, or None where it cannot be read.

    The notations are those of :class:`pegel.sources.moments.MomentFormat`. A log repeats the same hours, minutes and
    fractions of a second; their lengths in microseconds are remembered and added up.

    >>> read = moment_reader(ReadOptions())
    >>> read("1970-01-01T01:00:01.500+01:00"), read("1970-01-01T01:00:02.500+01:00"), read("soon")
    (1500000, 2500000, None)

    Raises
    ------
    InputError: ``unknown_zone``.
    """
    find_zone(options.zone)
    notations = MomentFormat(order=None if options.date_order == "ymd" else options.date_order, zone=options.zone)
    hours: dict[str, int] = {}  # by the text up to the hour, and the offset
    clocks: dict[str, int] = {}  # ":MM:SS"
    fractions: dict[str, int] = {}  # ".fff"
    end = 0  # of the fraction, in the shape seen last

    def read(text: str) -> int | None:
        nonlocal end
        try:
            return hours[text[:13] + text[end:]] + clocks[text[13:19]] + fractions[text[19:end]]
        except KeyError:
            moment_us = _read(text, notations)
        usual = _USUAL.fullmatch(text)
        if usual is None or moment_us is None:
            return moment_us
        hour, clock, fraction, offset = usual.groups()
        clock_us = int(clock[1:3]) * 60 * SECOND_US + int(clock[4:6]) * SECOND_US
        fraction_us = int(fraction[1:].ljust(6, "0"))
        if len(hours) >= _REMEMBERED:
            hours.clear()
        hours[hour + offset] = moment_us - clock_us - fraction_us
        clocks[clock], fractions[fraction] = clock_us, fraction_us
        end = 19 + len(fraction)
        return moment_us

    return read


def _read(text: str, notations: MomentFormat) -> int | None:
    if text[10:11] == "T":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            if moment.tzinfo is not None:
                past = moment - EPOCH
                return past.days * DAY_US + past.seconds * SECOND_US + past.microseconds
    return notations.parse(text.strip())
