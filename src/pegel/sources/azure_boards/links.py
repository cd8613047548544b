"""Links between work items: what a relation of Azure DevOps means, and which ones hold today."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pegel.sources.azure_boards.values import moment_us, whole

#: Relation type without its direction → (kind, whether "Forward" reads "this item KIND that item").
#: Dependency-Forward is "Successor": that item can only be done after this one. Duplicate-Forward is "Duplicate": that
#: item repeats this one. See Microsoft's "Link type reference".
_KINDS: Final = {
    "system.linktypes.hierarchy": ("parent", True),
    "system.linktypes.dependency": ("blocks", True),
    "system.linktypes.related": ("relates", True),
    "system.linktypes.duplicate": ("duplicates", False),
}
_TARGET: Final = re.compile(r"/workitems/(\d{1,10})/?$", re.IGNORECASE)
_LONGEST_URL: Final = 2_000


class Link(NamedTuple):
    """``item`` KIND ``other``."""

    item: str
    kind: str
    other: str


@dataclass(slots=True)
class Links:
    """The links that a file tells of, from whichever end and answer: since when, and whether they still hold."""

    _latest: dict[Link, tuple[int, bool]] = field(default_factory=dict)
    _current: set[Link] = field(default_factory=set)

    def learn(self, link: Link, at_us: int | None, *, active: bool) -> None:
        """Take in that a link was added or removed; ``at_us``: when, None: it is so now, since nobody knows when."""
        if at_us is None:
            self._current.add(link)
        elif link not in self._latest or (at_us, active) >= self._latest[link]:
            self._latest[link] = (at_us, active)

    def holds(self, link: Link) -> bool:
        """Tell whether a link exists today: the latest change of it says so, else an item's relations do."""
        return self._latest[link][1] if link in self._latest else link in self._current

    def since_us(self, link: Link) -> int | None:
        """Microseconds of the moment a link was made; None: unknown."""
        return self._latest[link][0] if link in self._latest else None

    def parents(self) -> dict[str, str]:
        """Item → its parent, of the links that hold."""
        known = {*self._latest, *self._current}
        return {link.other: link.item for link in sorted(known) if link.kind == "parent" and self.holds(link)}


def link_of(item: str, rel: object, target: str | None) -> Link | None:
    """Return what a relation of an item to another one says; None: nothing that is kept (files, commits …).

    >>> link_of("7", "System.LinkTypes.Hierarchy-Reverse", "3"), link_of("7", "System.LinkTypes.Duplicate-Forward", "3")
    (Link(item='3', kind='parent', other='7'), Link(item='3', kind='duplicates', other='7'))
    """
    name = rel.lower() if isinstance(rel, str) else ""
    stem = name.removesuffix("-forward").removesuffix("-reverse")
    if stem not in _KINDS or target is None or target == item:
        return None
    kind, forward = _KINDS[stem]
    if kind == "relates":  # has no direction: both ends tell the same link
        first, second = sorted((item, target), key=int)
        return Link(first, kind, second)
    return Link(item, kind, target) if forward != name.endswith("-reverse") else Link(target, kind, item)


def links_of_relations(item: str, relations: object) -> Iterator[Link]:
    """Yield the links of a list of relations."""
    for one in relations if isinstance(relations, list) else ():
        url = one.get("url") if isinstance(one, dict) else None
        found = _TARGET.search(url[:_LONGEST_URL]) if isinstance(url, str) else None
        link = link_of(item, one.get("rel"), str(int(found[1]))) if found else None
        if link:
            yield link


def changes_of_relations(item: str, record: Mapping[str, Any]) -> Iterator[tuple[Link, bool]]:
    """Yield (link, whether it was added) of an update: what was removed first."""
    relations = record.get("relations")
    for which in ("removed", "added"):
        for link in links_of_relations(item, relations.get(which) if isinstance(relations, dict) else None):
            yield link, which == "added"


def reported_link(record: Mapping[str, Any]) -> tuple[Link | None, int | None, bool]:
    """Read a row of the reporting API: the link, when it changed, and whether it is active since then."""
    attributes = record.get("attributes")
    said = {**record, **attributes} if isinstance(attributes, dict) else record
    source, target = whole(said.get("sourceId")), whole(said.get("targetId"))
    if source is None or target is None:
        return None, None, False
    operation = str(said.get("changedOperation") or "").lower()
    active = said.get("isActive") is not False and operation != "remove"
    return link_of(str(source), said.get("rel"), str(target)), moment_us(said.get("changedDate")), active
