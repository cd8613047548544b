"""Reads saved answers of GitHub's REST API.

Shapes, one after another, as JSON Lines or in arrays (also arrays of pages):

- issues and pull requests, as ``/issues``, ``/pulls`` and ``/search/issues`` (``items``) give them
- the same with a member ``timeline`` (or ``timeline_items``): the answer of ``/issues/NUMBER/timeline``; or an object
  ``{"issue": …, "timeline": […]}`` (also ``"pull_request"``), with ``reviews`` beside it where wanted
- apart from their issue: events of ``/issues/events``, reviews of ``/pulls/NUMBER/reviews``, comments of
  ``/issues/comments``

Events: https://docs.github.com/rest/using-the-rest-api/issue-event-types. The REST timeline says that a project status
changed, but usually not to which: such changes are counted (``project_status_unnamed``); GraphQL names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TextIO

from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.github.parts import (
    KINDS,
    Facts,
    Happening,
    Parsed,
    Part,
    item_at,
    item_of,
    login,
    wanted_attributes,
)
from pegel.sources.github.saved_answers import Pages, SavedAnswers
from pegel.sources.json_records import JsonRecords
from pegel.sources.json_values import mapping, member, moment_us, number, objects

LEFT_OUT: Final = ("title", "body", "user", "author", "name", "email", "commit", "milestone", "reactions", "body_text")
_ARRAYS: Final = frozenset({"items"})
_TIMELINES: Final = ("timeline", "timeline_items")
_SUBJECTS: Final = ("issue", "pull_request", "pull")
#: Event of the REST API → kind, where they differ.
_KINDS: Final = {
    "project_v2_item_status_changed": "status",
    "moved_columns_in_project": "status",
    "converted_to_draft": "convert_to_draft",
    "issue_type_added": "type",
    "issue_type_changed": "type",
    "issue_type_removed": "type",
}
#: Members under which an event names the item at its other end.
_OTHERS: Final = (
    "blocking_issue",
    "blocked_issue",
    "blocked_by_issue",
    "parent_issue",
    "sub_issue",
    "canonical",
    "parent",
)


def read_rows(text: TextIO, options: ReadOptions, pages: Pages) -> Iterator[Parsed]:
    """Yield the rows of a text.

    Raises
    ------
    InputError: ``json_invalid``, ``json_truncated``, ``json_too_deep``, ``json_record_too_large``.
    """
    for record in JsonRecords(text, arrays=_ARRAYS):
        if record.page:
            pages.announced = max(pages.announced, number(record.value.get("total_count")) or 0)
        elif not isinstance(record.value, dict):
            yield Parsed(record.digest, reason="not_an_object", detail=type(record.value).__name__)
        else:
            yield _parsed(record.digest, record.value, options)


def _parsed(digest: bytes, value: Mapping[str, Any], options: ReadOptions) -> Parsed:
    subject = next((value[name] for name in _SUBJECTS if "number" in mapping(value.get(name))), None)
    timeline = next((value[name] for name in _TIMELINES if isinstance(value.get(name), list)), None)
    if timeline is not None:
        issue = subject if subject is not None else value
        events = [*timeline, *objects(value.get("reviews"))]
        return _with_timeline(digest, issue, events, options)
    if isinstance(value.get("event"), str):
        return _apart(digest, value, _happening(value), issue=subject, options=options)
    if "pull_request_url" in value and "submitted_at" in value:
        return _apart(digest, value, _happening({**value, "event": "reviewed"}), options=options)
    if "issue_url" in value and "number" not in value:
        return _apart(digest, value, _happening({**value, "event": "commented"}), options=options)
    if "number" in value:
        return _with_timeline(digest, value, None, options)
    return Parsed(digest, reason="unknown_table", detail=", ".join(map(str, value)))


def _with_timeline(digest: bytes, issue: Mapping[str, Any], events: list[Any] | None, options: ReadOptions) -> Parsed:
    """Read an issue or pull request with its timeline; None: it came without."""
    item = item_of(issue)
    if item is None:
        return Parsed(digest, reason="repository_missing" if "number" in issue else "item_missing")
    part = Part(item, facts=_facts(issue, options), history=events is not None)
    found: list[Happening] = []
    for order, event in enumerate(events or []):
        one = _happening(event, order=order) if isinstance(event, dict) else None
        if one is None:
            part.unreadable += not isinstance(event, dict) or _is_wanted(event)
        elif one.kind == "status" and one.value is None and one.before is None:
            part.unnamed_status += 1
        else:
            found.append(one)
    part.happenings = tuple(found)
    return Parsed(digest, part)


def _apart(
    digest: bytes,
    value: Mapping[str, Any],
    one: Happening | None,
    *,
    options: ReadOptions,
    issue: Mapping[str, Any] | None = None,
) -> Parsed:
    """Read an event, a review or a comment that was saved apart from its issue."""
    item = item_of(issue) if issue else item_at(value.get("pull_request_url")) or item_at(value.get("issue_url"))
    if item is None:
        return Parsed(digest, reason="item_missing", detail=str(value.get("event") or ""))
    facts = replace(_facts(issue, options), primary=False) if issue else None
    if one is None:
        if _is_wanted(value) and moment_us(value.get("created_at")) is None:
            return Parsed(digest, reason="unreadable_time", detail=str(value.get("created_at")))
        return Parsed(digest, reason="field_not_needed", ignored=True)
    if one.kind == "status" and one.value is None and one.before is None:
        return Parsed(digest, reason="project_status_unnamed", ignored=True)
    if "pull_request_url" in value and facts is None:
        facts = Facts(is_pull=True, primary=False)
    return Parsed(digest, Part(item, facts=facts, happenings=(one,), history=True))


def _is_wanted(event: Mapping[str, Any]) -> bool:
    name = str(event.get("event"))
    return _KINDS.get(name, name) in KINDS or "submitted_at" in event


def _happening(event: Mapping[str, Any], *, order: int | None = None) -> Happening | None:
    """Read an event; None: it is not needed, or its time cannot be read.

    ``order``: its place in the timeline; None: it was saved apart, and its id says what came first.
    """
    name = member(event, "event") or ("reviewed" if "submitted_at" in event else "")
    kind = _KINDS.get(name, name)
    at_us = moment_us(event.get("submitted_at") or event.get("created_at"))
    if kind not in KINDS or at_us is None:
        return None
    own_id = event.get("id")
    card = mapping(event.get("project_card"))
    value, before, other = _value(kind, event), None, None
    if kind == "status":
        value = member(event, "status") or member(card, "column_name")
        before = member(event, "previous_status") or member(card, "previous_column_name")
    elif kind == "type":
        value = member(event.get("issue_type"), "name") if name != "issue_type_removed" else None
        before = member(event.get("prev_issue_type" if name != "issue_type_removed" else "issue_type"), "name")
    elif kind == "review_dismissed":
        other = str(mapping(event.get("dismissed_review")).get("review_id") or "")
    elif kind not in ("cross-referenced", "closed"):  # a mention closes nothing
        other = next((item for key in _OTHERS if key in event and (item := item_of(event.get(key)))), None)
    return Happening(
        kind,
        at_us,
        actor=login(event.get("actor")) or login(event.get("user")),
        value=value,
        before=before,
        other=other,
        own_id=str(own_id) if isinstance(own_id, int | str) else "",
        order=(number(own_id) or 0) if order is None else order,
    )


def _value(kind: str, event: Mapping[str, Any]) -> str | None:
    if kind in ("labeled", "unlabeled"):
        return member(event.get("label"), "name")
    if kind in ("assigned", "unassigned"):
        return login(event.get("assignee"))
    if kind in ("review_requested", "review_request_removed"):
        return login(event.get("requested_reviewer")) or login(event.get("requested_team"))
    if kind == "reviewed":
        return member(event, "state")
    if kind == "review_dismissed":
        return member(event.get("dismissed_review"), "state")
    return member(event, "state_reason") if kind == "closed" else None


def _facts(issue: Mapping[str, Any], options: ReadOptions) -> Facts:
    pull = mapping(issue.get("pull_request"))
    is_pull = bool(pull) or "merged_at" in issue or ("head" in issue and "base" in issue)
    draft = issue.get("draft")
    return Facts(
        is_pull=is_pull,
        created_us=moment_us(issue.get("created_at")),
        closed_us=moment_us(issue.get("closed_at")),
        merged_us=moment_us(issue.get("merged_at") or pull.get("merged_at")),
        updated_us=moment_us(issue.get("updated_at")),
        state_reason=member(issue, "state_reason"),
        draft=draft if isinstance(draft, bool) else None,
        type=member(issue.get("type"), "name"),
        labels=tuple(name for label in objects(issue.get("labels")) if (name := member(label, "name"))),
        parent=item_at(issue.get("parent_issue_url")) or item_of(issue.get("parent")),
        comments=number(issue.get("comments")),
        title=member(issue, "title"),
        attributes=wanted_attributes(issue, options.attributes),
    )


def _recognise(head: Head) -> float:
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return 0.0

    def has(*names: str) -> bool:
        return all(f'"{name}"' in head.text for name in names)

    from_github = re.search(r"https?://(api\.github\.com|[^/\s\"]+/api/v3)/repos/|https://github\.com/", head.text)
    if not from_github:
        return 0.7 if has("number", "created_at", "timeline") or has("number", "repository_url") else 0.0
    if has("repository_url") or has("issue_url") or has("pull_request_url") or has("timeline"):
        return 0.97
    return 0.9 if has("number", "created_at") else 0.0


def _open(path: Path, options: ReadOptions) -> SavedAnswers:
    return SavedAnswers(Path(path), options, name="github.rest", read=read_rows, left_out=LEFT_OUT)


FORMAT: Final = Format(name="github.rest", recognise=_recognise, open=_open)
