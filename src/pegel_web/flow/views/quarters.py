"""What came unplanned, was changed or was cancelled in a quarter."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel.errors import NotFoundError
from pegel_web.core.entry import acting
from pegel_web.flow.pages.quarters import quarter_items_page, quarters_page
from pegel_web.flow.queries import quarters as queries
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.services.looking import look_at_quarter_items
from pegel_web.ui.components import exported


@require_GET
def between_quarters(request: HttpRequest) -> HttpResponse:
    """Show the three lists of a quarter."""
    found = queries.between_quarters(actor=acting(request), quarter=request.GET.get("quarter") or None)
    page = quarters_page(request, found)
    if (file := exported(request, *(one["table"] for one in page["lists"]))) is not None:
        return file
    return render(request, "flow/between_quarters.html", page)


@require_GET
def quarter_items(request: HttpRequest) -> HttpResponse:
    """Show the items of a list; the file has all of them."""
    asked = request.GET
    try:
        stream_id = UUID(asked.get("stream", ""))
    except ValueError:
        raise NotFoundError("stream_unknown", id=asked.get("stream", "")[:100]) from None
    found = look_at_quarter_items(
        actor=acting(request),
        stream_id=stream_id,
        quarter=asked.get("quarter", ""),
        list_name=asked.get("list") or "unplanned_work",
        limit=None if asked.get("items.export") else MOST,
    )
    page = quarter_items_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/items.html", page)
