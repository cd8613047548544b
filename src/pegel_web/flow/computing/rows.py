"""The items behind the figures, as tables that a page can read without opening the lake."""

from __future__ import annotations

import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.attribution import attribute
from pegel.flow.flow_velocity import finished_in
from pegel.flow.item_windows import Ending, item_windows
from pegel.flow.log import FlowLog
from pegel.flow.time_in_state import stage_times
from pegel.flow.work_item_age import WorkItemAge
from pegel.lake.store import Lake

_ALL_TIME = {"from_us": 0, "until_us": 2**61}


def item_tables(lake: Lake, log: FlowLog, policy: Policy, age: WorkItemAge) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the items of a stream and the stays of the finished ones.

    Items: [item, type, kind, state, ending, start_us, end_us, days, active_days, reopened, pace]; ``days``: flow time
    of finished items, age of open ones. Stays: [item, state, days, stays], the time of finished items inside their
    window. Who did it is in neither.
    """
    windows = log.engine.keep(attribute(log, policy, item_windows(log, policy)))
    table = log.engine.collect(windows)
    names = lake.items().select(number=pl.col("item_no"), name=pl.col("item")).collect()
    endings = {int(one): one.name.lower() for one in Ending}
    opened = age.items.select("item", "state", "age_days", "pace")
    items = (
        table.join(opened, on="item", how="left")
        .join(names, left_on="item", right_on="number", how="left")
        .select(
            pl.col("name").alias("item"),
            "type",
            "kind",
            "state",
            pl.col("ending").cast(pl.Int64).replace_strict(endings, return_dtype=pl.String),
            "start_us",
            "end_us",
            days=pl.coalesce("age_days", pl.col("flow_us") / log.day_us),
            active_days=pl.col("active_us") / log.day_us,
            reopened="reopened",
            pace="pace",
        )
        .sort("days", "item", descending=[True, False], nulls_last=True)
    )
    places = log.engine.collect(log.place_table()).select("place", "state")
    stays = (
        log.engine.collect(stage_times(log, policy, finished_in(windows, **_ALL_TIME)))
        .filter(~pl.col("paused"))
        .join(places, on="place", how="left")
        .group_by("item", "state")
        .agg(days=pl.col("inside_us").sum() / log.day_us, stays=pl.len())
        .join(names, left_on="item", right_on="number", how="left")
        .select(pl.col("name").alias("item"), "state", "days", "stays")
        .sort("days", "item", descending=[True, False])
    )
    return items, stays
