"""The incident log of a ServiceNow platform as published by the UCI Machine Learning Repository (data set 498).

One row is the state of an incident after one update, so that the rows are snapshots: most repeat the state. The
original calls the state ``incident_state``, a widespread copy ``ident_state`` (and strips prefixes such as "INC").
Times are day/month/year without zone; several updates share a minute: ``sys_mod_count`` orders them, then the file.
State -100 is a defect of the platform, ``?`` an unknown value.

Personal data: ``assigned_to`` is taken as the assignee (pseudonymised before it is stored); caller, opener, updater
and resolver are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pegel.errors import InputError
from pegel.eventlog.batch import Category, EventSource
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.moments import MomentFormat, find_zone
from pegel.sources.tabular import open_table
from pegel.sources.transitions.cells import Cells
from pegel.sources.transitions.source import TableReading, TransitionsTable

_STATE_COLUMNS: Final = ("incident_state", "ident_state")
_NEEDED: Final = {"item": "number", "at": "sys_updated_at", "sequence": "sys_mod_count"}
_TAKEN: Final = {
    "created": "opened_at",
    "assignee": "assigned_to",
    "team": "assignment_group",
    "priority": "priority",
}
_STATE_HINTS: Final[dict[str, Category]] = {
    "New": "new",
    "Active": "active",
    "Awaiting User Info": "waiting",
    "Awaiting Problem": "waiting",
    "Awaiting Vendor": "waiting",
    "Awaiting Evidence": "waiting",
    "Resolved": "done",
    "Closed": "done",
}


def recognise(head: Head) -> float:
    """Confidence by the column names, which no other log has together."""
    columns = set(head.header)
    telling = {*_NEEDED.values(), "made_sla", "reassignment_count"}
    return 1.0 if telling <= columns and columns & set(_STATE_COLUMNS) else 0.0


def open_source(path: Path, options: ReadOptions) -> EventSource:
    """Open the log.

    Raises
    ------
    InputError: ``columns_missing`` (missing, found), ``unknown_zone`` and those of
    :func:`pegel.sources.tabular.open_table`.
    """
    table = open_table(path, options)
    find_zone(options.zone)
    state = next((column for column in _STATE_COLUMNS if column in table.columns), _STATE_COLUMNS[0])
    needed = {**_NEEDED, "state": state}
    missing = [column for column in needed.values() if column not in table.columns]
    if missing:
        raise InputError("columns_missing", missing=missing, found=list(table.columns), hint="name_columns")
    roles = needed | {role: column for role, column in _TAKEN.items() if column in table.columns}
    order: Literal["dmy", "mdy"] = "mdy" if options.date_order == "mdy" else "dmy"
    times = MomentFormat(order=order, zone=options.zone, decided_by="given" if options.date_order else "notation")
    reading = TableReading(
        source="servicenow.uci",
        cells=Cells(roles=roles, at=times, created=times, attributes=options.attributes, unknown_states=("-100", "?")),
        default_stream=options.stream or "incident",
        batch_rows=options.batch_rows,
        state_hints=_STATE_HINTS,
    )
    return TransitionsTable(table, reading)


FORMAT: Final = Format(name="servicenow.uci", recognise=recognise, open=open_source)
