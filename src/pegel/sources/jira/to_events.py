"""Maps Jira issues to event-log rows: pure, no reading.

What is taken, and what is left out because it is personal or free text, stands in this folder's README.

The state an item was created in is not in the changelog: it is the ``fromString`` of the first status change, or the
current status where there was none. Where the beginning of the changelog is missing (Jira Cloud embeds only the newest
changes), the item stands in :data:`pegel.eventlog.schema.CREATED_STATE` from its creation to the oldest known entry,
instead of in a state that it may have entered later.

An event's ``sequence`` is made of the id of its changelog entry and the position inside it, so that the same event has
the same sequence in every export.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pegel.eventlog import schema
from pegel.eventlog.batch import BatchBuilder, Category
from pegel.sources.formats import ReadOptions
from pegel.sources.jira.changelog import (
    FIELDS,
    PLACES,
    Changelog,
    Entry,
    member,
    moment_us,
    number,
    person,
    side,
    text,
)
from pegel.sources.jira.links import Link, links_of, parent_of
from pegel.sources.reading import BROKEN

#: Jira's status category → category of a state.
STATUS_CATEGORIES: Final[Mapping[str, Category]] = {"new": "new", "indeterminate": "active", "done": "done"}

#: (time, sequence) of an event: up to where an issue's history was taken.
Mark = tuple[int, int]
_NOTHING_YET: Final[Mark] = (-1, -1)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the records of one source row go."""

    builder: BatchBuilder
    row: int
    key: str

    def enter(self, at_us: int | None, sequence: int, state: str | None) -> None:
        """Add that the item is in a state from a time on, without knowing the state before."""
        if at_us is not None and state:
            self.builder.transition(self.row, self.key, at_us=at_us, sequence=sequence, to_state=state)


class IssueMapping:
    """Writes issues into a builder; counts what the tool says of its states.

    >>> builder = BatchBuilder()
    >>> issue = {"key": "A-1", "fields": {"created": "1970-01-01T00:00:01Z", "status": {"name": "Done"}},
    ...          "changelog": {"histories": [{"id": "7", "created": "1970-01-01T00:00:03Z", "items": [
    ...              {"field": "status", "fromString": "Open", "toString": "Done"}]}]}}
    >>> from pegel.sources.jira.changelog import changelog_of
    >>> IssueMapping(ReadOptions()).add_issue(Target(builder, 1, "A-1"), issue, changelog_of(issue))
    True
    >>> builder.take().transitions.select("at_us", "from_state", "to_state").rows()
    [(1000000, None, 'Open'), (3000000, 'Open', 'Done')]
    """

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._categories: Counter[tuple[str, Category]] = Counter()
        self._recorded: set[str] = set()
        self._marks: dict[str, Mark] = {}
        self._waiting: dict[str, list[Link]] = {}
        self.with_history = 0
        self.without_history = 0

    @property
    def links_outside(self) -> int:
        """Links so far that begin at an issue which the file does not hold; they cannot be kept."""
        return sum(map(len, self._waiting.values()))

    def state_hints(self) -> dict[str, Category]:
        """Return the category of each state that some issue stands in now: the most frequent one."""
        hints: dict[str, Category] = {}
        for (state, category), _ in self._categories.most_common():
            hints.setdefault(state, category)
        return hints

    def add_issue(self, target: Target, issue: Mapping[str, Any], changelog: Changelog | None) -> bool:
        """Add one issue; of an issue that came before, only what is new.

        Parameters
        ----------
        changelog: its history; without entries where they come in records of their own; None: nobody exported it.

        Returns
        -------
        Whether the row could be used.
        """
        builder, fields = target.builder, issue.get("fields")
        fields = fields if isinstance(fields, dict) else {}
        created_us = moment_us(fields.get("created"))
        entries = changelog.entries if changelog else ()
        if created_us is None:
            if not entries and not (changelog and changelog.first_status):
                return builder.reject(target.row, "unreadable_created", str(fields.get("created"))[:200])
            builder.warnings["unreadable_created"] += 1
        stream, parent = self.stream_of(target.key, fields), parent_of(fields, entries)
        if any(name and BROKEN in name for name in (target.key, stream, text(fields.get("status")))):
            return builder.reject(target.row, "broken_encoding", target.key)
        if not builder.item(
            target.row,
            target.key,
            stream=stream,
            type=member(fields.get("issuetype")),
            parent=parent,
            created_us=created_us,
            title=text(fields.get("summary")) if self._options.titles else None,
            attributes=self._attributes(issue, fields, current=changelog is None),
        ):
            return False
        self._note_category(fields.get("status"))
        after = self._marks.get(target.key)
        if after is None:
            self._add_beginning(target, fields, created_us, changelog)
        if changelog:
            _warn(builder, changelog)
        after = after or _NOTHING_YET
        newest = (
            self._add_entries(target, entries, after),
            _add_comments(target, fields.get("comment"), after),
        )
        self._marks[target.key] = max(after, *newest)
        self._recorded.add(target.key)
        self._add_links(target, links_of(target.key, fields, entries, parent=parent))
        return True

    def add_history(self, target: Target, changelog: Changelog, *, stream: str | None) -> bool:
        """Add a changelog that comes without its issue; ``stream``: that of the issue, None: it is not in the file."""
        if target.key not in self._recorded:
            short = self._options.stream or stream or target.key.partition("-")[0]
            if not target.builder.item(target.row, target.key, stream=short):
                return False
            self._recorded.add(target.key)
            first = changelog.first_status
            if first and stream is None:
                target.enter(first.at_us, 0, first.from_state)
        _warn(target.builder, changelog)
        self._add_entries(target, changelog.entries, _NOTHING_YET)
        return True

    def stream_of(self, key: str, fields: Mapping[str, Any]) -> str:
        """Return the value stream of an issue: the one wanted, else its project."""
        return self._options.stream or member(fields.get("project"), "name", "key") or key.partition("-")[0]

    def _add_links(self, target: Target, links: Iterable[Link]) -> None:
        """Add links that begin at issues already recorded; others wait until their issue comes."""
        for link in (*links, *self._waiting.pop(target.key, ())):
            if link.item in self._recorded:
                target.builder.link(target.row, link.item, kind=link.kind, other=link.other, at_us=link.at_us)
            else:
                self._waiting.setdefault(link.item, []).append(link)

    def _add_entries(self, target: Target, entries: Sequence[Entry], after: Mark) -> Mark:
        """Add the changes of changelog entries: of the status as transitions, of other known fields beside them."""
        builder, mark = target.builder, _NOTHING_YET
        for entry in entries:
            for sequence, name, item in entry.changes:
                mark = (entry.at_us, sequence)
                if mark <= after or name == "link" or (name == "project" and self._options.stream):
                    continue
                before, now = side(item, "from"), side(item, "to")
                where: dict[str, Any] = {"at_us": entry.at_us, "sequence": sequence, "actor": entry.actor}
                if name != "status":
                    if name == "assignee":  # the account says it better than the name shown
                        before, now = text(item.get("from")) or before, text(item.get("to")) or now
                    builder.field_change(
                        target.row, target.key, field=FIELDS[name], from_value=before, to_value=now, **where
                    )
                elif now is None:
                    builder.warnings["unreadable_history_entry"] += 1
                else:
                    builder.transition(target.row, target.key, from_state=before, to_state=now, **where)
        return mark

    def _add_beginning(
        self,
        target: Target,
        fields: Mapping[str, Any],
        created_us: int | None,
        changelog: Changelog | None,
    ) -> None:
        """Add the state the item was created in, as far as the export says it."""
        current = member(fields.get("status"))
        if changelog is None:
            self.without_history += 1
            _add_dates(target, created_us, moment_us(fields.get("resolutiondate")), current)
            return
        self.with_history += 1
        first, oldest = changelog.first_status, next(iter(changelog.entries), None)
        known = [change.at_us for change in (first, oldest) if change is not None]
        begins_us = created_us if created_us is not None else min(known, default=None)
        if created_us is not None and any(at_us < created_us for at_us in known):
            target.builder.warnings["change_before_creation"] += 1
        if begins_us is not None and first:
            # The initial state lies before the first change, whatever the clocks say.
            begins_us = min(begins_us, first.at_us)
        unchanged = schema.CREATED_STATE if changelog.newest_missing else current
        initial = (first.from_state if first else unchanged) or schema.CREATED_STATE
        if not (changelog.oldest_missing and oldest):
            target.enter(begins_us, 0, initial)
            return
        target.enter(begins_us, 0, schema.CREATED_STATE)
        if first is None or (oldest.at_us, oldest.sequence) < (first.at_us, first.sequence):
            target.enter(oldest.at_us, oldest.sequence - 1, initial)

    def _note_category(self, status: object) -> None:
        state = member(status)
        kind = status.get("statusCategory") if isinstance(status, dict) else None
        category = STATUS_CATEGORIES.get(member(kind, "key") or "")
        if state and category:
            self._categories[state, category] += 1

    def _attributes(self, issue: Mapping[str, Any], fields: Mapping[str, Any], *, current: bool) -> str | None:
        """Jira's own id (it outlives a change of key) and the wanted fields; ``current``: the status today, too."""
        kept = {"jira_id": text(issue.get("id")), "status": text(fields.get("status")) if current else None}
        kept |= {name: text(fields.get(name)) for name in self._options.attributes}
        present = {name: value[: schema.LONGEST_TEXT] for name, value in kept.items() if value}
        return json.dumps(present, ensure_ascii=False, sort_keys=True) if present else None


def _add_dates(target: Target, created_us: int | None, resolved_us: int | None, current: str | None) -> None:
    """Add what is known without any history: created, and resolved into the current status."""
    target.enter(created_us, 0, schema.CREATED_STATE)
    if resolved_us is not None and current:
        target.builder.transition(
            target.row,
            target.key,
            at_us=max(resolved_us, created_us or 0),
            sequence=1,
            from_state=schema.CREATED_STATE,
            to_state=current,
        )


def _warn(builder: BatchBuilder, changelog: Changelog) -> None:
    builder.warnings.update(changelog.warnings)
    if changelog.oldest_missing or changelog.newest_missing:
        builder.warnings["history_truncated"] += 1


def _add_comments(target: Target, comment: object, after: Mark) -> Mark:
    """Add the number of comments as it grew: when and by whom, never what was written."""
    comments = comment.get("comments") if isinstance(comment, dict) else None
    if not isinstance(comment, dict) or not isinstance(comments, list):
        return _NOTHING_YET
    if (number(comment.get("total")) or 0) > len(comments):
        target.builder.warnings["comments_truncated"] += 1
    known = sorted(
        ((at_us, (number(one.get("id")) or 0) * PLACES), person(one.get("author")) or "")
        for one in comments
        if isinstance(one, dict) and (at_us := moment_us(one.get("created"))) is not None
    )
    for count, (mark, actor) in enumerate(known):
        if mark > after:
            target.builder.field_change(
                target.row,
                target.key,
                at_us=mark[0],
                sequence=mark[1],
                field="comment_count",
                from_value=str(count),
                to_value=str(count + 1),
                actor=actor or None,
            )
    return known[-1][0] if known else _NOTHING_YET
