"""Unplanned work: what came in after the quarter had begun, and was started in it all the same.

Definition
    Items that the log knows only since the quarter began, and whose clock started in the same quarter: they were not
    in the backlog when it began. *Share*: of all items that were in progress at some moment of the quarter.
Unit
    Items; days already spent on them (from the start to the end of the item or of the quarter).
Clock
    That of the policy; an item is known from its first moment in the log, in whatever stream.
Source
    SAFe, Iteration and PI predictability (planned and unplanned objectives); DORA, *State of DevOps* (2019): unplanned
    work and rework; Kim et al., *The DevOps Handbook* (2016), ch. 1.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.quarters.quarter import Quarter
from pegel.quarters.work import QuarterList, listed, without

DEFINITION: Final = "unplanned_work/1"


def unplanned_work(log: FlowLog, items: pl.DataFrame, quarter: Quarter) -> QuarterList:
    """Return the unplanned items; ``items``: [item, first_us, start_us, end_us, ending], see ``windows_of``.

    ``not_configured``: the log shows no item before its start (there is no backlog in it), so nothing could be told to
    be planned. ``no_data``: the log begins after the quarter did.
    """
    waits = items.filter(pl.col("first_us") < pl.col("start_us"))
    if items.height and not waits.height and items["start_us"].is_not_null().any():
        return without(DEFINITION, log, Status.NOT_CONFIGURED, reason="no_backlog")
    began = items["first_us"].min()
    if began is None or int(began) > quarter.from_us or quarter.from_us > log.as_of_us:  # type: ignore[arg-type]  # a column of integers
        return without(DEFINITION, log, Status.NO_DATA, reason="log_begins_later")
    found = items.filter(
        (pl.col("first_us") >= quarter.from_us)
        & (pl.col("start_us") >= quarter.from_us)
        & (pl.col("start_us") < quarter.until_us)
    ).with_columns(at_us=pl.col("first_us"), what=pl.lit(None, pl.String))
    return listed(log, DEFINITION, quarter, items, found)
