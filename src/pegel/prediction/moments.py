"""From a duration in the log's time back to a moment: when will so much (working) time have passed?"""

from __future__ import annotations

from typing import Final

from pegel.eventlog.schema import DAY_US, LATEST_US
from pegel.flow.log import FlowLog

#: Nothing is said about moments further ahead than this.
FURTHEST_US: Final = 20 * 366 * DAY_US


def moment_after(log: FlowLog, duration_us: int) -> int | None:
    """Return the first moment at which so much of the log's time has passed since its moment; None: too far ahead.

    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> from pegel.eventlog.schema import from_us
    >>> log = log_of_rows([("A", "2026-01-05", "Doing")], load_workflow("states: {Doing: active}"))
    >>> from_us(moment_after(log, 36 * 3_600_000_000)).isoformat()
    '2026-01-06T12:00:00+00:00'
    """
    furthest = min(log.as_of_us + FURTHEST_US, LATEST_US)
    if duration_us > furthest - log.as_of_us:
        return None
    if log.working is None:
        return log.as_of_us + duration_us
    step = max(duration_us, DAY_US)
    while log.working.between(log.as_of_us, log.as_of_us + step) < duration_us:
        if log.as_of_us + step >= furthest:
            return None
        step = min(2 * step, furthest - log.as_of_us)
    low, high = log.as_of_us - 1, log.as_of_us + step
    while high - low > 1:
        middle = (low + high) // 2
        if log.working.between(log.as_of_us, max(middle, log.as_of_us)) >= duration_us:
            high = middle
        else:
            low = middle
    return max(high, log.as_of_us)
