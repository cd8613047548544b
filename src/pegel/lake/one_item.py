"""Everything the lake holds about one item: only its rows are read, however large the lake is."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pegel.errors import NotFoundError
from pegel.eventlog.schema import OPEN_US
from pegel.lake import tables
from pegel.lake.importing import latest_items
from pegel.lake.store import Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """What is recorded about one item.

    ``number``: of the item in the prepared intervals. ``stream``, ``type``: those of today. ``intervals``: the columns
    of ``prepared.SEGMENT``, in the order of time. ``changes``: [item_no, at_us, sequence, field, from_value, to_value,
    actor]. ``links``: [kind, other, at_us, outgoing], the other end by its id: ``outgoing`` says "this KIND other",
    otherwise "other KIND this".
    """

    number: int
    item: str
    stream: str
    type: str | None
    created_us: int | None
    intervals: pl.DataFrame
    changes: pl.DataFrame
    links: pl.DataFrame


def item_record(lake: Lake, item: str) -> ItemRecord:
    """Read one item by its id in its tool.

    Raises
    ------
    NotFoundError: ``unknown_item``.
    """
    register = lake.register()
    parts = register.visible_parts()
    known = latest_items(tables.scan(lake.root, "items", parts).filter(pl.col("item") == item)).collect()
    if not known.height:
        raise NotFoundError("unknown_item", name=item[:100])
    row = known.row(0, named=True)
    number = row["item_no"]
    state = lake.prepared()
    homes = state.places.filter(pl.col("stream") == row["stream"])["stream_no"].unique()
    # An item lies in one place of the order: naming its stream lets the reader skip the row groups of all others.
    mine = state.scan().filter(pl.col("home").is_in(homes.implode()) & (pl.col("item") == number))
    changes = tables.scan(lake.root, "field_changes", parts).filter(pl.col("item_no") == number)
    return ItemRecord(
        number=number,
        item=item,
        stream=row["stream"],
        type=row["type"],
        created_us=row["created_us"],
        intervals=mine.collect().sort("entered_us", "left_us"),
        changes=changes.select("item_no", "at_us", "sequence", "field", "from_value", "to_value", "actor")
        .collect()
        .sort("at_us", "sequence"),
        links=_links(lake, parts, number, item),
    )


def _links(lake: Lake, parts: set[str], number: int, item: str) -> pl.DataFrame:
    """Return the links from and to an item, each once, the oldest first."""
    links = tables.scan(lake.root, "links", parts).select("item_no", "kind", "other", "at_us")
    found = links.filter((pl.col("item_no") == number) | (pl.col("other") == item)).collect()
    names = lake.item_names(found["item_no"].unique().to_list()) if found.height else {}
    outgoing = found["item_no"] == number
    return (
        found.with_columns(
            outgoing=outgoing,
            other=pl.when(outgoing).then("other").otherwise(pl.col("item_no").replace_strict(names, default=None)),
        )
        .filter(pl.col("other").is_not_null() & (pl.col("other") != item))
        .group_by("kind", "other", "outgoing")
        .agg(pl.col("at_us").min())
        .select("kind", "other", "at_us", "outgoing")
        .sort("at_us", "other", "kind", nulls_last=True)
    )


def present_places(lake: Lake, items: pl.Series) -> pl.DataFrame:
    """Return [item, item_no, stream, place] of some items by id: where they are now. Unknown ones are left out."""
    parts = lake.register().visible_parts()
    known = tables.scan(lake.root, "items", parts).filter(pl.col("item").is_in(items.implode()))
    names = latest_items(known).select("item", "item_no", "stream").collect()
    return names.join(places_now(lake, names["item_no"]), on="item_no", how="inner")


def places_now(lake: Lake, numbers: pl.Series) -> pl.DataFrame:
    """Return [item_no, place] of some items: where each of them is now."""
    if not len(numbers):
        return pl.DataFrame(schema={"item_no": pl.Int32(), "place": pl.Int32()})
    last = pl.col("left_us") == OPEN_US
    rows = lake.prepared().scan().filter(pl.col("item").is_in(numbers.implode()) & last)
    return rows.select(pl.col("item").alias("item_no"), "place").collect()
