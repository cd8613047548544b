"""Several streams together: added up, and side by side."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel.errors import NotFoundError
from pegel_web.core.entry import acting
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.pages.comparison import comparison_page
from pegel_web.flow.pages.rollup import rollup_page
from pegel_web.flow.queries import comparison, rollup
from pegel_web.ui.components import exported


@require_GET
def stream_rollup(request: HttpRequest) -> HttpResponse:
    """Show streams added up by unit or product."""
    by, period = request.GET.get("by") or "unit", request.GET.get("period") or DEFAULT
    page = rollup_page(request, rollup.stream_rollup(actor=acting(request), by=by, period=period))
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/rollup.html", page)


@require_GET
def stream_comparison(request: HttpRequest) -> HttpResponse:
    """Show some streams side by side, and which can be chosen."""
    period = request.GET.get("period") or DEFAULT
    wanted = [_id(one) for one in request.GET.getlist("stream")]
    found = comparison.stream_comparison(actor=acting(request), streams=wanted, period=period)
    page = comparison_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/comparison.html", page)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("stream_unknown", id=text[:100]) from None
