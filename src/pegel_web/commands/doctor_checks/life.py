"""Whether it lives: workers, background work, the seal of the audit, static files, somebody who may let people in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import Final

from django.db import connection
from django.db.models import Min

from pegel_web.commands.doctor_checks.findings import Finding, bad, good, warning
from pegel_web.commands.preparing import static_is_current
from pegel_web.core.actor import Actor
from pegel_web.core.append_only import AUDIT_GUARDS, missing
from pegel_web.core.models import AuditEntry
from pegel_web.jobs.figures import job_figures
from pegel_web.organisation.queries.roles import role_assignments
from pegel_web.organisation.services.forgetting import people_to_forget_again
from pegel_web.privacy.access_guard import ACCESS_GUARDS
from pegel_web.privacy.installation import erased_people

#: Seconds for which a job may be due without being begun.
_LONG_WAIT: Final = 300.0
#: Entries are sealed every minute.
_UNSEALED: Final = timedelta(minutes=15)


def check_life(actor: Actor) -> Iterator[Finding]:
    """Look at what has to happen again and again. The database is there and at this version."""
    found = job_figures()
    yield good("workers", n=found.workers) if found.workers else bad("workers_none")
    if found.longest_wait_seconds > _LONG_WAIT:
        yield warning("jobs_wait", minutes=round(found.longest_wait_seconds / 60))
    if found.left_behind:
        yield warning("jobs_left_behind", n=found.left_behind)
    if found.by_state["failed"]:
        yield warning("jobs_failed", n=found.by_state["failed"])
    unsealed = AuditEntry.objects.everything(because="how old, not what").filter(seal=None)
    oldest = unsealed.aggregate(at=Min("at"))["at"]
    if oldest is not None and actor.at - oldest > _UNSEALED:
        yield warning("audit_unsealed", minutes=round((actor.at - oldest).total_seconds() / 60))
    else:
        yield good("audit_sealed")
    unguarded = missing(connection, (*AUDIT_GUARDS, *ACCESS_GUARDS))
    yield bad("guards_missing", names=unguarded) if unguarded else good("guards")
    erased = erased_people()
    if again := people_to_forget_again(list(erased.read())):
        yield bad("forgotten_back", n=len(again))
    if unreadable := erased.unreadable():
        yield bad("erased_unreadable", n=unreadable)
    yield good("static") if static_is_current() else bad("static_old")
    if find_spec("vl_convert") is None:
        yield warning("charts_undrawn")
    if not role_assignments(actor=actor, role="administrator"):
        yield bad("administrator_none")
