"""What an item's transitions say against the clock or against each other: looked at while intervals are prepared.

Preparation has an item's transitions together and in order, so that this is looking at neighbours there; looking for it
in the stored records would be a pass over all of them for each flaw.
"""

from __future__ import annotations

from typing import Final

import polars as pl

#: ``future``: an event lies after it was seen. ``begins_late``: the first known moment is a transition out of a state,
#: in which the item was since nobody knows when. ``gap``: a transition leaves another state than the one before led to.
FLAWS: Final[dict[str, pl.DataType]] = {
    "item": pl.Int32(),
    "future": pl.Boolean(),
    "begins_late": pl.Boolean(),
    "gap": pl.Boolean(),
}


def flaws(items: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of ``FLAWS`` for the items that have any, sorted by item.

    Parameters
    ----------
    items: [item_no, created_us], one row per item. ordered: [item_no, at_us, from_state, to_state, seen_us], the rows
        of an item together and in order.
    """
    own = pl.col("item_no") == pl.col("item_no").shift(1)
    said = pl.col("from_state").is_not_null()
    gap = own & said & (pl.col("to_state").shift(1) != pl.col("from_state"))
    looked = ordered.lazy().select(
        "item_no",
        "at_us",
        said=said,
        first_us=pl.when(own.fill_null(value=False)).then(None).otherwise("at_us").forward_fill(),
        future=pl.col("at_us") > pl.col("seen_us"),
        gap=gap.fill_null(value=False),
    )
    begins = pl.col("said") & (pl.col("at_us") == pl.col("first_us"))
    found = looked.filter(pl.col("future") | pl.col("gap") | begins).with_columns(begins_late=begins).collect()
    # Where nobody said when an item was created, sources put its first transition.
    known = found.join(items.select("item_no", "created_us"), on="item_no", how="left", maintain_order="left")
    late = pl.col("begins_late") & (pl.col("created_us").is_null() | (pl.col("created_us") >= pl.col("first_us")))
    return (
        known.with_columns(begins_late=late)
        .group_by(item="item_no", maintain_order=True)
        .agg(pl.col("future", "begins_late", "gap").any())
        .filter(pl.any_horizontal("future", "begins_late", "gap"))
        .select(pl.col(name).cast(kind) for name, kind in FLAWS.items())
    )
