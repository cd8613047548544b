"""The page of the search; the same list comes up on every page with Ctrl-K."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pegel_web.search import queries


def search(request: HttpRequest) -> HttpResponse:
    """Show what a text finds; only the list where HTMX asks for it."""
    found = queries.found(actor=request.actor, text=request.GET.get("q", ""))  # type: ignore[attr-defined]  # set by the middleware
    return render(request, "search/found.html" if request.headers.get("HX-Request") else "search/search.html", {"found": found})
