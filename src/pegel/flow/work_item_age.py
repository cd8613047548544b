"""Work item age: how old is the work that is not finished, and is it slower than what came before?

Definition
    Age of an open item = the log's moment − its start. Pace percentiles of a state: of the items finished in the
    reference period, how old they were when they last left that state. An open item that is older than the 85th
    percentile of its present state is late compared with the past.
Unit
    Days of 24 hours.
Clock
    That of the policy; items that have not started have no age. Paused time is not taken off the age.
Source
    Kanban Guide (2020): work item age; Vacanti, *Actionable Agile Metrics for Predictability* (2015), ch. 8 (pace
    percentiles).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import OPEN_US
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_time import PERCENTILES
from pegel.flow.item_windows import Ending, within_window
from pegel.flow.log import FlowLog

DEFINITION: Final = "work_item_age/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemAge(Answer):
    """``items``: [item, stream, type, state, category, age_days, in_state_days, pace, p50, p85], oldest first.

    ``pace``: ``within_p50`` | ``within_p85`` | ``beyond_p85`` | null (no item ever left that state). ``by_state``:
    [stream, state, category, open, p50_age, oldest, beyond_p85]. ``pace``: [stream, state, n, p50, p70, p85, p95] in
    days. ``n``: open started items.
    """

    unit: str = "days"
    n: int = 0
    p50: float | None = None
    oldest: float | None = None
    beyond_p85: int = 0
    items: pl.DataFrame
    by_state: pl.DataFrame
    pace: pl.DataFrame


def open_items(log: FlowLog, items: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, stream, type, kind, here, age_us, in_state_us] of the started, open items; ``here``: their place.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Review")], workflow, as_of="2026-01-09")
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> table = log.engine.collect(open_items(log, attribute(log, policy, item_windows(log, policy))))
    >>> table["age_us"][0] // log.day_us, table["in_state_us"][0] // log.day_us
    (4, 3)
    """
    started = items.filter((nw.col("ending") == int(Ending.OPEN)) & (~nw.col("start_us").is_null()))
    now = log.rows().filter(nw.col("left_us") == OPEN_US).select("item", "entered_us", here=nw.col("place"))
    moment = nw.lit(log.as_of_us)
    joined = (
        started.select("item", "stream", "type", "kind", "start_us")
        .join(now, on="item", how="inner")
        .with_columns(moment_us=moment)
    )
    aged = log.measure(joined, start="start_us", end="moment_us", into="age_us")
    return log.measure(aged, start="entered_us", end="moment_us", into="in_state_us").select(
        "item", "stream", "type", "kind", "here", "age_us", "in_state_us"
    )


def age_at_leaving(log: FlowLog, policy: Policy, finished: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [place, n, p50_us, p70_us, p85_us, p95_us]: age of finished items when they last left each place."""
    left = nw.col("left_us")
    bounds = finished.filter(~nw.col("start_us").is_null()).select("item", "start_us", "end_us")
    age = nw.col("age_us")
    leavings = (
        log.rows()
        .select("item", "place", "entered_us", "left_us")
        .join(bounds, on="item", how="inner")
        .filter((left <= nw.col("end_us")) & within_window(log, policy))
    )
    return (
        log.measure(leavings, start="start_us", end="left_us", into="age_us")
        .group_by("item", "place")
        .agg(age.max())
        .group_by("place")
        .agg(
            n=nw.len(),
            **{f"p{share}_us": age.quantile(share / 100, interpolation="linear") for share in PERCENTILES},
        )
    )


def summarise_work_item_age(log: FlowLog, opened: pl.DataFrame, leaving: pl.DataFrame) -> WorkItemAge:
    """Summarise collected ``open_items`` and ``age_at_leaving`` tables."""
    places = log.engine.collect(log.place_table())
    pace = (
        leaving.join(places.select("place", "stream", "type", "state"), on="place", how="left")
        .select("place", "stream", "type", "state", "n", *(pl.col(f"p{s}_us") / log.day_us for s in PERCENTILES))
        .rename({f"p{share}_us": f"p{share}" for share in PERCENTILES})
        .sort("stream", "state", "type")
    )
    age = pl.col("age_days")
    items = (
        opened.join(places.select(here="place", state="state", category="category"), on="here", how="left")
        .join(pace.select(here="place", p50="p50", p85="p85"), on="here", how="left")
        .with_columns(age_days=pl.col("age_us") / log.day_us, in_state_days=pl.col("in_state_us") / log.day_us)
        .with_columns(
            pace=pl.when(pl.col("p85").is_null())
            .then(None)
            .when(age > pl.col("p85"))
            .then(pl.lit("beyond_p85"))
            .when(age > pl.col("p50"))
            .then(pl.lit("within_p85"))
            .otherwise(pl.lit("within_p50"))
        )
        .select("item", "stream", "type", "state", "category", "age_days", "in_state_days", "pace", "p50", "p85")
        .sort("age_days", "item", descending=[True, False])
    )
    beyond = (pl.col("pace") == "beyond_p85").fill_null(value=False)
    by_state = (
        items.group_by("stream", "state", "category")
        .agg(
            open=pl.len().cast(pl.Int64),
            p50_age=age.quantile(0.5, "linear"),
            oldest=age.max(),
            beyond_p85=beyond.sum().cast(pl.Int64),
        )
        .sort("open", "stream", "state", descending=[True, False, False])
    )
    if not items.height:
        return WorkItemAge(
            definition=DEFINITION,
            status=Status.NO_DATA,
            reason="nothing_open",
            unit=log.unit,
            items=items,
            by_state=by_state,
            pace=pace.drop("place"),
        )
    return WorkItemAge(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        n=items.height,
        p50=float(items["age_days"].quantile(0.5, "linear") or 0.0),
        oldest=float(items["age_days"][0]),
        beyond_p85=int(items.select(beyond.sum()).item()),
        items=items,
        by_state=by_state,
        pace=pace.drop("place"),
    )
