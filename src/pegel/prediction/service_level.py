"""Service level: is the promise kept that so much of the work is done within so many days?

Definition
    Share of the items finished in the period whose flow time is at most the target's days, against the share that is
    meant. Open items that are already older than that can no longer keep it; they are counted beside.
Unit
    Share of finished items, 0 to 1; days as the log's (elapsed, or working days of its calendar).
Clock
    That of the policy; items without a flow time are left out.
How sure
    Wilson's 95% interval of the share. ``kept``: all of it lies at or above the share that is meant; ``missed``: all of
    it lies below; ``unclear``: it holds the share.
Source
    Kanban Guide (2020): service level expectation. Wilson, *Journal of the American Statistical Association* 22 (1927)
    209–212.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw

from pegel.flow.answer import Answer, Status
from pegel.flow.flow_velocity import finished_in
from pegel.flow.log import FlowLog
from pegel.flow.work_item_age import open_items
from pegel.prediction.backtest import wilson

DEFINITION: Final = "service_level/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel(Answer):
    """``within`` of ``n`` finished items took at most ``target_days`` (in ``unit``); ``low``, ``high``: the interval.

    ``finding``: kept | missed | unclear; None: nothing to judge. ``open_beyond``: open items that are older than that.
    """

    target_days: float
    target_share: float
    unit: str
    n: int = 0
    within: int = 0
    share: float | None = None
    low: float | None = None
    high: float | None = None
    finding: str | None = None
    open_beyond: int = 0


def service_level(
    log: FlowLog,
    windows: nw.LazyFrame[Any],
    *,
    target_days: float,
    target_share: float,
    from_us: int,
    until_us: int,
) -> ServiceLevel:
    """Judge a promise by the items finished in [from, until).

    ``windows``: attributed item windows of the log's streams. What is open is seen from the log's moment.

    >>> from pegel.eventlog.policy import BUILT_IN
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> rows = [("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Done"),  # two days
    ...         ("B", "2026-01-05", "Doing"), ("B", "2026-01-15", "Done")]  # ten days
    >>> log = log_of_rows(rows, load_workflow("states: {Doing: active, Done: done}"))
    >>> policy = BUILT_IN["first_active_to_last_done"]
    >>> windows = attribute(log, policy, item_windows(log, policy))
    >>> found = service_level(log, windows, target_days=5, target_share=0.85, from_us=0, until_us=2**61)
    >>> found.within, found.n, found.share, found.finding
    (1, 2, 0.5, 'unclear')
    """
    timed = finished_in(windows, from_us=from_us, until_us=until_us).filter(~nw.col("flow_us").is_null())
    # A day is a whole number of microseconds, so that exactly ten days are within ten days.
    most_us = round(target_days * log.day_us)
    within = (nw.col("flow_us") <= most_us).cast(nw.Int64).sum().alias("within")
    older = open_items(log, windows).filter(nw.col("age_us") > most_us)
    n, held = log.engine.collect(timed.select(nw.len().alias("n"), within)).row(0)
    known: dict[str, Any] = {
        "definition": DEFINITION,
        "target_days": target_days,
        "target_share": target_share,
        "unit": log.unit,
        "open_beyond": int(log.engine.collect(older.select(nw.len())).item()),
    }
    if not n:
        return ServiceLevel(status=Status.NO_DATA, reason="nothing_finished", **known)
    low, high = wilson(held, n)
    finding = "kept" if low >= target_share else "missed" if high < target_share else "unclear"
    return ServiceLevel(
        status=Status.VALUE, n=n, within=held, share=held / n, low=low, high=high, finding=finding, **known
    )
