"""Reading the audit, as far as the reader is responsible for the part of the organisation it is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from pegel_web.core.actor import Actor, Through
from pegel_web.core.audit import SEALED, opened
from pegel_web.core.contracts import AuditLine, AuditPage, Change, Legible
from pegel_web.core.models import AuditEntry

MOST_LINES: Final = 5_000
Knows = Callable[[Iterable[UUID]], frozenset[UUID]]


def audit(
    *,
    actor: Actor,
    knows: Knows,
    event: str = "",
    subject_type: str = "",
    subject_id: str = "",
    unit: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> AuditPage:
    """Return a part of the audit, the newest first.

    Parameters
    ----------
    knows: of some people, those whom the reader may know; personal values about the others are withheld. event: a
    code or the beginning of codes (``organisation.``). since, until: half open.

    Raises
    ------
    NotAllowedError: ``not_allowed`` when the reader may see no audit at all.
    """
    if not actor.has("core.audit.view"):
        actor.require("core.audit.view")
    found = cast("QuerySet[AuditEntry]", AuditEntry.objects.visible_to(actor))
    if event:
        found = found.filter(event__startswith=event) if event.endswith(".") else found.filter(event=event)
    if subject_type:
        found = found.filter(subject_type=subject_type)
    if subject_id:
        found = found.filter(subject_id=subject_id)
    if unit is not None:
        found = found.filter(unit_id=unit)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    offset, limit = max(0, offset), max(1, min(limit, MOST_LINES))
    entries = list(found.order_by("-at", "-id")[offset : offset + limit])
    return AuditPage(lines=_lines(entries, knows), total=found.count(), offset=offset)


def recorded_events(*, actor: Actor) -> tuple[str, ...]:
    """Return the events that occur in what the reader may see."""
    found = cast("QuerySet[AuditEntry]", AuditEntry.objects.visible_to(actor))
    return tuple(found.order_by("event").values_list("event", flat=True).distinct())


def recorded_subjects(*, actor: Actor) -> tuple[str, ...]:
    """Return the kinds of subjects that occur in what the reader may see."""
    found = cast("QuerySet[AuditEntry]", AuditEntry.objects.visible_to(actor))
    return tuple(found.order_by("subject_type").values_list("subject_type", flat=True).distinct())


def audit_about(*, actor: Actor, limit: int = MOST_LINES) -> AuditPage:
    """Return what the audit keeps about the person who asks: what they did, and what tells about them."""
    person = actor.person()
    own = AuditEntry.objects.everything(because="a person may see what is kept about them")
    found = own.filter(
        Q(actor_id=person) | Q(about_person_id=person) | Q(subject_type="person", subject_id=str(person))
    )
    entries = cast("list[AuditEntry]", list(found.order_by("-at", "-id")[:limit]))
    return AuditPage(lines=_lines(entries, lambda people: frozenset(people) & {person}), total=found.count(), offset=0)


def _lines(entries: list[AuditEntry], knows: Knows) -> tuple[AuditLine, ...]:
    known = knows({entry.about_person_id for entry in entries if entry.about_person_id is not None})
    wanted = [
        (entry.about_person_id, kept)
        for entry in entries
        if entry.about_person_id in known
        for values in (entry.before, entry.after)
        for value in (values or {}).values()
        if (kept := _kept(value)) is not None
    ]
    texts = dict(zip(wanted, opened(wanted), strict=True))
    return tuple(_line(entry, known, cast("Mapping[tuple[UUID, str], str | None]", texts)) for entry in entries)


def _line(entry: AuditEntry, known: frozenset[UUID], texts: Mapping[tuple[UUID, str], str | None]) -> AuditLine:
    before: Mapping[str, Any] = entry.before or {}
    after: Mapping[str, Any] = entry.after or {}
    changes = []
    for name in [*before, *(name for name in after if name not in before)]:
        values: list[object] = []
        legible: Legible = "shown"
        for value in (before.get(name), after.get(name)):
            kept = _kept(value)
            if kept is None:
                values.append(value)
                continue
            about = entry.about_person_id
            text = texts.get((about, kept)) if about is not None else None
            values.append(None if text is None else json.loads(text))
            if about not in known:
                legible = "withheld"
            elif text is None:
                legible = "forgotten"
        changes.append(Change(name=name, before=values[0], after=values[1], legible=legible))
    return AuditLine(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        actor_id=entry.actor_id,
        through=Through(entry.through),
        request_id=entry.request_id,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        unit_id=entry.unit_id,
        about_person_id=entry.about_person_id,
        changes=tuple(changes),
        seal=entry.seal_id,
    )


def _kept(value: object) -> str | None:
    """Return what stands in the place of a personal value; None: it is no personal value."""
    kept = value.get(SEALED) if isinstance(value, dict) and len(value) == 1 else None
    return kept if isinstance(kept, str) else None


def number_of_entries() -> int:
    """Return how many entries the audit has, for those who describe it."""
    count: int = AuditEntry.objects.everything(because="a number of all").count()
    return count
