"""The items behind the figures, as tables that a page can read without opening the lake."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import OPEN_US
from pegel.flow.flow_velocity import finished_in
from pegel.flow.item_windows import Ending
from pegel.flow.time_in_state import stage_times
from pegel.flow.work_item_age import WorkItemAge
from pegel_web.flow.computing.computed import Reading
from pegel_web.flow.computing.obstacles import obstacles

_ALL_TIME = {"from_us": 0, "until_us": 2**61}


def item_tables(reading: Reading, age: WorkItemAge) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the items of a stream and the stays of the finished ones.

    Items: [item, type, kind, state, category, ending, first_us, entered_us, start_us, end_us, days, in_state_days,
    active_days, reopened, pace, p50, p85, blocked, blockers, blockers_elsewhere]; ``days``: flow time of finished
    items, age of open ones. ``state``, ``category``, ``entered_us`` (of the present stay) and what blocks are told of
    open items, started or not; see ``obstacles``. Stays: [item, state, days, stays], the time of finished items inside
    their window. Who did it is in neither.
    """
    lake, log, windows, table = reading.lake, reading.log, reading.windows, reading.basis.table
    names = lake.items().select(number=pl.col("item_no"), name=pl.col("item")).collect()
    endings = {int(one): one.name.lower() for one in Ending}
    places = log.engine.collect(log.place_table()).select("place", "state", "category")
    lying = table.filter(pl.col("ending") == int(Ending.OPEN)).select("item")
    now = log.engine.collect(log.rows().filter(nw.col("left_us") == OPEN_US).select("item", "place", "entered_us"))
    here = lying.join(now, on="item", how="inner").join(places, on="place", how="left").drop("place")
    opened = age.items.select("item", "age_days", "in_state_days", "pace", "p50", "p85")
    items = (
        table.join(here, on="item", how="left")
        .join(opened, on="item", how="left")
        .join(obstacles(lake, log, here["item"], names), on="item", how="left")
        .join(names, left_on="item", right_on="number", how="left")
        .select(
            pl.col("name").alias("item"),
            "type",
            "kind",
            "state",
            "category",
            pl.col("ending").cast(pl.Int64).replace_strict(endings, return_dtype=pl.String),
            "first_us",
            "entered_us",
            "start_us",
            "end_us",
            "in_state_days",
            "p50",
            "p85",
            "blocked",
            "blockers",
            "blockers_elsewhere",
            days=pl.coalesce("age_days", pl.col("flow_us") / log.day_us),
            active_days=pl.col("active_us") / log.day_us,
            reopened="reopened",
            pace="pace",
        )
        .sort("days", "item", descending=[True, False], nulls_last=True)
    )
    stays = (
        log.engine.collect(stage_times(log, reading.policy, finished_in(windows, **_ALL_TIME)))
        .filter(~pl.col("paused"))
        .join(places.drop("category"), on="place", how="left")
        .group_by("item", "state")
        .agg(days=pl.col("inside_us").sum() / log.day_us, stays=pl.len())
        .join(names, left_on="item", right_on="number", how="left")
        .select(pl.col("name").alias("item"), "state", "days", "stays")
        .sort("days", "item", descending=[True, False])
    )
    return items, stays
