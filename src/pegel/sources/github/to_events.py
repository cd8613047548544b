"""Maps the parts of GitHub's issues and pull requests to event-log rows: pure, no reading.

What is taken, and what is left out because it is personal or free text, stands in this folder's README.

GitHub's times are whole seconds, so several things happen at once: the ``sequence`` of an event is its place among
those of the same second, as the timeline orders them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from pegel.eventlog.batch import BatchBuilder, Category
from pegel.sources.formats import ReadOptions
from pegel.sources.github.links import Link, links_of
from pegel.sources.github.parts import Facts, Happening, Part, type_of
from pegel.sources.github.states import HINTS, OPEN, Step, states_of
from pegel.sources.labels import is_blocked, priority_of
from pegel.sources.reading import BROKEN

_NO_FACTS: Final = Facts(is_pull=False, primary=False)
#: States that items of this file can be in without anybody having worked on them.
_NOTHING_BETWEEN: Final = frozenset({OPEN, *HINTS})


class IssueMapping:
    """Writes items into a builder, each with all its parts at once; counts what a person should know."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._recorded: set[str] = set()
        self._waiting: dict[str, list[Link]] = {}
        self._states: set[str] = set()
        self.without_history = 0
        self.with_history = 0

    @property
    def links_outside(self) -> int:
        """Links so far that begin at an item which the file does not hold; they cannot be kept."""
        return sum(map(len, self._waiting.values()))

    def state_hints(self) -> dict[str, Category]:
        """Return the categories that GitHub's rules give; Open waits where the file knows no state between."""
        hints = {state: category for state, category in HINTS.items() if state in self._states}
        if OPEN in self._states:
            # So that opened to closed is the flow time where nothing says when work began.
            hints[OPEN] = "waiting" if self._states <= _NOTHING_BETWEEN else "new"
        return hints

    def add(self, builder: BatchBuilder, item: str, parts: Sequence[Part]) -> None:
        """Add an item; ``parts``: all rows of the file that tell of it. Each of them gets its fate."""
        facts = _merged([part.facts for part in parts if part.facts is not None])
        happenings, rows, told_twice = _in_order(parts)
        status = _status_today(facts, happenings)
        if status is not None:
            rows[id(status)] = parts[0].row
            happenings = sorted([*happenings, status], key=lambda one: one.at_us)
        begins_us = facts.created_us
        if begins_us is None:
            if not happenings:
                for part in parts:
                    builder.reject(part.row, "unreadable_created", item)
                return
            builder.warnings["unreadable_created"] += 1
            begins_us = happenings[0].at_us
        elif happenings and happenings[0].at_us < begins_us:
            builder.warnings["change_before_creation"] += 1
            begins_us = happenings[0].at_us
        if not self._add_item(builder, item, parts, facts):
            return
        used = {part.row for part in parts if part.facts is not None and part.facts.primary} or {parts[0].row}
        history = any(part.history for part in parts)
        self.with_history += history
        self.without_history += not history
        steps = list(states_of(facts, happenings, begins_us))
        sequences = _sequences(happenings)
        used |= self._add_steps(builder, item, steps, rows, sequences, default=parts[0].row)
        used |= _add_changes(builder, item, facts, happenings, rows, sequences)
        used |= self._add_links(builder, item, links_of(item, facts, happenings), rows, default=parts[0].row)
        self._warn(builder, facts, parts, steps, happenings, status=status)
        for part in parts:
            if part.row in used:
                continue
            if part.happenings and all(id(one) in told_twice for one in part.happenings):
                builder.duplicate += 1
            else:
                builder.ignored["field_not_needed"] += 1

    def _stream_of(self, item: str) -> str:
        return self._options.stream or item.rpartition("#")[0].rpartition("/")[2]

    def _add_item(self, builder: BatchBuilder, item: str, parts: Sequence[Part], facts: Facts) -> bool:
        stream = self._stream_of(item)
        rows = [part.row for part in parts if part.facts is not None and part.facts.primary] or [parts[0].row]
        if BROKEN in item or BROKEN in stream:
            for part in parts:
                builder.reject(part.row, "broken_encoding", item)
            return False
        added = [
            builder.item(
                row,
                item,
                stream=stream,
                type=type_of(facts.type, facts.labels, is_pull=facts.is_pull),
                parent=facts.parent,
                created_us=facts.created_us,
                title=facts.title if self._options.titles else None,
                attributes=json.dumps(dict(facts.attributes), ensure_ascii=False, sort_keys=True)
                if facts.attributes
                else None,
            )
            for row in rows
        ]
        if all(added):
            self._recorded.add(item)
            return True
        for part in parts:
            builder.reject(part.row, "item_missing", item)
        return False

    def _add_steps(
        self,
        builder: BatchBuilder,
        item: str,
        steps: Sequence[Step],
        rows: dict[int, int],
        sequences: dict[int, int],
        *,
        default: int,
    ) -> set[int]:
        used: set[int] = set()
        for place, step in enumerate(steps):
            one = step.happening
            row = rows[id(one)] if one is not None else default
            used.add(row)
            self._states.add(step.state)
            builder.transition(
                row,
                item,
                at_us=step.at_us,
                sequence=sequences[id(one)] if one is not None else min(place, 1),
                from_state=step.before,
                to_state=step.state,
                actor=one.actor if one is not None else None,
            )
        return used

    def _add_links(
        self, builder: BatchBuilder, item: str, links: Any, rows: dict[int, int], *, default: int
    ) -> set[int]:
        """Add links that begin at items already recorded; others wait until their item comes."""
        used: set[int] = set()
        for link in links:
            row = rows[id(link.happening)] if link.happening is not None else default
            if link.item in self._recorded:
                used.add(row)
                builder.link(row, link.item, kind=link.kind, other=link.other, at_us=link.at_us)
            else:
                self._waiting.setdefault(link.item, []).append(link)
        for link in self._waiting.pop(item, ()):
            used.add(default)
            builder.link(default, link.item, kind=link.kind, other=link.other, at_us=link.at_us)
        return used

    @staticmethod
    def _warn(
        builder: BatchBuilder,
        facts: Facts,
        parts: Sequence[Part],
        steps: Sequence[Step],
        happenings: Sequence[Happening],
        *,
        status: Happening | None,
    ) -> None:
        counts = Counter(
            unreadable_history_entry=sum(part.unreadable for part in parts),
            project_status_unnamed=sum(part.unnamed_status for part in parts),
        )
        told = [part for part in parts if part.history]
        is_cut = all(part.cut_start for part in told) or all(part.cut_end for part in told)
        if told and (is_cut or steps[-1].guessed or status is not None):
            counts["history_truncated"] = 1
        comments = sum(one.kind == "commented" for one in happenings)
        if 0 < comments < (facts.comments or 0):
            counts["comments_truncated"] = 1
        builder.warnings.update(+counts)


def _merged(all_facts: Sequence[Facts]) -> Facts:
    """Merge what several rows say today: the newest first, and what an event says of its issue last."""
    if not all_facts:
        return _NO_FACTS
    ordered = sorted(all_facts, key=lambda one: (not one.primary, -(one.updated_us or 0)))
    if len(ordered) == 1:
        return ordered[0]
    merged: dict[str, Any] = {"is_pull": any(one.is_pull for one in ordered), "primary": ordered[0].primary}
    for field in fields(Facts):
        if field.name not in merged:
            values = (getattr(one, field.name) for one in ordered)
            merged[field.name] = next((value for value in values if value not in (None, ())), field.default)
    return Facts(**merged)


def _in_order(parts: Sequence[Part]) -> tuple[list[Happening], dict[int, int], set[int]]:
    """Return what happened in the order of time, the row of each, and those told before (both by Python's ``id``)."""
    rows: dict[int, int] = {}
    twice: set[int] = set()
    seen: set[tuple[object, ...]] = set()
    found: list[Happening] = []
    for part in parts:
        for one in part.happenings:
            if one.identity in seen:
                twice.add(id(one))
                continue
            seen.add(one.identity)
            rows[id(one)] = part.row
            found.append(one)
    found.sort(key=lambda one: (one.at_us, one.order))
    return found, rows, twice


def _status_today(facts: Facts, happenings: Sequence[Happening]) -> Happening | None:
    """Return the change to the project status of today, where the timeline does not tell it."""
    known = [one.value for one in happenings if one.kind == "status"]
    if facts.is_pull or facts.status is None or facts.status_us is None or facts.status in known[-1:]:
        return None
    return Happening("status", facts.status_us, value=facts.status, before=known[-1] if known else None)


def _sequences(happenings: Sequence[Happening]) -> dict[int, int]:
    """Place of each happening among those of the same moment, from 2: before are creation and what only facts tell."""
    places: dict[int, int] = {}
    at_us, place = -1, 1
    for one in happenings:
        place = place + 1 if one.at_us == at_us else 2
        at_us = one.at_us
        places[id(one)] = place
    return places


def _add_changes(
    builder: BatchBuilder,
    item: str,
    facts: Facts,
    happenings: Sequence[Happening],
    rows: dict[int, int],
    sequences: dict[int, int],
) -> set[int]:
    """Add the changes of fields; returns the rows that gave one."""
    used: set[int] = set()
    comments = 0
    for one in happenings:
        change = _change(one, facts, comments)
        if change is None:
            continue
        comments += one.kind == "commented"
        field, before, after = change
        used.add(rows[id(one)])
        builder.field_change(
            rows[id(one)],
            item,
            at_us=one.at_us,
            sequence=sequences[id(one)],
            field=field,
            from_value=before,
            to_value=after,
            actor=one.actor,
        )
    return used


def _change(one: Happening, facts: Facts, comments: int) -> tuple[str, str | None, str | None] | None:
    """Field, value before and value after, or None where a happening changes no field."""
    value = one.value
    if one.kind == "commented":
        return "comment_count", str(comments), str(comments + 1)
    if one.kind in ("assigned", "unassigned"):
        return ("assignee", None, value) if one.kind == "assigned" else ("assignee", value, None)
    if one.kind in ("labeled", "unlabeled") and value:
        field, named = ("flag", value) if is_blocked(value) else ("priority", priority_of(value))
        if named is None:
            return None
        return (field, None, named) if one.kind == "labeled" else (field, named, None)
    if one.kind == "type" and not facts.is_pull and (value or one.before):
        return "type", one.before or "Issue", value or "Issue"
    if one.kind in ("parent_issue_added", "parent_issue_removed") and one.other:
        return ("parent", None, one.other) if one.kind == "parent_issue_added" else ("parent", one.other, None)
    if one.kind == "status":
        return "project_status", one.before, value
    return None
