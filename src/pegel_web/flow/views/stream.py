"""One stream, and having it computed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.pages.stream import stream_page
from pegel_web.flow.queries.reports import stream_charts
from pegel_web.flow.services import refreshing
from pegel_web.flow.services.looking import look_at_report
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.queries import job_report
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now

_TABLES = ("states", "waits", "ageing", "forecast", "quality")


@require_GET
def stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show a stream; while a computation that the person asked for runs, how far it is."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    policy = request.GET.get("policy") or None
    found = look_at_report(actor=actor, stream_id=stream_id, period=request.GET.get("period") or DEFAULT, policy=policy)
    job = _asked_job(request, actor)
    if job is not None and not job.open:
        return _ended(request, job, stream_id)
    page = stream_page(request, found, stream_charts(actor=actor, stream_id=stream_id, policy=policy), job)
    tables = [page[name] for name in _TABLES if page.get(name) is not None]
    if (file := exported(request, *tables)) is not None:
        return file
    return render(request, "flow/stream.html", page)


@require_POST
def refresh_stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Have a stream computed, and go back to its page, which shows the progress."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    job = refreshing.refresh_stream(actor=actor, stream_id=stream_id)
    page = reverse("stream", args=[stream_id])
    if job.mine:
        return redirect(f"{page}?job={job.id}")
    messages.info(request, say("flow.stream.asked", language_now()))
    return redirect(page)


def _asked_job(request: HttpRequest, actor: Actor) -> JobReport | None:
    """Return the job that the address names; what is no job of this person's is as if it were not there."""
    try:
        return job_report(actor=actor, job_id=UUID(request.GET.get("job", "")))
    except (ValueError, NotFoundError):
        return None


def _ended(request: HttpRequest, job: JobReport, stream_id: UUID) -> HttpResponse:
    """Show the page with the new figures, or why there are none, at the address without the job."""
    if job.state != "done":
        target = reverse("job_report", args=[job.id])
    else:
        parameters = request.GET.copy()
        parameters.pop("job")
        query = parameters.urlencode()
        target = reverse("stream", args=[stream_id]) + (f"?{query}" if query else "")
        if job.total is None:
            messages.success(request, say("flow.stream.same", language_now()))
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": target})
    return redirect(target)
