"""Cumulative flow: how many items are in each state at the end of each day?

Definition
    Items in a state at the end of a day = stays entered − stays left up to then. Stacked from the last state to the
    first this is the cumulative flow diagram: vertical distance is load, horizontal distance is approximate time.
Unit
    Items.
Clock
    None: states as recorded, whatever the policy. Done states grow for ever; deleted items leave the diagram.
Source
    Reinertsen, *The Principles of Product Development Flow* (2009), ch. 3; Vacanti (2015), ch. 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import DAY_US, OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.flow.periods import day_of

DEFINITION: Final = "cumulative_flow/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeFlow(Answer):
    """``by_state``: [day_us, state, category, items]; ``by_category``: [day_us, category, items]; one row per day."""

    unit: str = "items"
    by_state: pl.DataFrame
    by_category: pl.DataFrame


def cumulative_flow(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [place, day_us, change]: items that entered minus items that left a place on a day.

    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Done")], workflow)
    >>> sorted(log.engine.collect(cumulative_flow(log)).select("place", "change").rows())
    [(0, -1), (0, 1), (1, 1)]
    """
    rows = log.rows().select("place", "entered_us", "left_us")
    one = nw.lit(1, dtype=nw.Int64())
    entered = rows.select("place", day_us=day_of(nw.col("entered_us")), change=one)
    left = rows.filter(nw.col("left_us") < OPEN_US).select("place", day_us=day_of(nw.col("left_us")), change=one * -1)
    return nw.concat([entered, left], how="vertical").group_by("place", "day_us").agg(nw.col("change").sum())


def summarise_cumulative_flow(log: FlowLog, table: pl.DataFrame, *, from_us: int, until_us: int) -> CumulativeFlow:
    """Summarise a collected ``cumulative_flow`` table over the days of [from, until)."""
    places = log.engine.collect(log.place_table()).select("place", "stream", "state", "category")
    if log.streams is not None:
        places = places.filter(pl.col("stream").is_in(sorted(log.streams)))
    named = table.join(places, on="place", how="inner").filter(pl.col("category") != StateCategory.DELETED.value)
    first, last = from_us // DAY_US * DAY_US, max(from_us, until_us - 1) // DAY_US * DAY_US
    days = pl.int_range(first, last + 1, DAY_US, eager=True).alias("day_us").to_frame()

    def level(*by: str) -> pl.DataFrame:
        names = named.select(*by).unique()
        daily = named.group_by(*by, "day_us").agg(pl.col("change").sum())
        before = daily.filter(pl.col("day_us") < first).group_by(*by).agg(start=pl.col("change").sum())
        return (
            days.join(names, how="cross")
            .join(daily, on=[*by, "day_us"], how="left")
            .join(before, on=[*by], how="left")
            .sort(*by, "day_us")
            .select(
                "day_us",
                *by,
                items=pl.col("start").fill_null(0)
                + pl.col("change").fill_null(0).cum_sum().over(*by, order_by="day_us"),
            )
        )

    return CumulativeFlow(
        definition=DEFINITION,
        status=Status.VALUE if named.height else Status.NO_DATA,
        reason=None if named.height else "nothing_started",
        by_state=level("state", "category"),
        by_category=level("category"),
    )
