"""Reads values out of Bugzilla's JSON: bugs, their history, and the state that status and resolution make together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pegel.eventlog import schema
from pegel.eventlog.batch import Category
from pegel.sources.reading import BROKEN

#: Statuses in which a resolution says how the bug ended.
_CLOSED: Final = frozenset({"RESOLVED", "VERIFIED", "CLOSED"})
#: Resolutions that are no finished work, of Bugzilla itself, Mozilla, Red Hat and Eclipse.
_NOT_DONE: Final = frozenset(
    {
        "WONTFIX", "INVALID", "DUPLICATE", "INCOMPLETE", "WORKSFORME", "INACTIVE", "EXPIRED", "MOVED", "LATER",
        "REMIND", "NOTABUG", "CANTFIX", "DEFERRED", "INSUFFICIENT_DATA", "EOL", "NOT_ECLIPSE", "UPSTREAM", "SUPPORT",
    }
)  # fmt: skip
_CATEGORIES: Final[Mapping[str, Category]] = {
    "UNCONFIRMED": "new",
    "NEW": "new",
    "CONFIRMED": "new",
    "REOPENED": "waiting",
    "NEEDINFO": "waiting",
    "ASSIGNED": "active",
    "IN_PROGRESS": "active",
    "ON_DEV": "active",
    "POST": "active",
    "MODIFIED": "active",
    "ON_QA": "waiting",
}
#: Field of the history → field of the event log; older installations use the names of their database.
FIELDS: Final[Mapping[str, str]] = {
    "assigned_to": "assignee",
    "priority": "priority",
    "severity": "severity",
    "bug_severity": "severity",
    "product": "stream",
    "component": "component",
    "type": "type",
    "bug_type": "type",
    "flagtypes.name": "flag",
}
STATUS: Final = frozenset({"status", "bug_status"})
#: Fields of dependencies, and whether the changed bug is the one that blocks.
DEPENDENCIES: Final[Mapping[str, bool]] = {"depends_on": False, "dependson": False, "blocks": True, "blocked": True}
_FLAG: Final = re.compile(r"([A-Za-z][\w.-]*[?+-])(?=\s*(?:\(|,|$))")


class Change(NamedTuple):
    """One changed field: what was there before and what came."""

    field: str
    removed: str
    added: str


class Entry(NamedTuple):
    """What one person changed at one moment. ``sequence``: that of its first change; the next have the next numbers."""

    at_us: int
    sequence: int
    actor: str | None
    changes: tuple[Change, ...]


#: Sequence numbers per entry: more fields than that are never changed together.
PLACES: Final = 1_000


@dataclass(slots=True)
class History:
    """Entries of one record, oldest first; ``unreadable`` counts those that could not be used."""

    entries: list[Entry] = field(default_factory=list)
    unreadable: int = 0

    def first(self, names: frozenset[str]) -> tuple[int, str] | None:
        """Time of the first change of a field, and what was there before."""
        for entry in self.entries:
            for change in entry.changes:
                if change.field in names:
                    return entry.at_us, change.removed
        return None


def history_of(record: Mapping[str, Any]) -> History | None:
    """Read the history that a record holds; None: it holds none."""
    raw = record.get("history")
    if not isinstance(raw, list):
        return None
    history = History()
    for one in raw:
        at_us = moment_us(one.get("when")) if isinstance(one, dict) else None
        changes = one.get("changes") if isinstance(one, dict) else None
        if at_us is None or not isinstance(changes, list):
            history.unreadable += 1
            continue
        read = tuple(change for raw in changes[: PLACES - 1] if (change := _change(raw)))
        history.entries.append(Entry(at_us, 0, text(one.get("who")), read))
    history.entries.sort(key=lambda entry: entry.at_us)
    history.entries = [entry._replace(sequence=place * PLACES + 1) for place, entry in enumerate(history.entries)]
    return history


def _change(raw: object) -> Change | None:
    """Read a change; flags of attachments are none of the bug's, and whom a flag asks is left out."""
    if not isinstance(raw, dict) or not isinstance(raw.get("field_name"), str):
        return None
    name, removed, added = raw["field_name"], text(raw.get("removed")) or "", text(raw.get("added")) or ""
    if name == "flagtypes.name":
        if raw.get("attachment_id"):
            return None
        removed, added = (", ".join(_FLAG.findall(value)) for value in (removed, added))
    return Change(name, removed, added)


def is_bug(record: Mapping[str, Any]) -> bool:
    """Tell whether a record says what a bug is today."""
    return "id" in record and any(name in record for name in ("creation_time", "status", "product"))


def item_name(bug_id: object) -> str | None:
    """Name of a bug as people write it.

    >>> item_name(35), item_name("35"), item_name(None), item_name(True)
    ('Bug 35', 'Bug 35', None, None)
    """
    number = text(bug_id) if not isinstance(bug_id, bool) else None
    return f"Bug {number}" if number and number.isascii() and number.isdigit() and len(number) <= 15 else None


def numbers(value: object) -> list[str]:
    """Names of the bugs in a list of ids, or in a text of ids with commas between.

    >>> numbers([1, "2"]), numbers("3, 4"), numbers(None)
    (['Bug 1', 'Bug 2'], ['Bug 3', 'Bug 4'], [])
    """
    found = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [name for one in found if (name := item_name(one))]


def state_of(status: str | None, resolution: str | None) -> str | None:
    """Name of the state; how a bug was closed is a part of it, unless it was fixed.

    >>> state_of("RESOLVED", "FIXED"), state_of("VERIFIED", "WONTFIX"), state_of("NEW", "FIXED"), state_of("", None)
    ('RESOLVED', 'VERIFIED (WONTFIX)', 'NEW', None)
    """
    if not status:
        return None
    if status in _CLOSED and resolution and resolution not in ("FIXED", "---"):
        return f"{status} ({resolution})"
    return status


def category_of(state: str) -> Category | None:
    """Category of a state by its name.

    >>> category_of("CLOSED"), category_of("RESOLVED (DUPLICATE)"), category_of("CLOSED (ERRATA)"), category_of("MINE")
    ('done', 'cancelled', 'done', None)
    """
    status, _, rest = state.partition(" (")
    if status in _CLOSED:
        return "cancelled" if rest.removesuffix(")") in _NOT_DONE else "done"
    return _CATEGORIES.get(state)


def is_closed(status: str | None) -> bool:
    """Tell whether a bug of that status is closed."""
    return status in _CLOSED


def kind_of(bug: Mapping[str, Any]) -> str | None:
    """Type of a bug: its own, else what its severity says."""
    return text(bug.get("type")) or kind_by_severity(text(bug.get("severity")))


def kind_by_severity(severity: str | None) -> str | None:
    """Type that a severity stands for, where bugs have no type.

    >>> kind_by_severity("enhancement"), kind_by_severity("major"), kind_by_severity("")
    ('enhancement', 'defect', None)
    """
    if not severity:
        return None
    return "enhancement" if severity == "enhancement" else "defect"


def moment_us(value: object) -> int | None:
    """Microseconds of a time as Bugzilla writes it, or None; without offset it is UTC.

    >>> moment_us("1970-01-01T00:00:01Z"), moment_us("soon"), moment_us("0001-01-01T00:00:00Z")
    (1000000, None, None)
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        at_us = schema.to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return at_us if schema.EARLIEST_US <= at_us < schema.LATEST_US else None


def text(value: object) -> str | None:
    """Text of a plain value, None for nothing."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15 else None


def is_broken(*values: str | None) -> bool:
    """Tell whether a text holds characters that could not be read."""
    return any(BROKEN in value for value in values if value)
