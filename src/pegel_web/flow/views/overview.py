"""All streams, and having them computed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.pages.overview import overview_page
from pegel_web.flow.queries.overview import stream_overview
from pegel_web.flow.services import refreshing
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def streams(request: HttpRequest) -> HttpResponse:
    """Show every stream that the person may see."""
    actor = acting(request)
    found = stream_overview(actor=actor, period=request.GET.get("period") or DEFAULT)
    page = overview_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/streams.html", page)


@require_POST
def refresh_streams(request: HttpRequest) -> HttpResponse:
    """Have every stream computed that has changed, and show how far that is."""
    actor = acting(request)
    job = refreshing.refresh_streams(actor=actor)
    if job.mine:
        return redirect("job_report", job_id=job.id)
    messages.info(request, say("flow.stream.asked", language_now()))
    return redirect("streams")
