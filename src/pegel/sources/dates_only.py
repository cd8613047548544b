"""Reads tables that know only when an item was created, perhaps when work on it began, and when it was closed.

Such a file answers how much was finished, how long it took from creation to closing, how much is open and how old that
is. It cannot say where the time went: there are no states in it. ``info().notes`` names the metrics of both kinds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pegel.eventlog import schema
from pegel.eventlog.batch import Category
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.date_columns import DateColumns, DateColumnsTable, Findings, Step, survey_dates
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.tabular import open_table, unique_names

STARTED_STATE: Final = "started"
CLOSED_STATE: Final = "closed"

#: Metrics that dates alone can answer, and those that need states.
ANSWERS: Final = "flow_velocity, flow_time, flow_load, work_item_age, arrivals_and_departures, littles_law"
ANSWERS_NOT: Final = "flow_efficiency, time_in_state, cumulative_flow"

#: Role → headers that mean it, the more telling ones first; in lower case, signs read as blanks.
ROLES: Final = {
    "item": (
        "item", "item id", "work item id", "id", "key", "issue key", "issue", "number", "ticket", "ticket id",
        "case id", "case", "nummer", "vorgang", "vorgangsschlüssel", "vorgangsnummer", "schlüssel", "ticketnummer",
        "fall", "fallnummer", "aktenzeichen", "antragsnummer",
    ),
    "created": (
        "created", "created at", "created on", "created date", "creation date", "creationdate", "date created",
        "opened", "opened at", "opened on", "open date", "reported", "reported at", "submitted", "submitted at",
        "sys created on", "erstellt", "erstellt am", "erstelldatum", "erstellungsdatum", "angelegt", "angelegt am",
        "geöffnet", "geöffnet am", "eröffnet", "eröffnet am", "eingang", "eingang am", "eingangsdatum", "gemeldet am",
        "date opened", "opened date", "anlagedatum",
    ),
    "started": (
        "started", "started at", "started on", "start", "start date", "startdate", "work started", "in progress at",
        "begonnen", "begonnen am", "gestartet", "gestartet am", "beginn", "startdatum", "in arbeit seit",
    ),
    "closed": (
        "closed", "closed at", "closed on", "closed date", "close date", "done", "done at", "completed",
        "completed at", "completed on", "completion date", "finished", "finished at", "end date", "date closed",
        "resolved", "resolved at", "resolved on", "resolution date", "resolutiondate", "resolved date",
        "geschlossen", "geschlossen am", "erledigt", "erledigt am", "erledigungsdatum", "abgeschlossen",
        "abgeschlossen am", "abschlussdatum", "beendet", "beendet am", "fertig", "fertig am", "gelöst", "gelöst am",
        "enddatum",
    ),
    "type": ("type", "issue type", "work item type", "item type", "issuetype", "typ", "vorgangstyp", "art"),
    "stream": ("stream", "value stream", "project", "project name", "team", "projekt", "projektname", "wertstrom"),
    "parent": ("parent", "parent id", "parent key", "epic", "epic link", "übergeordnet", "übergeordneter vorgang"),
    "title": ("title", "summary", "name", "subject", "titel", "zusammenfassung", "betreff", "bezeichnung"),
}  # fmt: skip
#: Roles of dates, in the order of an item's life.
DATE_ROLES: Final = ("created", "started", "closed")


def _recognise(head: Head) -> float:
    columns = unique_names(head.header)
    found = roles_by_header(columns, ROLES)
    if not {"item", "created", "closed"} <= found.keys():
        return 0.0
    place = columns.index(found["item"])
    items = [row[place] for row in head.rows if len(row) > place]
    # An item on several rows has a history: such a file says more than its dates.
    return 0.9 if len(set(items)) > 0.9 * len(items) or not items else 0.3


def _open(path: Path, options: ReadOptions) -> DateColumnsTable:
    table = open_table(path, options)
    found = roles_by_header(table.columns, ROLES, options.columns)
    require_roles(found, ("item", "created", "closed"), table.columns)
    states = {"created": schema.CREATED_STATE, "started": STARTED_STATE, "closed": CLOSED_STATE}
    dates = [role for role in DATE_ROLES if role in found]
    moments = survey_dates(table, tuple(found[role] for role in dates), options)
    # Without a start the clock can only run from the creation on: waiting counts, new would not.
    hints: dict[str, Category] = {schema.CREATED_STATE: "waiting", CLOSED_STATE: "done"}
    if "started" in found:
        hints |= {schema.CREATED_STATE: "new", STARTED_STATE: "active"}
    plan = DateColumns(
        item=found["item"],
        steps=tuple(Step(column=found[role], state=states[role]) for role in dates),
        type=found.get("type"),
        stream=found.get("stream"),
        parent=found.get("parent"),
        title=found.get("title") if options.titles else None,
        attributes=tuple(name for name in options.attributes if name in table.columns),
        backwards={
            (found[earlier], found[later]): f"{later}_before_{earlier}"
            for place, earlier in enumerate(dates)
            for later in dates[place + 1 :]
        },
    )
    findings = Findings(
        source="csv.dates",
        log_kind="dates",
        state_hints=hints,
        columns={role: column for role, column in found.items() if role != "title" or options.titles},
        notes={
            "no_state_history": "",
            "answers": ANSWERS + (", flow_distribution" if "type" in found else ""),
            "answers_not": ANSWERS_NOT,
        },
    )
    return DateColumnsTable(table, plan, moments, options, findings)


FORMAT: Final = Format(name="csv.dates", recognise=_recognise, open=_open)
