"""From transitions to intervals: in which state, stream and type an item was, from when until when.

An interval ends where the next one begins, so the intervals of an item cover its life without gap or overlap. Stays of
zero length are kept: an item that passed through a state within the same microsecond was there. Consecutive
transitions into the same state are one stay. The last interval is open (``left_us`` = ``OPEN_US``).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.eventlog import schema
from pegel.lake.lookups import in_order

#: Stands for an unknown actor while what happened between two states is given the actor of the first.
_NOBODY: Final = -1

#: In which order the transitions of an item happened.
ORDER: Final = ("item_no", "at_us", "import_no", "sequence")
#: Changes of these fields begin an interval.
FIELDS: Final = ("type", "stream", "deleted")
#: Columns of the changes that ``build`` reads.
CHANGES: Final[dict[str, pl.DataType]] = {
    "item_no": pl.Int32(),
    "at_us": pl.Int64(),
    "sequence": pl.Int64(),
    "import_no": pl.Int32(),
    "field": pl.String(),
    "from_value": pl.String(),
    "to_value": pl.String(),
}


def build(items: pl.DataFrame, transitions: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Build the intervals of some items.

    Parameters
    ----------
    items: [item_no, stream, type, created_us], one row per item (what is known today).
    transitions: [item_no, at_us, sequence, import_no, from_state, to_state], and actor (a pseudonym) where known.
    changes: [item_no, at_us, sequence, import_no, field, from_value, to_value]; only the fields ``type``, ``stream``
        and ``deleted`` matter.

    Returns
    -------
    DataFrame [item, stream, type, state, entered_us, left_us, split, home, actor], sorted by item and time; names are
    categorical. ``split``: the item changed its stream or type at some time; ``home``: the stream it is in today;
    ``actor``: code of who brought it into this state (see ``actor_code``), null: unknown. Items without any known
    moment have no interval.
    """
    changes = changes.filter(pl.col("field").is_in(FIELDS))
    if "actor" not in transitions.columns:
        transitions = transitions.with_columns(actor=pl.lit(None, pl.String))
    moved = changes.filter(pl.col("field") != "deleted")["item_no"].unique()
    if not moved.len():
        return _steady(items, transitions, changes)
    away = pl.col("item_no").is_in(moved.implode())
    steady = _steady(*(frame.filter(~away) for frame in (items, transitions, changes)))
    moving = _moving(*(frame.filter(away) for frame in (items, transitions, changes)))
    return pl.concat([steady, moving]).sort("item", maintain_order=True)


def actor_code(pseudonym: pl.Expr) -> pl.Expr:
    """Return the number that stands for a pseudonym (60 of its 64 bits): the same in every part of a lake.

    >>> pl.select(actor_code(pl.lit("p-000000000000000a"))).item()
    0
    >>> pl.select(actor_code(pl.lit("p-0000000000000ff0"))).item()
    255
    """
    return pseudonym.str.slice(2, 15).str.to_integer(base=16, dtype=pl.Int64, strict=False)


def _steady(items: pl.DataFrame, transitions: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Build the intervals of items that are in one stream and of one type all their life: nearly all items."""
    points = _points(items, transitions, changes)
    start = pl.col("item_no") != pl.col("item_no").shift(1, fill_value=-1)
    last = pl.col("item_no") != pl.col("item_no").shift(-1, fill_value=-1)
    names = items.select(
        "item_no", pl.col("stream").cast(pl.Categorical), pl.col("type").replace("", None).cast(pl.Categorical)
    )
    return (
        points.select("item_no", "at_us", "state", "actor")
        .filter(start | (pl.col("state") != pl.col("state").shift(1)))
        .with_columns(left_us=pl.when(last).then(schema.OPEN_US).otherwise(pl.col("at_us").shift(-1)))
        .join(names, on="item_no", how="left", maintain_order="left")
        .select(
            pl.col("item_no").alias("item"),
            "stream",
            "type",
            "state",
            pl.col("at_us").alias("entered_us"),
            "left_us",
            pl.lit(value=False).alias("split"),
            pl.col("stream").alias("home"),
            pl.col("actor").replace(_NOBODY, None),
        )
    )


def _points(items: pl.DataFrame, transitions: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Everything that happened, in order; the state is categorical, and null where another thing changed."""
    ordered = in_order(transitions, *ORDER)
    points = [_first_points(items, ordered), _state_points(ordered), *_change_points(changes)]
    merged = pl.concat(points, how="diagonal_relaxed")
    if merged.height == ordered.height:
        return merged
    return _restored(merged.sort("item_no", "at_us", "rank", "import_no", "sequence", maintain_order=True))


def _restored(points: pl.DataFrame) -> pl.DataFrame:
    """Put items whose deletion was taken back into the state that they were in before it."""
    if not points["restored"].any():
        return points
    before = pl.when(pl.col("state").cast(pl.String) != schema.DELETED_STATE).then("state").forward_fill()
    known = before.over("item_no").fill_null(pl.lit(schema.CREATED_STATE).cast(pl.Categorical))
    return points.with_columns(state=pl.when(pl.col("restored").fill_null(value=False)).then(known).otherwise("state"))


def _moving(items: pl.DataFrame, transitions: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Build the intervals of items that changed their stream or type."""
    points = _points(items, transitions, changes).with_columns(pl.col("state").cast(pl.String))
    start = pl.col("item_no") != pl.col("item_no").shift(1, fill_value=-1)
    initial = _initial_values(items, changes)
    filled = (
        points.join(initial, on="item_no", how="left", maintain_order="left")
        .with_columns(
            # The first point of an item has all three values, so filling down never crosses into the next item.
            state=pl.when(start).then(pl.col("state").fill_null(schema.CREATED_STATE)).otherwise("state"),
            stream=pl.when(start).then(pl.coalesce("stream", "first_stream")).otherwise("stream"),
            type=pl.when(start).then(pl.coalesce("type", "first_type", pl.lit(""))).otherwise("type"),
        )
        .with_columns(pl.col("state", "stream", "type", "actor").forward_fill())
    )
    same = ~start
    for column in ("state", "stream", "type"):
        same = same & (pl.col(column) == pl.col(column).shift(1))
    kept = filled.filter(~same).select("item_no", "at_us", "state", "stream", "type", "actor")
    last = pl.col("item_no") != pl.col("item_no").shift(-1, fill_value=-1)
    out = kept.with_columns(
        left_us=pl.when(last).then(schema.OPEN_US).otherwise(pl.col("at_us").shift(-1)),
    )
    whole = out.group_by("item_no").agg(
        split=(pl.col("stream").n_unique() > 1) | (pl.col("type").n_unique() > 1),
        home=pl.col("stream").last(),
    )
    return out.join(whole, on="item_no", how="left", maintain_order="left").select(
        pl.col("item_no").alias("item"),
        pl.col("stream").cast(pl.Categorical),
        pl.col("type").replace("", None).cast(pl.Categorical),
        pl.col("state").cast(pl.Categorical),
        pl.col("at_us").alias("entered_us"),
        "left_us",
        "split",
        pl.col("home").cast(pl.Categorical),
        pl.col("actor").replace(_NOBODY, None),
    )


def _first_points(items: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """One point per item whose creation is known and lies before its first transition."""
    begins = pl.col("item_no") != pl.col("item_no").shift(1, fill_value=-1)
    first = ordered.filter(begins).select("item_no", first_us="at_us", state="from_state")
    return (
        items.filter(pl.col("created_us").is_not_null())
        .join(first, on="item_no", how="left", maintain_order="left")
        .filter(pl.col("first_us").is_null() | (pl.col("created_us") < pl.col("first_us")))
        .select(
            "item_no",
            pl.col("created_us").alias("at_us"),
            pl.lit(0, pl.Int32).alias("rank"),
            pl.lit(0, pl.Int32).alias("import_no"),
            pl.lit(0, pl.Int64).alias("sequence"),
            pl.col("state").fill_null(schema.CREATED_STATE).cast(pl.Categorical),
            pl.lit(_NOBODY, pl.Int64).alias("actor"),
        )
    )


def _state_points(transitions: pl.DataFrame) -> pl.DataFrame:
    return transitions.select(
        "item_no",
        "at_us",
        pl.lit(1, pl.Int32).alias("rank"),
        "import_no",
        "sequence",
        pl.col("to_state").cast(pl.Categorical).alias("state"),
        actor_code(pl.col("actor")).fill_null(_NOBODY),
    )


def _change_points(changes: pl.DataFrame) -> list[pl.DataFrame]:
    """Points at which the type or stream changes (before a transition of the same moment), or deletions, and back."""

    back = (pl.col("to_value") == "false").fill_null(value=False)

    def points(field: str, rank: int, **values: pl.Expr) -> pl.DataFrame:
        return changes.filter(pl.col("field") == field).select(
            "item_no", "at_us", pl.lit(rank, pl.Int32).alias("rank"), "import_no", "sequence", **values
        )

    return [
        points("type", 0, type=pl.col("to_value").fill_null("")),
        points("stream", 0, stream=pl.col("to_value")),
        points(
            "deleted",
            2,
            state=pl.when(~back).then(pl.lit(schema.DELETED_STATE)).cast(pl.Categorical),
            restored=back,
        ),
    ]


def _initial_values(items: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Stream and type at the beginning of life: what the first change says it was before, else today's."""
    ordered = changes.sort("item_no", "at_us", "import_no", "sequence", maintain_order=True)
    out = items.select("item_no", pl.col("stream").alias("first_stream"), pl.col("type").alias("first_type"))
    for field in ("stream", "type"):
        before = (
            ordered.filter(pl.col("field") == field)
            .group_by("item_no", maintain_order=True)
            .agg(before=pl.col("from_value").first(), changed=pl.lit(value=True).first())
        )
        name = f"first_{field}"
        fallback = pl.lit("") if field == "type" else pl.col(name)
        out = (
            out.join(before, on="item_no", how="left", maintain_order="left")
            .with_columns(
                pl.when(pl.col("changed").fill_null(value=False))
                .then(pl.coalesce("before", fallback))
                .otherwise(name)
                .alias(name)
            )
            .drop("before", "changed")
        )
    return out
