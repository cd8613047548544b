"""Reads Jira's CSV export of issues, with English or German headers.

The export has no history: it says when an issue was created, when it was resolved, and its status today. A resolved
issue entered its status when it was resolved; of an open one nobody knows since when it has its status, so it stands
in :data:`pegel.eventlog.schema.CREATED_STATE`, with the status as an attribute.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pegel.eventlog import schema
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.date_columns import DateColumns, DateColumnsTable, Findings, Step, survey_dates
from pegel.sources.dates_only import ANSWERS, ANSWERS_NOT, CLOSED_STATE
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.tabular import open_table, unique_names

#: Role → headers that mean it, in lower case, signs read as blanks.
ROLES: Final = {
    "item": (
        "issue key", "work item key", "vorgangsschlüssel", "vorgangs schlüssel", "key", "schlüssel",
    ),
    "created": ("created", "erstellt", "erstellt am"),
    "closed": ("resolved", "erledigt", "erledigt am", "gelöst", "gelöst am"),
    "state": ("status",),
    "type": ("issue type", "work item type", "work type", "vorgangstyp", "vorgangsart"),
    "stream": ("project name", "projektname", "project key", "projektschlüssel", "project", "projekt"),
    "parent": (
        "parent key", "parent", "custom field epic link", "epic link", "übergeordneter vorgang", "übergeordnet",
        "übergeordneter schlüssel",
    ),
    "title": ("summary", "zusammenfassung"),
}  # fmt: skip
#: Columns that only Jira's own exports have.
_TELLING: Final = (
    "issue id", "work item id", "vorgangs id", "project type", "projekttyp", "project lead", "projektleiter",
    "last viewed", "zuletzt angezeigt", "zuletzt angesehen", "status category", "statuskategorie", "security level",
    "inward issue link blocks", "original estimate", "custom field rank", "custom field story points",
)  # fmt: skip


def _recognise(head: Head) -> float:
    columns = unique_names(head.header)
    roles = roles_by_header(columns, ROLES)
    if not {"item", "created", "closed", "state"} <= roles.keys():
        return 0.0
    telling = len(roles_by_header(columns, {name: (name,) for name in _TELLING}))
    own_key = roles["item"].lower().startswith(("issue", "work item", "vorgang"))
    return 0.98 if (own_key and (telling or "type" in roles)) or telling >= 2 else 0.0


def _open(path: Path, options: ReadOptions) -> DateColumnsTable:
    table = open_table(path, options)
    found = roles_by_header(table.columns, ROLES, options.columns)
    require_roles(found, ("item", "created", "closed", "state"), table.columns)
    moments = survey_dates(table, (found["created"], found["closed"]), options)
    plan = DateColumns(
        item=found["item"],
        steps=(
            Step(column=found["created"], state=schema.CREATED_STATE),
            Step(column=found["closed"], state=CLOSED_STATE, state_column=found["state"]),
        ),
        type=found.get("type"),
        stream=found.get("stream"),
        parent=found.get("parent"),
        title=found.get("title") if options.titles else None,
        attributes=(found["state"], *(name for name in options.attributes if name in table.columns)),
        backwards={(found["created"], found["closed"]): "closed_before_created"},
    )
    findings = Findings(
        source="jira.csv",
        log_kind="dates",
        # The clock can only run from the creation on: waiting counts, new would not.
        state_hints={schema.CREATED_STATE: "waiting"},
        columns={role: column for role, column in found.items() if role != "title" or options.titles},
        notes={
            "no_state_history": "",
            "answers": ANSWERS + (", flow_distribution" if "type" in found else ""),
            "answers_not": ANSWERS_NOT,
        },
    )
    return DateColumnsTable(table, plan, moments, options, findings)


FORMAT: Final = Format(name="jira.csv", recognise=_recognise, open=_open)
