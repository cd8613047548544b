"""What happened to a stream: looking, noting, taking back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pegel.errors import InputError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError, http_status
from pegel_web.flow.event_form import EventForm
from pegel_web.flow.pages.events import events_page
from pegel_web.flow.queries.events import stream_events as events_of_stream
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.flow.services import events as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_http_methods(["GET", "HEAD", "POST"])
def stream_events(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what happened to a stream, and note a further event."""
    actor = acting(request)
    found = events_of_stream(actor=actor, stream_id=stream_id)
    form = EventForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if not found.may_note:
            raise NotAllowedError("not_allowed", permission=CHANGE)
        status = 422
        if form.is_valid():
            try:
                services.note_stream_event(actor=actor, stream_id=stream_id, **form.cleaned_data)
            except InputError as error:
                told = explain(error, language_now())
                form.add_error(None, f"{told.says} {told.do}".strip())
                status = http_status(error)
            else:
                messages.success(request, say("flow.events.noted", language_now()))
                return redirect("stream_events", stream_id=stream_id)
    page = events_page(request, found, form)
    if (file := exported(request, page["events"])) is not None:
        return file
    return render(request, "flow/events.html", page, status=status)


@require_POST
def withdraw_stream_event(request: HttpRequest, *, stream_id: UUID, event_id: UUID) -> HttpResponse:
    """Take an event back."""
    services.withdraw_stream_event(actor=acting(request), stream_id=stream_id, event_id=event_id)
    messages.success(request, say("flow.events.withdrawn", language_now()))
    return redirect("stream_events", stream_id=stream_id)
