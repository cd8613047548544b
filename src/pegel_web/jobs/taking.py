"""Taking a job: each exactly by one worker, and those of dead workers again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet

from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job, JobState
from pegel_web.jobs.registry import task_of, tasks


def take(*, worker: str, seconds: float) -> Job | None:
    """Take the oldest job that may be begun, for so many seconds without a sign of life; None: there is none.

    PostgreSQL: the row is locked, and rows that another worker has locked are passed over. SQLite: the transaction
    holds the only write lock. Kinds that this version does not know are left to others (a rolling upgrade).
    """
    if not _takeable(shared_now()).exists():
        return None
    while True:
        with transaction.atomic():
            now = shared_now()
            job = _takeable(now).select_for_update(skip_locked=True).first()
            if job is None:
                return None
            if _ended_without_us(job, now):
                continue
            seen = Job.objects.everything(because="taking").filter(pk=job.pk, state=job.state, lease_id=job.lease_id)
            job.state, job.worker, job.lease_id = JobState.RUNNING, worker, uuid4()
            job.lease_until, job.attempts = now + timedelta(seconds=seconds), job.attempts + 1
            job.started_at = job.started_at or now
            values = {name: getattr(job, name) for name in _TAKEN}
            if seen.update(**values):
                return job


_TAKEN = ("state", "worker", "lease_id", "lease_until", "attempts", "started_at")


def _takeable(now: datetime) -> QuerySet[Job]:
    waiting = Q(state=JobState.WAITING) & (Q(due_at__isnull=True) | Q(due_at__lte=now))
    left_behind = Q(state=JobState.RUNNING, lease_until__lt=now)
    known = [one.kind for one in tasks()]
    found = Job.objects.everything(because="workers take whatever waits").filter(waiting | left_behind, kind__in=known)
    return cast("QuerySet[Job]", found.order_by("created_at", "id"))


def _ended_without_us(job: Job, now: datetime) -> bool:
    """End a job that must not be begun again: cancelled meanwhile, or its workers died once too often."""
    if job.cancel_asked_at is not None:
        job.state = JobState.CANCELLED
    elif job.attempts >= task_of(job.kind).most_attempts:
        job.state, job.error_code, job.error_values = JobState.FAILED, "job_worker_lost", {"n": job.attempts}
    else:
        return False
    job.ended_at, job.lease_id, job.lease_until = now, None, None
    job.save(update_fields=["state", "error_code", "error_values", "ended_at", "lease_id", "lease_until"])
    return True
