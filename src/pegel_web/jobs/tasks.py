"""What this app does in the background itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from pegel_web.jobs.models import OPEN, Job, JobState, Worker
from pegel_web.jobs.registry import RunningJob, every, task

#: How long ended jobs are kept: what went well on its own for a day, everything else for a month.
KEPT: Final = timedelta(days=30)
KEPT_RECURRING: Final = timedelta(days=1)


@every(seconds=3600)
@task("jobs.tidy")
def tidy(job: RunningJob) -> None:
    """Delete jobs that ended long ago, and workers that have not been seen for long."""
    now = job.actor.at
    with transaction.atomic():
        job.hold()
        ended = Job.objects.everything(because="retention").exclude(state__in=OPEN)
        recurring = Q(person_id__isnull=True, state=JobState.DONE, ended_at__lt=now - KEPT_RECURRING)
        ended.filter(recurring | Q(ended_at__lt=now - KEPT)).delete()
        Worker.objects.filter(seen_at__lt=now - KEPT_RECURRING).delete()
