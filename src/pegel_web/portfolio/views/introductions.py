"""How many introductions units take at once."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.errors import NotFoundError
from pegel_web.core.entry import acting
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.forms.limits import IntroductionLimitForm
from pegel_web.portfolio.pages.introductions import introductions_page
from pegel_web.portfolio.queries import introductions as queries
from pegel_web.portfolio.services import introductions as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import worded

_W = "portfolio.introductions"


@require_safe
def unit_introductions(request: HttpRequest) -> HttpResponse:
    """Show how many pilots run where, and the limits."""
    page = introductions_page(request, queries.unit_introductions(actor=acting(request)))
    return exported(request, *page["tables"]) or render(request, "portfolio/progress.html", page)


@require_http_methods(["GET", "POST"])
def set_introduction_limit(request: HttpRequest, *, unit_id: UUID) -> HttpResponse:
    """Set the limit of a unit."""
    actor = acting(request)
    actor.require(queries.CHANGE, unit=unit_id)
    found = next((one for one in queries.unit_introductions(actor=actor) if one.unit_id == unit_id), None)
    if found is None:
        raise NotFoundError("unit_unknown", id=unit_id)
    return step(
        request,
        IntroductionLimitForm(request.POST or None, most=found.most),
        services.set_introduction_limit,
        actor=actor,
        unit_id=unit_id,
        title=worded(f"{_W}.set_of", name=found.unit_name),
        lead=worded(f"{_W}.set_lead"),
        trail=[(worded(f"{_W}.title"), reverse("unit_introductions"))],
        submit=worded("portfolio.case.save"),
        done=lambda _: (worded("portfolio.case.saved"), reverse("unit_introductions")),
    )
