"""The items behind figures, and what the figures mean."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel_web.core.entry import acting
from pegel_web.flow.pages.items import definition_page, definitions_page, items_page
from pegel_web.flow.queries import definitions
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.selection_form import selection_of
from pegel_web.flow.services.looking import look_at_items
from pegel_web.ui.components import exported


@require_GET
def stream_items(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show the items that a figure counts; the file has all of them."""
    actor = acting(request)
    asked = request.GET
    found = look_at_items(
        actor=actor,
        stream_id=stream_id,
        metric=asked.get("metric") or "flow_time",
        selection=selection_of(asked),
        state=asked.get("state") or None,
        limit=None if asked.get("items.export") else MOST,
    )
    page = items_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/items.html", page)


@require_GET
def metric_definition(request: HttpRequest, *, metric: str) -> HttpResponse:
    """Show what a figure means."""
    actor = acting(request)
    found = definitions.metric_definition(actor=actor, metric=metric)
    return render(request, "flow/definition.html", definition_page(found))


@require_GET
def metric_definitions(request: HttpRequest) -> HttpResponse:
    """Show what every figure means."""
    actor = acting(request)
    return render(request, "flow/definitions.html", definitions_page(definitions.metric_definitions(actor=actor)))
