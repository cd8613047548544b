"""What the desk of a stream starts from: how much lies in each state, where it goes next, how long work takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import OPEN_US, WEEK_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.flow_velocity import finished_in
from pegel.flow.item_windows import Ending
from pegel.flow.littles_law import littles_law, summarise_littles_law
from pegel.flow.log import FlowLog
from pegel.flow.work_item_age import age_at_leaving, open_items, summarise_work_item_age
from pegel_web.flow.computing.computed import Computed, Reading
from pegel_web.flow.computing.periods import DEFAULT, bounds_us

KIND: Final = "desk"
DEFINITION: Final = "desk/1"
#: What usually takes how long, and goes where, is read off so much of the past.
_LOOKS_BACK_US: Final = 52 * WEEK_US
#: Fewer finished items of a type say nothing of how long it usually takes.
LEAST_FINISHED: Final = 5
#: Work lies in states of these categories.
_LYING: Final = ("new", "waiting", "active", "unmapped")


def desk(reading: Reading) -> Iterator[Computed]:
    """Yield what the desk shows of the present, under the policy that suits the stream.

    Payload: ``states`` [{state, category, open, started, next}] in the order in which items usually reach them;
    ``load``: started open items; ``late``: those older than 85% of all their predecessors; ``not_started``;
    ``medians`` [{type, n, days}], that with type null of all types; ``law``: Little's law over 13 weeks. None of it
    names anybody.
    """
    if reading.preferred:
        yield Computed(
            kind=KIND,
            policy=reading.policy,
            period="",
            preferred=True,
            payload=_payload(reading),
            definitions=(DEFINITION,),
            as_of=reading.as_of,
        )


def _payload(reading: Reading) -> dict[str, Any]:
    log = reading.log
    windows = log.engine.collect(reading.windows.select("item", "type", "ending", "start_us", "end_us", "flow_us"))
    opened = windows.filter(pl.col("ending") == int(Ending.OPEN))
    started = opened.filter(pl.col("start_us").is_not_null())
    places = log.engine.collect(log.place_table()).select("place", "stream", "state", "category")
    return {
        "people": reading.people,
        "unit": log.unit,
        "load": started.height,
        "not_started": opened.height - started.height,
        "late": _late(reading),
        "states": _states(log, opened, places),
        "medians": _medians(log, windows),
        "law": _law(reading),
    }


def _late(reading: Reading) -> int:
    """Return how many started items are older than 85% of all their predecessors, as the tables of items say it."""
    log, windows = reading.log, reading.windows
    finished = finished_in(windows, from_us=0, until_us=OPEN_US)
    leaving = log.engine.collect(age_at_leaving(log, reading.policy, finished))
    return summarise_work_item_age(log, log.engine.collect(open_items(log, windows)), leaving).beyond_p85


def _states(log: FlowLog, opened: pl.DataFrame, places: pl.DataFrame) -> list[dict[str, Any]]:
    mine = places if log.streams is None else places.filter(pl.col("stream").is_in(sorted(log.streams)))
    lying = mine.filter(pl.col("category").is_in(_LYING))
    now = log.engine.collect(log.rows().filter(nw.col("left_us") == OPEN_US).select("item", "place"))
    here = now.join(opened.select("item", "start_us"), on="item", how="inner")
    counted = (
        here.join(lying, on="place", how="inner")
        .group_by("state")
        .agg(open=pl.len().cast(pl.Int64), started=pl.col("start_us").is_not_null().sum().cast(pl.Int64))
    )
    reached = _reached(log, mine)
    following = _next(log, mine)
    found = (
        lying.group_by("state")
        .agg(pl.col("category").mode().sort().first())
        .join(counted, on="state", how="left")
        .join(reached, on="state", how="left")
        .join(following, on="state", how="left")
        .with_columns(pl.col("open", "started").fill_null(0))
        .sort("after_us", "state", nulls_last=True)
    )
    return found.select("state", "category", "open", "started", "next").to_dicts()


def _reached(log: FlowLog, places: pl.DataFrame) -> pl.DataFrame:
    """Return [state, after_us]: how long after its beginning an item usually comes into a state; the order of work."""
    rows = log.rows().select("item", "place", "entered_us")
    begun = log.engine.keep(rows.group_by("item").agg(first_us=nw.col("entered_us").min()))
    after = (
        rows.join(begun, on="item", how="inner")
        .with_columns(after_us=nw.col("entered_us") - nw.col("first_us"))
        .group_by("place")
        .agg(after_us=nw.col("after_us").mean(), n=nw.len())
    )
    found = log.engine.collect(after).join(places, on="place", how="inner")
    weighted = (pl.col("after_us") * pl.col("n")).sum() / pl.col("n").sum()
    return found.group_by("state").agg(after_us=weighted)


def _next(log: FlowLog, places: pl.DataFrame) -> pl.DataFrame:
    """Return [state, next]: the active state into which items lately went most often from a state that is none."""
    lately = nw.col("left_us") >= log.as_of_us - _LOOKS_BACK_US
    moved = (
        log.rows_followed({"then": ("place", 1)})
        .filter(lately & (nw.col("left_us") < OPEN_US) & ~nw.col("then").is_null())
        .group_by("place", "then")
        .agg(n=nw.len())
    )
    active = StateCategory.ACTIVE.value
    targets = places.filter(pl.col("category") == active).select(then="place", next="state")
    found = (
        log.engine.collect(moved)
        .join(places.filter(pl.col("category").is_in(["new", "waiting", "unmapped"])), on="place", how="inner")
        .join(targets, on="then", how="inner")
        .group_by("state", "next")
        .agg(pl.col("n").sum())
    )
    return (
        found.sort("n", "next", descending=[True, False])
        .group_by("state", maintain_order=True)
        .agg(pl.col("next").first())
    )


def _medians(log: FlowLog, windows: pl.DataFrame) -> list[dict[str, Any]]:
    lately = windows.filter(
        (pl.col("ending") == int(Ending.DONE))
        & pl.col("flow_us").is_not_null()
        & (pl.col("end_us") >= log.as_of_us - _LOOKS_BACK_US)
    )
    days = pl.col("flow_us").median() / log.day_us
    everything = lately.select(type=pl.lit(None, pl.String), n=pl.len().cast(pl.Int64), days=days)
    by_type = lately.filter(pl.col("type").is_not_null()).group_by("type").agg(n=pl.len().cast(pl.Int64), days=days)
    both = pl.concat([everything, by_type.sort("type").select("type", "n", "days")], how="vertical_relaxed")
    return both.filter(pl.col("n") >= LEAST_FINISHED).to_dicts()


def _law(reading: Reading) -> dict[str, Any] | None:
    from_us, until_us = bounds_us(reading.log, DEFAULT)
    if from_us is None or until_us is None:
        return None
    table = littles_law(reading.windows, from_us=from_us, until_us=until_us, as_of_us=reading.log.as_of_us)
    law = summarise_littles_law(reading.log.engine.collect(table), from_us=from_us, until_us=until_us)
    return {
        "status": law.status.value,
        "load": law.load,
        "departures_per_week": None if law.departures_per_day is None else 7 * law.departures_per_day,
        "days": law.days,
        "ratio": law.ratio,
        "finding": law.finding,
    }
