"""What the life of each item shows about its data: one grouped pass over the intervals, and small ones beside it.

Order is told by extremes alone: an item went backwards from a later to an earlier group of states exactly when its last
entry into the earlier group lies after its first entry into the later one. So no row has to know the one before it.
Only items that changed their stream or type are read stay by stay, because there one stay in a state is several rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import CREATED_STATE, DELETED_STATE, HOUR_US, OPEN_US, SECOND_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.item_windows import stop_states
from pegel.flow.log import FlowLog

_NOTHING: Final = nw.lit(None, dtype=nw.Int64())
_QUARTER_US: Final = HOUR_US // 4  # midnight of every time zone lies on a quarter of an hour


def lives(log: FlowLog, policy: Policy) -> nw.LazyFrame[Any]:
    """Return one row per item.

    Returns
    -------
    [item, stays, places, …]: ``quick``: left a state within a second of entering it; ``unmapped_us``, ``hidden_us``:
    elapsed time in states without meaning, and in those or ignored ones; ``told``: was in a state that somebody named.
    ``start_first_us``, ``done_first_us``: first entry into a start state, into a stop state; ``undone_last_us``: last
    entry into any other that counts; ``new_last_us``, ``begun_first_us``: last entry into a new state, first one into
    an active or waiting one; ``clock_first_us``, ``calm_first_us``: first entry into a state that starts or stops the
    clock, and into any other.
    """
    entered, left = nw.col("entered_us"), nw.col("left_us")
    ended = nw.when(left == OPEN_US).then(nw.lit(log.as_of_us)).otherwise(left)
    stop = log.in_states(stop_states(policy))
    # A state that Pegel made itself, because the log does not say one, is nothing that anybody could map.
    unmapped = log.where(lambda state, category: category is StateCategory.UNMAPPED and state != CREATED_STATE)
    hidden = _either(unmapped, log.in_category(StateCategory.IGNORED))
    begun = log.in_category(StateCategory.ACTIVE, StateCategory.WAITING)
    over = log.in_category(StateCategory.DONE, StateCategory.CANCELLED)
    quiet = _either(log.in_category(StateCategory.DELETED), log.in_states(policy.pause))
    clock = _either(_either(log.in_states(policy.start), stop), over)
    named = log.where(lambda state, _: state not in (CREATED_STATE, DELETED_STATE))

    def at(condition: nw.Expr | None) -> nw.Expr:
        return _NOTHING if condition is None else nw.when(condition).then(entered).otherwise(_NOTHING)

    def outside(*conditions: nw.Expr | None) -> nw.Expr:
        within = None
        for condition in conditions:
            within = _either(within, condition)
        return entered if within is None else nw.when(~within).then(entered).otherwise(_NOTHING)

    def spent(condition: nw.Expr | None) -> nw.Expr:
        none = nw.lit(0, dtype=nw.Int64())
        return none if condition is None else nw.when(condition).then(ended - entered).otherwise(none)

    return (
        log.rows()
        .select(
            "item",
            "place",
            quick=left - entered < SECOND_US,
            unmapped=spent(unmapped),
            hidden=spent(hidden),
            told=nw.lit(value=False) if named is None else named,
            start=at(log.in_states(policy.start)),
            done=at(stop),
            undone=outside(stop, quiet),
            new=at(log.in_category(StateCategory.NEW)),
            begun=at(begun),
            clock=at(clock),
            calm=outside(clock),
        )
        .group_by("item")
        .agg(
            nw.col("quick", "told").max(),
            stays=nw.len(),
            places=nw.col("place").n_unique(),
            unmapped_us=nw.col("unmapped").sum(),
            hidden_us=nw.col("hidden").sum(),
            start_first_us=nw.col("start").min(),
            done_first_us=nw.col("done").min(),
            undone_last_us=nw.col("undone").max(),
            new_last_us=nw.col("new").max(),
            begun_first_us=nw.col("begun").min(),
            clock_first_us=nw.col("clock").min(),
            calm_first_us=nw.col("calm").min(),
        )
    )


def split_lives(log: FlowLog) -> pl.DataFrame:
    """Return [item, streams, returned, quick] of the items that changed their stream or type.

    ``streams``: in how many they have been; ``returned``: came back to a state they had left; ``quick``: left a state
    within a second. A stay that only changed its stream or type goes on.
    """
    places = log.place_table().select("place", "stream", "state")
    rows = log.engine.collect(
        log.rows()
        .filter(nw.col("split"))
        .select("item", "place", "entered_us", "left_us")
        .join(places, on="place", how="left")
    ).sort("item", "entered_us", "left_us")
    before = pl.col("state").shift(1).over("item")
    runs = (
        rows.with_columns(run=(pl.col("state") != before).fill_null(value=True).cum_sum().over("item"))
        .group_by("item", "run", maintain_order=True)
        .agg(
            pl.col("state").first(),
            pl.col("entered_us").min(),
            pl.col("left_us").max(),
            streams=pl.col("stream").unique(),
        )
    )
    return runs.group_by("item", maintain_order=True).agg(
        streams=pl.col("streams").explode().n_unique(),
        returned=pl.len() > pl.col("state").n_unique(),
        quick=(pl.col("left_us") - pl.col("entered_us") < SECOND_US).any(),
    )


def at_midnight(log: FlowLog, zones: Collection[str]) -> pl.DataFrame:
    """Return [item, midnights]: how many stays of an item began at exactly 00:00 in one of some time zones."""
    entered = nw.col("entered_us")
    rows = log.rows().select("item", "entered_us").filter(entered % _QUARTER_US == 0)
    return log.engine.collect(rows.filter(is_midnight("entered_us", zones)).group_by("item").agg(midnights=nw.len()))


def is_midnight(column: str, zones: Collection[str]) -> nw.Expr:
    """Return an expression that is true for moments (microseconds) at exactly 00:00 in UTC or in one of the zones."""
    moment = nw.col(column).cast(nw.Datetime("us"))
    found = nw.col(column) % (24 * HOUR_US) == 0
    for zone in sorted(set(zones) - {"UTC"}):
        local = moment.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt
        seconds = local.hour() * 3600 + local.minute() * 60 + local.second()
        found = found | ((seconds == 0) & (nw.col(column) % SECOND_US == 0))
    return found


def _either(one: nw.Expr | None, other: nw.Expr | None) -> nw.Expr | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other
