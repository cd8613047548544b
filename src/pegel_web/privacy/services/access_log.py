"""Noting who looks at what tells something about people."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.privacy.contracts import AccessReport, AuditReport
from pegel_web.privacy.models import Access
from pegel_web.privacy.queries.access_log import access_log
from pegel_web.privacy.queries.audit import audit_report

_LONGEST_ROLES: Final = 400


def note_access(actor: Actor, what: str, unit: UUID | None = None) -> None:
    """Note that somebody looks at a page or figures with data about items or people. Every look, no sample.

    Call it before the answer is made: what cannot be noted is not shown. ``what``: a code with words
    ``privacy.access.what.CODE``. ``unit``: the part of the organisation it is about; None: all of it. Pegel's own work
    is nobody's look.
    """
    if actor.person_id is None:
        return
    roles = sorted({grant.source.removeprefix("role:") for grant in actor.grants if grant.source.startswith("role:")})
    Access.objects.create(
        at=actor.at,
        person_id=actor.person_id,
        roles=" ".join(roles)[:_LONGEST_ROLES],
        what=what,
        unit_id=unit,
        through=str(actor.through),
        request_id=actor.request_id,
    )


def read_access_log(*, actor: Actor, **wanted: Any) -> AccessReport:
    """Return the access log (see ``queries.access_log``) and note that it was read."""
    actor.require("privacy.access_log.view")
    note_access(actor, "privacy.access_log", wanted.get("unit"))
    return access_log(actor=actor, **wanted)


def read_audit(*, actor: Actor, **wanted: Any) -> AuditReport:
    """Return a part of the audit (see ``queries.audit_report``) and note that it was read."""
    if not actor.has("core.audit.view"):
        actor.require("core.audit.view")
    note_access(actor, "core.audit", wanted.get("unit"))
    return audit_report(actor=actor, **wanted)
