"""Maps rows of ServiceNow's tables to event-log rows: pure, no reading.

``incident`` says what is known today; its history is in ``sys_audit`` (one row per changed field) or, coarser, in
``metric_instance`` (one row per value of a field, with start and end). What is taken and left out stands in this
folder's README.

The state an incident was opened in is not in the audit: it is the old value of its first audited change of state. An
incident without any history row is known by its dates only, unless it still stands in its first state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import BROKEN
from pegel.sources.servicenow.rows import (
    CATEGORIES,
    STATE_FIELDS,
    Names,
    Table,
    document_of,
    event_us,
    history_source,
    measured_field,
    moment_us,
    of_other_table,
    sequence_of,
    shown,
    stored,
    table_of,
)

#: Audited field → field of the event log.
FIELDS: Final = {
    "assigned_to": "assignee",
    "assignment_group": "team",
    "priority": "priority",
    "impact": "impact",
    "urgency": "urgency",
    "category": "type",
    "reopen_count": "reopen_count",
    "reassignment_count": "reassignment_count",
    "hold_reason": "hold_reason",
    "parent_incident": "parent",
}
_DELETION: Final = {"DELETED": "true", "RECOVERED": "false"}
_NEW: Final = "1"
#: The platform writes the first metric of an incident some seconds after it was opened.
_METRIC_DELAY_US: Final = 60 * schema.SECOND_US


def add_incident(
    builder: BatchBuilder,
    number: int,
    row: Mapping[str, Any],
    *,
    names: Names,
    options: ReadOptions,
    recorded: set[str],
) -> bool:
    """Add one row of ``incident``; returns whether it could be used.

    ``recorded``: items that have a record already; new ones are added to it.
    """
    sys_id = stored(row, "sys_id") or ""
    item = stored(row, "number") or sys_id
    opened_us = moment_us(row, "opened_at", names)
    if opened_us is None:
        opened_us = moment_us(row, "sys_created_on", names)
    history = names.histories.get(sys_id)
    first = history.first if history else None
    if opened_us is None and first is None:
        opened = stored(row, "opened_at") or stored(row, "sys_created_on") or ""
        return builder.reject(number, "unreadable_created", opened)
    if BROKEN in item:
        return builder.reject(number, "broken_encoding", item)
    if opened_us is None:
        builder.warnings["unreadable_created"] += 1
    parent = _parent(row, names)
    code = stored(row, "state") or stored(row, "incident_state")
    kept = {name: shown(row, name) or stored(row, name) for name in options.attributes}
    kept["sys_id"] = sys_id if item != sys_id else None
    kept["state"] = names.state(code) if code and first is None else None
    attributes = {name: value[: schema.LONGEST_TEXT] for name, value in kept.items() if value}
    if not builder.item(
        number,
        item,
        stream=options.stream or stored(row, "sys_class_name") or "incident",
        type=shown(row, "category") or stored(row, "category"),
        parent=parent,
        created_us=opened_us,
        title=stored(row, "short_description") if options.titles else None,
        attributes=json.dumps(attributes, ensure_ascii=False, sort_keys=True) if attributes else None,
    ):
        return False
    recorded.add(item)
    if first is not None:
        _add_first_state(builder, number, item, opened_us, first=first, names=names)
    elif opened_us is not None:
        _add_dates(builder, number, item, opened_us, row=row, names=names)
    return True


def add_history_row(
    builder: BatchBuilder,
    number: int,
    row: Mapping[str, Any],
    *,
    names: Names,
    options: ReadOptions,
    recorded: set[str],
) -> bool:
    """Add one row of ``sys_audit`` or ``metric_instance``; returns whether it was used."""
    table: Table = "sys_audit" if table_of(row) == "sys_audit" else "metric_instance"
    if of_other_table(row):
        builder.ignored["other_table"] += 1
        return False
    document, measured = document_of(row), measured_field(row, table)
    if document is None:
        return builder.reject(number, "item_missing")
    if measured is None or measured not in (*STATE_FIELDS, *_DELETION, *FIELDS):
        builder.ignored["field_not_needed" if measured else "metric_unknown"] += 1
        return False
    at_us = event_us(row, table, names)
    if at_us is None:
        return builder.reject(number, "unreadable_time", stored(row, "sys_created_on") or stored(row, "start") or "")
    history = names.histories.get(document)
    if measured in STATE_FIELDS and history and history.source != history_source(table, measured):
        builder.ignored["history_told_twice"] += 1
        return False
    before, now = stored(row, "oldvalue"), stored(row, "newvalue" if table == "sys_audit" else "value")
    if measured in STATE_FIELDS and now is None:
        return builder.reject(number, "state_missing", measured)
    item = names.numbers.get(document, document)
    if document not in names.numbers:
        builder.warnings["incident_missing"] += 1
    if item not in recorded:  # its incident comes later in the file, or never
        if not builder.item(number, item, stream=options.stream or "incident"):
            return False
        recorded.add(item)
    where: dict[str, Any] = {
        "at_us": at_us,
        "sequence": sequence_of(number, row, table),
        "actor": stored(row, "user"),
    }
    if measured in STATE_FIELDS:
        from_state = names.state(before) if before else None
        return builder.transition(number, item, from_state=from_state, to_state=names.state(now or ""), **where)
    if measured in _DELETION:
        return builder.field_change(number, item, field="deleted", to_value=_DELETION[measured], **where)
    known = {"assignment_group": names.groups, "parent_incident": names.numbers}.get(measured, {})
    return builder.field_change(
        number,
        item,
        field=FIELDS[measured],
        from_value=known.get(before, before) if before else None,
        to_value=known.get(now, now) if now else None,
        **where,
    )


def _parent(row: Mapping[str, Any], names: Names) -> str | None:
    for column in ("parent_incident", "parent"):
        found = stored(row, column)
        if found:
            return names.numbers.get(found) or shown(row, column) or found
    return None


def _add_first_state(
    builder: BatchBuilder,
    number: int,
    item: str,
    opened_us: int | None,
    *,
    first: tuple[int, int, str | None],
    names: Names,
) -> None:
    """Add the state before the first known change: from the opening on, or from that change where clocks differ."""
    first_us, _, before = first
    if opened_us is not None and first_us < opened_us:
        builder.warnings["change_before_creation"] += 1
    begins_us = first_us if opened_us is None else min(opened_us, first_us)
    if before is not None:
        builder.transition(number, item, at_us=begins_us, sequence=0, to_state=names.state(before))
    elif first_us - begins_us > _METRIC_DELAY_US:
        builder.transition(number, item, at_us=begins_us, sequence=0, to_state=schema.CREATED_STATE)


def _add_dates(
    builder: BatchBuilder, number: int, item: str, opened_us: int, *, row: Mapping[str, Any], names: Names
) -> None:
    """Add what is known without history: opened, resolved and closed; an incident still new has stood there since."""
    code = stored(row, "state") or stored(row, "incident_state") or ""
    if code and names.state(code) == names.state(_NEW):
        builder.transition(number, item, at_us=opened_us, sequence=0, to_state=names.state(code))
        return
    builder.warnings["no_state_history"] += 1
    state, last_us = schema.CREATED_STATE, opened_us
    builder.transition(number, item, at_us=opened_us, sequence=0, to_state=state)
    final = "8" if CATEGORIES.get(code) == "cancelled" or code == names.state("8") else "7"
    for sequence, (column, end) in enumerate((("resolved_at", "6"), ("closed_at", final)), start=1):
        at_us = moment_us(row, column, names)
        if at_us is not None:
            last_us, to_state = max(at_us, last_us), names.state(end)
            builder.transition(number, item, at_us=last_us, sequence=sequence, from_state=state, to_state=to_state)
            state = to_state
