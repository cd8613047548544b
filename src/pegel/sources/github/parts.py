"""What is read of GitHub, whichever API answered: parts of issues and pull requests.

An issue may come whole, or in parts: itself, the pull request behind it, its events, reviews and comments. Kinds of
happenings are named as the REST API names its events; ``status`` is a changed project status, ``type`` a changed type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pegel.eventlog import schema
from pegel.sources.json_values import mapping, member, number, text

#: Kinds that become an event or a link; every other kind is left out.
KINDS: Final = frozenset(
    {
        "assigned",
        "blocked_by_added",
        "blocked_by_removed",
        "blocking_added",
        "blocking_removed",
        "closed",
        "commented",
        "connected",
        "convert_to_draft",
        "cross-referenced",
        "disconnected",
        "labeled",
        "marked_as_duplicate",
        "merged",
        "parent_issue_added",
        "parent_issue_removed",
        "ready_for_review",
        "reopened",
        "review_dismissed",
        "review_request_removed",
        "review_requested",
        "reviewed",
        "status",
        "sub_issue_added",
        "sub_issue_removed",
        "type",
        "unassigned",
        "unlabeled",
        "unmarked_as_duplicate",
    }
)
_API_PATH: Final = re.compile(r"/repos/([^/?#]+/[^/?#]+)(?:/(?:issues|pulls)/(\d{1,15}))?(?=[/?#]|$)")
_PAGE_PATH: Final = re.compile(r"https?://[^/]+/([^/?#]+/[^/?#]+)/(?:issues|pull)/(\d{1,15})(?=[/?#]|$)")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an issue or pull request.

    ``value``: what is true from then on: label, person, status, type, verdict or reason for closing. ``before``: what
    was before. ``other``: the item at the other end (of a dismissal: the id of the review). ``own_id``: id of the
    event, by which it is known again. ``order``: place among happenings of the same second.
    """

    kind: str
    at_us: int
    actor: str | None = None
    value: str | None = None
    before: str | None = None
    other: str | None = None
    own_id: str = ""
    order: int = 0

    @property
    def identity(self) -> tuple[object, ...]:
        """What two tellings of the same happening share."""
        if self.own_id:
            return self.kind, self.own_id
        return self.kind, self.at_us, self.actor, self.value, self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an issue or pull request today. ``primary``: told by itself, not beside one of its events."""

    is_pull: bool
    primary: bool = True
    created_us: int | None = None
    closed_us: int | None = None
    merged_us: int | None = None
    updated_us: int | None = None
    state_reason: str | None = None
    draft: bool | None = None
    type: str | None = None
    labels: tuple[str, ...] = ()
    parent: str | None = None
    children: tuple[str, ...] = ()
    comments: int | None = None
    status: str | None = None  # of the project today, since status_us
    status_us: int | None = None
    title: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Part:
    """What one row tells of one item. ``history``: it tells (a part of) the item's history."""

    item: str
    facts: Facts | None = None
    happenings: tuple[Happening, ...] = ()
    history: bool = False
    cut_start: bool = False  # the timeline has earlier pages
    cut_end: bool = False  # … and later ones
    unreadable: int = 0
    unnamed_status: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row of a file: a part, or why it is none. ``digest``: equal rows share it."""

    digest: bytes
    part: Part | None = None
    reason: str = ""
    detail: str = ""
    ignored: bool = False


def item_at(url: object) -> str | None:
    """Item that an address of the API or of the web site names.

    >>> item_at("https://api.github.com/repos/o/r/issues/7/events"), item_at("https://github.com/o/r/pull/8#note")
    ('o/r#7', 'o/r#8')
    >>> item_at("https://api.github.com/repos/o/r")
    """
    if not isinstance(url, str):
        return None
    found = _API_PATH.search(url) or _PAGE_PATH.match(url)
    return f"{found[1]}#{int(found[2])}" if found and found[2] else None


def repository_at(url: object) -> str | None:
    """Repository that an address names.

    >>> repository_at("https://ghe.example/api/v3/repos/o/r")
    'o/r'
    """
    found = (_API_PATH.search(url) or _PAGE_PATH.match(url)) if isinstance(url, str) else None
    return found[1] if found else None


def item_of(value: object, *, repository: str | None = None) -> str | None:
    """Item that an issue or pull request of either API is: "owner/repository#number".

    ``repository``: the one to fall back on, where the object does not name its own.

    >>> item_of({"number": 3, "repository": {"nameWithOwner": "o/r"}}), item_of({"number": 3})
    ('o/r#3', None)
    """
    if not isinstance(value, dict):
        return None
    issue: Mapping[str, Any] = value
    for name in ("url", "html_url", "issue_url"):
        if found := item_at(issue.get(name)):
            return found
    home = mapping(issue.get("repository"))
    named = (
        repository_at(issue.get("repository_url"))
        or member(home, "nameWithOwner")
        or member(home, "full_name")
        or member(mapping(mapping(issue.get("base")).get("repo")), "full_name")
        or repository
    )
    own = number(issue.get("number"))
    return f"{named}#{own}" if named and own is not None else None


def login(person: object) -> str | None:
    """Identity of a person, bot or team. Pseudonymised before it is stored."""
    return member(person, "login") or member(person, "slug") or member(person, "name")


def type_of(named: str | None, labels: tuple[str, ...], *, is_pull: bool) -> str:
    """Work item type: "Pull request", the issue's own type, else what a label says, else "Issue".

    >>> type_of(None, ("help wanted", "type: bug"), is_pull=False), type_of("Epic", ("bug",), is_pull=False)
    ('Bug', 'Epic')
    """
    if is_pull:
        return "Pull request"
    if named:
        return named
    for label in labels:
        if found := _TYPES.get(re.sub(r"^(type|kind)\s*[:/]+\s*", "", label.strip().lower())):
            return found
    return "Issue"


_TYPES: Final[Mapping[str, str]] = {
    "bug": "Bug",
    "defect": "Bug",
    "fehler": "Bug",
    "enhancement": "Feature",
    "feature": "Feature",
    "feature request": "Feature",
    "feature-request": "Feature",
}


def wanted_attributes(value: Mapping[str, Any], names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the wanted members of an object as texts."""
    found = ((name, text(value.get(name))) for name in names)
    return tuple((name, shown[: schema.LONGEST_TEXT]) for name, shown in found if shown)
