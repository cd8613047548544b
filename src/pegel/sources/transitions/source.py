"""Reads a table of transitions into batches: two passes over the rows, the items' rows kept together in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog.batch import Batch, Category, EventSource, LogKind, SourceInfo, empty
from pegel.sources.activities import is_paired
from pegel.sources.formats import ReadOptions
from pegel.sources.moments import MomentFormat, MomentSurvey
from pegel.sources.tabular import Table, open_table
from pegel.sources.transitions.buckets import MEMORY_BYTES, RowStore, item_slices
from pegel.sources.transitions.cells import Cells, check_rows, columns_read
from pegel.sources.transitions.columns import choose_roles
from pegel.sources.transitions.to_events import in_order, map_activities, map_states

#: A file counts as "newest first" if its rows go back in time this many times as often as forward.
_CLEARLY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReading:
    """What is decided about a table before its rows are read.

    ``default_stream``: stream of items for which no column says one. ``state_hints``: what the tool itself says about
    its states.
    """

    source: str
    cells: Cells
    default_stream: str
    batch_rows: int
    state_hints: Mapping[str, Category] = field(default_factory=dict)
    memory_bytes: int = MEMORY_BYTES


class TransitionsTable:
    """An opened table of states or activities (an ``EventSource``)."""

    def __init__(self, table: Table, reading: TableReading) -> None:
        self._table = table
        self._reading = reading
        self._paired = False
        self._newest_first = False
        self._hints: dict[str, Category] = dict(reading.state_hints)

    def batches(self) -> Iterator[Batch]:
        """Yield batches; first those that hold only rejected rows, then each item with all its rows."""
        cells = self._reading.cells
        lifecycles: set[str | None] = set()
        falling = rising = 0
        with RowStore(self._reading.memory_bytes) as store:
            for part in self._table.parts(columns_read(cells)):
                checked = check_rows(part, cells)
                if checked.rejects.height or checked.warnings:
                    yield _rejected(checked.rejects, checked.warnings)
                if "lifecycle" in cells.roles:
                    lifecycles.update(checked.frame["lifecycle"].unique())
                down, up = _directions(checked.frame)
                falling, rising = falling + down, rising + up
                store.add(checked.frame)
            self._newest_first = falling > _CLEARLY * rising
            self._paired = is_paired(lifecycles)
            for group in store.groups():
                ordered = in_order(group, newest_first=self._newest_first)
                for rows in item_slices(ordered, self._reading.batch_rows):
                    yield self._map(rows)

    def info(self) -> SourceInfo:
        """Say what was found; call after the batches were read."""
        cells = self._reading.cells
        kind: LogKind = "states"
        if "state" not in cells.roles:
            kind = "intervals" if self._paired else "activities"
        notes = cells.at.notes()
        if self._newest_first:
            notes["row_order"] = "newest_first"
        taken = set(columns_read(cells))
        return SourceInfo(
            source=self._reading.source,
            log_kind=kind,
            state_hints=dict(self._hints),
            columns=dict(cells.roles),
            left_out=tuple(column for column in self._table.columns if column not in taken),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read, 0 to 1."""
        return self._table.progress()

    def _map(self, rows: pl.DataFrame) -> Batch:
        if "state" in self._reading.cells.roles:
            return map_states(rows, default_stream=self._reading.default_stream)
        return map_activities(rows, paired=self._paired, default_stream=self._reading.default_stream, hints=self._hints)


def open_transitions(path: Path, options: ReadOptions) -> EventSource:
    """Open a table of transitions or of activities.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates``, ``ambiguous_sheet``.
    InputError: ``columns_missing``, ``column_unknown``, ``role_unknown``, ``unknown_zone`` and those of
    :func:`pegel.sources.tabular.open_table`.
    """
    table = open_table(path, options)
    roles = choose_roles(table.columns, options.columns)
    if options.stream is not None:
        roles.pop("stream", None)
    if not options.titles:
        roles.pop("title", None)
    for column in options.attributes:
        if column not in table.columns:
            raise InputError("column_unknown", role="attributes", column=column, found=list(table.columns))
    at, created = decide_times(table, roles, options)
    reading = TableReading(
        source="csv.transitions",
        cells=Cells(roles=roles, at=at, created=created, attributes=options.attributes),
        default_stream=options.stream or stem(path),
        batch_rows=options.batch_rows,
    )
    return TransitionsTable(table, reading)


def decide_times(table: Table, roles: Mapping[str, str], options: ReadOptions) -> tuple[MomentFormat, MomentFormat]:
    """Decide the notation of the columns ``at`` and ``created`` from the first rows and, while in doubt, from all.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates``. InputError: ``unknown_zone``.
    """
    surveys = {role: MomentSurvey() for role in ("at", "created") if role in roles}
    for part in table.parts([roles[role] for role in surveys]):
        for role, survey in surveys.items():
            survey.add(part.frame[roles[role]])
        if options.date_order is not None or not any(survey.open for survey in surveys.values()):
            break
    serials = table.from_workbook
    at = surveys["at"].decide(order=options.date_order, zone=options.zone, column=roles["at"], serials=serials)
    if "created" not in surveys:
        return at, at
    column = roles["created"]
    try:
        created = surveys["created"].decide(order=options.date_order, zone=options.zone, column=column, serials=serials)
    except AmbiguousInputError:
        if at.order is None:
            raise
        created = replace(at, numbers=None)  # one file writes its dates in one way
    return at, created


#: Endings of files that streams are named after: packing first.
_ENDINGS: Final = (
    ".gz", ".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".jsonl", ".log",
    ".xes", ".xml", ".sqlite", ".jsonocel", ".xmlocel", ".ocel",
)  # fmt: skip


def stem(path: Path) -> str:
    """File's name without its endings, as the name of a stream.

    >>> stem(Path("x/Claims 2026.csv.gz"))
    'Claims 2026'
    """
    name = path.name
    for ending in _ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return name


def _rejected(rejects: pl.DataFrame, warnings: Counter[str]) -> Batch:
    return Batch(
        items=empty("items"),
        transitions=empty("transitions"),
        field_changes=empty("field_changes"),
        links=empty("links"),
        rejects=rejects,
        warnings=warnings,
    )


def _directions(frame: pl.DataFrame) -> tuple[int, int]:
    """How often a row is earlier, and how often later, than the row of the same item just above it."""
    same = pl.col("item") == pl.col("item").shift(1)
    step = pl.col("at_us").diff()
    counted: Sequence[int] = frame.select(down=(same & (step < 0)).sum(), up=(same & (step > 0)).sum()).row(0)
    return counted[0], counted[1]
