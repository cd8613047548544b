"""The audit with the names that its reader may know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from pegel_web.core import queries as core
from pegel_web.core.actor import Actor
from pegel_web.core.contracts import AuditLine, AuditPage
from pegel_web.organisation.queries.known_people import KnownPerson, people_by_id, seen_by
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.privacy.contracts import AuditReport, NamedLine
from pegel_web.privacy.queries.rules import rules


def audit_report(
    *,
    actor: Actor,
    event: str = "",
    subject_type: str = "",
    subject_id: str = "",
    unit: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> AuditReport:
    """Return a part of the audit, the newest first, from the units the reader answers for.

    In works-council mode everybody but the reader is a pseudonym; otherwise the reader sees by name whom they may see
    as people. See ``core.queries.audit`` for the filters.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    page = core.audit(
        actor=actor,
        knows=lambda people: known_to(actor, people),
        event=event,
        subject_type=subject_type,
        subject_id=subject_id,
        unit=unit,
        since=since,
        until=until,
        offset=offset,
        limit=limit,
    )
    structure = structure_on(actor.at.date())
    units = actor.units_for("core.audit.view")
    return AuditReport(
        lines=_named(page, actor),
        total=page.total,
        offset=page.offset,
        limit=limit,
        events=core.recorded_events(actor=actor),
        subjects=core.recorded_subjects(actor=actor),
        units=tuple(
            (str(node.unit_id), node.name) for _, node in structure.in_order() if units is None or node.unit_id in units
        ),
    )


def known_to(actor: Actor, people: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of some people whom a reader of logs may know."""
    wanted = frozenset(people)
    return wanted & {actor.person_id} if rules().pseudonyms else seen_by(actor, wanted)


def _named(page: AuditPage, actor: Actor) -> tuple[NamedLine, ...]:
    as_subject = {
        UUID(line.subject_id) for line in page.lines if line.subject_type == "person" and _is_id(line.subject_id)
    }
    people = people_by_id({*as_subject, *(line.actor_id for line in page.lines)})
    known = known_to(actor, people)
    units = {line.unit_id for line in page.lines} | {
        UUID(line.subject_id) for line in page.lines if line.subject_type == "unit" and _is_id(line.subject_id)
    }
    names = unit_names(units, structure_on(actor.at.date()))
    found = []
    for line in page.lines:
        who, kind = _who(line.actor_id, people, known)
        found.append(
            NamedLine(
                line=line,
                who=who,
                who_kind=kind,
                subject=_subject(line, people, known, names),
                unit_name="" if line.unit_id is None else names.get(line.unit_id, ""),
            )
        )
    return tuple(found)


def _who(person: UUID | None, people: Mapping[UUID, KnownPerson], known: frozenset[UUID]) -> tuple[str, str]:
    if person is None:
        return "", "pegel"
    if person not in people:
        return "", "unknown"
    found = people[person]
    if found.forgotten:
        return "", "forgotten"
    return (found.name, "named") if person in known and found.name else (found.pseudonym, "pseudonym")


def _subject(
    line: AuditLine, people: Mapping[UUID, KnownPerson], known: frozenset[UUID], units: Mapping[UUID, str]
) -> str:
    if not _is_id(line.subject_id):
        return line.subject_id
    subject = UUID(line.subject_id)
    if line.subject_type == "person":
        return _who(subject, people, known)[0]
    if line.subject_type == "unit":
        return units.get(subject, "")
    return ""


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
