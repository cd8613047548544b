"""Links of issues and pull requests: parents, blockers, duplicates, and what closes what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pegel.sources.github.parts import Facts, Happening

#: Kind of happening → kind of link and whether it points from the item to the other one.
_ADDED: Final = {
    "blocked_by_added": ("blocks", False),
    "blocking_added": ("blocks", True),
    "parent_issue_added": ("parent", False),
    "sub_issue_added": ("parent", True),
    "marked_as_duplicate": ("duplicates", True),
    "connected": ("relates", True),
    "cross-referenced": ("relates", True),
    "closed": ("relates", True),
}
#: Kind of happening that ends a link → the kind that began it.
_REMOVED: Final = {
    "blocked_by_removed": "blocked_by_added",
    "blocking_removed": "blocking_added",
    "parent_issue_removed": "parent_issue_added",
    "sub_issue_removed": "sub_issue_added",
    "unmarked_as_duplicate": "marked_as_duplicate",
    "disconnected": "connected",
}


class Link(NamedTuple):
    """``item`` KIND ``other``; ``at_us``: since when; ``happening``: what told it, None: the facts."""

    item: str
    kind: str
    other: str
    at_us: int | None
    happening: Happening | None


def links_of(item: str, facts: Facts, happenings: Sequence[Happening]) -> Iterator[Link]:
    """Yield the links that hold today, each once, its parent first."""
    found: dict[tuple[str, str, str], Link] = {}
    for one in happenings:
        began = _REMOVED.get(one.kind)
        if began:
            gone = _link(item, began, one)
            if gone:
                found.pop(gone[:3], None)
        elif one.kind in _ADDED and (link := _link(item, one.kind, one)):
            found.setdefault(link[:3], link)
    known = ((facts.parent, item), *((item, child) for child in facts.children))
    for parent, child in known:
        if parent and (parent, "parent", child) not in found:
            found[parent, "parent", child] = Link(parent, "parent", child, None, None)
    yield from sorted(found.values(), key=lambda link: link.kind != "parent")


def _link(item: str, kind: str, one: Happening) -> Link | None:
    if not one.other or one.other == item:
        return None
    name, forward = _ADDED[kind]
    first, second = (item, one.other) if forward else (one.other, item)
    return Link(first, name, second, one.at_us, one)
