"""Pages that show how far a computation is that they wait for."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.actor import Actor
from pegel_web.flow.pages.stream import PROGRESS
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.queries import job_report
from pegel_web.ui.worded import language_now


def asked_job(request: HttpRequest, actor: Actor) -> JobReport | None:
    """Return the job that the address names; what is no job of this person's is as if it were not there."""
    try:
        return job_report(actor=actor, job_id=UUID(request.GET.get("job", "")))
    except (ValueError, NotFoundError):
        return None


def ended(request: HttpRequest, job: JobReport) -> HttpResponse:
    """Show the page with the new figures, or why there are none, at the address without the job."""
    if job.state == "done" and job.total is None:
        messages.success(request, say("flow.stream.same", language_now()))
    return moved(request, here(request) if job.state == "done" else reverse("job_report", args=[job.id]))


def waiting(request: HttpRequest, asked: JobReport | None, computing: JobReport | None) -> HttpResponse | None:
    """Return where a page goes on whose result ``computing`` makes; None: it is to be shown.

    One's own job is put into the address, so that its end is seen, and a failed one is not begun again by looking.
    """
    if computing is None:
        # Somebody else's job has made it meanwhile.
        asks = request.headers.get("HX-Target", "").startswith(PROGRESS)
        return moved(request, here(request)) if asked is not None or asks else None
    if computing.mine and (asked is None or asked.id != computing.id):
        return moved(request, here(request, job=str(computing.id)))
    return None


def here(request: HttpRequest, **more: str) -> str:
    """Return the address of a page without the job. ``more``: what is added to it."""
    parameters = request.GET.copy()
    parameters.pop("job", None)
    for name, value in more.items():
        parameters[name] = value
    query = parameters.urlencode()
    return request.path + (f"?{query}" if query else "")


def moved(request: HttpRequest, target: str) -> HttpResponse:
    """Send a browser to another page, also where only a part of the page asks."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": target})
    return redirect(target)
