"""Pages of products."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.organisation.contracts.units import ProductSummary
from pegel_web.organisation.forms.units import DayForm, ProductForm
from pegel_web.organisation.pages.products import product_page, product_table
from pegel_web.organisation.queries import products as queries
from pegel_web.organisation.services import products as services
from pegel_web.organisation.services.units import CHANGE
from pegel_web.organisation.views.step import step
from pegel_web.organisation.views.units import asked_day
from pegel_web.ui.components import Action, PageHeader, exported
from pegel_web.ui.worded import language_now, worded

_W = "organisation.products"


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Show the products."""
    actor, language = acting(request), language_now()
    if not actor.has("organisation.unit.view"):
        actor.require("organisation.unit.view")
    table = product_table(request, queries.product_list(actor=actor, on=asked_day(request)), language)
    add = Action(label=say(f"{_W}.add", language), href=reverse("create_product"), kind="primary")
    header = PageHeader(
        title=say(f"{_W}.title", language),
        lead=say(f"{_W}.lead", language),
        actions=[add] if actor.has(CHANGE) else [],
    )
    page = {"header": header, "tabs": None, "parts": [table]}
    return exported(request, table) or render(request, "organisation/parts.html", page)


@require_safe
def product_report(request: HttpRequest, *, product_id: UUID) -> HttpResponse:
    """Show one product, with the units that answered for it over time."""
    actor = acting(request)
    page = product_page(request, queries.product_report(actor=actor, product_id=product_id), actor=actor)
    return exported(request, *page["tables"]) or render(request, "organisation/parts.html", page)


@require_http_methods(["GET", "POST"])
def create_product(request: HttpRequest) -> HttpResponse:
    """Add a product."""
    actor = acting(request)
    if not actor.has(CHANGE):
        actor.require(CHANGE)
    return step(
        request,
        ProductForm(request.POST or None, actor=actor),
        services.create_product,
        actor=actor,
        title=worded(f"{_W}.add"),
        trail=[(worded(f"{_W}.title"), reverse("product_list"))],
        done=lambda made: (worded(f"{_W}.created", name=made.name), _page_of(made)),
    )


@require_http_methods(["GET", "POST"])
def change_product(request: HttpRequest, *, product_id: UUID) -> HttpResponse:
    """Rename a product, or let another unit answer for it."""
    actor = acting(request)
    product = queries.product_report(actor=actor, product_id=product_id)
    actor.require(CHANGE, unit=product.owner_unit_id)
    return step(
        request,
        ProductForm(request.POST or None, actor=actor, product=product),
        services.change_product,
        actor=actor,
        product_id=product_id,
        title=worded(f"{_W}.change"),
        trail=[(worded(f"{_W}.title"), reverse("product_list")), (product.name, _page_of(product))],
        submit=worded("organisation.units.save"),
        done=lambda made: (worded(f"{_W}.changed", name=made.name), _page_of(made)),
    )


@require_http_methods(["GET", "POST"])
def end_product(request: HttpRequest, *, product_id: UUID) -> HttpResponse:
    """End a product."""
    actor = acting(request)
    product = queries.product_report(actor=actor, product_id=product_id)
    actor.require(CHANGE, unit=product.owner_unit_id)
    form = DayForm(
        request.POST or None,
        day=actor.at.date(),
        label="organisation.units.ends_on",
        help_text="organisation.roles.ends_on_help",
    )
    return step(
        request,
        form,
        services.end_product,
        actor=actor,
        product_id=product_id,
        title=worded(f"{_W}.end"),
        trail=[
            (worded(f"{_W}.title"), reverse("product_list")),
            (product.name, _page_of(product)),
        ],
        danger=True,
        done=lambda made: (
            worded(f"{_W}.ended", name=made.name, on=form.cleaned_data["on"]),
            _page_of(made),
        ),
    )


def _page_of(product: ProductSummary) -> str:
    return reverse("product_report", args=[product.product_id])
