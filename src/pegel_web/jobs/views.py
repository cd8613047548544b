"""The pages of background work."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.jobs import queries, services
from pegel_web.jobs.pages import job_page, jobs_page
from pegel_web.ui.components import exported


def jobs(request: HttpRequest, *, everybody: bool = False) -> HttpResponse:
    """Show one's own jobs, or everybody's."""
    actor = acting(request)
    if everybody:
        actor.require("jobs.job.view")
    shown = jobs_page(request, queries.jobs(actor=actor, everybody=everybody), everybody=everybody)
    if (file := exported(request, shown["table"])) is not None:
        return file
    return render(request, "jobs/jobs.html", shown)


def job_report(request: HttpRequest, *, job_id: UUID) -> HttpResponse:
    """Show one job; a page that asked by itself is told to load anew when the job has ended."""
    actor = acting(request)
    found = queries.job_report(actor=actor, job_id=job_id)
    response = render(request, "jobs/job.html", job_page(found))
    if request.headers.get("HX-Request") and not found.open:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def cancel_job(request: HttpRequest, *, job_id: UUID) -> HttpResponse:
    """Cancel a job and show it. One that has ended meanwhile is shown as it is."""
    actor = acting(request)
    with suppress(ConflictError):
        services.cancel_job(actor=actor, job_id=job_id)
    return redirect("job_report", job_id=job_id)
