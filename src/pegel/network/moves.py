"""Work that moves from one value stream to another, and people who work in two."""

from __future__ import annotations

from typing import Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.log import FlowLog

#: So many different people must work in both of two streams before their number is told.
SMALLEST_GROUP: Final = 5


PEOPLE: Final[dict[str, pl.DataType]] = {"one": pl.String(), "other": pl.String(), "people": pl.Int64()}


def moves(log: FlowLog) -> pl.DataFrame:
    """Return [item, from_stream, to_stream, at_us, taken_up_us, waited_us], one row per move of an item.

    ``taken_up_us``: when work on it began in the new stream (null: not yet, or it moved on before). ``waited_us``: from
    the move until then, until it moved on, or until the log's moment; in the log's time.
    """
    active = log.in_category(StateCategory.ACTIVE)
    places = log.place_table().select("place", stream_name=nw.col("stream").cast(nw.String()))
    works = nw.lit(value=False) if active is None else active
    stays = log.engine.collect(
        log.rows()
        .filter(nw.col("split"))
        .select("item", "place", "entered_us", "left_us", works=works)
        .join(places, on="place", how="left")
    ).sort("item", "entered_us", "left_us")
    arrived = (pl.col("stream_name") != pl.col("stream_name").shift(1)).over("item").fill_null(value=True)
    visits = (
        stays.with_columns(visit=arrived.cast(pl.Int32).cum_sum())
        .group_by("item", "visit", maintain_order=True)
        .agg(
            pl.col("stream_name").first(),
            at_us=pl.col("entered_us").first(),
            left_us=pl.col("left_us").last(),
            taken_up_us=pl.col("entered_us").filter(pl.col("works")).first(),
        )
    )
    before = pl.col("stream_name").shift(1).over("item")
    moved = visits.with_columns(from_stream=before).filter(pl.col("from_stream").is_not_null())
    end = pl.when(pl.col("left_us") == OPEN_US).then(pl.lit(log.as_of_us)).otherwise("left_us")
    dated = moved.with_columns(until_us=pl.coalesce("taken_up_us", end))
    measured = log.measure(nw.from_native(dated.lazy()), start="at_us", end="until_us", into="waited_us")
    out = log.engine.collect(measured).rename({"stream_name": "to_stream"})
    return out.select("item", "from_stream", "to_stream", "at_us", "taken_up_us", "waited_us").sort("at_us", "item")


def shared_people(log: FlowLog) -> pl.DataFrame | None:
    """Return [one, other, people]: how many people moved items in both of two streams; None: the log names nobody.

    Pairs with fewer than ``SMALLEST_GROUP`` people are left out, so that nobody can be singled out.
    """
    names = log.engine.collect(log.place_table().select("place", "state", stream_name="stream"))
    known = log.rows().filter(~nw.col("actor").is_null())
    steady = log.engine.collect(
        known.filter(~nw.col("split")).select("actor", "place").group_by("actor", "place").agg(stays=nw.len())
    )
    # The second half of a stay that a move cuts in two was begun by nobody in the receiving stream.
    split = log.engine.collect(
        log.rows().filter(nw.col("split")).select("item", "actor", "place", "entered_us", "left_us")
    ).join(names, on="place", how="left")
    begun = pl.col("state") != pl.col("state").shift(1).over("item")
    moved = split.sort("item", "entered_us", "left_us", maintain_order=True).filter(begun.fill_null(value=True))
    people = (
        pl.concat([steady.select("actor", "place"), moved.drop_nulls("actor").select("actor", "place")])
        .join(names, on="place", how="left")
        .select("actor", "stream_name")
        .unique()
    )
    if not people.height:
        return None
    pairs = people.join(people, on="actor", suffix="_other").filter(pl.col("stream_name") < pl.col("stream_name_other"))
    return (
        pairs.group_by(one="stream_name", other="stream_name_other")
        .agg(people=pl.len().cast(pl.Int64))
        .filter(pl.col("people") >= SMALLEST_GROUP)
        .sort("people", "one", "other", descending=[True, False, False])
    )


def team_hand_offs(log: FlowLog) -> pl.DataFrame:
    """Return [from_team, to_team, hand_offs, items] of items that were given from one team to another."""
    changes = log.engine.collect(log.changes_of("team")).sort("item", "at_us", "sequence")
    before = pl.coalesce(pl.col("from_value"), pl.col("to_value").shift(1).over("item"))
    known = changes.with_columns(from_team=before).drop_nulls(["from_team", "to_value"])
    return (
        known.filter(pl.col("from_team") != pl.col("to_value"))
        .group_by("from_team", to_team="to_value")
        .agg(hand_offs=pl.len().cast(pl.Int64), items=pl.col("item").n_unique().cast(pl.Int64))
        .sort("hand_offs", "from_team", "to_team", descending=[True, False, False])
    )
