"""Small worlds for the tests: a supply of given counts, and logs of items with planted days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.log import FlowLog
from pegel.prediction.supply import Supply

POLICY = BUILT_IN["first_active_to_last_done"]
WORKFLOW = load_workflow("states: {Open: new, Doing: active, Done: done, Dropped: cancelled}")
DAY_US = 86_400_000_000
#: 2026-01-05, a Monday, as days since 1970.
MONDAY = 20458


def supply_of(*columns: Iterable[int], calendar: Calendar | None = None) -> Supply:
    """A supply whose window ends on Monday, 5 January 2026; one column of daily counts per stream."""
    counts = np.array([list(column) for column in columns], dtype=np.int64).T
    names = (None,) if len(columns) == 1 else tuple("ABCDEFG"[: len(columns)])
    first = MONDAY - len(counts)
    return Supply(
        streams=names,
        days=np.arange(first, MONDAY),
        counts=counts,
        first_day=first,
        until_day=MONDAY,
        next_day=MONDAY,
        calendar=calendar,
    )


def moment(day: float) -> str:
    """ISO text of so many days after Monday, 5 January 2026, 00:00 UTC."""
    return (datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=day)).isoformat()


def log_of(items: dict[str, tuple[float, float | None]], *, as_of: float, **options: object) -> FlowLog:
    """A log of items (day of starting, day of finishing or None), seen as of a day."""
    rows = []
    for name, (start, end) in items.items():
        rows.append((name, moment(start), "Doing"))
        if end is not None:
            rows.append((name, moment(end), "Done"))
    return log_of_rows(rows, WORKFLOW, as_of=moment(as_of), **options)  # type: ignore[arg-type]
