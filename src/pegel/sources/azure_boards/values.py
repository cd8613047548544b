"""Reads records and values out of Azure DevOps' JSON: which answer a record belongs to, fields, times, people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from pegel.eventlog import schema

#: update: what one save changed. snapshot: a work item as it is, or as it was in one revision. link: a row of the
#: reporting API. states: a work item type, or one of its states. query: ids that a query found. error: a refusal.
Kind = Literal["update", "snapshot", "link", "states", "query", "error"]

#: Field of the event log → reference names of the fields it is read from. The order numbers the changes of one
#: revision, so that a change has the same sequence in every export: only ever append.
TRACKED: Final[Mapping[str, tuple[str, ...]]] = {
    "stream": ("System.TeamProject",),
    "type": ("System.WorkItemType",),
    "state": ("System.State",),
    "deleted": ("System.IsDeleted",),
    "assignee": ("System.AssignedTo",),
    "priority": ("Microsoft.VSTS.Common.Priority",),
    "rank": ("Microsoft.VSTS.Common.StackRank", "Microsoft.VSTS.Common.BacklogPriority"),
    "team": ("System.AreaPath",),
    "comment_count": ("System.CommentCount",),
    "flag": ("Microsoft.VSTS.CMMI.Blocked", "System.Tags"),
    "parent": ("System.Parent",),
    "sprint": ("System.IterationPath",),
}
#: Sequence numbers per revision; more fields than that are never tracked.
PLACES: Final = 100
#: Reference name → place of its field in :data:`TRACKED`, and the field.
_PLACE_OF: Final = {name: (place, field) for place, (field, names) in enumerate(TRACKED.items()) for name in names}
#: A revision number beyond this (the size of a 32-bit integer) is broken input.
_LAST_NUMBER: Final = 2**31
_BLOCKED: Final = "Blocked"
_BLOCKED_TAGS: Final = frozenset({"blocked", "blockiert"})
_LOGIN: Final = re.compile(r"[^<>]*<([^<>]+)>")
_UPDATE_URL: Final = re.compile(r"/workitems/(\d{1,10})/updates/", re.IGNORECASE)


class Change(NamedTuple):
    """A tracked field before and after a revision."""

    sequence: int
    field: str
    before: str | None
    now: str | None


def kind_of(record: Mapping[str, Any]) -> Kind | None:
    """Tell which answer a record comes from, by its members; None: from none that is known.

    >>> kind_of({"id": 2, "workItemId": 7, "rev": 2, "fields": {}}), kind_of({"id": 7, "rev": 2, "fields": {}})
    ('update', 'snapshot')
    """
    if "typeKey" in record or "innerException" in record:
        return "error"
    if "sourceId" in record or "sourceId" in _members(record, "attributes"):
        return "link"
    has_fields = isinstance(record.get("fields"), dict)
    if "rev" in record and ("workItemId" in record or "revisedBy" in record or "revisedDate" in record):
        return "update"
    if has_fields and "id" in record:
        return "snapshot"
    if isinstance(record.get("states"), list) or ("category" in record and "name" in record):
        return "states"
    return "query" if "queryType" in record else None


def item_of(record: Mapping[str, Any], kind: Kind) -> str | None:
    """Id of the work item that an update or snapshot is about.

    >>> item_of({"id": 4, "rev": 3, "url": "https://srv/_apis/wit/workItems/299/updates/4"}, "update")
    '299'
    """
    if kind == "snapshot":
        number = whole(record.get("id"))
    else:
        number = whole(record.get("workItemId"))
        found = _UPDATE_URL.search(str(record.get("url") or "")[:2000])
        if number is None and found:
            number = int(found[1])
    return None if number is None else str(number)


def revision_of(record: Mapping[str, Any]) -> int | None:
    """Return the number of the revision that an update or a snapshot is of."""
    rev = whole(record.get("rev"))
    return whole(_members(record, "fields").get("System.Rev")) if rev is None else rev


def snapshot_value(fields: Mapping[str, Any], field: str) -> str | None:
    """Value of a tracked field in a work item or a revision; None: empty, or not asked for."""
    return _value(field, [fields.get(name) for name in TRACKED[field]])


def changes_of_update(fields: Mapping[str, Any], rev: int) -> tuple[Change, ...]:
    """Return the tracked fields that an update changed.

    >>> changes_of_update({"System.State": {"oldValue": "To Do", "newValue": "Done"}}, 2)
    (Change(sequence=202, field='state', before='To Do', now='Done'),)
    """
    found: list[Change] = []
    for place, field in sorted({_PLACE_OF[name] for name in _PLACE_OF.keys() & fields.keys()}):
        sides = [side for name in TRACKED[field] if isinstance(side := fields.get(name), dict)]
        if sides:
            before, now = (_value(field, [side.get(which) for side in sides]) for which in ("oldValue", "newValue"))
            if before != now:
                found.append(Change(rev * PLACES + place, field, before, now))
    return tuple(found)


def changes_between(before: Mapping[str, str | None], now: Mapping[str, str | None], rev: int) -> tuple[Change, ...]:
    """Return the tracked fields that differ between two revisions of an item."""
    return tuple(
        Change(rev * PLACES + place, field, before.get(field), now.get(field))
        for place, field in enumerate(TRACKED)
        if before.get(field) != now.get(field)
    )


def update_us(record: Mapping[str, Any]) -> int | None:
    """Microseconds of the moment an update was made; None: it does not say.

    ``revisedDate`` is no help: it is when the revision was replaced by the next one, and the year 9999 for the newest.
    Only an update that adds or removes links without a new revision has its own time there.
    """
    fields = _members(record, "fields")
    for name in ("System.ChangedDate", "System.AuthorizedDate"):
        at_us = moment_us(_members(fields, name).get("newValue"))
        if at_us is not None:
            return at_us
    return None if fields else moment_us(record.get("revisedDate"))


def moment_us(value: object) -> int | None:
    """Microseconds of a time as Azure DevOps writes it (ISO 8601, UTC), or None.

    >>> moment_us("1970-01-01T00:00:01.5Z"), moment_us("9999-01-01T00:00:00Z"), moment_us("soon")
    (1500000, None, None)
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        at_us = schema.to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return at_us if schema.EARLIEST_US <= at_us < schema.LATEST_US else None


def person(value: object) -> str | None:
    """Identity of a person: the sign-in name, whatever shape the answer has. Pseudonymised before it is stored.

    >>> person("Ann Lee <Ann@example.org>"), person({"uniqueName": "ann@example.org", "displayName": "Ann Lee"})
    ('ann@example.org', 'ann@example.org')
    """
    if isinstance(value, dict):
        names = (value.get(name) for name in ("uniqueName", "name", "id", "displayName"))
        value = next((name for name in names if isinstance(name, str) and name.strip()), None)
    if not isinstance(value, str):
        return None
    login = _LOGIN.fullmatch(value.strip())
    return (login[1] if login else value).strip().lower() or None


def text(value: object) -> str | None:
    """Text of a plain JSON value; None for nothing and for objects.

    >>> text(" A "), text(2), text(1000000000.0), text(True), text({"name": "A"})
    ('A', '2', '1000000000', 'true', None)
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def whole(value: object) -> int | None:
    """Whole number from 0 to 2³¹, written as number or text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LAST_NUMBER
    return value if fits else None  # type: ignore[return-value]  # ``fits`` says that it is an int


def _value(field: str, raw: list[Any]) -> str | None:
    if field == "assignee":
        return person(raw[0])
    if field == "flag":
        return _BLOCKED if any(_is_blocked(one) for one in raw) else None
    if field == "deleted":
        return "true" if text(raw[0]) in ("true", "True") else None
    return next((found for found in map(text, raw) if found), None)


def _is_blocked(value: object) -> bool:
    """Tell whether the field "Blocked" says yes, or one of the tags is "Blocked"."""
    if isinstance(value, list):  # tags as references
        names = [one.get("name") if isinstance(one, dict) else one for one in value]
        return any(str(name).strip().lower() in _BLOCKED_TAGS for name in names)
    if not isinstance(value, str):
        return value is True
    return value.strip().lower() == "yes" or any(tag.strip().lower() in _BLOCKED_TAGS for tag in value.split(";"))


def _members(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}
