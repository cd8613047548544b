"""What a first look at a file learns of each work item, since its answers may come in any order.

A few hundred bytes per item and link: what is known of it today, where its history begins and ends in the file, and
which answer tells that history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pegel.sources.azure_boards.links import (
    Links,
    changes_of_relations,
    links_of_relations,
    reported_link,
)
from pegel.sources.azure_boards.values import (
    PLACES,
    TRACKED,
    Kind,
    changes_of_update,
    item_of,
    moment_us,
    revision_of,
    snapshot_value,
    text,
    update_us,
)
from pegel.sources.formats import ReadOptions

#: (time, sequence) of a change.
Mark = tuple[int, int]

#: Fields that are never kept as attributes, even if asked for: people and free text.
NOT_KEPT: Final = frozenset(
    {
        "System.AssignedTo",
        "System.AuthorizedAs",
        "System.Description",
        "System.History",
        "System.Title",
        "Microsoft.VSTS.Common.AcceptanceCriteria",
        "Microsoft.VSTS.TCM.ReproSteps",
        "Microsoft.VSTS.TCM.SystemInfo",
        "Microsoft.VSTS.TCM.Steps",
    }
)
#: Members of :attr:`Life.today` that are times, and the fields they are read from.
_TIMES: Final = {
    "created": "System.CreatedDate",
    "changed": "System.ChangedDate",
    "state_changed": "Microsoft.VSTS.Common.StateChangeDate",
    "closed": "Microsoft.VSTS.Common.ClosedDate",
}
_TEXTS: Final = ("stream", "type", "state", "parent", "team", "deleted")
_CAN_BE_EMPTY: Final = ("parent", "deleted")
#: Stands for the number of a revision that does not say it: only an item as it is now can lack it.
NEWEST: Final = 2**31


@dataclass(slots=True)
class Life:
    """One work item.

    ``today``: value by name (``stream``, ``created`` …, attributes with a leading ``@``), with the revision it is from.
    ``updates`` / ``revisions``: how many the file has. ``lowest`` / ``highest``: first and last revision in the file;
    ``highest_update``: of the updates alone. ``whole_end``: the newest update is there. ``ahead``: revision that the
    item came with before its history, -1: none; ``ahead_again``: the history reaches it. ``unordered``: its revisions
    do not rise. ``first``: the oldest update; ``first_state``: its oldest change of state, with the state before;
    ``last_state``: its newest one.
    """

    today: dict[str, tuple[int, Any]] = field(default_factory=dict)
    updates: int = 0
    revisions: int = 0
    lowest: int = NEWEST
    highest: int = -1
    highest_update: int = -1
    whole_end: bool = False
    latest: int = -1
    ahead: int = -1
    ahead_again: bool = False
    unordered: bool = False
    first: Mark | None = None
    first_state: tuple[Mark, str | None] | None = None
    last_state: tuple[Mark, str] | None = None

    def value(self, name: str) -> Any:
        """Return what is known today under a name, or None."""
        return self.today[name][1] if name in self.today else None

    def note(self, name: str, rev: int, value: Any) -> None:
        """Remember a value, unless a later revision said another; of the same one, something goes before nothing."""
        known = self.today.get(name)
        if known is None or rev > known[0] or (rev == known[0] and value is not None):
            self.today[name] = (rev, value)

    def note_revision(self, rev: int) -> None:
        """Count a work item or one of its revisions, in the order of the file."""
        if rev < self.latest and self.revisions == 1 and self.ahead < 0:
            self.ahead = self.latest  # the item itself came first; here its history begins
        elif rev != self.latest:
            self.unordered = self.unordered or rev < self.latest
            self.revisions += 1
        self.ahead_again = self.ahead_again or rev == self.ahead
        self.latest = rev
        self.lowest, self.highest = min(self.lowest, rev), max(self.highest, rev)

    @property
    def has_history(self) -> bool:
        """Tell whether the file says how the item came to its state: one revision says it only if it is the first."""
        return bool(self.updates) or self.revisions > 1 or self.ahead >= 0 or self.lowest <= 1

    @property
    def begins_late(self) -> bool:
        """Tell whether the beginning of the history is missing."""
        return self.lowest > 1 if not self.updates else self.first is not None and self.first[1] >= 2 * PLACES

    @property
    def ends_early(self) -> bool:
        """Tell whether the end of the history, or revisions in between, are missing."""
        if self.updates:
            return not self.whole_end or self.highest > self.highest_update
        known = self.revisions + (self.ahead >= 0 and not self.ahead_again)
        return not self.unordered and known < self.highest - self.lowest + 1


class Lives:
    """All work items and links of a file."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._attributes = tuple(
            name for name in options.attributes if name not in NOT_KEPT and not name.endswith("By")
        )
        self.by_item: dict[str, Life] = {}
        self.links = Links()

    def learn(self, record: Mapping[str, Any], kind: Kind) -> None:
        """Take from one record what others need to be understood."""
        if kind == "link":
            link, at_us, active = reported_link(record)
            if link:
                self.links.learn(link, at_us, active=active)
            return
        item, rev = item_of(record, kind), revision_of(record)
        if item is None or kind not in ("update", "snapshot") or (kind == "update" and rev is None):
            return
        life = self.by_item.get(item) or self.by_item.setdefault(item, Life())
        fields = record.get("fields")
        fields = fields if isinstance(fields, dict) else {}
        if kind == "snapshot":
            self._learn_snapshot(life, fields, NEWEST if rev is None else rev)
            for link in links_of_relations(item, record.get("relations")):
                self.links.learn(link, None, active=True)
        elif rev is not None:
            self._learn_update(item, life, fields, rev, record)

    def unseen_attributes(self) -> list[str]:
        """Attributes that were asked for and that no item has, or that are never kept."""
        seen = {name for life in self.by_item.values() for name in life.today if name.startswith("@")}
        return [name for name in self._options.attributes if f"@{name}" not in seen]

    def _learn_snapshot(self, life: Life, fields: Mapping[str, Any], rev: int) -> None:
        life.note_revision(rev)
        for name in _TEXTS:
            value = snapshot_value(fields, name)
            if value is not None or name in _CAN_BE_EMPTY:
                life.note(name, rev, value)
        for name, source in _TIMES.items():
            life.note(name, rev, moment_us(fields.get(source)))
        self._note_texts(life, rev, fields)

    def _learn_update(
        self, item: str, life: Life, fields: Mapping[str, Any], rev: int, record: Mapping[str, Any]
    ) -> None:
        at_us = update_us(record)
        life.updates += 1
        life.highest_update, life.highest = max(life.highest_update, rev), max(life.highest, rev)
        # The newest revision has not been replaced by another: its "revised date" lies in the year 9999.
        life.whole_end = life.whole_end or (bool(fields) and moment_us(record.get("revisedDate")) is None)
        after = {name: value.get("newValue") if isinstance(value, dict) else None for name, value in fields.items()}
        for change in changes_of_update(fields, rev):
            if change.field in _TEXTS and (change.now is not None or change.field in _CAN_BE_EMPTY):
                life.note(change.field, rev, change.now)
            if change.field == "state" and at_us is not None:
                self._note_state(life, (at_us, change.sequence), change.before, change.now)
        for name, source in _TIMES.items():
            if source in after:
                life.note(name, rev, moment_us(after[source]))
        self._note_texts(life, rev, after)
        if at_us is not None and fields:
            mark = (at_us, rev * PLACES)
            life.first = mark if life.first is None or mark < life.first else life.first
        for link, added in changes_of_relations(item, record):
            self.links.learn(link, at_us, active=added)

    def _note_state(self, life: Life, mark: Mark, before: str | None, now: str | None) -> None:
        if life.first_state is None or mark < life.first_state[0]:
            life.first_state = (mark, before)
        if now is not None and (life.last_state is None or mark > life.last_state[0]):
            life.last_state = (mark, now)

    def _note_texts(self, life: Life, rev: int, fields: Mapping[str, Any]) -> None:
        """Remember the title, where it is wanted, and the wanted attributes."""
        if self._options.titles and "System.Title" in fields:
            life.note("title", rev, text(fields["System.Title"]))
        for name in self._attributes:
            if name in fields:
                life.note(f"@{name}", rev, text(fields[name]))


def tracked_values(fields: Mapping[str, Any]) -> dict[str, str | None]:
    """All tracked fields of a revision."""
    return {field: snapshot_value(fields, field) for field in TRACKED}
