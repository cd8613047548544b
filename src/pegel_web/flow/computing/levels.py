"""At which level a stream counts, computed with its other results: items that are parts of other items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import narwhals as nw
import polars as pl
from pydantic import TypeAdapter

from pegel.lake.store import Lake
from pegel.words import LANGUAGES
from pegel_web.flow.computing.computed import Computed, KeptTable, Reading
from pegel_web.flow.computing.filters import filter_effect
from pegel_web.flow.contracts.declared import TypeCount
from pegel_web.flow.contracts.rollup import CountingLevel, NestedItems

#: What the table of the parents of a stream's items is kept as.
PARENTS: Final = "parents"
LEVEL: Final[TypeAdapter[CountingLevel]] = TypeAdapter(CountingLevel)


def types_in(lake: Lake, names: Iterable[str]) -> tuple[TypeCount, ...]:
    """Return the types of a stream's items, the most frequent first. ``names``: what it is called in the lake."""
    items = lake.items().filter(pl.col("stream").is_in(list(names)))
    counted = (
        items.group_by(pl.col("type").cast(pl.String).fill_null("")).len().sort("len", "type", descending=[True, False])
    )
    return tuple(TypeCount(type=name, items=count) for name, count in counted.collect().iter_rows())


def counting_level(reading: Reading) -> Iterator[Computed | KeptTable]:
    """Yield how many items of the stream there are, and whose parts they are: by stream and type of the parent.

    Whether the parent is counted, too, is asked when streams are added up: it depends on what its stream declares. For
    streams with filters the parents are kept by name: [item, parent, stream, type], the last two of the parent.
    """
    if not reading.preferred:
        return
    mine = reading.log.engine.collect(reading.windows.select(nw.col("item")))["item"]
    parents = reading.facts.parents.filter(pl.col("child").is_in(mine.implode()))
    nested: tuple[NestedItems, ...] = ()
    named_parents = pl.DataFrame(schema=dict.fromkeys(("item", "parent", "stream", "type"), pl.String()))
    if parents.height:
        known = reading.lake.items().filter(pl.col("item_no").is_in(parents["parent"].implode()))
        named = known.select(
            parent="item_no",
            name="item",
            stream=pl.col("stream").cast(pl.String),
            type=pl.col("type").cast(pl.String).fill_null(""),
        ).collect()
        both = parents.join(named, on="parent")
        names = reading.lake.items().filter(pl.col("item_no").is_in(both["child"].implode()))
        own = names.select("item", child="item_no").collect()
        named_parents = both.join(own, on="child").select("item", "stream", "type", parent="name")
        counted = both.group_by("stream", "type").agg(pl.col("child").n_unique())
        rows = counted.sort("stream", "type").iter_rows()
        nested = tuple(NestedItems(stream=stream, type=name, items=items) for stream, name, items in rows)
    yield KeptTable(part=PARENTS, policy=reading.policy, table=named_parents)
    in_lake, declared = sorted(reading.log.names_in_lake() or ()), reading.declared
    effect = filter_effect(reading.lake, in_lake, declared.types, declared.filters)
    level = LEVEL.dump_python(
        CountingLevel(
            items=mine.len(),
            nested=nested,
            types=types_in(reading.lake, in_lake),
            left_out_by_type=effect.items - effect.of_types,
            left_out_by_filter=effect.of_types - effect.counted,
            filters=effect.lines,
        ),
        mode="json",
    )
    yield Computed(
        kind="level",
        policy=reading.policy,
        period="",
        preferred=True,
        payload=dict.fromkeys(LANGUAGES, level),
        definitions=(),
        as_of=reading.as_of,
    )
