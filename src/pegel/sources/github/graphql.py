"""Reads saved answers of GitHub's GraphQL API.

Row: one issue or pull request, wherever the query put it (``repository.issues.nodes``, ``search.nodes``,
``projectV2.items.nodes.content`` …). Shapes: answers one after another, as JSON Lines or in an array. A long timeline
may continue in a later answer: the parts of an item are put together. One answer may have 32 million characters.

Types: https://docs.github.com/graphql/reference/unions#issuetimelineitems. The query to use stands in the how-to page
"Export from GitHub".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from pegel.errors import InputError
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.github.parts import Facts, Happening, Parsed, Part, item_of, login, wanted_attributes
from pegel.sources.github.saved_answers import Pages, SavedAnswers
from pegel.sources.json_records import JsonRecords
from pegel.sources.json_values import mapping, member, moment_us, number, objects

#: Type of a timeline item → kind.
_KINDS: Final = {
    "AssignedEvent": "assigned",
    "BlockedByAddedEvent": "blocked_by_added",
    "BlockedByRemovedEvent": "blocked_by_removed",
    "BlockingAddedEvent": "blocking_added",
    "BlockingRemovedEvent": "blocking_removed",
    "ClosedEvent": "closed",
    "ConnectedEvent": "connected",
    "ConvertToDraftEvent": "convert_to_draft",
    "CrossReferencedEvent": "cross-referenced",
    "DisconnectedEvent": "disconnected",
    "IssueComment": "commented",
    "IssueTypeAddedEvent": "type",
    "IssueTypeChangedEvent": "type",
    "IssueTypeRemovedEvent": "type",
    "LabeledEvent": "labeled",
    "MarkedAsDuplicateEvent": "marked_as_duplicate",
    "MergedEvent": "merged",
    "MovedColumnsInProjectEvent": "status",
    "ParentIssueAddedEvent": "parent_issue_added",
    "ParentIssueRemovedEvent": "parent_issue_removed",
    "ProjectV2ItemStatusChangedEvent": "status",
    "PullRequestReview": "reviewed",
    "ReadyForReviewEvent": "ready_for_review",
    "ReopenedEvent": "reopened",
    "ReviewDismissedEvent": "review_dismissed",
    "ReviewRequestRemovedEvent": "review_request_removed",
    "ReviewRequestedEvent": "review_requested",
    "SubIssueAddedEvent": "sub_issue_added",
    "SubIssueRemovedEvent": "sub_issue_removed",
    "UnassignedEvent": "unassigned",
    "UnlabeledEvent": "unlabeled",
    "UnmarkedAsDuplicateEvent": "unmarked_as_duplicate",
}
#: Kind → member that names the item at the other end.
_OTHERS: Final = {
    "blocked_by_added": ("blockingIssue",),
    "blocked_by_removed": ("blockingIssue",),
    "blocking_added": ("blockedIssue",),
    "blocking_removed": ("blockedIssue",),
    "closed": ("closer",),
    "connected": ("subject", "source"),
    "cross-referenced": ("source",),
    "disconnected": ("subject", "source"),
    "marked_as_duplicate": ("canonical",),
    "parent_issue_added": ("parent",),
    "parent_issue_removed": ("parent",),
    "sub_issue_added": ("subIssue",),
    "sub_issue_removed": ("subIssue",),
    "unmarked_as_duplicate": ("canonical",),
}
_LEFT_OUT: Final = ("title", "body", "bodyText", "author", "name", "email", "commit", "milestone", "reactions")
#: How deep an answer may nest until its issues come.
_DEEPEST: Final = 12


class _Node(NamedTuple):
    """An issue or pull request, the repository that it stands in, and whether its place says it is a pull request."""

    value: Mapping[str, Any]
    repository: str | None
    is_pull: bool


def read_rows(text: TextIO, options: ReadOptions, pages: Pages) -> Iterator[Parsed]:
    """Yield the rows of a text.

    Raises
    ------
    InputError: ``json_invalid``, ``json_truncated``, ``json_too_deep``, ``json_record_too_large``.
    """
    for record in JsonRecords(text, arrays=frozenset()):
        if not isinstance(record.value, dict):
            yield Parsed(record.digest, reason="not_an_object", detail=type(record.value).__name__)
            continue
        nodes = list(_nodes(record.value, pages, _Node({}, None, is_pull=False), 0))
        for node in nodes:
            yield _parsed(_digest(node), node, options)
        if nodes:
            continue
        if record.value.get("errors") or "message" in record.value:
            kinds = {member(one, "type") or "error" for one in objects(record.value.get("errors"))}
            yield Parsed(record.digest, reason="answer_is_error", detail=", ".join(sorted(kinds)))
        elif "data" not in record.value:
            yield Parsed(record.digest, reason="unknown_table", detail=", ".join(map(str, record.value)))
        else:
            yield Parsed(record.digest, reason="empty_answer", ignored=True)


def _digest(node: _Node) -> bytes:
    try:
        raw = json.dumps(node, sort_keys=True)
    except RecursionError:
        raise InputError("json_too_deep") from None
    return blake2b(raw.encode(), digest_size=8).digest()


def _nodes(value: Any, pages: Pages, place: _Node, depth: int, name: str = "") -> Iterator[_Node]:
    """Find the issues and pull requests of an answer; note what its pages say of themselves."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one, pages, place, depth + 1, name)
    elif isinstance(value, dict):
        if "number" in value and ("timelineItems" in value or ("createdAt" in value and "state" in value)):
            yield _Node(value, member(value.get("repository"), "nameWithOwner") or place.repository, place.is_pull)
            return
        turning = mapping(value.get("pageInfo"))
        if "nodes" in value and isinstance(turning.get("hasNextPage"), bool):
            pages.open[name] = turning["hasNextPage"]
            pages.announced = max(pages.announced, number(value.get("totalCount")) or 0)
        repository = member(value, "nameWithOwner") or place.repository
        for key, one in value.items():
            if isinstance(one, dict | list):
                is_pull = place.is_pull or key in ("pullRequest", "pullRequests")
                inner = name if key == "nodes" else key
                yield from _nodes(one, pages, _Node({}, repository, is_pull), depth + 1, inner)


def _parsed(digest: bytes, node: _Node, options: ReadOptions) -> Parsed:
    issue = node.value
    item = item_of(issue, repository=node.repository)
    if item is None:
        return Parsed(digest, reason="repository_missing" if number(issue.get("number")) else "item_missing")
    home = item.rpartition("#")[0]
    timeline = mapping(issue.get("timelineItems"))
    events = [*_all_nodes(timeline), *objects(mapping(issue.get("reviews")).get("nodes"))]
    turning = mapping(timeline.get("pageInfo"))
    part = Part(
        item,
        facts=_facts(node, home, options),
        history=bool(timeline),
        cut_start=turning.get("hasPreviousPage") is True,
        cut_end=turning.get("hasNextPage") is True,
    )
    found: list[Happening] = []
    for order, event in enumerate(events):
        kind = _KINDS.get(str(event.get("__typename") or ("PullRequestReview" if "submittedAt" in event else "")))
        one = _happening(kind, event, item, home, order) if kind and isinstance(event, dict) else None
        if one is not None:
            found.append(one)
        elif kind or (event and "__typename" not in event):
            part.unreadable += 1
    part.happenings = tuple(found)
    return Parsed(digest, part)


def _all_nodes(connection: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Nodes of a connection, written as ``nodes`` or as ``edges``; what is none counts as an empty one."""
    if isinstance(connection.get("nodes"), list):
        return [mapping(one) for one in connection["nodes"]]
    return [mapping(edge.get("node")) for edge in objects(connection.get("edges"))]


def _happening(kind: str, event: Mapping[str, Any], item: str, home: str, order: int) -> Happening | None:
    """Read a timeline item; None: its time cannot be read."""
    at_us = moment_us(event.get("submittedAt") or event.get("createdAt"))
    if at_us is None:
        return None
    value, before = _value(kind, event), None
    if kind == "status":
        before = member(event, "previousStatus") or member(event, "previousProjectColumnName")
    elif kind == "type":
        removed = event.get("__typename") == "IssueTypeRemovedEvent"
        value = None if removed else member(event.get("issueType"), "name")
        before = member(event.get("issueType" if removed else "prevIssueType"), "name")
    ends = [
        found for key in _OTHERS.get(kind, ()) if (found := item_of(event.get(key), repository=home)) and found != item
    ]
    other = ends[0] if ends else None
    if kind == "cross-referenced" and event.get("willCloseTarget") is not True:
        other = None
    elif kind == "review_dismissed":
        other = member(event.get("review"), "id")
    return Happening(
        kind,
        at_us,
        actor=login(event.get("actor")) or login(event.get("author")),
        value=value,
        before=before,
        other=other,
        own_id=member(event, "id") or "",
        order=order,
    )


def _value(kind: str, event: Mapping[str, Any]) -> str | None:
    if kind in ("labeled", "unlabeled"):
        return member(event.get("label"), "name")
    if kind in ("assigned", "unassigned"):
        return login(event.get("assignee")) or login(event.get("user"))
    if kind in ("review_requested", "review_request_removed"):
        return login(event.get("requestedReviewer"))
    if kind == "status":
        return member(event, "status") or member(event, "projectColumnName")
    if kind == "reviewed":
        return member(event, "state")
    if kind == "review_dismissed":
        return member(event, "previousReviewState")
    return member(event, "stateReason") if kind == "closed" else None


def _facts(node: _Node, home: str, options: ReadOptions) -> Facts:
    issue = node.value
    is_pull = node.is_pull or issue.get("__typename") == "PullRequest" or "isDraft" in issue or "mergedAt" in issue
    draft = issue.get("isDraft")
    status, status_us = _status_today(issue)
    return Facts(
        is_pull=is_pull or "/pull/" in str(issue.get("url")),
        created_us=moment_us(issue.get("createdAt")),
        closed_us=moment_us(issue.get("closedAt")),
        merged_us=moment_us(issue.get("mergedAt")),
        updated_us=moment_us(issue.get("updatedAt")),
        state_reason=member(issue, "stateReason"),
        draft=draft if isinstance(draft, bool) else None,
        type=member(issue.get("issueType"), "name"),
        labels=tuple(name for one in _all_nodes(mapping(issue.get("labels"))) if (name := member(one, "name"))),
        parent=item_of(issue.get("parent"), repository=home),
        children=tuple(
            found for one in _all_nodes(mapping(issue.get("subIssues"))) if (found := item_of(one, repository=home))
        ),
        comments=number(mapping(issue.get("comments")).get("totalCount")),
        status=status,
        status_us=status_us,
        title=member(issue, "title"),
        attributes=wanted_attributes(issue, options.attributes),
    )


def _status_today(issue: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Return the project status and since when, where the issue is in exactly one project that has one."""
    values = [mapping(one.get("fieldValueByName")) for one in _all_nodes(mapping(issue.get("projectItems")))]
    named = [one for one in values if member(one, "name")]
    return (member(named[0], "name"), moment_us(named[0].get("updatedAt"))) if len(named) == 1 else (None, None)


def _recognise(head: Head) -> float:
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "[") or '"data"' not in head.text:
        return 0.0

    def has(*names: str) -> bool:
        return all(f'"{name}"' in head.text for name in names)

    if has("timelineItems", "number"):
        return 0.98
    if has("nameWithOwner", "number", "createdAt") or (has("repository", "nodes", "number") and has("createdAt")):
        return 0.9
    return 0.6 if has("errors", "path", "locations") else 0.0


def _open(path: Path, options: ReadOptions) -> SavedAnswers:
    return SavedAnswers(Path(path), options, name="github.graphql", read=read_rows, left_out=_LEFT_OUT)


FORMAT: Final = Format(name="github.graphql", recognise=_recognise, open=_open)
