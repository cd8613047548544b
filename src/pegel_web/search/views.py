"""The page of the search; the same list comes up on every page with Ctrl-K."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from pegel_web.core.entry import acting
from pegel_web.search import queries


@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    """Show what a text finds; only the list where HTMX asks for it."""
    actor = acting(request)
    found = queries.found(actor=actor, text=request.GET.get("q", ""))
    template = "search/found.html" if request.headers.get("HX-Request") else "search/search.html"
    return render(request, template, {"found": found})
