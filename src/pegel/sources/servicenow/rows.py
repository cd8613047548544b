"""Reads rows of ServiceNow's tables, whatever ``sysparm_display_value`` they were asked for with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pegel.eventlog import schema
from pegel.eventlog.batch import Category
from pegel.sources.moments import find_zone

Table = Literal["incident", "sys_audit", "metric_instance"]

#: State codes of the base system; files with display values say their own labels.
STATES: Final[Mapping[str, str]] = {
    "1": "New",
    "2": "In Progress",
    "3": "On Hold",
    "6": "Resolved",
    "7": "Closed",
    "8": "Canceled",
}
#: Category by state code; 4 and 5 are the older "Awaiting User Info" and "Awaiting Evidence".
CATEGORIES: Final[Mapping[str, Category]] = {
    "1": "new",
    "2": "active",
    "3": "waiting",
    "4": "waiting",
    "5": "waiting",
    "6": "done",
    "7": "done",
    "8": "cancelled",
}
#: ``state`` and the older ``incident_state`` are kept equal by the platform.
STATE_FIELDS: Final = ("state", "incident_state")
#: Metric definitions of the base system, for rows that do not name the measured field.
_METRICS: Final[Mapping[str, str]] = {
    "incident state duration": "incident_state",
    "assigned to duration": "assigned_to",
    "assignment group": "assignment_group",
}
_RANK: Final = ("metric_instance", "incident_state", "state")


@dataclass(slots=True)
class History:
    """What a first look at the file learned of one incident's history.

    ``source``: the finest one that occurs: the audited ``state``, else ``incident_state``, else "metric_instance".
    ``first``: (time, sequence, code of the state before) of its first change of state.
    """

    source: str | None = None
    first: tuple[int, int, str | None] | None = None


@dataclass(slots=True)
class Names:
    """What a first look at the file learned: names behind ids and codes, and which incident has which history.

    ``zone``: of the times of rows that hold display values alone (``display_only``); stored values are UTC.
    """

    zone: str = "UTC"
    display_only: bool = False
    numbers: dict[str, str] = field(default_factory=dict)  # sys_id → number
    states: dict[str, str] = field(default_factory=dict)  # code → label
    groups: dict[str, str] = field(default_factory=dict)  # sys_id → name
    histories: dict[str, History] = field(default_factory=dict)  # sys_id → history

    def state(self, value: str) -> str:
        """Return the label of a state code, or the value itself."""
        return self.states.get(value) or STATES.get(value) or value

    def hints(self) -> dict[str, Category]:
        """Return the category of each state by its code in the base system."""
        return {self.state(code): kind for code, kind in CATEGORIES.items() if code in STATES or code in self.states}

    def learn(self, number: int, row: Mapping[str, Any]) -> None:
        """Take from one row (``number``: its number in the file) what other rows need to be understood."""
        table = table_of(row)
        if table == "incident":
            self._learn_names(row)
        elif table is not None and not of_other_table(row):
            document, measured = document_of(row), measured_field(row, table)
            if document is not None and measured in STATE_FIELDS:
                self._learn_history(number, row, table, self.histories.setdefault(document, History()), measured)

    def _learn_names(self, row: Mapping[str, Any]) -> None:
        sys_id, incident = stored(row, "sys_id"), stored(row, "number")
        if sys_id and incident:
            self.numbers[sys_id] = incident
        for column in STATE_FIELDS:
            code, label = stored(row, column), shown(row, column)
            if code and label and code != label:
                self.states[code] = label
            if code and not isinstance(row.get(column), dict) and not code.lstrip("-").isdigit():
                self.display_only = True
        group, name = stored(row, "assignment_group"), shown(row, "assignment_group")
        if group and name:
            self.groups[group] = name

    def _learn_history(
        self, number: int, row: Mapping[str, Any], table: Table, history: History, measured: str
    ) -> None:
        source = history_source(table, measured)
        if history.source is None or _RANK.index(source) > _RANK.index(history.source):
            history.source, history.first = source, None
        at_us = event_us(row, table, self)
        if source == history.source and at_us is not None:
            mark = (at_us, sequence_of(number, row, table))
            if history.first is None or mark < history.first[:2]:
                history.first = (*mark, stored(row, "oldvalue") if table == "sys_audit" else None)


def table_of(row: Mapping[str, Any]) -> Table | None:
    """Tell which table a row comes from by its columns."""
    if "documentkey" in row and "fieldname" in row:
        return "sys_audit"
    if "definition" in row and "id" in row:
        return "metric_instance"
    if "sys_id" in row and ("number" in row or "opened_at" in row):
        return "incident"
    return None


def of_other_table(row: Mapping[str, Any]) -> bool:
    """Tell whether a history row speaks of something that is no incident (metrics may be defined for all tasks)."""
    return stored(row, "tablename") not in (None, "incident") or stored(row, "table") not in (None, "incident", "task")


def document_of(row: Mapping[str, Any]) -> str | None:
    """``sys_id`` of the incident that a history row speaks of."""
    return stored(row, "documentkey") or stored(row, "id")


def measured_field(row: Mapping[str, Any], table: Table) -> str | None:
    """Incident field that a history row is about; None: the row does not say it."""
    if table == "sys_audit":
        return stored(row, "fieldname")
    definition = shown(row, "definition") or stored(row, "definition") or ""
    named = stored(row, "field") or _METRICS.get(definition.lower())
    return "incident_state" if named is None and stored(row, "value") in STATES.values() else named


def history_source(table: Table, measured: str) -> str:
    """Name of the history that a row about a state belongs to, as :class:`History` ranks them."""
    return table if table == "metric_instance" else measured


def event_us(row: Mapping[str, Any], table: Table, names: Names) -> int | None:
    """Microseconds of the time a history row speaks of."""
    return moment_us(row, "sys_created_on" if table == "sys_audit" else "start", names)


def sequence_of(number: int, row: Mapping[str, Any], table: Table) -> int:
    """Order of a history row among those of the same second.

    Audit rows carry the update counter of their record; without it the order in the file counts. Of metric rows that
    start together, those that end at once come first.
    """
    if table == "metric_instance":
        return 1 if stored(row, "start") == stored(row, "end") else 2
    value = stored(row, "record_checkpoint") or ""
    return int(value) + 1 if value.isascii() and value.isdigit() and len(value) <= 15 else number


def moment_us(row: Mapping[str, Any], column: str, names: Names) -> int | None:
    """Microseconds of a time column, None if it is empty or unreadable.

    >>> moment_us({"opened_at": "1970-01-01 00:00:01"}, "opened_at", Names())
    1000000
    """
    value = stored(row, column)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            in_zone = names.display_only and not isinstance(row.get(column), dict)
            moment = moment.replace(tzinfo=find_zone(names.zone) if in_zone else UTC)
        at_us = schema.to_us(moment)
    except (ValueError, OverflowError):
        return None
    return at_us if schema.EARLIEST_US <= at_us < schema.LATEST_US else None


def stored(row: Mapping[str, Any], column: str) -> str | None:
    """Stored value of a column: plain, ``{"display_value", "value"}`` or a reference ``{"link", "value"}``.

    >>> row = {"state": {"display_value": "New", "value": "1"}, "group": {"display_value": "Net", "link": "x/y/4f"}}
    >>> stored(row, "state"), stored(row, "group"), stored({"state": "1"}, "state"), stored({}, "state")
    ('1', '4f', '1', None)
    """
    value = row.get(column)
    if isinstance(value, str):  # by far the most
        return value.strip() or None
    if isinstance(value, dict):
        inner = _cell(value.get("value"))
        if inner is None and isinstance(value.get("link"), str):
            inner = value["link"].rpartition("/")[2] or None
        return inner or _cell(value.get("display_value"))
    return _cell(value)


def shown(row: Mapping[str, Any], column: str) -> str | None:
    """Display value of a column, where the row has one beside the stored value."""
    value = row.get(column)
    return _cell(value.get("display_value")) if isinstance(value, dict) else None


def _cell(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else None
