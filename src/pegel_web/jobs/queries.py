"""What can be read about background work: one's own always, everybody's with ``jobs.job.view``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet

from pegel.errors import NotFoundError
from pegel.words.catalogue import forms_of, has, placeholders
from pegel_web.core.actor import Actor
from pegel_web.jobs.contracts import JobReport, State
from pegel_web.jobs.models import OPEN, Job, JobState


def jobs(*, actor: Actor, everybody: bool = False, state: State | None = None) -> list[JobReport]:
    """Return jobs, the newest first (at most 500): one's own, or everybody's that the actor may see.

    Pegel's own routine that went well is left out unless ``state`` asks for what is done.
    """
    found = _visible(actor)
    if not everybody:
        found = found.filter(person_id=actor.person_id) if actor.person_id is not None else found.none()
    found = found.exclude(person_id=None, state=JobState.DONE) if state is None else found.filter(state=state)
    return [report_of(job, actor) for job in found.order_by("-created_at", "id")[:500]]


def job_report(*, actor: Actor, job_id: UUID) -> JobReport:
    """Return where a job is.

    Raises
    ------
    NotFoundError: ``job_unknown``, also for a job that the actor may not see.
    """
    job = _visible(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFoundError("job_unknown", id=str(job_id))
    return report_of(job, actor)


def report_of(job: Job, actor: Actor) -> JobReport:
    """Return a job as others see it: of its arguments only those that its label shows."""
    mine = actor.person_id is not None and job.person_id == actor.person_id
    return JobReport(
        id=job.id,
        kind=job.kind,
        label_code=job.label_code,
        label_values=_shown(job.label_code, job.arguments),
        state=cast(State, str(job.state)),
        done=job.done,
        total=job.total,
        progress_code=job.progress_code,
        progress_values=job.progress_values,
        error_code=job.error_code,
        error_values=job.error_values,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        attempts=job.attempts,
        mine=mine,
        by_pegel=job.person_id is None,
        may_cancel=job.state in OPEN
        and job.cancel_asked_at is None
        and ((mine and actor.has("jobs.own.cancel")) or actor.has("jobs.job.cancel")),
        cancelling=job.state in OPEN and job.cancel_asked_at is not None,
    )


def _visible(actor: Actor) -> QuerySet[Job]:
    if actor.has("jobs.job.view"):
        return cast("QuerySet[Job]", Job.objects.visible_to(actor))
    own = Job.objects.everything(because="one's own work can always be seen")
    found = own.filter(person_id=actor.person_id) if actor.person_id is not None else own.none()
    return cast("QuerySet[Job]", found)


def _shown(code: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = placeholders(" ".join(forms_of(code, "en").values())) if has(code) else set()
    return {name: value for name, value in arguments.items() if name in wanted}
