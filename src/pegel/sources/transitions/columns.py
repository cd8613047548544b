"""Which column of a table plays which role, by its header in German or English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pegel.errors import InputError

#: Role → headers that mean it, the more telling ones first; compared in lower case, signs read as blanks.
HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "item": (
        "item", "item id", "item key", "work item", "work item id", "issue key", "issue id", "issue", "key",
        "ticket", "ticket id", "ticket key", "ticket number", "case concept name", "case", "case id",
        "caseid", "case number",
        "incident", "incident number", "number", "task id", "task", "request id", "request", "order id", "id",
        "vorgang", "vorgangsnummer", "vorgangs id", "vorgangsschlüssel", "schlüssel", "ticketnummer", "ticket nr",
        "fall", "fall id", "fallnummer", "fallid", "auftrag", "auftragsnummer", "antrag", "antragsnummer",
        "aktenzeichen", "aufgabe", "aufgaben id", "element", "nummer", "nr",
    ),
    "at": (
        "at", "as of date", "time timestamp", "timestamp", "transitioned at", "transition date", "transition time",
        "changed at", "change date", "changed date", "change time", "state changed at", "status changed at",
        "status date",
        "entered at", "entered", "moved at", "event time", "event timestamp", "event date", "occurred at",
        "complete timestamp", "completetimestamp", "sys updated at", "updated at", "datetime",
        "date time", "date", "time", "when",
        "zeitpunkt", "zeitstempel", "statusdatum", "status datum", "geändert am", "änderungsdatum",
        "änderungszeitpunkt",
        "gewechselt am", "eingetreten am", "datum uhrzeit", "datum zeit", "datum", "zeit", "wann", "seit", "am",
    ),
    "state": (
        "to state", "to status", "new state", "new status", "state after", "status after", "target state",
        "neuer status", "neuer zustand", "status neu", "zustand neu", "nach status", "zielstatus", "zielzustand",
        "state", "status", "state name", "status name", "workflow state", "ticket status", "issue status",
        "stage", "column", "to", "zustand", "bearbeitungsstatus", "vorgangsstatus", "ticketstatus",
        "bearbeitungsstand", "spalte", "nach",
    ),
    "from_state": (
        "from state", "from status", "old state", "old status", "previous state", "previous status", "state before",
        "alter status", "alter zustand", "status alt", "zustand alt", "vorheriger status", "bisheriger status",
        "von status", "ausgangsstatus", "from", "von",
    ),
    "activity": (
        "activity", "concept name", "activity name", "event", "event name", "action",
        "aktivität", "tätigkeit", "ereignis", "aktion", "arbeitsschritt", "schritt",
    ),
    "lifecycle": ("lifecycle transition", "lifecycle", "lebenszyklus"),
    "sequence": (
        "sequence", "sequence number", "seq", "sequence no", "sys mod count", "order",
        "sequenz", "reihenfolge", "laufnummer", "laufende nummer", "lfd nr",
    ),
    "type": (
        "item type", "issue type", "issuetype", "work item type", "ticket type", "case type", "request type", "type",
        "vorgangstyp", "vorgangsart", "tickettyp", "aufgabentyp", "auftragsart", "antragsart", "typ", "art",
    ),
    "stream": (
        "stream", "value stream", "project key", "project", "project name", "process", "queue",
        "wertstrom", "projekt", "prozess",
    ),
    "parent": (
        "parent", "parent key", "parent id", "parent item", "epic link", "epic",
        "übergeordneter vorgang", "übergeordnet", "elternvorgang",
    ),
    "created": (
        "created", "created at", "created date", "date created", "creation date", "created on", "opened at",
        "erstellt", "erstellt am", "angelegt am", "erstelldatum", "eröffnet am",
    ),
    "actor": (
        "actor", "changed by", "updated by", "author", "org resource", "resource", "user",
        "geändert von", "bearbeitet von", "benutzer", "autor", "ressource",
    ),
    "assignee": ("assignee", "assigned to", "assignee anon", "zugewiesen an", "zugewiesene person", "bearbeiter"),
    "team": ("team", "assignment group", "assigned team", "zuständiges team", "zuständige gruppe", "bearbeitergruppe"),
    "priority": ("priority", "priorität", "prio"),
    "title": (
        "title", "summary", "subject", "short description",
        "titel", "zusammenfassung", "betreff", "kurzbeschreibung", "bezeichnung",
    ),
}  # fmt: skip
#: Columns whose changes over time are kept as field changes.
FIELDS: Final = ("assignee", "team", "priority", "type", "stream", "parent")


def plain(header: str) -> str:
    """Header in lower case, signs as blanks.

    >>> plain("As.Of.Date"), plain("case:concept:name"), plain(" Neuer_Status ")
    ('as of date', 'case concept name', 'neuer status')
    """
    return re.sub(r"[\s_.:/()-]+", " ", header).strip().lower()


def find_roles(columns: Sequence[str]) -> dict[str, str]:
    """Role → column, as far as the headers say so.

    >>> find_roles(["ticket", "As.Of.Date", "Status", "assignee_anon"])
    {'item': 'ticket', 'at': 'As.Of.Date', 'state': 'Status', 'assignee': 'assignee_anon'}
    """
    named: dict[str, str] = {}
    for column in columns:
        named.setdefault(plain(column), column)
    roles: dict[str, str] = {}
    for role, headers in HEADERS.items():
        for header in headers:
            if header in named:
                roles[role] = named.pop(header)
                break
    return roles


def choose_roles(columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Role → column by what the person says and, for the rest, by the headers.

    A table with a state column is a log of states even if it has a column of activities; a person who names the
    activity (and no state) says otherwise.

    Raises
    ------
    InputError: ``role_unknown`` (role, known), ``column_unknown`` (column, found), ``columns_missing`` (missing,
    found).
    """
    for role, column in given.items():
        if role not in HEADERS and role != "closed":
            raise InputError("role_unknown", role=role, known=sorted(HEADERS))
        if column not in columns:
            raise InputError("column_unknown", role=role, column=column, found=list(columns))
    free = [column for column in columns if column not in set(given.values())]
    roles = {role: column for role, column in find_roles(free).items() if role not in given} | dict(given)
    roles.pop("closed", None)
    if "activity" in given and "state" not in given:
        roles.pop("state", None)
    if "state" in roles:
        roles.pop("activity", None)
        roles.pop("lifecycle", None)
    missing = [role for role in ("item", "at") if role not in roles]
    if "state" not in roles and "activity" not in roles:
        missing.append("state")
    if missing:
        raise InputError("columns_missing", missing=missing, found=list(columns), hint="name_columns")
    return {role: roles[role] for role in HEADERS if role in roles}
