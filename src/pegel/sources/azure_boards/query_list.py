"""Reads the result of a query, exported as CSV or saved from Excel: one row per work item, with dates.

There is no history in it: a work item was created, was last activated, was closed, and came into its state of today
when the state last changed, as far as the query has these columns. *Resolved Date* is left out: what is resolved is
still in progress for Azure. In the result of a query for a tree the parent of an item is the nearest row above it whose
title stands one column further left.

Format: Microsoft's "Import, update, and export bulk work items with CSV files in Azure Boards".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, Category, SourceInfo
from pegel.sources.azure_boards.columns import QUERY_ROLES, REVISION_ROLES, is_azure, title_levels
from pegel.sources.azure_boards.states import StateMeanings
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.date_columns import DateColumns, DateColumnsTable, Findings, Step, survey_dates
from pegel.sources.dates_only import ANSWERS, ANSWERS_NOT, CLOSED_STATE, STARTED_STATE
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.tabular import Table, open_table, unique_names

_CHANGED_STATE: Final = "changed"
#: Roles of dates in the order of an item's life, with the state that is entered; None: the one of the state column.
_DATES: Final = {
    "created": schema.CREATED_STATE,
    "started": STARTED_STATE,
    "closed": None,
    "changed": None,
}


class QueryList:
    """A query's result as a source of events: its dates, with the places of its items."""

    def __init__(self, dates: DateColumnsTable, table: Table, roles: dict[str, str], options: ReadOptions) -> None:
        self._dates = dates
        self._table = table
        self._roles = roles
        self._options = options
        self._steps = _steps(roles)
        self._levels = title_levels(table.columns)
        self._states: dict[str, None] = {}
        self._closing: dict[str, Category] = {}

    def batches(self) -> Iterator[Batch]:
        """Yield the table's rows as batches.

        Raises
        ------
        InputError: what only reading on can show (``archive_broken`` …).
        """
        places = self._places() if self._needs_places() else None
        for batch in self._dates.batches():
            events = batch.transitions.select("sequence", "to_state").unique(maintain_order=True)
            self._states |= dict.fromkeys(events["to_state"].to_list())
            if "closed" in self._steps:
                closing = events.filter(pl.col("sequence") == self._steps.index("closed"))["to_state"]
                self._closing |= dict.fromkeys(closing.to_list(), "done")
            if places is not None:
                batch.items = self._placed(batch.items, places)
            yield batch

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        found = self._dates.info()
        hints: dict[str, Category] = {
            schema.CREATED_STATE: "new" if "started" in self._roles else "waiting",
            STARTED_STATE: "active",
            CLOSED_STATE: "done",
        }
        known = {state: kind for state, kind in hints.items() if state in self._states}
        read = {self._roles.get("area"), *self._levels}
        return SourceInfo(
            source=found.source,
            log_kind=found.log_kind,
            state_hints={**self._closing, **StateMeanings().hints(self._states), **known},
            columns=found.columns,
            left_out=tuple(name for name in found.left_out if name not in read or name in self._untold()),
            notes=found.notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._dates.progress()

    def _needs_places(self) -> bool:
        return bool(self._levels) or ("stream" not in self._roles and "area" in self._roles)

    def _untold(self) -> tuple[str, ...]:
        """Columns of titles that were looked at for the tree alone."""
        return () if self._options.titles else self._levels

    def _places(self) -> pl.DataFrame:
        """Per row: project, parent and title, as far as the area path and the tree of titles say them."""
        roles, levels = self._roles, self._levels
        area = roles["area"] if "stream" not in roles and "area" in roles else None
        wanted = [roles["item"], *levels, *([area] if area else [])]
        above: list[str | None] = []
        found: list[tuple[int, str | None, str | None, str | None]] = []
        for part in self._table.parts(wanted):
            for row, item, *cells in part.frame.select("row", *wanted).iter_rows():
                titles = [cell.strip() for cell in cells[: len(levels)]]
                depth = next((place for place, title in enumerate(titles) if title), None)
                parent = title = None
                if depth is not None:
                    title = titles[depth][: schema.LONGEST_TEXT]
                    above = [*above[:depth], *[None] * (depth - len(above)), item.strip() or None]
                    parent = above[depth - 1] if depth else None
                project = cells[-1].partition("\\")[0].strip() if area else ""
                fits = parent is None or len(parent) <= schema.LONGEST_NAME
                found.append((row, project[: schema.LONGEST_NAME] or None, parent if fits else None, title))
        names = {"row": pl.Int64(), "project": pl.String(), "above": pl.String(), "told": pl.String()}
        return pl.DataFrame(found, schema=names, orient="row")

    def _placed(self, items: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
        joined = items.join(places, on="row", how="left", maintain_order="left")
        project = pl.lit(None, pl.String) if self._options.stream else pl.col("project")
        told = pl.col("told") if self._options.titles else pl.lit(None, pl.String)
        return joined.with_columns(
            stream=pl.coalesce(project, "stream"),
            parent=pl.coalesce("parent", "above"),
            title=pl.coalesce(told, "title"),
        ).select(*schema.ITEMS)


def _recognise(head: Head) -> float:
    columns = unique_names(head.header)
    if not is_azure(columns):
        return 0.0
    place = columns.index(roles_by_header(columns, QUERY_ROLES)["item"])
    items = [row[place] for row in head.rows if len(row) > place and row[place].strip()]
    history = {"at", "sequence", "state"} <= roles_by_header(columns, REVISION_ROLES).keys()
    # An item on several rows has a history: those are its revisions.
    return 0.0 if history and len(set(items)) <= 0.9 * len(items) else 0.98


def _open(path: Path, options: ReadOptions) -> QueryList:
    table = open_table(path, options)
    found = roles_by_header(table.columns, QUERY_ROLES, options.columns)
    require_roles(found, ("item", "created"), table.columns)
    if "closed" not in found and not {"changed", "state"} <= found.keys():
        require_roles(found, ("closed",), table.columns)
    for column in options.attributes:
        if column not in table.columns:
            raise InputError("column_unknown", role="attributes", column=column, found=list(table.columns))
    dates = _steps(found)
    moments = survey_dates(table, tuple(found[role] for role in dates), options)
    plan = DateColumns(
        item=found["item"],
        steps=tuple(_step(role, found) for role in dates),
        type=found.get("type"),
        stream=found.get("stream"),
        parent=found.get("parent"),
        title=found.get("title") if options.titles else None,
        attributes=(*([found["state"]] if "state" in found else []), *options.attributes),
        backwards={
            (found[earlier], found[later]): f"{later}_before_{earlier}"
            for place, earlier in enumerate(dates)
            for later in dates[place + 1 :]
            if (later, earlier) in {("closed", "created"), ("closed", "started"), ("started", "created")}
        },
    )
    findings = Findings(
        source="azure_boards.query",
        log_kind="dates",
        state_hints={},
        columns={role: column for role, column in found.items() if role != "title" or options.titles},
        notes={
            "no_state_history": "",
            "answers": ANSWERS + (", flow_distribution" if "type" in found else ""),
            "answers_not": ANSWERS_NOT,
        },
    )
    return QueryList(DateColumnsTable(table, plan, moments, options, findings), table, found, options)


def _steps(found: dict[str, str]) -> list[str]:
    """Roles of the dates that are read; a date of the last change is of no use without the state."""
    return [role for role in _DATES if role in found and (role != "changed" or "state" in found)]


def _step(role: str, found: dict[str, str]) -> Step:
    state = _DATES[role]
    if state is not None:
        return Step(column=found[role], state=state)
    fallback = CLOSED_STATE if role == "closed" else _CHANGED_STATE
    return Step(column=found[role], state=fallback, state_column=found.get("state"))


FORMAT: Final = Format(name="azure_boards.query", recognise=_recognise, open=_open)
