"""Which items of a stream count by what their fields hold: the one place where filters are applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from pegel.lake.item_fields import field_names, item_values
from pegel.lake.store import Lake, open_lake
from pegel_web.flow.computing.versions import imports_of
from pegel_web.flow.contracts.declared import FieldFilter, FieldValues, FilterEffect, FilterLine, ValueCount

#: A field with more different values is a text or a number, and no filter.
MOST_VALUES: Final = 60
#: Answers kept in the process.
_KEPT: Final = 32


def passing(lake: Lake, names: Iterable[str], filters: Sequence[FieldFilter]) -> pl.Series | None:
    """Return the numbers of the items that pass all filters; None: there are no filters.

    ``names``: of the stream in the lake. Items that were in it once and are elsewhere today are asked, too.
    """
    if not filters:
        return None
    moved = lake.prepared().scan().filter("split").select(item_no="item").unique()
    items = lake.items()
    mine = pl.concat([items.filter(pl.col("stream").is_in(list(names))), items.join(moved, on="item_no", how="semi")])
    found = item_values(lake, mine.unique("item_no"), [one.field for one in filters])
    return found.filter(_all(filters))["item_no"]


def failing(lake: Lake, item: str, filters: Sequence[FieldFilter]) -> FieldFilter | None:
    """Return the first filter that leaves an item out; None: it passes all."""
    if not filters:
        return None
    rows = item_values(lake, lake.items().filter(pl.col("item") == item), [one.field for one in filters])
    return next((one for one in filters if not rows.filter(_passes(one)).height), None)


def fields_in(lake: Lake, names: Sequence[str]) -> tuple[FieldValues, ...]:
    """Return the fields of a stream's items by which they can be chosen; ``name`` is that of the log."""
    return _fields(lake.root, tuple(imports_of(lake)), tuple(names))


def filter_effect(
    lake: Lake, names: Sequence[str], types: Sequence[str], filters: Sequence[FieldFilter]
) -> FilterEffect:
    """Return how many of the items that are in a stream today types and filters leave."""
    mine = lake.items().filter(pl.col("stream").is_in(list(names)))
    typed = mine.select("item_no", type=pl.col("type").cast(pl.String).fill_null("")).collect()
    of_types = typed.filter(pl.col("type").is_in(list(types))) if types else typed
    values = item_values(lake, mine, [one.field for one in filters]).join(of_types, on="item_no", how="semi")
    lines = []
    for one in filters:
        left = values.filter(_passes(one)).height
        lines.append(
            FilterLine(
                field=one.field,
                name=one.field,
                values=one.values,
                include=one.include,
                left=left,
                left_out=values.height - left,
            )
        )
    return FilterEffect(
        items=typed.height, of_types=of_types.height, lines=tuple(lines), counted=values.filter(_all(filters)).height
    )


def _all(filters: Iterable[FieldFilter]) -> pl.Expr:
    return pl.all_horizontal(pl.lit(value=True), *(_passes(one) for one in filters))


def _passes(one: FieldFilter) -> pl.Expr:
    among = pl.col(one.field).is_in(list(one.values))
    return among if one.include else ~among


@lru_cache(maxsize=_KEPT)
def _fields(root: Path, imports: tuple[str, ...], names: tuple[str, ...]) -> tuple[FieldValues, ...]:
    del imports  # only tells whether the lake has changed
    lake = open_lake(root)
    mine = lake.items().filter(pl.col("stream").is_in(list(names)))
    fields = field_names(lake, mine)
    table = item_values(lake, mine, fields)
    found = []
    for field in fields:
        counted = table.group_by(field).len().sort("len", field, descending=[True, False])
        values = tuple(ValueCount(value=value, items=items) for value, items in counted.iter_rows())
        if 1 < len(values) <= MOST_VALUES:
            found.append(FieldValues(field=field, name=field, values=values))
    return tuple(found)
