"""The page of what happened to a stream, and the table of it under the trends."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.events import StreamEvents
from pegel_web.flow.event_form import EventForm
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.ui.components import Column, EmptyState, FormCard, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now


def events_page(request: HttpRequest, found: StreamEvents, form: EventForm) -> dict[str, Any]:
    """Return the context of the page."""
    language, stream = language_now(), found.stream
    title = say("flow.events.title", language, name=stream.name)
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.events.lead", language),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (stream.name, reverse("stream", args=[stream.id])),
                (say("flow.events.crumb", language), None),
            ),
        ),
        "tabs": stream_tabs(request, stream, "stream"),
        "found": found,
        "events": event_table(request, found, language),
        "noted": [one for one in found.lines if one.event_id is not None] if found.may_note else [],
        "card": FormCard(
            form=form,
            submit_label=say("flow.events.submit", language),
            title=say("flow.events.form", language),
            cancel_href=reverse("stream", args=[stream.id]),
        )
        if found.may_note
        else None,
    }


def event_table(request: HttpRequest, found: StreamEvents, language: Language) -> Table:
    """Return the events with their numbers in the charts."""
    rows = [{"number": one.number, "day": one.day, "kind": one.kind_name, "text": one.text} for one in found.lines]
    return table_of(
        request,
        identity="events",
        caption=say("flow.events.caption", language),
        columns=(
            Column(key="number", label=say("flow.events.number", language), kind="number"),
            Column(key="day", label=say("column.day", language), kind="date"),
            Column(key="kind", label=say("flow.events.kind_label", language)),
            Column(key="text", label=say("flow.events.what", language)),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.events.none_title", language),
            text=say("flow.events.none_text" if found.may_note else "flow.events.none_seen", language),
        ),
    )


def stamp_of(found: StreamEvents) -> str:
    """Return what stands for the events, so that a drawing with others has another address."""
    told = "\n".join(f"{one.day} {one.kind} {one.text}" for one in found.lines)
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
