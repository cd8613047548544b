"""Reads an exported list into batches: the rows of an object are kept together, whatever the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import polars as pl

from pegel.eventlog.batch import Batch, BatchBuilder, EventSource, SourceInfo
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.formats import ReadOptions
from pegel.sources.moments import MomentFormat
from pegel.sources.sap.columns import CHANGE_COLUMNS, CHANGES_NEED, STATUS_COLUMNS, STATUS_ROLE, STATUSES_NEED
from pegel.sources.sap.rows import check_changes, check_statuses, decide_times
from pegel.sources.sap.to_events import Change, ObjectMapping, StatusChoice, is_of_use
from pegel.sources.tabular import Table, TablePart, open_table
from pegel.sources.transitions.buckets import RowStore

_Check = Callable[[TablePart, Mapping[str, str], MomentFormat], tuple[pl.DataFrame, pl.DataFrame]]
_KEPT: Final = list(Change._fields)
_SAME: Final = [name for name in _KEPT if name != "row"]


class ChangeList:
    """An opened list of changes (an ``EventSource``)."""

    def __init__(
        self,
        name: str,
        table: Table,
        roles: Mapping[str, str],
        moments: MomentFormat,
        check: _Check,
        options: ReadOptions,
    ) -> None:
        self._name = name
        self._table = table
        self._roles = roles
        self._moments = moments
        self._check = check
        self._options = options
        self._choice = StatusChoice.parse(options.columns.get(STATUS_ROLE))
        self._mapping = ObjectMapping(self._choice, options.stream)

    def batches(self) -> Iterator[Batch]:
        """Yield batches: first rejected and ignored rows, then each object with all its rows.

        Raises
        ------
        InputError: what only reading on can show (``archive_broken`` …).
        """
        self._mapping = ObjectMapping(self._choice, self._options.stream)
        with RowStore() as store:
            for part in self._table.parts(self._columns()):
                good, rejects = self._check(part, self._roles, self._moments)
                kept = self._of_use(good)
                store.add(kept)
                batch = BatchBuilder().take()
                batch.rejects = rejects
                if unused := good.height - kept.height:
                    batch.ignored["field_not_needed"] += unused
                if rejects.height or unused:
                    yield batch
            builder = BatchBuilder()
            for group in store.groups():
                yield from self._objects(group, builder)
            yield builder.take()

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        notes = self._moments.notes()
        if self._mapping.fields:
            notes["status_fields"] = ", ".join(sorted(self._mapping.fields))
        else:
            notes["no_state_history_at_all"] = ""
        read = set(self._columns())
        return SourceInfo(
            source=self._name,
            log_kind="states",
            state_hints=dict(self._mapping.hints),
            columns=dict(self._roles),
            left_out=tuple(column for column in self._table.columns if column not in read),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._table.progress()

    def _columns(self) -> list[str]:
        return list(dict.fromkeys(self._roles.values()))

    def _of_use(self, good: pl.DataFrame) -> pl.DataFrame:
        kinds = good.select("table", "field", "indicator").unique(maintain_order=True)
        wanted = [is_of_use(self._choice, *kind) for kind in kinds.iter_rows()]
        return good.join(kinds.filter(pl.Series(wanted, dtype=pl.Boolean)), on=kinds.columns, how="semi").select(_KEPT)

    def _objects(self, group: pl.DataFrame, builder: BatchBuilder) -> Iterator[Batch]:
        repeated = ~group.select(pl.struct(_SAME).is_first_distinct()).to_series()
        builder.duplicate += int(repeated.sum())
        ordered = group.filter(~repeated).sort("item", maintain_order=True)
        rows = (Change(*row) for row in ordered.iter_rows())
        for _, of_object in groupby(rows, key=lambda change: change.item):
            self._mapping.add(builder, of_object)
            if len(builder) >= self._options.batch_rows:
                yield builder.take()


def open_changes(path: Path, options: ReadOptions) -> EventSource:
    """Open a list of change documents.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates``, ``ambiguous_sheet``.
    InputError: ``columns_missing``, ``column_unknown``, ``role_unknown``, ``unknown_zone`` and those of
    :func:`pegel.sources.tabular.open_table`.
    """
    return _open("sap.changes", path, options, CHANGE_COLUMNS, CHANGES_NEED, check_changes)


def open_statuses(path: Path, options: ReadOptions) -> EventSource:
    """Open a list of status changes; raises as :func:`open_changes`."""
    return _open("sap.statuses", path, options, STATUS_COLUMNS, STATUSES_NEED, check_statuses)


def _open(
    name: str,
    path: Path,
    options: ReadOptions,
    headers: Mapping[str, Sequence[str]],
    needed: Sequence[str],
    check: _Check,
) -> ChangeList:
    table = open_table(path, options)
    given = {role: column for role, column in options.columns.items() if role != STATUS_ROLE}
    roles = roles_by_header(table.columns, headers, given)
    require_roles(roles, needed, table.columns)
    return ChangeList(name, table, roles, decide_times(table, roles, options), check, options)
