"""Columns of Azure Boards' tables: query results exported as CSV or opened in Excel, and lists of revisions.

Headers are the fields' display names. The service shows them in English in every language; those of a German Azure
DevOps Server are taken from Microsoft's German documentation and were not seen in a real export.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pegel.sources.column_names import roles_by_header
from pegel.sources.transitions.columns import plain

#: Role → headers that mean it, in lower case, signs read as blanks. Names without blanks are those of Analytics.
QUERY_ROLES: Final = {
    "item": ("id", "work item id", "workitemid", "arbeitselement id", "arbeitsaufgaben id", "system id"),
    "created": (
        "created date", "createddate", "system createddate", "erstellungsdatum", "erstellt am", "erstelldatum",
    ),
    "started": (
        "activated date", "activateddate", "microsoft vsts common activateddate", "aktivierungsdatum", "aktiviert am",
    ),
    "closed": (
        "closed date", "closeddate", "microsoft vsts common closeddate", "completed date", "completeddate",
        "abschlussdatum", "geschlossen am", "schließungsdatum",
    ),
    "changed": (
        "state change date", "statechangedate", "microsoft vsts common statechangedate", "datum der statusänderung",
        "statusänderungsdatum",
    ),
    "state": ("state", "system state", "status", "zustand"),
    "type": (
        "work item type", "workitemtype", "system workitemtype", "arbeitselementtyp", "arbeitsaufgabentyp",
    ),
    "stream": ("team project", "teamproject", "project name", "projectname", "system teamproject", "teamprojekt"),
    "parent": ("parent", "parentworkitemid", "parent id", "system parent", "übergeordnetes element", "übergeordnet"),
    "title": ("title", "title 1", "system title", "titel", "titel 1"),
    "area": ("area path", "areapath", "system areapath", "bereichspfad"),
}  # fmt: skip
#: Further roles of a list with one row per revision.
REVISION_ROLES: Final = {
    "item": QUERY_ROLES["item"],
    "at": ("changed date", "changeddate", "system changeddate", "änderungsdatum", "geändert am"),
    "sequence": ("rev", "revision", "system rev"),
    **{role: QUERY_ROLES[role] for role in ("state", "type", "stream", "parent", "created", "title")},
    "team": QUERY_ROLES["area"],
    "assignee": ("assigned to", "assignedto", "system assignedto", "zugewiesen zu", "zugewiesen an"),
    "priority": ("priority", "microsoft vsts common priority", "priorität"),
    "actor": ("changed by", "changedby", "system changedby", "geändert von"),
}
#: Column of Analytics that says the category of a row's state.
CATEGORY: Final = ("state category", "statecategory", "statuskategorie")
#: Headers that hardly any other tool has: two of them tell.
_DISTINCTIVE: Final = frozenset(
    {
        "work item type", "workitemtype", "arbeitselementtyp", "arbeitsaufgabentyp",
        "area path", "areapath", "bereichspfad", "iteration path", "iterationpath", "iterationspfad",
        "activated date", "activateddate", "activated by", "aktivierungsdatum", "aktiviert von",
        "state change date", "statechangedate", "team project", "teamproject", "teamprojekt", "node name",
        "board column", "board column done", "board lane", "title 1", "title 2", "titel 1", "titel 2",
        "workitemid", "statecategory", "backlog priority", "stack rank", "remaining work", "original estimate",
        "completed work", "value area", "areask", "iterationsk", "workitemrevisionsk",
    }
)  # fmt: skip
#: Headers that others have too: three of them tell where one of the former is there.
_USUAL: Final = frozenset(
    {
        "title", "state", "assigned to", "tags", "created date", "changed date", "closed date", "resolved date",
        "comment count", "created by", "rev", "story points", "effort", "parent", "titel", "zustand", "status",
        "zugewiesen zu", "erstellungsdatum", "abschlussdatum", "lösungsdatum", "erstellt am", "geschlossen am",
    }
)  # fmt: skip
#: Headers of other tools that call a part of their columns the same.
_FOREIGN: Final = frozenset(
    {"summary", "issue key", "work item key", "vorgangsschlüssel", "sys id", "number", "zusammenfassung", "key"}
)
_SYSTEM: Final = re.compile(r"^(?:System|Microsoft\.VSTS\.\w+)\.[A-Z]\w+$")
#: Columns of titles in the result of a query for a tree: one per level.
_TITLE_LEVEL: Final = re.compile(r"^tit(?:le|el) (\d{1,2})$")


def is_azure(columns: Sequence[str]) -> bool:
    """Tell whether a header is that of Azure Boards.

    >>> is_azure(["ID", "Work Item Type", "Title", "Assigned To", "State", "Tags"])
    True
    >>> is_azure(["Work item type", "Work item key", "Work item id", "Summary", "Status", "Created"])
    False
    """
    names = {plain(column) for column in columns}
    if "item" not in roles_by_header(columns, {"item": QUERY_ROLES["item"]}) or names & _FOREIGN:
        return False
    distinctive = len(names & _DISTINCTIVE) + sum(1 for column in columns if _SYSTEM.match(column))
    return distinctive >= 2 or (distinctive == 1 and len(names & _USUAL) >= 3)


def title_levels(columns: Sequence[str]) -> tuple[str, ...]:
    """Columns of titles of a tree, outermost first; empty: the list is flat.

    >>> title_levels(["ID", "Title 1", "Title 2", "State"])
    ('Title 1', 'Title 2')
    """
    found = ((match, column) for column in columns if (match := _TITLE_LEVEL.match(plain(column))))
    return tuple(column for _, column in sorted((int(match[1]), column) for match, column in found))
