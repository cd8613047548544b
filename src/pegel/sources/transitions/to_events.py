"""Maps checked rows of a table to event-log records: the pure heart of every table of states or activities.

A row says that its item came into, or is in, a state at a time. Each item's rows are ordered by time, then by their
sequence where the table has one, then by their place in the file. A row that repeats its item's state is no
transition: if it shows a new value in another known column it gives a field change; if it says, at the same time and
sequence, nothing new at all it is a *duplicate*; otherwise it is *ignored* as ``no_state_change``. A blank cell in one
of those other columns means "not said", so the value known before goes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Final

import polars as pl

from pegel.eventlog.batch import Batch, BatchBuilder, Category, empty
from pegel.eventlog.schema import FIELD_CHANGES, ITEMS, TRANSITIONS
from pegel.sources.activities import SCHEDULE, STARTS, STATELESS, Event, after, before, fold_case
from pegel.sources.transitions.columns import FIELDS

#: Values of these fields stand nowhere else, so that the first one is a change too; the others stand in ``items``.
_NOT_IN_ITEMS: Final = ("assignee", "team", "priority")
_UNSAID: Final = "\x00"


def in_order(frame: pl.DataFrame, *, newest_first: bool) -> pl.DataFrame:
    """Sort rows by item, time, sequence, place in the file; add ``same`` (as the item before) and ``order``.

    ``newest_first``: the file has the newest row of an item first, so that of equal times the lower row is the earlier.
    ``order`` is the row's sequence among equal times of its item: the table's own, or a count where that leaves ties.
    """
    given = "sequence" in frame.columns
    frame = frame.with_columns(pl.col("sequence").fill_null(0) if given else pl.lit(0, pl.Int64).alias("sequence"))
    place = -pl.col("row") if newest_first else pl.col("row")
    frame = frame.sort(pl.col("item"), pl.col("at_us"), pl.col("sequence"), place)
    item, at, sequence = pl.col("item"), pl.col("at_us"), pl.col("sequence")
    frame = frame.with_columns(same=(item == item.shift(1)).fill_null(False))
    frame = frame.with_columns(same_time=pl.col("same") & (at == at.shift(1)).fill_null(False))
    frame = frame.with_columns(tie=pl.col("same_time") & (sequence == sequence.shift(1)).fill_null(False))
    index = pl.int_range(pl.len(), dtype=pl.Int64)
    start = pl.when(~pl.col("same_time")).then(index).forward_fill()
    frame = frame.with_columns(moment=start, count=index - start)
    tied = frame.filter("tie")["moment"].unique()
    return frame.with_columns(
        order=pl.when(pl.col("moment").is_in(tied.implode())).then("count").otherwise("sequence") if given else "count"
    ).drop("moment", "count")


def map_states(frame: pl.DataFrame, *, default_stream: str) -> Batch:
    """Map rows (:func:`in_order`) that hold all rows of their items.

    >>> rows = pl.DataFrame({"row": [1, 2, 3], "item": "A", "at_us": [10, 20, 30], "step": ["Open", "Open", "Done"]})
    >>> batch = map_states(in_order(rows, newest_first=False), default_stream="Claims")
    >>> batch.transitions.select("row", "from_state", "to_state").rows(), dict(batch.ignored)
    ([(1, None, 'Open'), (3, 'Open', 'Done')], {'no_state_change': 1})
    """
    fields = [name for name in FIELDS if name in frame.columns]
    frame = _with_known(frame, fields)
    state = pl.col("step")
    state_before: pl.Expr = pl.when("same").then(state.shift(1))
    moved = ~pl.col("same") | (state != state.shift(1)).fill_null(True)
    if "from_state" in frame.columns:
        # The tool says the item came back from elsewhere: a change in between is missing in the file.
        moved |= (pl.col("from_state") != state).fill_null(False)
        state_before = pl.coalesce("from_state", state_before)
    frame = frame.with_columns(
        moved=moved, state_before=state_before, **{f"changed:{name}": _changed(name) for name in fields}
    )
    accepted = pl.any_horizontal("moved", *(f"changed:{name}" for name in fields))
    frame = frame.with_columns(accepted=accepted)
    duplicate = frame.filter(~pl.col("accepted") & pl.col("tie")).height
    ignored = frame.filter(~pl.col("accepted") & ~pl.col("tie")).height
    items, warnings = _items(frame, default_stream)
    changes = [_field_changes(frame, name) for name in fields]
    return Batch(
        items=items,
        transitions=_transitions(frame.filter("moved"), from_state="state_before", to_state="step"),
        field_changes=pl.concat([empty("field_changes"), *changes]).sort("item", "at_us", "sequence", "row", "field"),
        links=empty("links"),
        rejects=empty("rejects"),
        duplicate=duplicate,
        ignored=Counter({"no_state_change": ignored}) if ignored else Counter(),
        warnings=warnings,
    )


def map_activities(
    frame: pl.DataFrame, *, paired: bool, default_stream: str, hints: dict[str, Category] | None = None
) -> Batch:
    """Map rows (:func:`in_order`) whose ``step`` is what was done, see :mod:`pegel.sources.activities`."""
    known = {} if hints is None else hints
    frame = _with_known(frame, [name for name in ("type", "stream", "parent") if name in frame.columns])
    batch = _paired(frame, known) if paired else _unpaired(frame, known)
    items, batch.warnings = _items(frame, default_stream)
    # An item counts for the row of its first change of state: its very first row may be one that changes nothing.
    first = batch.transitions.group_by("item", maintain_order=True).agg(pl.col("row").first())
    batch.items = items.drop("row").join(first, on="item", how="inner", maintain_order="left").select(*ITEMS)
    return batch


def _unpaired(frame: pl.DataFrame, hints: dict[str, Category]) -> Batch:
    """Do for whole columns what :func:`fold_case` does for a case without pairs."""
    lifecycle = pl.col("lifecycle") if "lifecycle" in frame.columns else pl.lit(None, pl.String)
    alike = [name for name in ("step", "lifecycle", "actor") if name in frame.columns]
    repeats = pl.all_horizontal("same_time", *(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in alike))
    stateless = lifecycle.is_in(list(STATELESS)).fill_null(False)
    scheduled = (lifecycle == SCHEDULE).fill_null(False)
    started = lifecycle.is_in(list(STARTS)).fill_null(False)
    prefix = pl.when(scheduled).then(pl.lit(before(""))).when(started).then(pl.lit("")).otherwise(pl.lit(after("")))
    frame = frame.with_columns(
        repeats=repeats.fill_null(False), stateless=stateless, to=pl.concat_str(prefix, pl.col("step")), hint=~started
    )
    kept = frame.filter(~pl.col("repeats") & ~pl.col("stateless"))
    same = (pl.col("item") == pl.col("item").shift(1)).fill_null(False)
    kept = kept.with_columns(state_before=pl.when(same).then(pl.col("to").shift(1)))
    hints.update((state, "waiting") for state in kept.filter("hint")["to"].unique(maintain_order=True))
    ignored = frame.filter(~pl.col("repeats") & pl.col("stateless")).height
    return Batch(
        items=empty("items"),
        transitions=_transitions(kept, from_state="state_before", to_state="to"),
        field_changes=empty("field_changes"),
        links=empty("links"),
        rejects=empty("rejects"),
        duplicate=int(frame["repeats"].sum()),
        ignored=Counter({"lifecycle_without_state": ignored}) if ignored else Counter(),
    )


def _paired(frame: pl.DataFrame, hints: dict[str, Category]) -> Batch:
    builder = BatchBuilder()
    nothing = pl.lit(None, pl.String)
    events = frame.select(
        "item",
        "row",
        "step",
        *(pl.col(name) if name in frame.columns else nothing.alias(name) for name in ("lifecycle", "actor")),
        "at_us",
        "order",
    )
    case: list[Event] = []
    current: str | None = None
    for item, row, activity, lifecycle, actor, at_us, sequence in events.iter_rows():
        if item != current and current is not None:
            fold_case(builder, current, case, paired=True, hints=hints)
            case = []
        current = item
        case.append(Event(row, activity, lifecycle, at_us, sequence, actor))
    if current is not None:
        fold_case(builder, current, case, paired=True, hints=hints)
    return builder.take()


def _with_known(frame: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Add ``known:FIELD``: the latest value said of the item up to the row."""
    unsaid = pl.lit(_UNSAID)
    frame = frame.with_columns(
        pl.when(pl.col(name).is_null() & ~pl.col("same"))
        .then(unsaid)
        .otherwise(name)
        .forward_fill()
        .alias(f"known:{name}")
        for name in fields
    )
    return frame.with_columns(
        pl.when(pl.col(f"known:{name}") != unsaid).then(f"known:{name}").alias(f"known:{name}") for name in fields
    )


def _known_before(name: str) -> pl.Expr:
    return pl.when("same").then(pl.col(f"known:{name}").shift(1))


def _changed(name: str) -> pl.Expr:
    changed = pl.col(f"known:{name}").ne_missing(_known_before(name))
    return changed if name in _NOT_IN_ITEMS else changed & pl.col("same")


def _field_changes(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return (
        frame.with_columns(before=_known_before(name))
        .filter(f"changed:{name}")
        .select(
            "row",
            "item",
            "at_us",
            pl.col("order").alias("sequence"),
            pl.lit(name).alias("field"),
            pl.col("before").alias("from_value"),
            pl.col(f"known:{name}").alias("to_value"),
            _optional(frame, "actor"),
        )
        .cast(FIELD_CHANGES)  # type: ignore[arg-type]  # polars wants the mapping invariant in its keys
    )


def _transitions(frame: pl.DataFrame, *, from_state: str, to_state: str) -> pl.DataFrame:
    return frame.select(
        "row",
        "item",
        "at_us",
        pl.col("order").alias("sequence"),
        pl.col(from_state).alias("from_state"),
        pl.col(to_state).alias("to_state"),
        _optional(frame, "actor"),
    ).cast(TRANSITIONS)  # type: ignore[arg-type]  # polars wants the mapping invariant in its keys


def _items(frame: pl.DataFrame, default_stream: str) -> tuple[pl.DataFrame, Counter[str]]:
    created = pl.col("created_us").drop_nulls().first() if "created_us" in frame.columns else pl.lit(None, pl.Int64)
    extra = [name for name in frame.columns if name.startswith("attribute:")]
    items = frame.group_by("item", maintain_order=True).agg(
        pl.col("row").first(),
        *(pl.col(f"known:{name}").last().alias(name) for name in ("stream", "type", "parent") if name in frame.columns),
        *(pl.col(name).drop_nulls().last() for name in ("title",) if name in frame.columns),
        *(pl.col(name).filter(pl.col(name) != "").last() for name in extra),
        created.alias("said_us"),
        pl.col("at_us").first().alias("first_us"),
    )
    late = items.filter(pl.col("said_us") > pl.col("first_us")).height
    attributes = pl.Series("attributes", _as_json(items.select(extra)) if extra else [None] * items.height, pl.String)
    items = items.with_columns(
        attributes,
        # An item exists at the latest when something happens to it, whatever a column of days or a slow clock says.
        created_us=pl.min_horizontal("said_us", "first_us"),
        **{name: pl.lit(None, pl.String) for name in ("type", "parent", "title") if name not in items.columns},
        stream=(pl.col("stream") if "stream" in items.columns else pl.lit(None, pl.String)).fill_null(default_stream),
    )
    return (
        items.select(*ITEMS).cast(ITEMS),  # type: ignore[arg-type]  # polars wants the mapping invariant in its keys
        Counter({"created_after_first_event": late}) if late else Counter(),
    )


def _as_json(values: pl.DataFrame) -> list[str | None]:
    names = [name.removeprefix("attribute:") for name in values.columns]
    rows = ({name: value for name, value in zip(names, row, strict=True) if value} for row in values.iter_rows())
    return [json.dumps(row, ensure_ascii=False, sort_keys=True) if row else None for row in rows]


def _optional(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name)
