"""Cancelled work: what was given up or deleted in the quarter.

Definition
    Items that ended in the quarter as cancelled or deleted. Those that had been started count, with the days that had
    already been spent on them; those that nobody had started are told apart. *Share*: of all items in progress at some
    moment of the quarter.
Unit
    Items; days spent from the start until they were cancelled.
Clock
    That of the policy; an item that was cancelled and taken up again is not cancelled.
Source
    Reinertsen, *The Principles of Product Development Flow* (2009), ch. 2: sunk cost; Deloitte, jira-agile-metrics
    (2016): withdrawn items by stage.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Status
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.quarters.quarter import Quarter
from pegel.quarters.work import QuarterList, listed, without

DEFINITION: Final = "cancelled_work/1"


def cancelled_work(log: FlowLog, items: pl.DataFrame, quarter: Quarter) -> QuarterList:
    """Return the cancelled and deleted items; ``items``: see ``windows_of``.

    ``not_configured``: no state means cancelled and nothing was ever deleted, so the log could not show it.
    """
    if log.in_category(StateCategory.CANCELLED, StateCategory.DELETED) is None:
        return without(DEFINITION, log, Status.NOT_CONFIGURED, reason="no_cancelled_states")
    if quarter.until_us <= (items["first_us"].min() or 0) or quarter.from_us > log.as_of_us:  # type: ignore[operator]  # a column of integers
        return without(DEFINITION, log, Status.NO_DATA, reason="quarter_outside")
    gone = pl.col("ending").is_in([int(Ending.CANCELLED), int(Ending.DELETED)])
    inside = (pl.col("end_us") >= quarter.from_us) & (pl.col("end_us") < quarter.until_us)
    how = pl.when(pl.col("ending") == int(Ending.DELETED)).then(pl.lit("deleted")).otherwise(pl.lit("cancelled"))
    found = items.filter(gone & inside).with_columns(at_us=pl.col("end_us"), what=how)
    return listed(log, DEFINITION, quarter, items, found)
