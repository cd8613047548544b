"""Reads values and the changelog out of Jira's JSON, whatever version wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pegel.eventlog import schema

#: Changelog field (its id where Jira has one, else its name, lower case) → field of the event log.
FIELDS: Final = {
    "assignee": "assignee",
    "priority": "priority",
    "rank": "rank",
    "issuetype": "type",
    "project": "stream",
    "key": "key",
    "flagged": "flag",
    "sprint": "sprint",
    "team": "team",
    "resolution": "resolution",
    "parent": "parent",
    "epic link": "parent",
    "issueparentassociation": "parent",
}
#: A custom field that somebody named like one of these is another thing.
_BUILT_IN: Final = frozenset({"status", "assignee", "priority", "issuetype", "project", "key", "resolution", "link"})
_OF_USE: Final = frozenset({"status", "link", *FIELDS})
#: Sequence numbers per changelog entry: more items than that are never changed together.
PLACES: Final = 1_000


class Change(NamedTuple):
    """One changed field: ``field`` as :func:`field_of` names it, ``item`` as Jira wrote it."""

    sequence: int
    field: str
    item: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One changelog entry: what changed together at one moment, as far as it is of use.

    ``sequence`` is that of its first item, used or not; the next items have the next numbers.
    """

    at_us: int
    sequence: int
    actor: str | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class FirstChange:
    """The oldest known status change of an issue, and the status that it left."""

    at_us: int
    sequence: int
    from_state: str | None


@dataclass(frozen=True, slots=True)
class Changelog:
    """What is known of an issue's history, oldest entry first.

    ``first_status``: the oldest known change of status; None: the status never changed.
    ``oldest_missing`` / ``newest_missing``: Jira counts more entries than it gave, at that end.
    ``warnings``: defects by code, of entries that could not be used.
    """

    entries: tuple[Entry, ...] = ()
    first_status: FirstChange | None = None
    oldest_missing: bool = False
    newest_missing: bool = False
    warnings: Counter[str] = field(default_factory=Counter)


def changelog_of(issue: Mapping[str, Any]) -> Changelog | None:
    """Read the changelog of an issue; None where the export has none at all.

    Jira embeds it as ``changelog.histories`` (newest first in the cloud, oldest first on servers); pages of
    ``/issue/KEY/changelog`` saved under ``changelog`` hold ``values`` (oldest first).
    """
    raw = issue.get("changelog")
    histories = raw.get("histories", raw.get("values")) if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(histories, list):
        return None
    warnings: Counter[str] = Counter()
    entries: list[Entry] = []
    for history in histories:
        at_us = moment_us(history.get("created")) if isinstance(history, dict) else None
        items = history.get("items") if isinstance(history, dict) else None
        if at_us is None or not isinstance(items, list):
            warnings["unreadable_history_entry"] += 1
            continue
        own_id = number(history.get("id"))
        place = (own_id if own_id is not None else len(entries)) * PLACES + 1
        entries.append(Entry(at_us, place, person(history.get("author")), _changes(items, place)))
    newest_first = len(entries) > 1 and entries[0].at_us > entries[-1].at_us
    start, total = number(raw.get("startAt")) or 0, number(raw.get("total")) or 0
    before, after = start > 0, start + len(histories) < total
    entries.sort(key=lambda entry: (entry.at_us, entry.sequence))
    return Changelog(
        entries=tuple(entries),
        first_status=_first_status(entries),
        oldest_missing=after if newest_first else before,
        newest_missing=before if newest_first else after,
        warnings=warnings,
    )


def _changes(items: list[Any], place: int) -> tuple[Change, ...]:
    return tuple(
        Change(sequence, name, item)
        for sequence, item in enumerate(items[: PLACES - 1], start=place)
        if isinstance(item, dict) and (name := field_of(item)) in _OF_USE
    )


def _first_status(entries: list[Entry]) -> FirstChange | None:
    for entry in entries:
        for change in entry.changes:
            if change.field == "status":
                return FirstChange(entry.at_us, change.sequence, side(change.item, "from"))
    return None


def moment_us(value: object) -> int | None:
    """Microseconds of a time as Jira writes it (ISO 8601 with offset, or milliseconds since 1970), or None.

    >>> moment_us("1970-01-01T01:00:01.500+0100"), moment_us(1500), moment_us("soon"), moment_us("9999-12-31T00:00Z")
    (1500000, 1500000, None, None)
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            at_us = schema.to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            return None
    elif isinstance(value, int) and not isinstance(value, bool):
        at_us = value * 1_000
    else:
        return None
    return at_us if schema.EARLIEST_US <= at_us < schema.LATEST_US else None


def field_of(item: Mapping[str, Any]) -> str:
    """Name of a changed field, lower case: the id of a built-in field, which no language changes, else the name."""
    field_id = item.get("fieldId")
    if isinstance(field_id, str) and field_id in _BUILT_IN:
        return field_id
    found = str(item.get("field") or "").lower()
    return "" if found in _BUILT_IN and item.get("fieldtype") == "custom" else found


def side(item: Mapping[str, Any], which: str) -> str | None:
    """Value before ("from") or after ("to") a change: its text, else its id."""
    return text(item.get(f"{which}String")) or text(item.get(which))


def text(value: object) -> str | None:
    """Text of a JSON value as a person would write it, or None for nothing.

    >>> text([{"value": "A"}, 2]), text({"name": " Bug "}), text(" "), text(False)
    ('A, 2', 'Bug', None, 'false')
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return ", ".join(
            part for part in (member(one, "name", "value", "key") or _scalar(one) for one in value) if part
        )
    return member(value, "name", "value", "key")


def _scalar(value: object) -> str | None:
    return None if isinstance(value, list | dict) else text(value)


def member(value: object, *names: str) -> str | None:
    """First filled text member of an object: by default its name."""
    if isinstance(value, dict):
        for name in names or ("name",):
            found = value.get(name)
            if isinstance(found, str) and found.strip():
                return found.strip()
    return None


def person(author: object) -> str | None:
    """Identity of a person: the account, only where there is none the name shown. Pseudonymised before it is stored."""
    return member(author, "accountId", "key", "name", "displayName")


def number(value: object) -> int | None:
    """Whole number of at most 15 digits, written as number or text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)
    return value if isinstance(value, int) and 0 <= value < 10**15 else None
