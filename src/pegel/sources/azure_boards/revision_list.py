"""Reads a table with one row per revision of a work item: an export of Analytics' ``WorkItemRevisions``, or the like.

Such a table has the columns *ID* (or *WorkItemId*), *Rev* (*Revision*), *Changed Date* and *State*, and is a table of
transitions. Where it says the category of each state (*StateCategory*), that is what the state means.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pegel.errors import InputError
from pegel.eventlog.batch import Batch, SourceInfo
from pegel.sources.azure_boards.columns import CATEGORY, REVISION_ROLES, is_azure
from pegel.sources.azure_boards.states import StateMeanings
from pegel.sources.azure_boards.values import person
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.tabular import Table, open_table, unique_names
from pegel.sources.transitions.cells import Cells
from pegel.sources.transitions.source import TableReading, TransitionsTable, decide_times, stem

_PEOPLE: Final = ("from_value", "to_value")


class RevisionList:
    """A list of revisions as a source of events."""

    def __init__(self, transitions: TransitionsTable, table: Table, roles: dict[str, str]) -> None:
        self._transitions = transitions
        self._table = table
        self._roles = roles
        self._states: dict[str, None] = {}
        self._meanings = StateMeanings()

    def batches(self) -> Iterator[Batch]:
        """Yield the table's rows as batches, each item with all its rows.

        Raises
        ------
        InputError: what only reading on can show (``archive_broken`` …).
        """
        self._meanings = StateMeanings()
        category = roles_by_header(self._table.columns, {"category": CATEGORY}).get("category")
        if category:
            for part in self._table.parts([self._roles["state"], category]):
                pairs = part.frame.drop("row").unique(maintain_order=True)
                for state, kind in pairs.iter_rows():
                    self._meanings.add(state, kind)
        for batch in self._transitions.batches():
            self._states |= dict.fromkeys(batch.transitions["to_state"].unique(maintain_order=True).to_list())
            yield _with_logins(batch)

    def info(self) -> SourceInfo:
        """Say what was found; call after the batches were read."""
        found = self._transitions.info()
        return SourceInfo(
            source=found.source,
            log_kind=found.log_kind,
            state_hints=self._meanings.hints(self._states),
            columns=found.columns,
            left_out=found.left_out,
            notes=found.notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._transitions.progress()


def _with_logins(batch: Batch) -> Batch:
    """Replace "Name <login>" by the login, as the other answers of the tool say it."""
    changes, transitions = batch.field_changes, batch.transitions
    of_person = changes["field"] == "assignee"
    names = {name for column in _PEOPLE for name in changes.filter(of_person)[column].drop_nulls().unique()}
    actors = {*changes["actor"].drop_nulls().unique(), *transitions["actor"].drop_nulls().unique()}
    logins = {name: person(name) for name in sorted(names | actors)}
    if logins:
        replaced = {column: changes[column].replace(logins) for column in (*_PEOPLE, "actor")}
        batch.field_changes = changes.with_columns(
            replaced["actor"],
            *(replaced[column].zip_with(of_person, changes[column]).alias(column) for column in _PEOPLE),
        )
        batch.transitions = transitions.with_columns(transitions["actor"].replace(logins))
    return batch


def _recognise(head: Head) -> float:
    columns = unique_names(head.header)
    roles = roles_by_header(columns, REVISION_ROLES)
    if not is_azure(columns) or not {"item", "at", "sequence", "state"} <= roles.keys():
        return 0.0
    place = columns.index(roles["item"])
    items = [row[place] for row in head.rows if len(row) > place and row[place].strip()]
    return 0.98 if len(set(items)) <= 0.9 * len(items) else 0.0


def _open(path: Path, options: ReadOptions) -> RevisionList:
    table = open_table(path, options)
    roles = roles_by_header(table.columns, REVISION_ROLES, options.columns)
    require_roles(roles, ("item", "at", "state"), table.columns)
    if options.stream is not None:
        roles.pop("stream", None)
    if not options.titles:
        roles.pop("title", None)
    for column in options.attributes:
        if column not in table.columns:
            raise InputError("column_unknown", role="attributes", column=column, found=list(table.columns))
    at, created = decide_times(table, roles, options)
    reading = TableReading(
        source="azure_boards.revisions",
        cells=Cells(roles=roles, at=at, created=created, attributes=options.attributes),
        default_stream=options.stream or stem(Path(path)),
        batch_rows=options.batch_rows,
    )
    return RevisionList(TransitionsTable(table, reading), table, roles)


FORMAT: Final = Format(name="azure_boards.revisions", recognise=_recognise, open=_open)
