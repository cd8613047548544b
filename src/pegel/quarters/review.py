"""The between-quarter review: the three lists of one quarter, or of every quarter that a log has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw

from pegel.flow.log import FlowLog
from pegel.quarters.cancelled_work import cancelled_work
from pegel.quarters.changed_work import changed_work, changes_of
from pegel.quarters.quarter import Quarter, quarters_between
from pegel.quarters.unplanned_work import unplanned_work
from pegel.quarters.work import QuarterList, windows_of

#: In the order in which they are told.
LISTS: Final = ("unplanned_work", "changed_work", "cancelled_work")
#: Quarters that are looked back at.
MOST_QUARTERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterReview:
    """The lists by name. ``running``: the log does not reach the end of the quarter: so far."""

    quarter: Quarter
    running: bool
    lists: dict[str, QuarterList]


def quarter_review(log: FlowLog, windows: nw.LazyFrame[Any], quarter: Quarter) -> QuarterReview:
    """Return the review of one quarter; ``windows``: attributed item windows of the log's streams.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Open: new, Doing: active, Done: done, Dropped: cancelled}")
    >>> log = log_of_rows([("A", "2025-12-01", "Open"), ("A", "2026-01-02", "Doing"), ("A", "2026-01-12", "Dropped"),
    ...                    ("B", "2026-02-01", "Open"), ("B", "2026-02-02", "Doing"), ("B", "2026-02-06", "Done")],
    ...                   workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> windows = attribute(log, policy, item_windows(log, policy))
    >>> found = quarter_review(log, windows, Quarter(year=2026, number=1)).lists
    >>> [(found[name].status.value, found[name].n, found[name].of, found[name].days) for name in LISTS]
    [('value', 1, 2, 4.0), ('not_configured', 0, 0, 0.0), ('value', 1, 2, 10.0)]
    """
    return _reviews(log, windows, [quarter])[0]


def quarter_reviews(log: FlowLog, windows: nw.LazyFrame[Any], *, most: int = MOST_QUARTERS) -> list[QuarterReview]:
    """Return the reviews of the latest quarters of the log, the latest first."""
    first = log.engine.collect(windows.select(nw.col("first_us").min())).item()
    return _reviews(log, windows, [] if first is None else quarters_between(int(first), log.as_of_us, most=most))


def _reviews(log: FlowLog, windows: nw.LazyFrame[Any], quarters: list[Quarter]) -> list[QuarterReview]:
    items, changes = windows_of(log, windows), changes_of(log)
    return [
        QuarterReview(
            quarter=one,
            running=log.as_of_us < one.until_us,
            lists={
                "unplanned_work": unplanned_work(log, items, one),
                "changed_work": changed_work(log, items, changes, one),
                "cancelled_work": cancelled_work(log, items, one),
            },
        )
        for one in quarters
    ]
