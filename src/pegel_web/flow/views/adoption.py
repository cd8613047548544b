"""Adopting, changing and ending streams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.forms import StreamForm
from pegel_web.flow.pages.items import adopt_page
from pegel_web.flow.queries.streams import CHANGE, lake_view, reading, seen_stream
from pegel_web.flow.queries.units import units_to_choose
from pegel_web.flow.services import streams as services
from pegel_web.organisation.queries.products import product_list
from pegel_web.ui.components import FormCard, PageHeader
from pegel_web.ui.worded import language_now


@require_GET
def streams_to_adopt(request: HttpRequest) -> HttpResponse:
    """Show the streams of the lake that nobody answers for."""
    actor = acting(request)
    if not actor.has(CHANGE):
        raise NotAllowedError("not_allowed", permission=CHANGE)
    return render(request, "flow/adopt.html", adopt_page(request, lake_view(actor, reading())))


def adopt_stream(request: HttpRequest) -> HttpResponse:
    """Ask for name and unit, and adopt the stream."""
    actor = acting(request)
    if not actor.has(CHANGE):
        raise NotAllowedError("not_allowed", permission=CHANGE)
    lake_name = request.GET.get("lake_name", "")
    form = _form(request, actor, initial={"name": lake_name})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.adopt_stream(
                actor=actor,
                lake_name=lake_name,
                name=form.cleaned_data["name"],
                unit_id=UUID(form.cleaned_data["unit"]),
                product_id=_product(form),
            )
        except UserError as error:
            form.add_error(None, explain(error, language_now()).says)
        else:
            messages.success(request, say("flow.adopt.done", language_now()))
            return redirect("stream", stream_id=made.id)
    title = say("flow.adopt.one", language_now(), name=lake_name)
    return _form_page(request, form, title, say("flow.adopt.submit", language_now()), reverse("streams_to_adopt"))


def change_stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Ask for name and unit, and change the stream."""
    actor = acting(request)
    row = seen_stream(actor, stream_id)
    actor.require(CHANGE, unit=row.unit_id)
    form = _form(
        request, actor, initial={"name": row.name, "unit": str(row.unit_id), "product": str(row.product_id or "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_stream(
                actor=actor,
                stream_id=stream_id,
                name=form.cleaned_data["name"],
                unit_id=UUID(form.cleaned_data["unit"]),
                product_id=_product(form),
            )
        except UserError as error:
            form.add_error(None, explain(error, language_now()).says)
        else:
            messages.success(request, say("flow.change_page.done", language_now()))
            return redirect("stream", stream_id=stream_id)
    title = say("flow.change_page.title", language_now(), name=row.name)
    back = reverse("stream", args=[stream_id])
    return _form_page(
        request, form, title, say("flow.change_page.submit", language_now()), back,
        end_href=reverse("end_stream", args=[stream_id]),
    )  # fmt: skip


@require_POST
def end_stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """End a stream and go to the others."""
    actor = acting(request)
    services.end_stream(actor=actor, stream_id=stream_id)
    messages.success(request, say("flow.change_page.ended", language_now()))
    return redirect("streams")


def _form(request: HttpRequest, actor: Actor, *, initial: dict[str, Any]) -> StreamForm:
    units = [(str(unit), f"{'— ' * depth}{name}") for unit, depth, name in units_to_choose(actor=actor)]
    products = [(str(one.product_id), one.name) for one in product_list(actor=actor)]
    return StreamForm(
        request.POST if request.method == "POST" else None, units=units, products=products, initial=initial
    )


def _product(form: StreamForm) -> UUID | None:
    return UUID(form.cleaned_data["product"]) if form.cleaned_data["product"] else None


def _form_page(
    request: HttpRequest, form: StreamForm, title: str, submit: str, back: str, *, end_href: str | None = None
) -> HttpResponse:
    trail = ((say("flow.overview.title", language_now()), reverse("streams")), (title, None))
    page = {
        "title": title,
        "header": PageHeader(title=title, breadcrumbs=trail),
        "form": FormCard(form=form, submit_label=submit, cancel_href=back),
        "end_href": end_href,
    }
    return render(request, "flow/form.html", page, status=422 if form.is_bound else 200)
