"""Maps bugs and their history to event-log rows: pure, no reading.

The status that a bug was filed with is not in the history: it is what the first change of the status removed, or
today's status where it never changed. A bug without any history in the file is known by its dates only.

Personal: whoever changed something is the actor, ``assigned_to`` the assignee (both pseudonymised before they are
stored); reporter, CC, contacts, names in flags, summaries and whiteboards are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder, Category
from pegel.sources.bugzilla.history import (
    DEPENDENCIES,
    FIELDS,
    STATUS,
    Change,
    Entry,
    History,
    category_of,
    is_broken,
    is_closed,
    item_name,
    kind_by_severity,
    kind_of,
    moment_us,
    numbers,
    state_of,
    text,
)
from pegel.sources.formats import ReadOptions

_DEFAULT_STREAM: Final = "Bugzilla"
_RESOLUTION: Final = frozenset({"resolution"})

HistoryFate = Literal["used", "unused", "empty", "repeated", "rejected"]


@dataclass(slots=True)
class Known:
    """What a first look at the file learned of one bug.

    ``histories``: records with history. ``status``, ``resolution``: (time, value before) of their first known change.
    ``described``: the file says what the bug is today. ``begun``: its first state was added. ``seen``: events taken so
    far, where several records tell the history.
    """

    stream: str | None = None
    today: tuple[str | None, str | None] = (None, None)
    typed: bool = False
    described: bool = False
    recorded: bool = False
    begun: bool = False
    histories: int = 0
    first_us: int | None = None
    status: tuple[int, str] | None = None
    resolution: tuple[int, str] | None = None
    since: dict[str, int] | None = None
    seen: set[tuple[int | str, ...]] | None = None


class _Link(NamedTuple):
    item: str
    kind: str
    other: str
    at_us: int | None


@dataclass(slots=True)
class BugMapping:
    """Writes bugs and histories into a builder; ``learn`` has to have seen all records before."""

    options: ReadOptions
    known: dict[str, Known] = field(default_factory=dict)
    hints: dict[str, Category] = field(default_factory=dict)
    without_history: int = 0
    _waiting: dict[str, list[_Link]] = field(default_factory=dict)
    _repeats: int = 0

    @property
    def links_outside(self) -> int:
        """Links so far that begin at a bug which the file does not hold."""
        return sum(map(len, self._waiting.values()))

    @property
    def has_history(self) -> bool:
        """Tell whether any bug of the file has a history."""
        return any(one.histories for one in self.known.values())

    def learn(self, item: str, record: Mapping[str, Any], *, is_bug: bool, history: History | None) -> None:
        """Take from one record what others need to be understood."""
        known = self.known.setdefault(item, Known())
        if is_bug:
            known.described = True
            known.stream = text(record.get("product"))
            known.today = (text(record.get("status")), text(record.get("resolution")))
            known.typed = bool(text(record.get("type")))
        if history is None:
            return
        known.histories += 1
        if history.entries:
            first_us = history.entries[0].at_us
            known.first_us = first_us if known.first_us is None else min(first_us, known.first_us)
        known.status = _earlier(known.status, history.first(STATUS))
        known.resolution = _earlier(known.resolution, history.first(_RESOLUTION))
        for name, at_us in _since(item, history):
            known.since = known.since or {}
            known.since.setdefault(name, at_us)

    def add_bug(self, builder: BatchBuilder, row: int, item: str, bug: Mapping[str, Any]) -> bool:
        """Add what is known of a bug today, and the state it was filed in; returns whether the row could be used."""
        known = self.known[item]
        created_us = moment_us(bug.get("creation_time"))
        status, resolution = text(bug.get("status")), text(bug.get("resolution"))
        defect = "unreadable_created" if created_us is None and known.first_us is None else None
        if is_broken(status, resolution, text(bug.get("product")), kind_of(bug)):
            defect = "broken_encoding"
        if defect is not None:
            known.described = known.recorded
            return builder.reject(row, defect, item)
        if created_us is None:
            builder.warnings["unreadable_created"] += 1
        if not builder.item(
            row,
            item,
            stream=self._stream(known),
            type=kind_of(bug),
            created_us=created_us,
            title=text(bug.get("summary")) if self.options.titles else None,
            attributes=self._attributes(bug, current=not known.histories),
        ):
            return False
        self._record(builder, row, item, known)
        if not known.begun:
            self._add_beginning(builder, row, item, created_us=created_us, closed=bug.get("cf_last_resolved"))
        self._add_links(builder, row, item, bug)
        return True

    def add_history(self, builder: BatchBuilder, row: int, item: str, history: History) -> HistoryFate:
        """Add the history of a bug; says what became of it."""
        known = self.known[item]
        builder.warnings.update({"unreadable_history_entry": history.unreadable} if history.unreadable else {})
        events, repeats = list(self._events(known, history, builder)), self._repeats
        if repeats:
            builder.warnings["event_told_twice"] += repeats
        if not events:
            return "repeated" if repeats else "unused" if history.entries else "empty"
        if not known.recorded:
            if not known.described:
                builder.warnings["bug_missing"] += 1
            if not builder.item(row, item, stream=self._stream(known)):
                return "rejected"
            self._record(builder, row, item, known)
            if not known.described:
                self._add_beginning(builder, row, item, created_us=None, closed=None)
        for entry, place, name, before, now in events:
            where: dict[str, Any] = {"at_us": entry.at_us, "sequence": entry.sequence + place, "actor": entry.actor}
            if name == "state":
                builder.transition(row, item, from_state=before, to_state=self._note(now or ""), **where)
            else:
                builder.field_change(row, item, field=name, from_value=before, to_value=now, **where)
        return "used"

    def _stream(self, known: Known) -> str:
        return self.options.stream or known.stream or _DEFAULT_STREAM

    def _note(self, state: str) -> str:
        category = category_of(state)
        if category:
            self.hints.setdefault(state, category)
        return state

    def _events(
        self, known: Known, history: History, builder: BatchBuilder
    ) -> Iterator[tuple[Entry, int, str, str | None, str | None]]:
        """Yield (entry, place in it, field or "state", before, now) of what is of use and not told before."""
        first_status, first_resolution = history.first(STATUS), history.first(_RESOLUTION)
        status = first_status[1] if first_status else known.today[0]
        resolution = first_resolution[1] if first_resolution else known.today[1]
        self._repeats = 0
        if known.histories > 1 and known.seen is None:
            known.seen = set()
        for entry in history.entries:
            before = state_of(status, resolution)
            moved = 0
            for place, change in enumerate(entry.changes):
                repeated = self._is_repeated(known, entry, change)
                if change.field in STATUS or change.field in _RESOLUTION:
                    if change.field in STATUS:
                        status = change.added
                    else:
                        resolution = change.added
                    moved = moved or (0 if repeated else place + 1)
                elif not repeated:
                    for name, old, new in self._fields(change, known):
                        yield entry, place, name, old or None, new or None
            now = state_of(status, resolution)
            if moved and is_broken(now):
                builder.warnings["unreadable_history_entry"] += 1
            elif moved and now and now != before:
                yield entry, moved - 1, "state", before, now

    def _is_repeated(self, known: Known, entry: Entry, change: Change) -> bool:
        """Tell whether an earlier record of the bug told this change already."""
        if known.seen is None:
            return False
        mark = (entry.at_us, *change)
        if mark in known.seen:
            self._repeats += 1
            return True
        known.seen.add(mark)
        return False

    def _fields(self, change: Change, known: Known) -> Iterator[tuple[str, str, str]]:
        name = FIELDS.get(change.field)
        if name is None or (name == "stream" and self.options.stream) or not (change.removed or change.added):
            return
        yield name, change.removed, change.added
        if name == "severity" and not known.typed:
            kinds = kind_by_severity(change.removed), kind_by_severity(change.added)
            if kinds[0] != kinds[1] and kinds[1]:
                yield "type", kinds[0] or "", kinds[1]

    def _add_beginning(
        self, builder: BatchBuilder, row: int, item: str, *, created_us: int | None, closed: object
    ) -> None:
        """Add the state a bug was filed in; without any history, what its dates say."""
        known = self.known[item]
        known.begun = True
        status, resolution = known.today
        if not known.histories:
            self.without_history += 1
            builder.warnings["no_state_history"] += 1
            self._add_dates(builder, row, item, created_us or 0, closed_us=moment_us(closed))
            return
        if known.first_us is not None and created_us is not None and known.first_us < created_us:
            builder.warnings["change_before_creation"] += 1
        first_us = known.status[0] if known.status else known.first_us
        begins_us = min((at_us for at_us in (created_us, first_us) if at_us is not None), default=None)
        state = state_of(
            known.status[1] if known.status else status, known.resolution[1] if known.resolution else resolution
        )
        if begins_us is not None and state is not None and not is_broken(state):
            builder.transition(row, item, at_us=begins_us, sequence=0, to_state=self._note(state))

    def _add_dates(self, builder: BatchBuilder, row: int, item: str, created_us: int, *, closed_us: int | None) -> None:
        status, resolution = self.known[item].today
        state = state_of(status, resolution)
        builder.transition(row, item, at_us=created_us, sequence=0, to_state=schema.CREATED_STATE)
        if closed_us is not None and state and is_closed(status):
            builder.transition(
                row,
                item,
                at_us=max(closed_us, created_us),
                sequence=1,
                from_state=schema.CREATED_STATE,
                to_state=self._note(state),
            )

    def _record(self, builder: BatchBuilder, row: int, item: str, known: Known) -> None:
        known.recorded = True
        for link in self._waiting.pop(item, ()):
            builder.link(row, link.item, kind=link.kind, other=link.other, at_us=link.at_us)

    def _add_links(self, builder: BatchBuilder, row: int, item: str, bug: Mapping[str, Any]) -> None:
        """Add links; one that begins at another bug waits until that one has its record."""
        since = self.known[item].since or {}
        links = [_Link(item, "blocks", other, since.get(f">{other}")) for other in numbers(bug.get("blocks"))]
        links += [_Link(other, "blocks", item, since.get(f"<{other}")) for other in numbers(bug.get("depends_on"))]
        original = item_name(bug.get("dupe_of"))
        links += [_Link(item, "duplicates", original, None)] if original else []
        for link in links:
            start = self.known.get(link.item)
            if link.item == link.other:
                continue
            if start is not None and start.recorded:
                builder.link(row, link.item, kind=link.kind, other=link.other, at_us=link.at_us)
            else:
                self._waiting.setdefault(link.item, []).append(link)

    def _attributes(self, bug: Mapping[str, Any], *, current: bool) -> str | None:
        kept = {name: text(bug.get(name)) for name in self.options.attributes}
        kept["status"] = state_of(text(bug.get("status")), text(bug.get("resolution"))) if current else None
        present = {name: value[: schema.LONGEST_TEXT] for name, value in kept.items() if value}
        return json.dumps(present, ensure_ascii=False, sort_keys=True) if present else None


def _earlier(one: tuple[int, str] | None, other: tuple[int, str] | None) -> tuple[int, str] | None:
    """Of two first changes the earlier one."""
    return min((found for found in (one, other) if found is not None), default=None, key=lambda found: found[0])


def _since(item: str, history: History) -> Iterator[tuple[str, int]]:
    """Yield since when other bugs depend on this one (``>``) or it on them (``<``)."""
    for entry in history.entries:
        for change in entry.changes:
            blocking = DEPENDENCIES.get(change.field)
            if blocking is not None:
                for other in numbers(change.added):
                    if other != item:
                        yield f"{'>' if blocking else '<'}{other}", entry.at_us
