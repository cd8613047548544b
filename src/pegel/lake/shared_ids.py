"""Ids that items of several streams of a lake share, so that nobody can tell whether they are the same items.

The lake knows an item by its id in its tool alone. An item that an export files under one stream and another export
under a second one has either moved, or the two streams use the same ids for different items.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pegel.lake import tables
from pegel.lake.store import Lake


def shared_ids(lake: Lake, streams: Collection[str]) -> list[str]:
    """Return the ids that stand for items of more than one of some streams and cannot be told apart, sorted.

    Told apart, and not returned, are items that are known to have moved: a change of their stream is recorded, or all
    that was said about them agrees on the moment at which they were created.
    """
    parts = lake.register().visible_parts()
    mine = tables.scan(lake.root, "items", parts).filter(pl.col("stream").is_in(list(streams)))
    in_stream = mine.group_by("item_no", "item", "stream").agg(
        least=pl.col("created_us").min(),
        most=pl.col("created_us").max(),
        known=pl.col("created_us").is_not_null().any(),
    )
    several = (
        in_stream.group_by("item_no", "item")
        .agg(
            streams=pl.len(),
            agreed=pl.col("known").all() & (pl.col("least").min() == pl.col("most").max()),
        )
        .filter((pl.col("streams") > 1) & ~pl.col("agreed").fill_null(value=False))
        .collect()
    )
    if not several.height:
        return []
    changes = tables.scan(lake.root, "field_changes", parts).filter(
        (pl.col("field") == "stream") & pl.col("item_no").is_in(several["item_no"].implode())
    )
    moved = changes.select("item_no").unique().collect()
    return sorted(several.join(moved, on="item_no", how="anti")["item"])
