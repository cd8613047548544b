"""Background work, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Router

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.jobs import queries, services
from pegel_web.jobs.contracts import JobReport, State

router = Router(tags=["jobs"])


@router.get("/jobs", response=list[JobReport])
@paginate
def jobs(request: ApiRequest, everybody: bool = False, state: State | None = None) -> list[JobReport]:
    """Your background work, the newest first; `everybody=true`: that of others, too, as far as you may see it."""
    return queries.jobs(actor=request.actor, everybody=everybody, state=state)


@router.get("/jobs/{uuid:job_id}", response=JobReport)
def job_report(request: ApiRequest, job_id: UUID) -> JobReport:
    """Where a job is."""
    return queries.job_report(actor=request.actor, job_id=job_id)


@router.post("/jobs/{uuid:job_id}/cancel", response=JobReport)
def cancel_job(request: ApiRequest, job_id: UUID) -> JobReport:
    """Cancel a job: one that waits at once, one that runs as soon as it looks (`cancelling`)."""
    return services.cancel_job(actor=request.actor, job_id=job_id)
