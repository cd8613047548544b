"""One stream, and having it computed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.flow.pages.next_steps import step_lines
from pegel_web.flow.pages.stream import stream_page
from pegel_web.flow.pages.stream_paper import stream_paper as paper_of
from pegel_web.flow.queries.declared import declared_now
from pegel_web.flow.queries.events import stream_events
from pegel_web.flow.queries.next_steps import computation_of, next_steps
from pegel_web.flow.queries.selection import selection_choices
from pegel_web.flow.selection_form import address_of, selection_of
from pegel_web.flow.services import refreshing
from pegel_web.flow.services.looking import look_at_chart, look_at_report
from pegel_web.flow.views.progress import asked_job, ended, waiting
from pegel_web.ui.components import exported
from pegel_web.ui.paper.making import pdf_of
from pegel_web.ui.stills import png_of, svg_of
from pegel_web.ui.worded import language_now

_TABLES = ("states", "prices", "waits", "kinds", "ageing", "events", "forecast", "quality")


@require_GET
def stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show a stream; while a computation that the person asked for runs, how far it is."""
    actor = acting(request)
    job = asked_job(request, actor)
    if job is not None and not job.open:
        return ended(request, job)
    selection = selection_of(request.GET)
    found = look_at_report(actor=actor, stream_id=stream_id, selection=selection)
    if found.selection is not None and (elsewhere := waiting(request, job, found.job)) is not None:
        return elsewhere
    job, usual = job or found.job, found.selection is None
    # Who has changed something follows what comes of it, also where the look at the lake was quicker to ask for it.
    if job is None and usual and (found.content is None or "job" in request.GET):
        job = computation_of(actor=actor, stream_id=stream_id)
    if usual and job is None and (elsewhere := waiting(request, None, None)) is not None:
        return elsewhere
    choices = selection_choices(actor=actor, stream_id=stream_id, selection=selection)
    events = stream_events(actor=actor, stream_id=stream_id, policy=selection.policy) if usual else None
    page = stream_page(request, found, job, choices, events)
    if usual:
        page["next_steps"] = step_lines(next_steps(actor=actor, found=found), found.stream, language_now())
    tables = [page[name] for name in _TABLES if page.get(name) is not None]
    if (file := exported(request, *tables)) is not None:
        return file
    return render(request, "flow/stream.html", page)


@require_GET
def stream_chart(request: HttpRequest, *, stream_id: UUID, name: str, form: str) -> HttpResponse:
    """Hand out a drawing: its specification for browsers, or itself as a file."""
    found = look_at_chart(
        actor=acting(request),
        stream_id=stream_id,
        name=name,
        selection=selection_of(request.GET),
    )
    drawn: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "json": ("application/json", lambda: found.specification),
        "svg": ("image/svg+xml", lambda: svg_of(found.specification, dark="dark" in request.GET)),
        "png": ("image/png", lambda: png_of(found.specification)),
    }
    if form not in drawn:
        raise NotFoundError("chart_unknown", name=f"{name}.{form}"[:100])
    kind, draw = drawn[form]
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": f'inline; filename="pegel-{found.name.replace("_", "-")}.{form}"',
    }
    return HttpResponse(draw(), content_type=kind, headers=headers)


@require_GET
def stream_paper(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Hand out the report of a stream as PDF; while its selection is computed, the page that shows how far that is."""
    actor, selection = acting(request), selection_of(request.GET)
    found = look_at_report(actor=actor, stream_id=stream_id, selection=selection)
    if found.content is None:
        if found.job is not None:
            return redirect(f"{reverse('stream', args=[stream_id])}?{address_of(selection)}")
        raise NotFoundError("stream_not_computed", name=found.stream.name)
    usual = found.selection is None
    paper = paper_of(
        actor,
        found,
        found.content,
        declared_now(actor=actor, stream_id=stream_id),
        {
            one.name: look_at_chart(actor=actor, stream_id=stream_id, name=one.name, selection=selection).specification
            for one in found.content.charts
        },
        stream_events(actor=actor, stream_id=stream_id, policy=selection.policy) if usual else None,
    )
    name = f"pegel-{slugify(found.stream.name)[:80] or 'report'}-{found.content.as_of:%Y-%m-%d}.pdf"
    headers = {"Cache-Control": "private, no-cache", "Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(pdf_of(paper), content_type="application/pdf", headers=headers)


@require_POST
def refresh_stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Have a stream computed, and go back to its page, which shows the progress."""
    actor = acting(request)
    job = refreshing.refresh_stream(actor=actor, stream_id=stream_id)
    page = reverse("stream", args=[stream_id])
    if job.mine:
        return redirect(f"{page}?job={job.id}")
    messages.info(request, say("flow.stream.asked", language_now()))
    return redirect(page)
