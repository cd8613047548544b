"""The numbers behind removal options: how items leave a stage, who takes over, what happened to them there.

Everything is counted over the stays of the period's finished items inside their windows, except arrivals and
departures, which are those of all items. Days are UTC days. Persons are compared within one item and never named.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import DAY_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.item_windows import within_window
from pegel.flow.log import FlowLog
from pegel.waits.stages import StageSums, place_lookup

_FLAGS: Final = ("flag",)
_RANKS: Final = ("priority", "rank")
_COMMENTS: Final = ("comment_count",)
_NONE: Final = nw.lit(0, dtype=nw.Int64())
_ONE: Final = nw.lit(1, dtype=nw.Int64())


def stage_evidence(
    log: FlowLog, policy: Policy, sums: StageSums, stages: list[int], by_day: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per stage.

    Returns
    -------
    [stage, p50_days, p85_days, to_active_share, actor_pairs, actor_change_share, flagged_share, reranked_share,
    comments_per_item, blocked_time_share, busiest_weekday, busiest_departure_share, busiest_arrival_share,
    departures_per_day, arrivals_per_day]. Shares are of the stage's leavings, items or time; ``actor_pairs``: leavings
    where both persons are known; ``busiest_weekday``: of the departures, 0 is Monday; ``busiest_…_share``: of
    departures and of arrivals, each on its own busiest weekday.
    """
    totals = sums.totals.filter(pl.col("stage").is_in(stages))
    events, taken = _events(log, policy, sums, stages)
    parts = [log.engine.collect(part) for part in (_leavings(taken), events, _blocked(log, sums, stages))]
    table = totals.select(
        "stage", "items", p50_days=pl.col("p50_us") / log.day_us, p85_days=pl.col("p85_us") / log.day_us
    )
    for part in (*parts, _rhythm(by_day)):
        table = table.join(part, on="stage", how="left")
    leavings, items = pl.col("leavings"), pl.col("items")
    return table.select(
        "stage",
        "p50_days",
        "p85_days",
        to_active_share=pl.when(leavings > 0).then(pl.col("to_active") / leavings),
        actor_pairs=pl.col("actor_pairs").fill_null(0),
        actor_change_share=pl.when(pl.col("actor_pairs") > 0)
        .then(pl.col("actor_changes") / pl.col("actor_pairs"))
        .otherwise(0.0),
        flagged_share=pl.col("flagged").fill_null(0) / items,
        reranked_share=pl.col("reranked").fill_null(0) / items,
        comments_per_item=pl.col("comments").fill_null(0) / items,
        blocked_time_share=pl.when(pl.col("all_us") > 0).then(pl.col("blocked_us") / pl.col("all_us")).otherwise(0.0),
        busiest_weekday="busiest_weekday",
        busiest_departure_share=pl.col("busiest_departure_share").fill_null(0.0),
        busiest_arrival_share=pl.col("busiest_arrival_share").fill_null(0.0),
        departures_per_day=pl.col("departures_per_day").fill_null(0.0),
        arrivals_per_day=pl.col("arrivals_per_day").fill_null(0.0),
    )


def _events(
    log: FlowLog, policy: Policy, sums: StageSums, stages: list[int]
) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """Return [stage, flagged, reranked, comments] and the kept stays they were looked up in."""
    active = log.in_category(StateCategory.ACTIVE)
    bounds = sums.finished.select("item", "start_us", "end_us")
    every = (
        sums.lives.rows()
        .select(
            "item",
            "place",
            "entered_us",
            "left_us",
            "actor",
            works=_NONE if active is None else nw.when(active).then(_ONE).otherwise(_NONE),
        )
        .join(bounds, on="item", how="inner")
        # The stay that ends the window is read too: it says who ended it.
        .filter(within_window(log, policy) | (nw.col("entered_us") == nw.col("end_us")))
        .with_columns(
            next_works=nw.col("works").shift(-1).over("item", order_by=["entered_us", "left_us"]),
            next_actor=nw.col("actor").shift(-1).over("item", order_by=["entered_us", "left_us"]),
        )
        .filter(nw.col("entered_us") < nw.col("end_us"))
    )
    places = sums.places.filter(pl.col("stage").is_in(stages))
    mine = log.engine.keep(
        every.join(place_lookup(log, places), on="place", how="inner").select(
            "item", "stage", "entered_us", "left_us", "actor", "next_actor", "next_works"
        )
    )
    changes = log.changes_of(*_FLAGS, *_RANKS, *_COMMENTS).select("item", "at_us", "field", "to_value")
    inside = (
        mine.select("item", "stage", "entered_us", "left_us")
        .join(changes, on="item", how="inner")
        .filter((nw.col("at_us") >= nw.col("entered_us")) & (nw.col("at_us") < nw.col("left_us")))
    )
    # A flag that is taken away says nothing new.
    set_to = ~nw.col("to_value").fill_null("").is_in(["", "0", "false", "False"])
    per_item = (
        inside.with_columns(
            flagged=nw.when(nw.col("field").is_in(_FLAGS) & set_to).then(_ONE).otherwise(_NONE),
            reranked=nw.when(nw.col("field").is_in(_RANKS)).then(_ONE).otherwise(_NONE),
            comments=nw.when(nw.col("field").is_in(_COMMENTS)).then(_ONE).otherwise(_NONE),
        )
        .group_by("item", "stage")
        .agg(nw.col("flagged", "reranked").max(), nw.col("comments").sum())
    )
    return per_item.group_by("stage").agg(nw.col("flagged", "reranked", "comments").sum()), mine


def _leavings(stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [stage, leavings, to_active, actor_pairs, actor_changes]."""
    known = (~nw.col("actor").is_null()) & (~nw.col("next_actor").is_null())
    return (
        stays.filter(~nw.col("next_works").is_null())
        .with_columns(
            pair=nw.when(known).then(_ONE).otherwise(_NONE),
            changed=nw.when(known & (nw.col("actor") != nw.col("next_actor"))).then(_ONE).otherwise(_NONE),
        )
        .group_by("stage")
        .agg(
            leavings=nw.len(),
            to_active=nw.col("next_works").sum(),
            actor_pairs=nw.col("pair").sum(),
            actor_changes=nw.col("changed").sum(),
        )
    )


def _blocked(log: FlowLog, sums: StageSums, stages: list[int]) -> nw.LazyFrame[Any]:
    """Return [stage, blocked_us, all_us]: time of items that some other item blocks, and of all."""
    blocked = (
        log.links_of("blocks").filter(~nw.col("other").is_null()).select(item=nw.col("other")).unique()
    ).with_columns(is_blocked=_ONE)
    time = nw.col("time_us")
    return (
        sums.times.filter(nw.col("stage").is_in(stages))
        .join(blocked, on="item", how="left")
        .with_columns(held_us=nw.when(~nw.col("is_blocked").is_null()).then(time).otherwise(_NONE))
        .group_by("stage")
        .agg(blocked_us=nw.col("held_us").sum(), all_us=time.sum())
    )


def _rhythm(by_day: pl.DataFrame) -> pl.DataFrame:
    """Return how arrivals and departures lie over weekdays and days; 1970-01-01 was a Thursday."""
    moved = by_day.with_columns(weekday=(pl.col("day_us") // DAY_US + 3) % 7)
    into, out = pl.col("arrivals"), pl.col("departures")
    shares = (
        moved.group_by("stage", "weekday")
        .agg(into.sum(), out.sum())
        .with_columns(
            in_share=into / pl.max_horizontal(into.sum().over("stage"), 1),
            out_share=out / pl.max_horizontal(out.sum().over("stage"), 1),
        )
        .sort("stage", "departures", "weekday", descending=[False, True, False])
    )
    by_weekday = shares.group_by("stage").agg(
        busiest_weekday=pl.col("weekday").first(),
        busiest_departure_share=pl.col("out_share").max(),
        # Of the arrivals' own busiest weekday: items that all come on one day may well leave on one.
        busiest_arrival_share=pl.col("in_share").max(),
    )
    heaps = moved.group_by("stage").agg(
        departures_per_day=out.sum() / (out > 0).sum(), arrivals_per_day=into.sum() / (into > 0).sum()
    )
    return by_weekday.join(heaps, on="stage", how="left").with_columns(
        pl.col("departures_per_day", "arrivals_per_day").fill_nan(0.0)
    )
