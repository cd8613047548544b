"""The history of items, row by row: created, moved to a state, given another stream, type or parent, deleted.

These are the points that :mod:`pegel.lake.intervals` makes its intervals from, kept apart: whoever reads the rows in
their order and takes each as what is true from then on sees what the figures see.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.eventlog import schema

#: What an item has besides its state and may change.
FIELDS: Final = ("stream", "type", "parent")

#: Columns of a history. ``number``: 1, 2, 3 … in the life of the item. ``kind``: created | transition | change |
#: deleted | restored. ``state``, ``stream``, ``type``, ``parent``: what is true from ``at_us`` on.
#: ``actor``: pseudonym.
HISTORY: Final[dict[str, pl.DataType]] = {
    "item_no": pl.Int32(),
    "number": pl.Int64(),
    "kind": pl.String(),
    "at_us": pl.Int64(),
    "from_state": pl.String(),  # as the source said it; only of transitions
    "state": pl.String(),
    "stream": pl.String(),
    "type": pl.String(),
    "parent": pl.String(),
    "actor": pl.String(),
    "seen_us": pl.Int64(),
    "import_no": pl.Int32(),
}
_NONE: Final = ""


def histories(items: pl.DataFrame, transitions: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of some items, sorted by item number and order of events (columns of ``HISTORY``).

    Parameters
    ----------
    items: [item_no, stream, type, parent, created_us], one row per item (what is known today).
    transitions, changes: as stored (:data:`pegel.lake.tables.STORED`), of these items; of the changes the fields
        ``stream``, ``type``, ``parent`` and ``deleted`` matter.
    """
    ordered = transitions.sort("item_no", "at_us", "import_no", "sequence", "row_id")
    changes = changes.filter(pl.col("field").is_in([*FIELDS, "deleted"]))
    points = _restored(
        pl.concat([_created(items, ordered), _moves(ordered), *_changes(changes)], how="diagonal_relaxed").sort(
            "item_no", "at_us", "rank", "import_no", "sequence", maintain_order=True
        )
    )
    start = pl.col("item_no") != pl.col("item_no").shift(1, fill_value=-1)
    filled = (
        points.join(_initial(items, changes), on="item_no", how="left", maintain_order="left")
        # The first row of an item has all values, so filling down never crosses into the next item.
        .with_columns(
            pl.when(start).then(pl.col("state").fill_null(schema.CREATED_STATE)).otherwise("state").alias("state"),
            *(
                pl.when(start).then(pl.coalesce(name, f"first_{name}", pl.lit(_NONE))).otherwise(name).alias(name)
                for name in FIELDS
            ),
        )
        .with_columns(pl.col("state", *FIELDS).forward_fill())
        .with_columns(
            pl.col(FIELDS).replace(_NONE, None), number=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("item_no")
        )
    )
    return filled.select(pl.col(name).cast(kind) for name, kind in HISTORY.items())


def taken_away(rows: pl.DataFrame) -> int:
    """Count the rows in which an item loses its type or its parent without getting another one."""
    same = pl.col("item_no") == pl.col("item_no").shift(1)
    lost = [pl.col(name).is_null() & pl.col(name).shift(1).is_not_null() for name in ("type", "parent")]
    return int(rows.select((same & pl.any_horizontal(lost)).fill_null(value=False).sum()).item())


def _created(items: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """One row per item whose creation is known and lies before its first transition."""
    begins = pl.col("item_no") != pl.col("item_no").shift(1, fill_value=-1)
    first = ordered.filter(begins).select("item_no", first_us="at_us", before="from_state")
    return (
        items.filter(pl.col("created_us").is_not_null())
        .join(first, on="item_no", how="left", maintain_order="left")
        .filter(pl.col("first_us").is_null() | (pl.col("created_us") < pl.col("first_us")))
        .select(
            "item_no",
            at_us="created_us",
            rank=pl.lit(0, pl.Int32),
            kind=pl.lit("created"),
            state=pl.col("before").fill_null(schema.CREATED_STATE),
            import_no=pl.lit(0, pl.Int32),
            sequence=pl.lit(0, pl.Int64),
        )
    )


def _moves(ordered: pl.DataFrame) -> pl.DataFrame:
    columns = ("item_no", "at_us", "from_state", "actor", "seen_us", "import_no", "sequence")
    return ordered.select(*columns, rank=pl.lit(1, pl.Int32), kind=pl.lit("transition"), state="to_state")


def _restored(points: pl.DataFrame) -> pl.DataFrame:
    """Put items whose deletion was taken back into the state that they were in before it."""
    if not (points["kind"] == "restored").any():
        return points
    before = pl.when(pl.col("state") != schema.DELETED_STATE).then("state").forward_fill().over("item_no")
    return points.with_columns(state=pl.when(pl.col("kind") == "restored").then(before).otherwise("state"))


def _changes(changes: pl.DataFrame) -> list[pl.DataFrame]:
    """Rows for changed fields (before a transition of the same moment), for deletions and their taking back (after)."""
    columns = ("item_no", "at_us", "actor", "seen_us", "import_no", "sequence")

    def of(field: str, rank: int, **values: pl.Expr) -> pl.DataFrame:
        chosen = changes.filter(pl.col("field") == field)
        return chosen.select(*columns, **{"rank": pl.lit(rank, pl.Int32), "kind": pl.lit("change"), **values})

    back = (pl.col("to_value") == "false").fill_null(value=False)

    # Type before stream, as in the intervals: of changes with the same sequence the one that stands first counts first.
    return [
        of("type", 0, type=pl.col("to_value").fill_null(_NONE)),
        # A stream that is taken away is no statement: an item is always in one.
        of("stream", 0, stream=pl.col("to_value")),
        of("parent", 0, parent=pl.col("to_value").fill_null(_NONE)),
        of(
            "deleted",
            2,
            kind=pl.when(back).then(pl.lit("restored")).otherwise(pl.lit("deleted")),
            state=pl.when(~back).then(pl.lit(schema.DELETED_STATE)),
        ),
    ]


def _initial(items: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Values at the beginning of life: what the first change says it was before, else today's."""
    ordered = changes.sort("item_no", "at_us", "import_no", "sequence", maintain_order=True)
    out = items.select("item_no", *(pl.col(name).alias(f"first_{name}") for name in FIELDS))
    for name in FIELDS:
        before = (
            ordered.filter(pl.col("field") == name)
            .group_by("item_no", maintain_order=True)
            .agg(before=pl.col("from_value").first(), changed=pl.lit(value=True).first())
        )
        first = f"first_{name}"
        fallback = pl.col(first) if name == "stream" else pl.lit(_NONE)
        earlier = pl.when(pl.col("changed").fill_null(value=False)).then(pl.coalesce("before", fallback))
        out = (
            out.join(before, on="item_no", how="left", maintain_order="left")
            .with_columns(earlier.otherwise(first).alias(first))
            .drop("before", "changed")
        )
    return out
