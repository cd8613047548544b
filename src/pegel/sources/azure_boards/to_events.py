"""Maps records of Azure Boards to event-log rows: pure, no reading.

Updates say what one save changed, with the value before; revisions say how the whole item looked after it, so that two
of them are compared. Both give the same events: state changes as transitions, other tracked fields as field changes,
each with a sequence made of its revision. Where the beginning of a history is missing, the item stands in
:data:`pegel.eventlog.schema.CREATED_STATE` from its creation to the oldest known change.

The state is ``System.State``. Board columns are finer, but every team has its own; they are not read as states.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder
from pegel.sources.azure_boards.links import Link, changes_of_relations, links_of_relations, reported_link
from pegel.sources.azure_boards.lives import NEWEST, Life, Lives, tracked_values
from pegel.sources.azure_boards.values import (
    PLACES,
    Change,
    changes_between,
    changes_of_update,
    moment_us,
    person,
    revision_of,
    update_us,
)
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import BROKEN

#: Fields whose value at the creation stands in the item's record: no change.
_IN_ITEMS: Final = frozenset({"stream", "type", "parent"})
#: Fields that an item always has: a revision without them was fetched without them.
_NEVER_EMPTY: Final = ("state", "type", "stream")


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by whom something was changed, and the source row that says so."""

    row: int
    at_us: int
    actor: str | None


class WorkItemMapping:
    """Writes records into a builder, with what a first look (:class:`Lives`) learned of the whole file.

    >>> update = {"id": 1, "workItemId": 7, "rev": 1, "fields": {
    ...     "System.State": {"newValue": "New"}, "System.TeamProject": {"newValue": "Shop"},
    ...     "System.ChangedDate": {"newValue": "1970-01-01T00:00:01Z"}}}
    >>> lives = Lives(ReadOptions())
    >>> lives.learn(update, "update")
    >>> builder = BatchBuilder()
    >>> WorkItemMapping(lives, ReadOptions(), default_stream="file").add_update(builder, 1, "7", update)
    True
    >>> builder.take().transitions.select("at_us", "to_state").rows()
    [(1000000, 'New')]
    """

    def __init__(self, lives: Lives, options: ReadOptions, *, default_stream: str) -> None:
        self._lives = lives
        self._options = options
        self._default_stream = default_stream
        self._parents = lives.links.parents()
        self._recorded: set[str] = set()
        self._before: dict[str, tuple[int, dict[str, str | None]]] = {}
        self._ahead: set[str] = set()
        self._state: dict[str, str] = {}
        self.states: dict[str, None] = {}
        self.with_history = 0
        self.without_history = 0
        self.links_outside = 0

    def add_update(self, builder: BatchBuilder, row: int, item: str, record: Mapping[str, Any]) -> bool:
        """Add what one update changed; False if it was rejected or changed nothing that is kept."""
        rev, fields = revision_of(record), record.get("fields")
        if rev is None:
            return builder.reject(row, "revision_missing", item)
        changes = changes_of_update(fields if isinstance(fields, dict) else {}, rev)
        added = [link for link, new in changes_of_relations(item, record) if new and self._lives.links.holds(link)]
        at_us = update_us(record)
        if changes and at_us is None:
            return builder.reject(row, "unreadable_time", item)
        if not changes and not added:
            builder.ignored["field_not_needed"] += 1
            return False
        used = item not in self._recorded  # then its record carries this row
        if not self._record(builder, row, item):
            return False
        if at_us is not None:
            moment = Moment(row, at_us, person(record.get("revisedBy")))
            used |= self._add_changes(builder, item, moment, changes, first=rev <= 1)
        return self._add_links(builder, row, added) or used or self._again(builder, row, item)

    def add_snapshot(self, builder: BatchBuilder, row: int, item: str, record: Mapping[str, Any]) -> bool:
        """Add a work item as it is, or one of its revisions; False if it was rejected or said nothing new."""
        life, rev, fields = self._lives.by_item[item], revision_of(record), record["fields"]
        rev = NEWEST if rev is None else rev
        links = [link for link in links_of_relations(item, record.get("relations")) if self._lives.links.holds(link)]
        newest = rev >= life.highest
        if life.updates and not (newest or links):
            builder.ignored["history_told_twice"] += 1
            return False
        at_us, tells = moment_us(fields.get("System.ChangedDate")), life.has_history and not life.updates
        if tells and at_us is None:
            return builder.reject(row, "unreadable_time", item)
        used = item not in self._recorded  # then its record carries this row
        if not self._record(builder, row, item):
            return False
        if tells and at_us is not None:
            moment = Moment(row, at_us, person(fields.get("System.ChangedBy")))
            used |= self._add_revision(builder, item, moment, rev, tracked_values(fields))
        if self._add_links(builder, row, links) or used:
            return True
        if newest:
            return self._again(builder, row, item)
        builder.ignored["field_not_needed"] += 1
        return False

    def add_link(self, builder: BatchBuilder, row: int, record: Mapping[str, Any]) -> bool:
        """Add a row of the reporting API of links; False if it is none that is kept."""
        link, _, active = reported_link(record)
        if link is None or not active or not self._lives.links.holds(link):
            builder.ignored["link_not_kept"] += 1
            return False
        if not self._add_links(builder, row, [link]):
            builder.ignored["link_outside"] += 1
            return False
        return True

    def _record(self, builder: BatchBuilder, row: int, item: str) -> bool:
        """Record an item and the beginning of its history, once; False if its names cannot be used."""
        if item in self._recorded:
            return True
        if not self._again(builder, row, item):
            return False
        self._recorded.add(item)
        life = self._lives.by_item[item]
        if life.has_history:
            self.with_history += 1
            self._add_beginning(builder, row, item, life)
        else:
            self.without_history += 1
            self._add_dates(builder, row, item, life)
        return True

    def _again(self, builder: BatchBuilder, row: int, item: str) -> bool:
        """Write what is known of an item today as the record of a row."""
        life = self._lives.by_item[item]
        stream = self._options.stream or life.value("stream") or (life.value("team") or "").partition("\\")[0]
        stream = stream or self._default_stream
        kind, parent = life.value("type"), life.value("parent") or self._parents.get(item)
        if any(name and BROKEN in name for name in (stream, kind, parent, life.value("state"))):
            return builder.reject(row, "broken_encoding", item)
        kept = {name[1:]: value for name, (_, value) in life.today.items() if name.startswith("@") and value}
        if not life.has_history and life.value("state"):
            kept["System.State"] = life.value("state")
        short = {name: value[: schema.LONGEST_TEXT] for name, value in kept.items()}
        return builder.item(
            row,
            item,
            stream=stream,
            type=kind,
            parent=parent,
            created_us=life.value("created"),
            title=life.value("title"),
            attributes=json.dumps(short, ensure_ascii=False, sort_keys=True) if short else None,
        )

    def _add_beginning(self, builder: BatchBuilder, row: int, item: str, life: Life) -> None:
        created_us, state = life.value("created"), life.value("state")
        if life.unordered and not life.updates:
            builder.warnings["revisions_out_of_order"] += 1
        if life.begins_late or life.ends_early:
            builder.warnings["history_truncated"] += 1
        if life.begins_late:
            if created_us is not None:
                self._enter(builder, Moment(row, created_us, None), item, 0, schema.CREATED_STATE)
            before = life.first_state[1] if life.first_state else state
            early = life.first and (life.first_state is None or life.first[0] < life.first_state[0][0])
            if life.first and before and early:
                self._enter(builder, Moment(row, life.first[0], None), item, life.first[1] - 1, before)
        if life.updates and life.highest > life.highest_update and state and life.value("state_changed") is not None:
            # The item was fetched later than its updates: at least its state today is known.
            at_us = life.value("state_changed")
            if life.last_state is None or (at_us > life.last_state[0][0] and state != life.last_state[1]):
                self._enter(builder, Moment(row, at_us, None), item, life.highest * PLACES, state)

    def _add_dates(self, builder: BatchBuilder, row: int, item: str, life: Life) -> None:
        """Add what is known without any history: created, and since when the item is in its state."""
        created_us, state = life.value("created"), life.value("state")
        since_us = life.value("state_changed") or life.value("closed")
        if created_us is not None:
            self._enter(builder, Moment(row, created_us, None), item, 0, schema.CREATED_STATE)
        if since_us is not None and state:
            moment = Moment(row, max(since_us, created_us or 0), None)
            self._enter(builder, moment, item, 1, state, schema.CREATED_STATE if created_us is not None else None)
        if life.value("deleted") and life.value("changed") is not None:
            at_us = life.value("changed")
            builder.field_change(row, item, at_us=at_us, sequence=2, field="deleted", to_value="true")

    def _add_revision(
        self, builder: BatchBuilder, item: str, moment: Moment, rev: int, now: dict[str, str | None]
    ) -> bool:
        """Add what differs from the revision before."""
        life = self._lives.by_item[item]
        early = rev == life.ahead and item not in self._ahead
        if early:
            self._ahead.add(item)
        if life.unordered or (early and not life.ahead_again):
            # What changed with this revision nobody knows; but the state was this one.
            state = now["state"]
            return bool(state) and self._enter(builder, moment, item, rev * PLACES, str(state))
        if early:
            return False
        last, before = self._before.get(item, (-1, {}))
        if rev == last:
            return False
        now |= {field: before.get(field) for field in _NEVER_EMPTY if now[field] is None}
        self._before[item] = (rev, {} if rev == life.highest else now)  # nothing comes after the newest
        if last < 0 and rev > 1:  # what was set at its creation, and what since, cannot be told apart
            before = now | {"state": None, "deleted": None}
        changes = changes_between(before, now, rev)
        return self._add_changes(builder, item, moment, changes, first=last < 0 and rev <= 1)

    def _add_changes(
        self, builder: BatchBuilder, item: str, moment: Moment, changes: tuple[Change, ...], *, first: bool
    ) -> bool:
        """Add changes of one revision; ``first``: the item was created by it."""
        used = False
        for sequence, field, before, now in changes:
            if field == "state":
                used |= now is not None and self._enter(builder, moment, item, sequence, now, before)
            elif field == "deleted" and now is None:
                state = self._state.get(item)  # restored: it is back where it was
                used |= bool(state) and self._enter(builder, moment, item, sequence, str(state), schema.DELETED_STATE)
            elif not (first and (field in _IN_ITEMS or now in (None, "0"))) and not (
                field == "stream" and self._options.stream
            ):
                used |= builder.field_change(
                    moment.row,
                    item,
                    at_us=moment.at_us,
                    sequence=sequence,
                    field=field,
                    from_value=before,
                    to_value=now,
                    actor=moment.actor,
                )
        return used

    def _enter(
        self, builder: BatchBuilder, moment: Moment, item: str, sequence: int, state: str, before: str | None = None
    ) -> bool:
        if BROKEN in state or (before and BROKEN in before):
            return builder.reject(moment.row, "broken_encoding", item)
        self.states[state] = None
        if state != schema.CREATED_STATE:
            self._state[item] = state
        return builder.transition(
            moment.row,
            item,
            at_us=moment.at_us,
            sequence=sequence,
            from_state=before,
            to_state=state,
            actor=moment.actor,
        )

    def _add_links(self, builder: BatchBuilder, row: int, links: list[Link]) -> bool:
        """Add links that begin at items of the file; the others are counted."""
        used = False
        for link in links:
            begins, ends = link.item, link.other
            if link.kind == "relates" and begins not in self._lives.by_item:  # it may begin at either end
                begins, ends = ends, begins
            if begins not in self._lives.by_item or not self._record(builder, row, begins):
                self.links_outside += 1
                continue
            since_us = self._lives.links.since_us(link)
            used |= builder.link(row, begins, kind=link.kind, other=ends, at_us=since_us)
        return used
