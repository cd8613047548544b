"""What every form of an object-centric log is read into: objects, events, and what is needed of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

from pegel.errors import InputError
from pegel.sources.formats import ReadOptions
from pegel.sources.transitions.columns import plain

#: Attributes of events whose value is who did it, best first, in the plain form of their names.
ACTOR_NAMES: Final = ("org resource", "resource", "user", "employee")
#: Attributes of objects whose changes are kept, by the plain form of their names.
FIELD_NAMES: Final[Mapping[str, str]] = {
    "priority": "priority",
    "prio": "priority",
    "priorität": "priority",
    "rank": "rank",
    "rang": "rank",
    "team": "team",
    "org group": "team",
    "assignment group": "team",
    "assignee": "assignee",
    "assigned to": "assignee",
    "zugewiesen an": "assignee",
}
_MOST_NAMES: Final = 1000
_LONGEST_NAME: Final = 300


class Value(NamedTuple):
    """Value of an object's attribute; ``at``: since when, as the log writes it (None: since ever)."""

    name: str
    at: str | None
    value: str


class Relation(NamedTuple):
    """Names another object, and in OCEL 2.0 the role it has there."""

    other: str
    qualifier: str


class LogObject(NamedTuple):
    """One object; ``number``: its place among the objects of the log, from 1."""

    number: int
    id: str | None
    type: str | None
    values: Sequence[Value]
    relations: Sequence[Relation]


class LogEvent(NamedTuple):
    """One event; ``number``: its place among the events of the log, from 1. ``type`` is the activity."""

    number: int
    id: str | None
    type: str | None
    at: str | None
    values: Mapping[str, str]
    relations: Sequence[Relation]


class NoRecord(NamedTuple):
    """Stands where an object or an event should be; ``detail`` says what is there instead."""

    number: int
    of: Literal["object", "event"]
    detail: str


LogRecord = LogObject | LogEvent | NoRecord


class Needs:
    """Which attributes are needed; others are dropped where they are read. Remembers the names of all.

    >>> needs = Needs(ReadOptions(attributes=("price",)))
    >>> needs.of_object("price"), needs.of_object("Priority"), needs.of_object("notes"), needs.of_event("org:resource")
    (True, True, False, True)
    >>> needs.left_out()
    ['notes']

    Raises
    ------
    InputError: ``role_unknown`` when ``options.columns`` names another role than ``actor``.
    """

    def __init__(self, options: ReadOptions) -> None:
        unknown = sorted(set(options.columns) - {"actor"})
        if unknown:
            raise InputError("role_unknown", role=unknown[0], known=["actor"])
        #: The attribute of events that the person named as the actor.
        self.actor = options.columns.get("actor")
        self.kept = frozenset(options.attributes)
        self._needed: dict[tuple[str, str], bool] = {}

    def of_object(self, name: str) -> bool:
        """Tell whether an attribute of objects is needed."""
        return self._is_needed("object", name)

    def of_event(self, name: str) -> bool:
        """Tell whether an attribute of events is needed."""
        return self._is_needed("event", name)

    def names(self, kind: Literal["object", "event"]) -> list[str]:
        """Names of the attributes that were asked for so far, sorted."""
        return sorted(name for one, name in self._needed if one == kind)

    def left_out(self) -> list[str]:
        """Names of the attributes that were not needed, sorted."""
        return sorted({name for (_, name), needed in self._needed.items() if not needed})

    def _is_needed(self, kind: str, name: str) -> bool:
        known = self._needed.get((kind, name))
        if known is not None:
            return known
        if kind == "object":
            needed = name in self.kept or plain(name[:_LONGEST_NAME]) in FIELD_NAMES
        else:
            needed = name == self.actor or (not self.actor and plain(name[:_LONGEST_NAME]) in ACTOR_NAMES)
        if len(self._needed) < _MOST_NAMES:
            self._needed[kind, name if needed else name[:_LONGEST_NAME]] = needed
        return needed


class LogReader(Protocol):
    """Reads one file; each call of :meth:`records` reads it anew."""

    def records(self, needs: Needs | None) -> Iterator[LogRecord]:
        """Yield what the log holds; without ``needs`` only its objects, and of them only id and type.

        Raises
        ------
        InputError: the file is broken, cut short or hostile.
        """
        ...

    def share_read(self) -> float:
        """Return the share of the file that the latest call has read, 0 to 1."""
        ...

    def loose_parts(self) -> Mapping[str, int]:
        """Count by warning code what the latest call found that belongs to no record."""
        ...


def text_of(value: Any) -> str | None:
    """Value as text, the same from every form of a log; None: there is none (missing, or not a single value).

    >>> text_of(True), text_of(1.5), text_of(880001), text_of(["a"]), text_of("")
    ('true', '1.5', '880001', None, '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def name_of(value: Any) -> str | None:
    """Value as the name of something; None: there is none.

    >>> name_of(" "), name_of(7)
    (None, '7')
    """
    text = text_of(value)
    return text if text and not text.isspace() else None
