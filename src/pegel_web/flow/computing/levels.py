"""At which level a stream counts, computed with its other results: items that are parts of other items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import narwhals as nw
import polars as pl
from pydantic import TypeAdapter

from pegel.lake.store import Lake
from pegel.words import LANGUAGES
from pegel_web.flow.computing.computed import Computed, Reading
from pegel_web.flow.contracts.declared import TypeCount
from pegel_web.flow.contracts.rollup import CountingLevel, NestedItems

LEVEL: Final[TypeAdapter[CountingLevel]] = TypeAdapter(CountingLevel)


def types_in(lake: Lake, names: Iterable[str]) -> tuple[TypeCount, ...]:
    """Return the types of a stream's items, the most frequent first. ``names``: what it is called in the lake."""
    items = lake.items().filter(pl.col("stream").is_in(list(names)))
    counted = (
        items.group_by(pl.col("type").cast(pl.String).fill_null("")).len().sort("len", "type", descending=[True, False])
    )
    return tuple(TypeCount(type=name, items=count) for name, count in counted.collect().iter_rows())


def counting_level(reading: Reading) -> Iterator[Computed]:
    """Yield how many items of the stream there are, and whose parts they are: by stream and type of the parent.

    Whether the parent is counted, too, is asked when streams are added up: it depends on what its stream declares.
    """
    if not reading.preferred:
        return
    mine = reading.log.engine.collect(reading.windows.select(nw.col("item")))["item"]
    parents = reading.facts.parents.filter(pl.col("child").is_in(mine.implode()))
    nested: tuple[NestedItems, ...] = ()
    if parents.height:
        known = reading.lake.items().filter(pl.col("item_no").is_in(parents["parent"].implode()))
        named = known.select(
            parent="item_no",
            stream=pl.col("stream").cast(pl.String),
            type=pl.col("type").cast(pl.String).fill_null(""),
        ).collect()
        counted = parents.join(named, on="parent").group_by("stream", "type").agg(pl.col("child").n_unique())
        rows = counted.sort("stream", "type").iter_rows()
        nested = tuple(NestedItems(stream=stream, type=name, items=items) for stream, name, items in rows)
    types = types_in(reading.lake, reading.log.names_in_lake() or ())
    level = LEVEL.dump_python(CountingLevel(items=mine.len(), nested=nested, types=types), mode="json")
    yield Computed(
        kind="level",
        policy=reading.policy,
        period="",
        preferred=True,
        payload=dict.fromkeys(LANGUAGES, level),
        definitions=(),
        as_of=reading.as_of,
    )
