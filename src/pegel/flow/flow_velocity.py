"""Flow velocity: how much work gets finished?

Definition
    Number of items whose clock stopped as *done* within the period, per week, by kind of work.
Unit
    Items (per week).
Clock
    An item counts in the week of its stop, once; a reopened item counts at its last completion. Cancelled and deleted
    items do not count unless the policy says so. Items that were finished without ever being started count.
Source
    Kersten, *Project to Product* (2018), ch. 3; Kanban Guide (2020): throughput.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import WEEK_US
from pegel.flow.answer import Answer, Status
from pegel.flow.item_windows import Ending
from pegel.flow.periods import week_of, week_start_us

DEFINITION: Final = "flow_velocity/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVelocity(Answer):
    """Finished items: ``finished`` in all, ``per_week`` as the mean over the period's length, ``by_kind``.

    ``by_week``: [week_us, finished], one row per calendar week that the period touches, weeks without any included.
    """

    unit: str = "items"
    finished: int | None = None
    per_week: float | None = None
    by_kind: dict[str, int]
    by_week: pl.DataFrame


def flow_velocity(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return [stream, type, kind, week_us, finished] of attributed item windows.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Done"),
    ...                    ("B", "2026-01-06", "Doing"), ("B", "2026-01-08", "Done")], workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> items = attribute(log, policy, item_windows(log, policy))
    >>> log.engine.collect(flow_velocity(items, from_us=0, until_us=2**60))["finished"].to_list()
    [2]
    """
    return (
        finished_in(items, from_us=from_us, until_us=until_us)
        .with_columns(week_us=week_of(nw.col("end_us")))
        .group_by("stream", "type", "kind", "week_us")
        .agg(finished=nw.len())
    )


def finished_in(items: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return the items that were finished in [from, until)."""
    end = nw.col("end_us")
    return items.filter((nw.col("ending") == int(Ending.DONE)) & (end >= from_us) & (end < until_us))


def summarise_flow_velocity(table: pl.DataFrame, *, from_us: int, until_us: int) -> FlowVelocity:
    """Summarise a collected ``flow_velocity`` table over its period."""
    first, last = week_start_us(from_us), week_start_us(max(from_us, until_us - 1))
    weeks = pl.int_range(first, last + 1, WEEK_US, eager=True).alias("week_us").to_frame()
    by_week = weeks.join(
        table.group_by("week_us").agg(pl.col("finished").sum().cast(pl.Int64)), on="week_us", how="left"
    ).with_columns(pl.col("finished").fill_null(0))
    finished = int(table["finished"].sum())
    kinds = table.group_by("kind").agg(pl.col("finished").sum()).sort("kind", nulls_last=True)
    if until_us <= from_us:
        return FlowVelocity(
            definition=DEFINITION, status=Status.NO_DATA, reason="empty_period", by_kind={}, by_week=by_week.clear()
        )
    return FlowVelocity(
        definition=DEFINITION,
        status=Status.VALUE,
        finished=finished,
        per_week=finished * WEEK_US / (until_us - from_us),
        by_kind={row[0] or "unmapped": int(row[1]) for row in kinds.iter_rows()},
        by_week=by_week,
    )
