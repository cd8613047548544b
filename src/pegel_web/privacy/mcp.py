"""Privacy and the audit for agents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.privacy import queries, services
from pegel_web.privacy.contracts import (
    AccessReport,
    AuditReport,
    PrivacyNotice,
    ProcessingRecord,
    RetentionLine,
    RulesReport,
)
from pegel_web.privacy.installation import erased_people, installation


@tool(permission="core.audit.view")
def audit_report(
    actor: Actor,
    *,
    event: str = "",
    subject_type: str = "",
    subject_id: str = "",
    unit: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> AuditReport:
    """List what was done, newest first, in the units you answer for: event code, subject, values before and after, who
    (a pseudonym in works-council mode). event: a code, or the beginning of codes ending with a full stop. until is not
    included. Reading is noted in the access log.
    """
    return services.read_audit(
        actor=actor,
        event=event,
        subject_type=subject_type,
        subject_id=subject_id,
        unit=unit,
        since=since,
        until=until,
        offset=offset,
        limit=min(limit, 500),
    )


@tool(permission="privacy.settings.view")
def rules_report(actor: Actor) -> RulesReport:
    """Tell whether works-council mode is on, the group floor, and every change of them proposed so far."""
    return queries.rules_report(actor=actor)


@tool(permission="privacy.access_log.view")
def access_log(
    actor: Actor,
    *,
    what: str = "",
    unit: UUID | None = None,
    role: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> AccessReport:
    """List who looked at data about items or people (pseudonyms), with counts by what, unit and role. By default the
    last 30 days. Reading is noted in it.
    """
    return services.read_access_log(actor=actor, what=what, unit=unit, role=role, since=since, until=until)


@tool(permission="privacy.settings.view")
def retention_preview(actor: Actor) -> tuple[RetentionLine, ...]:
    """List how long each kind of data is kept and how much would be deleted now; nothing is changed."""
    return queries.retention_preview(actor=actor, erased=erased_people())


@tool(permission="privacy.record.view")
def processing_record(actor: Actor) -> ProcessingRecord:
    """Return the record of processing activities (GDPR Art. 30(1)) of this installation."""
    return queries.processing_record(actor=actor, installation=installation())


@tool(permission="privacy.notice.view")
def privacy_notice(actor: Actor) -> PrivacyNotice:
    """Tell what is kept about the person behind this token, in numbers, and who looked at their units, by role."""
    return queries.privacy_notice(actor=actor)
