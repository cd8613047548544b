"""Work in the background, as rows of the same database as the change that asked for it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class JobState(models.TextChoices):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: A job that is still going to do something.
OPEN = (JobState.WAITING, JobState.RUNNING)


class Job(models.Model):
    """One piece of work.

    ``person_id``: who asked; None: Pegel itself. ``scopes``: what their token was for; None: they were there in person.
    ``key``: at most one open job has it. ``due_at``: not before; None: at once. ``lease_id``, ``lease_until``: which
    taking of the job is the valid one, and until when it counts without a sign of life. ``attempts``: how often it was
    taken. Times of the lease are the database's own, so that clocks of several machines need not agree.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    label_code = models.CharField(max_length=120)
    key = models.CharField(max_length=200, blank=True)
    person_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    scopes = models.JSONField(null=True)
    language = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_id = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    cancel_asked_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    progress_code = models.CharField(max_length=120, blank=True)
    progress_values = models.JSONField(default=dict)
    error_code = models.CharField(max_length=120, blank=True)
    error_values = models.JSONField(default=dict)

    objects = ScopedManager()
    view_permission = "jobs.job.view"
    scope_path = ""

    class Meta:
        constraints = (
            models.UniqueConstraint(name="job_one_open_key", fields=["key"], condition=Q(state__in=OPEN) & ~Q(key="")),
            models.CheckConstraint(
                name="job_leased", condition=~Q(state="running") | Q(lease_id__isnull=False, lease_until__isnull=False)
            ),
            models.CheckConstraint(name="job_ended", condition=Q(state__in=OPEN) | Q(ended_at__isnull=False)),
        )
        indexes = (
            models.Index(name="job_open", fields=["created_at"], condition=Q(state__in=OPEN)),
            models.Index(name="job_of_person", fields=["person_id", "-created_at"]),
            models.Index(name="job_ended_at", fields=["ended_at"]),
        )


class Schedule(models.Model):
    """When a recurring task is due next. Whichever worker moves ``next_at`` on enqueues the job, and only that one."""

    kind = models.CharField(primary_key=True, max_length=80)
    next_at = models.DateTimeField()


class Worker(models.Model):
    """A worker process that is there: ``seen_at`` is its last sign of life."""

    name = models.CharField(primary_key=True, max_length=80)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
