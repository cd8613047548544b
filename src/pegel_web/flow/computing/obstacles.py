"""What blocks open items now: their flag, and items that block them and are not done."""

from __future__ import annotations

from typing import Final

import narwhals as nw
import polars as pl

from pegel.eventlog.workflow import StateCategory
from pegel.flow.log import FlowLog
from pegel.lake.one_item import places_now
from pegel.lake.store import Lake
from pegel.waits.flag_reasons import REASONS, reason_number
from pegel.workbench import open_log

#: In these an item blocks nothing any more.
ENDED: Final = (StateCategory.DONE.value, StateCategory.CANCELLED.value, StateCategory.DELETED.value)


def obstacles(lake: Lake, log: FlowLog, items: pl.Series, names: pl.DataFrame) -> pl.DataFrame:
    """Return [item, blocked, blockers, blockers_elsewhere] of those of some items that something blocks.

    ``blocked``: why the flag is up, a code of ``flag_reasons.REASONS``; null: it is down. ``blockers``: ids of open
    items of the same streams that block it; ``blockers_elsewhere``: how many open ones there are in others, which
    readers of this stream may not know. ``names``: [number, name] of all items.
    """
    return _flags(log, items).join(_blockers(lake, log, items, names), on="item", how="full", coalesce=True)


def _flags(log: FlowLog, items: pl.Series) -> pl.DataFrame:
    flags = log.engine.collect(log.changes_of("flag").select("item", "at_us", "sequence", "to_value"))
    last = (
        flags.filter(pl.col("item").is_in(items.implode()))
        .sort("at_us", "sequence", maintain_order=True)
        .group_by("item")
        .agg(pl.col("to_value").last())
    )
    why = pl.Series("blocked", [REASONS[reason_number(one)] or None for one in last["to_value"]], dtype=pl.String())
    return last.select("item", why).filter(pl.col("blocked").is_not_null())


def _blockers(lake: Lake, log: FlowLog, items: pl.Series, names: pl.DataFrame) -> pl.DataFrame:
    known = ~nw.col("other").is_null() & (nw.col("item") != nw.col("other"))
    links = log.engine.collect(log.links_of("blocks").filter(known).select("item", "other").unique())
    links = links.filter(pl.col("other").is_in(items.implode()))
    nothing = pl.DataFrame(
        schema={"item": pl.Int32(), "blockers": pl.List(pl.String()), "blockers_elsewhere": pl.Int64()}
    )
    if not links.height:
        return nothing
    now = places_now(lake, links["item"].unique())
    meanings = open_log(lake, joined=log.joined)
    places = meanings.engine.collect(meanings.place_table()).select("place", "stream", "category")
    standing = now.join(places, on="place", how="left").filter(~pl.col("category").is_in(ENDED))
    mine = pl.lit(value=True) if log.streams is None else pl.col("stream").is_in(sorted(log.streams))
    open_ones = (
        links.rename({"item": "item_no", "other": "item"})
        .join(standing.with_columns(mine=mine), on="item_no", how="inner")
        .join(names, left_on="item_no", right_on="number", how="left")
    )
    return open_ones.group_by("item").agg(
        blockers=pl.col("name").filter("mine").sort(),
        blockers_elsewhere=(~pl.col("mine")).cast(pl.Int64).sum(),
    )
