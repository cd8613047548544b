"""What privacy and the audit do by themselves."""

from __future__ import annotations

from pegel_web.core.seals import seal_entries
from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.privacy import services
from pegel_web.privacy.installation import audit_heads, erased_people


@every(seconds=60)
@task("privacy.seal_audit")
def seal_audit(job: RunningJob) -> None:
    """Bind what was recorded in the last minute to the chain."""
    seal_entries(at=job.actor.at, heads=audit_heads())


@every(seconds=300)
@task("privacy.reapply_erasures")
def reapply_erasures(job: RunningJob) -> None:
    """Forget again whom a restored backup brought back."""
    services.reapply_erasures(actor=job.actor, erased=erased_people())


@every(seconds=6 * 3600)
@task("privacy.retention")
def retention(job: RunningJob) -> None:
    """Let go of what has been kept long enough."""
    services.apply_retention(actor=job.actor, erased=erased_people())
