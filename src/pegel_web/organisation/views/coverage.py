"""Functions of the line organisation in product teams."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.forms.coverage import WantedFunctionsForm
from pegel_web.organisation.pages.coverage import coverage_page
from pegel_web.organisation.queries import coverage as queries
from pegel_web.organisation.queries.products import product_report
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.services import coverage as services
from pegel_web.organisation.views.entry import asked_id
from pegel_web.organisation.views.step import step
from pegel_web.organisation.views.units import asked_day
from pegel_web.ui.components import exported
from pegel_web.ui.worded import worded

_W = "organisation.coverage"


@require_safe
def function_coverage(request: HttpRequest) -> HttpResponse:
    """Show which functions take part in which product."""
    actor = acting(request)
    page = coverage_page(request, queries.function_coverage(actor=actor, on=asked_day(request)), actor=actor)
    return exported(request, *page["tables"]) or render(request, "organisation/as_of.html", page)


@require_http_methods(["GET", "POST"])
def set_wanted_functions(request: HttpRequest) -> HttpResponse:
    """Say which functions a product, or every product, needs."""
    actor, product_id = acting(request), asked_id(request, "product")
    product = None if product_id is None else product_report(actor=actor, product_id=product_id)
    actor.require(queries.CHANGE, unit=None if product is None else product.owner_unit_id)
    today = actor.at.date()
    form = WantedFunctionsForm(
        request.POST or None,
        functions=queries.line_functions(structure_on(today)),
        chosen=queries.wanted_on(today).get(product_id, frozenset()),
    )
    return step(
        request,
        form,
        services.set_wanted_functions,
        actor=actor,
        product_id=product_id,
        title=worded(f"{_W}.form.title_all") if product is None else worded(f"{_W}.form.title", name=product.name),
        lead=worded(f"{_W}.form.lead_all" if product is None else f"{_W}.form.lead"),
        trail=[(worded(f"{_W}.title"), reverse("function_coverage"))],
        submit=worded(f"{_W}.form.save"),
        done=lambda made: (worded(f"{_W}.form.saved"), reverse("function_coverage")),
    )
