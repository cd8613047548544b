"""Jobs that a record of another app waits for: whoever may see the record may know where its job is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.models import Job
from pegel_web.jobs.queries import report_of


def followed_jobs(*, actor: Actor, job_ids: Iterable[UUID]) -> Mapping[UUID, JobReport]:
    """Return where some jobs are; one that was forgotten meanwhile is missing.

    The app that keeps the records has checked that the actor may see them.
    """
    wanted = list(job_ids)
    if not wanted:
        return {}
    rows = Job.objects.everything(because="the record that waits for it may be seen").filter(pk__in=wanted)
    return {row.id: report_of(row, actor) for row in rows}
