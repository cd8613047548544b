"""What an export sees of a lake: the imports known at a time, a few thousand items with their whole history at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from pegel.errors import NotFoundError
from pegel.exports.history import FIELDS, histories
from pegel.lake import tables
from pegel.lake.importing import latest_items
from pegel.lake.register import Register
from pegel.lake.store import Lake

#: Transitions per chunk: bounds memory (some 1 kB per transition while XES is written).
CHUNK_TRANSITIONS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which part of a lake is exported.

    Parameters
    ----------
    streams: items that are, or were at some time, in these streams, with their whole life; None: all.
    as_of_us: nothing that happened after this moment. ``known_at_us``: no import that was seen after this moment.
    titles: take titles (free text) over, where the lake has them.
    """

    streams: frozenset[str] | None = None
    as_of_us: int | None = None
    known_at_us: int | None = None
    titles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some items, in the order in which the lake learned of them.

    ``items``: [item_no, item, stream, type, parent, created_us, title, attributes], stream, type and parent as of the
    last moment that is seen. ``rows``: their histories, see :func:`pegel.exports.history.histories`. ``changes`` and
    ``links``: as stored, the numbers of other items left out. ``share``: of the lake that is done with this chunk, 0–1.
    """

    items: pl.DataFrame
    rows: pl.DataFrame
    changes: pl.DataFrame
    links: pl.DataFrame
    share: float


class LogView:
    """An opened view; the lake's imports are looked up once, so that a later one changes nothing in it.

    Raises
    ------
    NotFoundError: ``lake_empty``, ``unknown_stream`` with the streams that exist.
    """

    def __init__(self, lake: Lake, scope: Scope, *, chunk_transitions: int = CHUNK_TRANSITIONS) -> None:
        known_at_us = scope.known_at_us
        lines = lake.register().committed
        self.scope = scope
        self.register = Register(
            tuple(line for line in lines if known_at_us is None or int(line["at_us"]) <= known_at_us)
        )
        parts = self.register.visible_parts()
        self._tables = {name: tables.scan(lake.root, name, parts) for name in tables.RECORDS}
        self._last = self._tables["items"].select(pl.col("item_no").max()).collect().item()
        if self._last is None:
            raise NotFoundError("lake_empty", lake=lake.root.name)
        self._chunk_transitions = chunk_transitions
        if scope.streams is not None:
            known = self.streams()
            for name in sorted(scope.streams):
                if name not in known:
                    raise NotFoundError("unknown_stream", name=name, known=known)

    def streams(self) -> list[str]:
        """Return the names of all streams that an item is or was in, sorted."""
        moves = self._tables["field_changes"].filter(pl.col("field") == "stream")
        frames = [
            self._tables["items"].select(name="stream"),
            moves.select(name="from_value"),
            moves.select(name="to_value"),
        ]
        return pl.concat(frames).unique().collect()["name"].drop_nulls().sort().to_list()

    def has_titles(self) -> bool:
        """Tell whether titles are wanted and the lake holds any."""
        found = self._tables["items"].select(pl.col("title").is_not_null().any())
        return self.scope.titles and bool(found.collect().item())

    def chunks(self, *, whole: bool = False) -> Iterator[Chunk]:
        """Yield all items; ``whole``: with all their field changes and links, which are empty otherwise."""
        ranges = self._ranges()
        for number, (low, high) in enumerate(ranges, start=1):
            yield self._chunk(low, high, whole=whole, share=number / len(ranges))

    def _chunk(self, low: int, high: int, *, whole: bool, share: float) -> Chunk:
        def of(table: str) -> pl.LazyFrame:
            return self._tables[table].filter(pl.col("item_no").is_between(low, high))

        items = latest_items(of("items")).sort("item_no").collect()
        events, changes = of("transitions"), of("field_changes")
        if self.scope.streams is not None:
            # Where few items are wanted, the events of the others are not read; which of these were really in the
            # streams at the moment that is seen, the histories tell.
            chosen = self._candidates(items, changes).implode()
            items = items.filter(pl.col("item_no").is_in(chosen))
            events, changes = (frame.filter(pl.col("item_no").is_in(chosen)) for frame in (events, changes))
        bearing = changes if whole else changes.filter(pl.col("field").is_in([*FIELDS, "deleted"]))
        changed = bearing.sort("item_no", "at_us", "import_no", "sequence", "row_id").collect()
        rows = histories(items, events.collect(), changed)
        items, rows = self._seen(items, rows)
        mine = items["item_no"].implode()
        links = of("links").filter(pl.col("item_no").is_in(mine)).sort("item_no", "row_id") if whole else of("links")
        return Chunk(
            items=items,
            rows=rows,
            changes=self._until(changed).filter(pl.col("item_no").is_in(mine)) if whole else changed.clear(),
            links=self._until(links.collect()) if whole else links.head(0).collect(),
            share=share,
        )

    def _candidates(self, items: pl.DataFrame, changes: pl.LazyFrame) -> pl.Series:
        wanted = sorted(self.scope.streams or ())
        moved = changes.filter(
            (pl.col("field") == "stream")
            & (pl.col("from_value").is_in(wanted) | pl.col("to_value").is_in(wanted)).fill_null(value=False)
        )
        home = items.filter(pl.col("stream").is_in(wanted))["item_no"]
        return pl.concat([home, moved.select("item_no").collect()["item_no"]]).unique()

    def _seen(self, items: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Cut the histories, and leave out items that begin later or were never in the wanted streams."""
        later = rows["item_no"].unique()
        rows = self._until(rows)
        last = rows.group_by("item_no", maintain_order=True).agg(pl.col(FIELDS).last())
        # An item of which no moment is known is there at every time.
        there = pl.col("item_no").is_in(last["item_no"].implode()) | ~pl.col("item_no").is_in(later.implode())
        items = items.filter(there).join(last, on="item_no", how="left", suffix="_then", maintain_order="left")
        dated = pl.col("item_no").is_in(last["item_no"].implode())
        items = items.with_columns(pl.when(dated).then(f"{name}_then").otherwise(name).alias(name) for name in FIELDS)
        items = items.drop(f"{name}_then" for name in FIELDS)
        if self.scope.streams is not None:
            wanted = sorted(self.scope.streams)
            been = rows.filter(pl.col("stream").is_in(wanted))["item_no"].unique()
            items = items.filter(pl.col("stream").is_in(wanted) | pl.col("item_no").is_in(been.implode()))
            rows = rows.filter(pl.col("item_no").is_in(items["item_no"].implode()))
        return items, rows

    def _until(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.scope.as_of_us is None:
            return frame
        return frame.filter(pl.col("at_us").is_null() | (pl.col("at_us") <= self.scope.as_of_us))

    def _ranges(self) -> list[tuple[int, int]]:
        """Ranges of item numbers, each with about ``chunk_transitions`` transitions."""
        count = self._tables["transitions"].select(pl.len()).collect().item()
        pieces = max(1, -(-count // self._chunk_transitions))
        width = max(1, -(-int(self._last) // pieces))
        return [(low, min(low + width - 1, int(self._last))) for low in range(1, int(self._last) + 1, width)]
