"""One item's life."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel_web.core.entry import acting
from pegel_web.flow.pages.item import item_page
from pegel_web.flow.services.looking import look_at_item
from pegel_web.ui.components import exported


@require_GET
def stream_item(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show one item's life on a line, and why it waited."""
    found = look_at_item(actor=acting(request), stream_id=stream_id, item=request.GET.get("item", ""))
    page = item_page(request, found)
    for name in ("stays", "causes", "clocks", "changes", "links"):
        if page[name] is not None and (file := exported(request, page[name])) is not None:
            return file
    return render(request, "flow/item.html", page)
