"""Whether the items that others are parts of are counted, too: by the types and filters of their streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import polars as pl

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.levels import PARENTS
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.rollup import CountingLevel, NestedItems
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.items import table_of_items
from pegel_web.flow.queries.reports import kept_items
from pegel_web.flow.queries.streams import seen_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What streams count, to tell whether the parent of an item is counted, too.

    ``types``: those that count by name of the lake, none: all. ``filtered``: the ids of the items that count, by
    name of the lake of the streams that have filters; ``parents``: the parents of a stream's items, where one is among
    those.
    """

    types: Mapping[str, tuple[str, ...]]
    filtered: Mapping[str, pl.Series]
    parents: Mapping[UUID, pl.DataFrame]

    @classmethod
    def of(cls, actor: Actor, declared: Mapping[Stream, Declared], levels: Mapping[UUID, CountingLevel]) -> Counted:
        """Return it for streams that the actor may see. Tables are read only where a filter makes it necessary."""
        filtered: dict[str, pl.Series] = {}
        for stream, said in declared.items():
            if said.filters and (table := _table(actor, stream.id, "items")) is not None:
                filtered |= dict.fromkeys(stream.lake_names, table.select("item").collect()["item"])
        concerned = [stream for stream, level in levels.items() if any(one.stream in filtered for one in level.nested)]
        parents = {stream: _table(actor, stream, PARENTS) for stream in concerned}
        return cls(
            types={name: said.types for stream, said in declared.items() for name in stream.lake_names},
            filtered=filtered,
            parents={stream: table.collect() for stream, table in parents.items() if table is not None},
        )

    def nested(self, stream: UUID, level: CountingLevel, names: set[str]) -> int:
        """Return how many items of a stream are parts of others that are counted under some names of the lake."""
        return sum(
            self._counted(stream, one)
            for one in level.nested
            if one.stream in names and (not self.types[one.stream] or one.type in self.types[one.stream])
        )

    def _counted(self, stream: UUID, one: NestedItems) -> int:
        ids, parents = self.filtered.get(one.stream), self.parents.get(stream)
        if ids is None or parents is None:
            return one.items
        mine = parents.filter((pl.col("stream") == one.stream) & (pl.col("type") == one.type))
        return mine.filter(pl.col("parent").is_in(ids.implode()))["item"].n_unique()


def _table(actor: Actor, stream: UUID, part: str) -> pl.LazyFrame | None:
    row = seen_stream(actor, stream)
    try:
        return table_of_items(row, kept_items(row, None), part)
    except NotFoundError:
        return None
