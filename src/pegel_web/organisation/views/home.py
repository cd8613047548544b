"""The first page after signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.pages.home import home_page
from pegel_web.organisation.queries import home as queries
from pegel_web.ui.components import Table, exported


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this person should look at."""
    actor = acting(request)
    page = home_page(request, queries.home(actor=actor), actor=actor)
    tables = [part for part in page["parts"] if isinstance(part, Table)]
    return exported(request, *tables) or render(request, "organisation/home.html", page)
