"""The periods that are computed: whole weeks, counted back from the last event of a stream, and all time."""

from __future__ import annotations

from typing import Final

from pegel.eventlog.schema import WEEK_US
from pegel.flow.log import FlowLog

#: Codes in addresses, with their length in weeks; None: all time.
PERIODS: Final[dict[str, int | None]] = {"13w": 13, "26w": 26, "52w": 52, "all": None}
DEFAULT: Final = "13w"


def bounds_us(log: FlowLog, code: str) -> tuple[int | None, int | None]:
    """Return [from, until) of a period in microseconds; (None, None): all time.

    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> log = log_of_rows([("A", "1970-04-02", "Doing")], load_workflow("states: {Doing: active}"))  # day 91 = 13 weeks
    >>> bounds_us(log, "13w")[0], bounds_us(log, "all")
    (1, (None, None))
    """
    weeks = PERIODS[code]
    if weeks is None:
        return None, None
    until = log.as_of_us + 1
    return until - weeks * WEEK_US, until


def before_us(log: FlowLog, code: str) -> tuple[int, int] | None:
    """Return the period of equal length before; None: there is none before all time."""
    weeks = PERIODS[code]
    if weeks is None:
        return None
    from_us = log.as_of_us + 1 - weeks * WEEK_US
    return from_us - weeks * WEEK_US, from_us
