"""Where to start, and taking the baseline of a step."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import NotFoundError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.flow.pages.start_small import start_small_page
from pegel_web.flow.queries import start_small as queries
from pegel_web.flow.services import baselines as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def start_small(request: HttpRequest) -> HttpResponse:
    """Show the steps of all streams by what is lost in them."""
    page = start_small_page(request, queries.start_small(actor=acting(request)), None)
    return exported(request, page["table"], page["baselines"]) or render(request, "flow/start_small.html", page)


@require_GET
def stream_start_small(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show the steps of one stream by what is lost in them."""
    found = queries.start_small(actor=acting(request), stream_id=stream_id)
    page = start_small_page(request, found, found.streams[0].stream)
    return exported(request, page["table"], page["baselines"]) or render(request, "flow/start_small.html", page)


@require_POST
def take_baseline(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Keep the figures of a step, and show them among the baselines."""
    state, phase = (request.POST.get(name, "") for name in ("state", "phase"))
    try:
        services.take_baseline(actor=acting(request), stream_id=stream_id, state=state, phase=phase)
    except (ConflictError, NotFoundError) as error:
        if error.code == "stream_unknown":
            raise
        told = explain(error, language_now())
        messages.error(request, f"{told.says} {told.do}".strip())
    else:
        messages.success(request, say("flow.start.taken_done", language_now()))
    return redirect("stream_start_small", stream_id=stream_id)
