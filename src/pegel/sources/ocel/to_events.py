"""What an object-centric log means: the objects of one type become items, the events that name them changes of state.

Rows are the events and the objects of the log. Objects are numbered first, in file order, then events; each has one
fate. An event is *accepted* when it names an item, once however many it names, and *ignored* when it names none. An
object is *accepted* when it is an item with at least one usable event, else *ignored*. Two events of equal activity and
time are two events, because they have ids; only an event whose id was there before is a *duplicate*, or, if it says
something else, *rejected*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder, name_defect
from pegel.sources.activities import after
from pegel.sources.ocel.event_columns import EventColumns
from pegel.sources.ocel.items import Items
from pegel.sources.ocel.model import ACTOR_NAMES, LogEvent, LogObject, LogRecord, NoRecord, Relation
from pegel.sources.ocel.survey import Survey
from pegel.sources.ocel.times import Times
from pegel.sources.reading import BROKEN
from pegel.sources.transitions.columns import plain

#: Words of a qualifier that say that the object is who did it.
_DOING: Final = frozenset(
    {
        "resource", "employee", "person", "user", "worker", "actor", "performer", "executor", "operator", "agent",
        "clerk", "handler", "mitarbeiter", "mitarbeiterin", "bearbeiter", "bearbeiterin", "ausführender", "by",
        "durch",
    }
)  # fmt: skip
_LONGEST_ACTIVITY: Final = schema.LONGEST_NAME - len(after(""))
_REMEMBERED: Final = 1 << 16


class LogMapping:
    """Takes the records of a log in any order.

    Parameters
    ----------
    builder: receives rejected and ignored rows.
    found: the first look at the same log. ``items``: what is gathered about the objects.
    actor: attribute of events that the person named as the actor.
    """

    def __init__(
        self, builder: BatchBuilder, found: Survey, items: Items, times: Times, *, actor: str | None = None
    ) -> None:
        self._builder = builder
        self._found = found
        self._items = items
        self._times = times
        self._actor = actor
        self._people = found.people()
        self.events = EventColumns()
        self._activities: set[str] = set()
        self._doing: dict[str, bool] = {}
        #: Whether the attribute named as the actor occurred.
        self.actor_seen = False

    def add(self, record: LogRecord) -> None:
        """Add one record."""
        if isinstance(record, LogEvent):
            self._add_event(record)
        elif isinstance(record, LogObject):
            self._items.add(self._builder, record)
        else:
            self._builder.reject(self._row(record), "not_an_object", record.detail)

    def _row(self, record: LogEvent | NoRecord) -> int:
        of_object = isinstance(record, NoRecord) and record.of == "object"
        return record.number if of_object else self._found.objects + record.number

    def _add_event(self, event: LogEvent) -> None:
        row, builder = self._row(event), self._builder
        named, unusable = self._named(event.relations)
        if not named:
            if unusable:
                builder.reject(row, "object_unusable")
            else:
                builder.ignored["event_of_other_objects"] += 1
            return
        if event.type not in self._activities and not self._is_usable(row, event.type):
            return
        at = event.at
        if at is None or not at.strip():
            builder.reject(row, "time_missing")
            return
        at_us = self._times.read(at)
        if at_us is None:
            builder.reject(row, "unreadable_time", at)
            return
        if not schema.EARLIEST_US <= at_us < schema.LATEST_US:
            builder.reject(row, "time_out_of_range", at)
            return
        self.events.add(
            row,
            event.id,
            at_us=at_us,
            activity=event.type or "",
            actor=self._who(event),
            items=named,
            content=(event.type, at_us, tuple(sorted(event.values.items())), frozenset(event.relations)),
        )

    def _named(self, relations: Sequence[Relation]) -> tuple[list[int], bool]:
        """Numbers of the items that are named, each once, and whether an object without a usable name is."""
        numbers: dict[int, None] = {}
        unusable = False
        for other, _ in relations:
            number = self._items.numbers.get(other)
            if number is not None:
                numbers[number] = None
            elif other in self._items.unusable:
                unusable = True
            elif other not in self._found.type_of:
                self._builder.warnings["unknown_object"] += 1
        return list(numbers), unusable

    def _is_usable(self, row: int, activity: str | None) -> bool:
        if activity is None:
            return self._builder.reject(row, "activity_missing")
        defect = "broken_encoding" if BROKEN in activity else name_defect(activity)
        if defect or len(activity) > _LONGEST_ACTIVITY:
            return self._builder.reject(row, defect or "name_too_long", activity)
        if len(self._activities) < _REMEMBERED:
            self._activities.add(activity)
        return True

    def _who(self, event: LogEvent) -> str | None:
        """Who did it: an attribute that says so, else the first related person whose qualifier says so."""
        if self._actor is not None:
            self.actor_seen = self.actor_seen or self._actor in event.values
            return _person(event.values.get(self._actor))
        if event.values:
            # Only attributes with such names were read.
            values = event.values.items()
            for _, value in sorted(values, key=_by_name) if len(values) > 1 else values:
                if who := _person(value):
                    return who
        for other, qualifier in event.relations:
            if self._found.type_of.get(other) in self._people and self._does(qualifier):
                return _person(other)
        return None

    def _does(self, qualifier: str) -> bool:
        known = self._doing.get(qualifier)
        if known is None:
            known = not _DOING.isdisjoint(plain(qualifier[: schema.LONGEST_NAME]).split())
            if len(self._doing) < _REMEMBERED:
                self._doing[qualifier] = known
        return known


def _by_name(value: tuple[str, str]) -> int:
    name = plain(value[0])
    return ACTOR_NAMES.index(name) if name in ACTOR_NAMES else len(ACTOR_NAMES)


def _person(value: str | None) -> str | None:
    return value[: schema.LONGEST_NAME] if value and not value.isspace() and "\x00" not in value else None
