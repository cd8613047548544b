"""Who waits for whom, the items behind it, and what would change if load moved."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel.errors import InputError, NotFoundError
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import http_status
from pegel_web.flow.pages.load_transfer import transfer_page
from pegel_web.flow.pages.network import dependencies_page, dependency_items_page, network_page
from pegel_web.flow.queries import load_transfer as transfers
from pegel_web.flow.queries import network as queries
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.services.looking import look_at_dependencies, look_at_dependency_items
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def stream_network(request: HttpRequest) -> HttpResponse:
    """Show who waits for whom."""
    actor = acting(request)
    found = queries.stream_network(actor=actor)
    page = network_page(request, found, queries.network_chart(found, actor=actor))
    if (file := exported(request, page["edges"], page["nodes"])) is not None:
        return file
    return render(request, "flow/network.html", page)


@require_GET
def dependency_items(request: HttpRequest) -> HttpResponse:
    """Show the items behind an edge; the file has all of them."""
    found = look_at_dependency_items(
        actor=acting(request),
        from_id=_stream(request, "from"),
        to_id=_stream(request, "to"),
        kind=request.GET.get("kind") or "blocks",
        limit=None if request.GET.get("items.export") else MOST,
    )
    page = dependency_items_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/items.html", page)


@require_GET
def stream_dependencies(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what a stream waits for and what waits for it."""
    found = look_at_dependencies(actor=acting(request), stream_id=stream_id)
    page = dependencies_page(request, found)
    if (file := exported(request, page["waits_for"], page["waited_by"])) is not None:
        return file
    return render(request, "flow/dependencies.html", page)


@require_GET
def load_transfer(request: HttpRequest) -> HttpResponse:
    """Ask what to move, and show what it would change."""
    actor = acting(request)
    choices = transfers.transfer_choices(actor=actor)
    if "from" not in request.GET:
        return render(request, "flow/load_transfer.html", transfer_page(request, choices, None))
    try:
        found = transfers.load_transfer(
            actor=actor,
            from_id=_stream(request, "from"),
            to_id=_stream(request, "to"),
            items_per_week=_whole(request, "items"),
            capacity_percent=_whole(request, "capacity"),
        )
    except (InputError, NotFoundError) as error:
        page = transfer_page(request, choices, None, wrong=explain(error, language_now()).says)
        return render(request, "flow/load_transfer.html", page, status=http_status(error))
    page = transfer_page(request, choices, found)
    if page["table"] is not None and (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/load_transfer.html", page)


def _stream(request: HttpRequest, name: str) -> UUID:
    text = request.GET.get(name, "")
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("stream_unknown", id=text[:100]) from None


def _whole(request: HttpRequest, name: str) -> int:
    """Return a number of the form; what is none is out of range."""
    text = request.GET.get(name, "0").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
