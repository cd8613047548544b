"""Links between Jira issues: parents, epics, and issue links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pegel.sources.jira.changelog import FIELDS, Entry, member, text

#: Jira Cloud's and most servers' id of the epic link, where ``parent`` is not filled.
_EPIC_LINK: Final = "customfield_10014"
_REVERSED: Final = ("depends on", "hängt ab", "requires", "blocked by", "blockiert durch", "blockiert von")


class Link(NamedTuple):
    """``item`` KIND ``other``; ``at_us``: since when, where the changelog says it."""

    item: str
    kind: str
    other: str
    at_us: int | None


def parent_of(fields: Mapping[str, Any], entries: Sequence[Entry]) -> str | None:
    """Key of the parent: the issue's parent or epic, else what the changelog set last."""
    epic_link = fields.get(_EPIC_LINK)
    named = member(fields.get("parent"), "key") or member(fields.get("epic"), "key")
    if named or (isinstance(epic_link, str) and epic_link):
        return named or str(epic_link)
    if "parent" in fields:  # asked for, and empty
        return None
    for entry in reversed(entries):
        for change in reversed(entry.changes):
            if FIELDS.get(change.field) == "parent":
                return text(change.item.get("toString"))
    return None


def links_of(key: str, fields: Mapping[str, Any], entries: Sequence[Entry], *, parent: str | None) -> Iterator[Link]:
    """Yield the links of an issue, its parent first, then its sub-tasks and issue links."""
    since: dict[str, int] = {}
    for entry in entries:
        for change in entry.changes:
            if change.field == "link" or FIELDS.get(change.field) == "parent":
                other = text(change.item.get("to" if change.field == "link" else "toString"))
                if other:
                    since[other] = entry.at_us
    if parent:
        yield Link(parent, "parent", key, since.get(parent))
    for child in _objects(fields.get("subtasks")):
        other = member(child, "key")
        if other:
            yield Link(key, "parent", other, None)
    for link in _objects(fields.get("issuelinks")):
        for direction in ("outward", "inward"):
            other = member(link.get(f"{direction}Issue"), "key")
            if other:
                kind, forward = link_kind(link.get("type"), direction)
                first, second = (key, other) if forward else (other, key)
                yield Link(first, kind, second, since.get(other))


def link_kind(link_type: object, direction: str) -> tuple[str, bool]:
    """Kind of a link, and whether it points from this issue to the other one.

    The outward phrase says what this issue does to ``outwardIssue`` ("blocks", "depends on").

    >>> link_kind({"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}, "inward")
    ('blocks', False)
    >>> link_kind({"name": "Dependency", "inward": "is required by", "outward": "depends on"}, "outward")
    ('blocks', False)
    """
    name = (member(link_type) or "").lower()
    phrase = (member(link_type, "outward") or "").lower()
    outward = direction == "outward"
    if any(word in phrase for word in _REVERSED):
        return "blocks", not outward
    if any(word in phrase or word in name for word in ("block", "depend", "required by")):
        return "blocks", outward
    if any(word in phrase or word in name for word in ("duplicat", "duplik", "dupliz")):
        return "duplicates", outward
    return "relates", outward


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))
