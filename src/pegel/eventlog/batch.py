"""What a source hands over: batches of event-log rows, with the fate of every row it read.

A source reads its file or its pages once, in order, and yields batches. Every source row has exactly one fate:

========== =========================================================================================
accepted   at least one record (item, transition, field change, link) carries its ``row`` number
merged     folded into the record of another row (the "complete" of a start/complete pair)
duplicate  says exactly what an earlier row of the same file said
ignored    understood, and deliberately not an event (``ignored`` counts them by reason code)
rejected   broken: kept in ``rejects`` with its reason
========== =========================================================================================

``rows_read`` is the sum of the fates. The lake turns *accepted* into *duplicate* when all records of a row are known
from an earlier import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import polars as pl

from pegel.eventlog import schema

Category = Literal["new", "waiting", "active", "done", "cancelled", "ignored"]
#: states: each event says the state an item is in from then on. activities: each event says what was done, without
#: start (an event opens the state "after X"). intervals: activities with start and complete. dates: created/closed.
LogKind = Literal["states", "activities", "intervals", "dates"]


@dataclass(slots=True)
class Batch:
    """Rows for the five tables, plus the fates of the source rows that gave none.

    The frames have exactly the columns of :mod:`pegel.eventlog.schema`; an item may appear in several batches.
    """

    items: pl.DataFrame
    transitions: pl.DataFrame
    field_changes: pl.DataFrame
    links: pl.DataFrame
    rejects: pl.DataFrame
    merged: int = 0
    duplicate: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    #: Things a person should know that cost no row, by code: ``{"future_time": 3}``.
    warnings: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What is known about an import beyond its rows; complete only after the last batch was read.

    Parameters
    ----------
    state_hints: category by state, as the tool itself says it (Jira's status category, an activity's start event …).
    columns: role → column name that was read, for files with columns.
    left_out: columns that were not taken (not needed, or personal).
    notes: further facts by code, worded in pegel.words (for example which date order was taken).
    """

    source: str  # "csv.transitions", "jira.rest", "xes" …
    log_kind: LogKind
    state_hints: Mapping[str, Category] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


class EventSource(Protocol):
    """A file or an API that can be read into batches. Reading it twice gives the same batches in the same order."""

    def batches(self) -> Iterator[Batch]:
        """Yield batches of bounded size (some 100,000 source rows)."""
        ...

    def info(self) -> SourceInfo:
        """Say what was found; call after the batches were read."""
        ...

    def progress(self) -> float | None:
        """Return the share of the input that was read, 0 to 1; None when unknown."""
        ...


_GOOD_NAMES_KEPT: Final = 1 << 16


class BatchBuilder:
    """Collects records row by row for sources that think in records (JSON, XML).

    Names and times are checked here, once, for every such source: a record with a broken value rejects its row
    (returns False) and the row's other records are kept.

    >>> builder = BatchBuilder()
    >>> builder.item(1, "A-1", stream="Claims", created_us=0)
    True
    >>> builder.transition(1, "A-1", at_us=5, sequence=1, to_state="Open")
    True
    >>> builder.transition(2, "A-1", at_us=-5, sequence=2, to_state="Done")
    False
    >>> batch = builder.take()
    >>> batch.transitions["to_state"].to_list(), batch.rejects["reason"].to_list()
    (['Open'], ['time_out_of_range'])
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in schema.TABLES}
        self._rejected: set[int] = set()
        #: Names that were found good: a log repeats its states and items, so checking each once is enough.
        self._good_names: set[str] = {"-"}
        self.merged = 0
        self.duplicate = 0
        self.ignored: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

    def item(
        self,
        row: int,
        item: str,
        *,
        stream: str,
        type: str | None = None,  # noqa: A002  the field's standard term
        parent: str | None = None,
        created_us: int | None = None,
        title: str | None = None,
        attributes: str | None = None,
    ) -> bool:
        """Add what is known of an item today."""
        if created_us is not None and not schema.EARLIEST_US <= created_us < schema.LATEST_US:
            return self.reject(row, "time_out_of_range", str(created_us))
        if not self._names_fit(row, item, stream, type or "-", parent or "-"):
            return False
        title = title and title[: schema.LONGEST_TEXT]
        self._rows["items"].append((row, item, stream, type, parent, created_us, title, attributes))
        return True

    def transition(
        self,
        row: int,
        item: str,
        *,
        at_us: int,
        sequence: int,
        to_state: str,
        from_state: str | None = None,
        actor: str | None = None,
    ) -> bool:
        """Add one change of state."""
        good = self._good_names  # the usual case first: this is called once per event
        if not (
            item in good
            and to_state in good
            and (from_state is None or from_state in good)
            and schema.EARLIEST_US <= at_us < schema.LATEST_US
        ) and not self._fits(row, at_us, item, to_state, from_state or "-"):
            return False
        self._rows["transitions"].append((row, item, at_us, sequence, from_state, to_state, actor))
        return True

    def field_change(
        self,
        row: int,
        item: str,
        *,
        at_us: int,
        sequence: int,
        field: str,
        from_value: str | None = None,
        to_value: str | None = None,
        actor: str | None = None,
    ) -> bool:
        """Add one change of another field: assignee, priority, type, flag …"""
        if not self._fits(row, at_us, item, field):
            return False
        values = [value if value is None else value[: schema.LONGEST_TEXT] for value in (from_value, to_value)]
        self._rows["field_changes"].append((row, item, at_us, sequence, field, *values, actor))
        return True

    def link(self, row: int, item: str, *, kind: str, other: str, at_us: int | None = None) -> bool:
        """Add a link: ``item`` blocks, is parent of, relates to or duplicates ``other``."""
        if kind not in schema.LINK_KINDS:
            raise ValueError(kind)
        if not self._fits(row, at_us if at_us is not None else 0, item, other):
            return False
        self._rows["links"].append((row, item, kind, other, at_us))
        return True

    def reject(self, row: int, reason: str, detail: str = "") -> bool:
        """Keep a broken row with its reason; returns False, so that callers can ``return builder.reject(…)``."""
        if row not in self._rejected:
            self._rejected.add(row)
            self._rows["rejects"].append((row, reason, detail[:200].replace("\x00", "\\x00")))
        return False

    def take(self) -> Batch:
        """Return what was collected as a Batch, and start anew.

        A row with a broken record is rejected as a whole only if none of its records was usable; otherwise its defects
        are counted as warnings by reason, because a row has one fate.
        """
        frames = {table: _frame(table, rows) for table, rows in self._rows.items()}
        used = pl.concat([frames[table]["row"] for table in ("items", "transitions", "field_changes", "links")])
        rejects = frames["rejects"]
        is_partly = rejects["row"].is_in(used.implode())
        self.warnings.update(rejects.filter(is_partly)["reason"].to_list())
        batch = Batch(
            items=frames["items"],
            transitions=frames["transitions"],
            field_changes=frames["field_changes"],
            links=frames["links"],
            rejects=rejects.filter(~is_partly),
            merged=self.merged,
            duplicate=self.duplicate,
            ignored=self.ignored,
            warnings=self.warnings,
        )
        self.__init__()  # type: ignore[misc]
        return batch

    def _fits(self, row: int, at_us: int, *names: str) -> bool:
        if not schema.EARLIEST_US <= at_us < schema.LATEST_US:
            return self.reject(row, "time_out_of_range", str(at_us))
        return self._names_fit(row, *names)

    def _names_fit(self, row: int, *names: str) -> bool:
        good = self._good_names
        for name in names:
            if name in good:
                continue
            reason = name_defect(name)
            if reason:
                return self.reject(row, reason, name)
            if len(good) >= _GOOD_NAMES_KEPT:
                good.clear()
            good.add(name)
        return True


def _frame(table: str, rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """Frame of rows; column by column, which is several times faster than row by row."""
    if not rows:
        return empty(table)
    columns = zip(schema.TABLES[table].items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([pl.Series(name, values, dtype=dtype) for (name, dtype), values in columns])


def name_defect(name: str) -> str | None:
    r"""Reason code why a name cannot be used, or None.

    >>> name_defect("In Progress"), name_defect(" "), name_defect("a\x00b"), name_defect("x" * 501)
    (None, 'empty_name', 'nul_byte', 'name_too_long')
    """
    if not name or name.isspace():
        return "empty_name"
    if "\x00" in name:
        return "nul_byte"
    if len(name) > schema.LONGEST_NAME:
        return "name_too_long"
    return None


def empty(table: str) -> pl.DataFrame:
    """Return an empty frame of a table."""
    return pl.DataFrame(schema=schema.TABLES[table])


def rows_of(batch: Batch) -> pl.Series:
    """Row numbers that at least one record of the batch carries, unique."""
    frames: Iterable[pl.DataFrame] = (batch.items, batch.transitions, batch.field_changes, batch.links)
    return pl.concat([frame["row"] for frame in frames]).unique()
