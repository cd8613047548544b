"""Asking for background work, and cancelling it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction

from pegel.errors import InternalError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.models import OPEN, Job, JobState
from pegel_web.jobs.plain import without_nul
from pegel_web.jobs.queries import job_report, report_of
from pegel_web.jobs.registry import task_of


def enqueue(
    *,
    actor: Actor,
    kind: str,
    arguments: Mapping[str, object],
    label_code: str,
    unit: UUID | None = None,
    key: str | None = None,
) -> JobReport:
    """Ask for a job, as part of the open transaction: it is there exactly if the change is.

    The service that calls this has checked the permission. The task gets ``arguments`` as named values; they are kept
    for a while and seen by whoever looks after the jobs, so no secrets and nothing about a person. ``label_code``:
    words for what it is about; its placeholders are filled from the arguments. ``key``: while a job with the same key
    waits or runs, that one is returned and no second one is made.

    Raises
    ------
    InternalError: ``task_unknown``, ``job_arguments_not_plain`` (only what JSON can hold).
    """
    task_of(kind)
    plain = _plain(kind, arguments)
    with transaction.atomic():
        while True:
            found = _open_with(key)
            if found is not None:
                return report_of(found, actor)
            try:
                with transaction.atomic():
                    made = Job.objects.create(
                        kind=kind,
                        arguments=plain,
                        label_code=label_code,
                        key=key or "",
                        person_id=actor.person_id,
                        unit_id=unit,
                        scopes=None if actor.scopes is None else sorted(actor.scopes),
                        language=actor.language,
                        created_at=actor.at,
                    )
            except IntegrityError:
                # Somebody else was quicker with the same key, and may even have finished by now: look again.
                if key is None:
                    raise
                continue
            return report_of(made, actor)


def cancel_job(*, actor: Actor, job_id: UUID) -> JobReport:
    """Cancel a job: one that waits at once, one that runs as soon as it looks.

    Raises
    ------
    NotFoundError: ``job_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``job_ended``.
    """
    with transaction.atomic():
        seen = job_report(actor=actor, job_id=job_id)
        if not (seen.mine and actor.has("jobs.own.cancel")):
            actor.require("jobs.job.cancel")
        locked = Job.objects.everything(because="seen above").select_for_update().filter(pk=job_id)
        job = cast("Job | None", locked.first())
        if job is None:
            raise NotFoundError("job_unknown", id=str(job_id))
        if job.state not in OPEN:
            raise ConflictError("job_ended", state=job.state)
        if job.cancel_asked_at is not None:
            return report_of(job, actor)
        before = job.state
        job.cancel_asked_at = actor.at
        if job.state == JobState.WAITING:
            job.state, job.ended_at = JobState.CANCELLED, shared_now()
        job.save(update_fields=["cancel_asked_at", "state", "ended_at"])
        record(
            actor,
            "jobs.job.cancelled",
            subject=("job", job.id),
            unit=job.unit_id,
            before={"state": before},
            after={"state": job.state, "kind": job.kind},
        )
        return report_of(job, actor)


def _open_with(key: str | None) -> Job | None:
    if key is None:
        return None
    open_jobs = Job.objects.everything(because="whoever asked: the work is the same").filter(state__in=OPEN, key=key)
    return cast("Job | None", open_jobs.first())


def _plain(kind: str, value: object) -> Any:
    """Return arguments as every database keeps them: what JSON can hold; PostgreSQL knows no NUL in text."""
    if isinstance(value, str):
        return without_nul(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, list):
        return [_plain(kind, one) for one in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: _plain(kind, one) for name, one in value.items()}
    raise InternalError("job_arguments_not_plain", kind=kind)
