"""Changed work: what somebody changed while it was already in progress.

Definition
    Items whose type, priority (or rank), estimate, sprint or scope (title, description, acceptance criteria) changed
    within the quarter, between their start and their end. Filling in a field for the first time is no change; neither
    is a new state, another person or another team. *Share*: of all items in progress at some moment of the quarter.
Unit
    Items; days already spent on them (from the start to the end of the item or of the quarter).
Clock
    That of the policy. Changes at the very moment of the start belong to the start.
Source
    Jones, *Applied Software Measurement* (1991): requirements creep; PMI, *Practice Standard for Work Breakdown
    Structures* (2006), scope change; measured here by the field changes that tools record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.quarters.quarter import Quarter
from pegel.quarters.work import QuarterList, listed, without

DEFINITION: Final = "changed_work/1"
#: What a recorded field is about; worded under ``changed.CODE``.
ABOUT: Final[Mapping[str, str]] = {
    "type": "type",
    "priority": "priority",
    "rank": "priority",
    "impact": "priority",
    "urgency": "priority",
    "severity": "priority",
    "estimate": "estimate",
    "story_points": "estimate",
    "effort": "estimate",
    "sprint": "sprint",
    "iteration": "sprint",
    "milestone": "sprint",
    "title": "scope",
    "summary": "scope",
    "description": "scope",
    "acceptance_criteria": "scope",
    "scope": "scope",
}


def changes_of(log: FlowLog) -> pl.DataFrame:
    """Return [item, at_us, about] of every change of one value to another that the definition is about."""
    changes = log.engine.collect(log.changes_of(*ABOUT))
    before = pl.coalesce("from_value", pl.col("to_value").shift(1).over("item", "field"))
    return (
        changes.sort("item", "field", "at_us", "sequence")
        .with_columns(before=before, about=pl.col("field").replace_strict(dict(ABOUT), return_dtype=pl.String))
        .select("item", "at_us", "about", "before", after="to_value")
    )


def changed_work(log: FlowLog, items: pl.DataFrame, changes: pl.DataFrame, quarter: Quarter) -> QuarterList:
    """Return the changed items; ``items``: see ``windows_of``; ``changes``: what ``changes_of`` returns.

    ``not_configured``: the log holds no change of any of these fields, so its source does not record them.
    """
    if not changes.height:
        return without(DEFINITION, log, Status.NOT_CONFIGURED, reason="no_field_changes")
    if quarter.until_us <= (items["first_us"].min() or 0) or quarter.from_us > log.as_of_us:  # type: ignore[operator]  # a column of integers
        return without(DEFINITION, log, Status.NO_DATA, reason="quarter_outside")
    at = pl.col("at_us")
    real = pl.col("before").is_not_null() & pl.col("before").ne_missing(pl.col("after"))
    mine = (
        changes.filter(real & (at >= quarter.from_us) & (at < quarter.until_us))
        .join(items, on="item", how="inner")
        .filter((at > pl.col("start_us")) & (pl.col("end_us").is_null() | (at < pl.col("end_us"))))
        .group_by("item")
        .agg(at_us=at.max(), what=pl.col("about").unique().sort().str.join(","))
    )
    return listed(log, DEFINITION, quarter, items, items.join(mine, on="item", how="inner"))
