"""What the traces of a log mean: cases become items, their events changes of state. Pure mapping, no reading.

A trace is an item, called by its ``concept:name``. Its events, ordered by time and then by their place in the file, go
through the fold of activity logs (:mod:`pegel.sources.activities`). Default values that a log declares (``global``) are
not filled in: real logs declare placeholders such as 1970-01-01, and an invented time is worse than a missing one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder, Category, name_defect
from pegel.sources.activities import STATELESS, Event, before, fold_case
from pegel.sources.formats import ReadOptions
from pegel.sources.xes.structure import Trace

#: role → key of the standard extensions; ``options.columns`` may name other keys.
STANDARD_KEYS: Final[Mapping[str, str]] = {
    "activity": "concept:name",
    "at": "time:timestamp",
    "lifecycle": "lifecycle:transition",
    "actor": "org:resource",
    "team": "org:group",
    "role": "org:role",
    "item": "concept:name",
}
#: Roles without a standard key: attributes of the case, used only where ``options.columns`` names them.
CASE_ROLES: Final = ("type", "stream", "created")
#: Exporters repeat attributes of the case on every event under such keys.
CASE_PREFIXES: Final = ("case:", "(case)_")

_LONGEST_ACTIVITY: Final = schema.LONGEST_NAME - len(before(""))
_REMEMBERED: Final = 10_000


class Wanted:
    """Which attributes are needed, and in which slot each stands.

    >>> wanted = Wanted(ReadOptions(columns={"type": "case:channel"}))
    >>> wanted.slots["channel"] == wanted.slots["(case)_channel"] == wanted.of["type"]
    True
    """

    def __init__(self, options: ReadOptions) -> None:
        unknown = sorted(set(options.columns) - {*STANDARD_KEYS, *CASE_ROLES})
        if unknown:
            raise InputError("role_unknown", role=unknown[0], known=[*STANDARD_KEYS, *CASE_ROLES])
        self.slots: dict[str, int] = {}
        #: role → slot
        self.of: dict[str, int] = {}
        #: name of an attribute to keep → slot
        self.kept: dict[str, int] = {}
        #: Slots of the first classifier whose keys name an activity; used where an event has no name.
        self.classifier: tuple[int, ...] = ()
        self.columns: dict[str, str] = {**STANDARD_KEYS, **options.columns}
        for role, key in self.columns.items():
            if role in CASE_ROLES:
                self.of[role] = self._of_case(key)
            else:
                plain = _without_prefix(key) if role == "item" else key
                self.of[role] = self._slot(plain)
        #: Slot of the log's own name.
        self.log_name = self._slot(STANDARD_KEYS["item"])
        for name in options.attributes:
            self.kept[name] = self._of_case(name)

    def classify(self, keys: str) -> Mapping[str, int]:
        """Take the keys of a classifier into account; the first one counts."""
        if not self.classifier:
            self.classifier = tuple(self._slot(key) for key in classifier_keys(keys))
        return self.slots

    def is_seen(self, key: str, seen: set[str]) -> bool:
        """Tell whether a key, or the same attribute under another prefix, is among those seen."""
        plain = _without_prefix(key)
        return any(one in seen for one in (key, plain, *(prefix + plain for prefix in CASE_PREFIXES)))

    def _slot(self, key: str) -> int:
        return self.slots.setdefault(key, max(self.slots.values(), default=0) + 1)

    def _of_case(self, key: str) -> int:
        plain = _without_prefix(key)
        slot = self._slot(plain)
        for prefix in CASE_PREFIXES:
            self.slots.setdefault(prefix + plain, slot)
        return slot


class TraceMapping:
    """Adds traces to a builder.

    Parameters
    ----------
    stream: value stream of traces that do not name one.
    paired: the log has starts and ends of activities.
    hints: receives the category of every state.
    moment: reads a time into microseconds since 1970; None where it cannot be read.
    """

    def __init__(
        self,
        builder: BatchBuilder,
        wanted: Wanted,
        *,
        stream: str,
        paired: bool,
        hints: dict[str, Category],
        moment: Callable[[str], int | None],
    ) -> None:
        self._builder = builder
        self._wanted = wanted
        self._stream = stream
        self._paired = paired
        self._hints = hints
        self._moment = moment
        self._items: dict[str, int] = {}  # item → its events so far
        self._activities: set[str] = set()
        self._lifecycles: dict[str | None, str | None] = {None: None}

    def add(self, trace: Trace) -> None:
        """Add one trace: every row of it gets its fate."""
        builder = self._builder
        if not trace.events:
            builder.ignored["empty_trace"] += 1
            return
        item = trace.values[self._wanted.of["item"]]
        if item is None or not item.strip():
            item = f"trace-{trace.number}"
            builder.warnings["trace_without_name"] += 1
        defect = name_defect(item)
        if defect:
            for row in range(trace.row, trace.row + len(trace.events)):
                builder.reject(row, defect, item)
            return
        if item in self._items:
            builder.warnings["duplicate_item_id"] += 1
        first_sequence = self._items.get(item, 0)
        self._items[item] = first_sequence + len(trace.events)
        events = self._events(trace, first_sequence)
        bearing = next((event for event in events if event.lifecycle not in STATELESS), None)
        if bearing is not None:
            # That row is an accepted one whatever the fold makes of the others, so the case's own records stand there.
            self._add_item(trace, item, bearing.row, events[0].at_us)
            self._add_field_changes(trace, item, bearing.row, events)
        fold_case(builder, item, events, paired=self._paired, hints=self._hints)

    def _events(self, trace: Trace, first_sequence: int) -> list[Event]:
        """Events with a usable time and activity, ordered; the others are rejected.

        The sequence counts events of equal time, not rows, so that a later export of the same log gives the same.
        """
        of, builder = self._wanted.of, self._builder
        at_slot, activity_slot, lifecycle_slot, actor_slot = of["at"], of["activity"], of["lifecycle"], of["actor"]
        activities, lifecycles, moment = self._activities, self._lifecycles, self._moment
        events: list[Event] = []
        latest = schema.EARLIEST_US - 1
        sequence = first_sequence
        unsorted = 0
        row = trace.row - 1
        for values in trace.events:
            row += 1
            at = values[at_slot]
            at_us = None if at is None else moment(at)
            if at_us is None:
                builder.reject(row, "unreadable_time", at or "")
                continue
            activity = values[activity_slot]
            if activity not in activities:
                activity = self._checked_activity(row, values)
                if activity is None:
                    continue
            if not schema.EARLIEST_US <= at_us < schema.LATEST_US:
                builder.reject(row, "time_out_of_range", str(at_us))
                continue
            if at_us > latest:
                latest = at_us
                sequence = first_sequence
            elif at_us == latest:
                sequence += 1
            else:
                unsorted += 1
            lifecycle = values[lifecycle_slot]
            lifecycle = lifecycles[lifecycle] if lifecycle in lifecycles else self._new_lifecycle(lifecycle)
            events.append(Event(row, activity, lifecycle, at_us, sequence, values[actor_slot] or None))
        if unsorted:
            builder.warnings["unsorted_events"] += unsorted
            events = _ordered(events, first_sequence)
        return events

    def _checked_activity(self, row: int, values: Sequence[Any]) -> str | None:
        activity: str | None = values[self._wanted.of["activity"]]
        if activity is None and self._wanted.classifier:
            parts = [values[slot] for slot in self._wanted.classifier]
            activity = None if None in parts else "+".join(parts)
        if activity is None:
            self._builder.reject(row, "activity_missing")
            return None
        defect = name_defect(activity) or ("name_too_long" if len(activity) > _LONGEST_ACTIVITY else None)
        if defect:
            self._builder.reject(row, defect, activity)
            return None
        if len(self._activities) < _REMEMBERED:
            self._activities.add(activity)
        return activity

    def _new_lifecycle(self, value: str) -> str | None:
        lifecycle = value.strip().lower() or None
        if len(self._lifecycles) < _REMEMBERED:
            self._lifecycles[value] = lifecycle
        return lifecycle

    def _add_item(self, trace: Trace, item: str, row: int, first_us: int) -> None:
        created_us: int | None = first_us
        created = self._of_case(trace, "created")
        if created is not None:
            created_us = self._moment(created)
            if created_us is None or not schema.EARLIEST_US <= created_us < schema.LATEST_US:
                self._builder.warnings["unreadable_created"] += 1
                created_us = first_us
        kept = {
            name: value[: schema.LONGEST_TEXT]
            for name, slot in self._wanted.kept.items()
            if (value := self._value(trace, slot)) is not None
        }
        self._builder.item(
            row,
            item,
            stream=self._name(trace, "stream") or self._stream,
            type=self._name(trace, "type"),
            created_us=created_us,
            attributes=json.dumps(kept, ensure_ascii=False) if kept else None,
        )

    def _name(self, trace: Trace, role: str) -> str | None:
        value = self._of_case(trace, role)
        if value is None:
            return None
        if name_defect(value):
            self._builder.warnings[f"{role}_unusable"] += 1
            return None
        return value

    def _of_case(self, trace: Trace, role: str) -> str | None:
        slot = self._wanted.of.get(role)
        return None if slot is None else self._value(trace, slot)

    def _value(self, trace: Trace, slot: int) -> str | None:
        """Value of an attribute of the case: its own, else that of its last event that has one."""
        value: str | None = trace.values[slot]
        if value is None:
            value = next((values[slot] for values in reversed(trace.events) if values[slot] is not None), None)
        return value

    def _add_field_changes(self, trace: Trace, item: str, row: int, events: list[Event]) -> None:
        for field in ("team", "role"):
            slot = self._wanted.of[field]
            current: str | None = None
            for event in events:
                value = trace.events[event.row - trace.row][slot]
                if value is not None and value != current:
                    self._builder.field_change(
                        row,
                        item,
                        at_us=event.at_us,
                        sequence=event.sequence,
                        field=field,
                        from_value=current,
                        to_value=value,
                        actor=event.actor,
                    )
                    current = value


def _ordered(events: list[Event], first_sequence: int) -> list[Event]:
    """Order events by time; equal times keep the order of the file and are counted anew."""
    found: list[Event] = []
    sequence = first_sequence
    for event in sorted(events, key=attrgetter("at_us")):
        sequence = sequence + 1 if found and found[-1].at_us == event.at_us else first_sequence
        found.append(event._replace(sequence=sequence))
    return found


def classifier_keys(keys: str) -> tuple[str, ...]:
    """Keys of a classifier: separated by spaces; a key with spaces stands in single quotes.

    >>> classifier_keys("concept:name 'my key'"), classifier_keys("")
    (('concept:name', 'my key'), ())
    """
    found: list[str] = []
    for position, part in enumerate(keys.split("'")):
        found.extend([part] if position % 2 else part.split())
    return tuple(key for key in found if key)


def _without_prefix(key: str) -> str:
    for prefix in CASE_PREFIXES:
        if key.startswith(prefix):
            return key[len(prefix) :]
    return key
