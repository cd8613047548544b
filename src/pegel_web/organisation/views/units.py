"""Pages of the tree and of one unit, and the steps of a reorganisation."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.forms.units import NewUnitForm, UnitEndForm, UnitNameForm, UnitPlaceForm
from pegel_web.organisation.pages.units import tree_page, unit_page, unit_trail
from pegel_web.organisation.queries import units as queries
from pegel_web.organisation.queries.roles import role_assignments
from pegel_web.organisation.services import units as services
from pegel_web.organisation.views.entry import asked_id
from pegel_web.organisation.views.step import step
from pegel_web.ui.components import exported
from pegel_web.ui.worded import worded

_W = "organisation.units"


@require_safe
def organisation_tree(request: HttpRequest) -> HttpResponse:
    """Show the units as they stood on a day."""
    actor = acting(request)
    found = queries.organisation_tree(actor=actor, on=asked_day(request))
    page = tree_page(request, found, actor=actor)
    file = None if page["table"] is None else exported(request, page["table"])
    return file or render(request, "organisation/tree.html", page)


@require_safe
def unit_report(request: HttpRequest, *, unit_id: UUID) -> HttpResponse:
    """Show one unit as it stood on a day."""
    actor = acting(request)
    found = queries.unit_report(actor=actor, unit_id=unit_id, on=asked_day(request))
    roles = role_assignments(actor=actor, unit_id=unit_id, on=found.on)
    page = unit_page(request, found, roles, actor=actor)
    return exported(request, *page["tables"]) or render(request, "organisation/parts.html", page)


@require_http_methods(["GET", "POST"])
def create_unit(request: HttpRequest) -> HttpResponse:
    """Begin a unit."""
    actor = acting(request)
    if not actor.has(services.CHANGE):
        actor.require(services.CHANGE)
    asked = asked_id(request, "parent")
    form = NewUnitForm(request.POST or None, actor=actor, initial={"parent_id": asked} if asked else {})
    return step(
        request,
        form,
        services.create_unit,
        actor=actor,
        title=worded(f"{_W}.add"),
        trail=[(worded(f"{_W}.title"), reverse("organisation_tree"))],
        done=lambda made: (
            worded(f"{_W}.created", name=made.name, on=made.valid_from),
            reverse("unit_report", args=[made.unit_id]),
        ),
    )


@require_http_methods(["GET", "POST"])
def rename_unit(request: HttpRequest, *, unit_id: UUID) -> HttpResponse:
    """Give a unit another name or kind."""
    actor = acting(request)
    actor.require(services.CHANGE, unit=queries.visible_unit(actor, unit_id).id)
    unit = queries.unit_report(actor=actor, unit_id=unit_id).unit
    form = UnitNameForm(request.POST or None, actor=actor, unit=unit)
    return step(
        request,
        form,
        services.rename_unit,
        actor=actor,
        unit_id=unit_id,
        title=worded(f"{_W}.rename"),
        trail=unit_trail(unit),
        done=lambda made: (
            worded(f"{_W}.renamed", name=made.name, on=form.cleaned_data["on"]),
            reverse("unit_report", args=[unit_id]),
        ),
    )


@require_http_methods(["GET", "POST"])
def move_unit(request: HttpRequest, *, unit_id: UUID) -> HttpResponse:
    """Hang a unit elsewhere."""
    actor = acting(request)
    actor.require(services.CHANGE, unit=queries.visible_unit(actor, unit_id).id)
    unit = queries.unit_report(actor=actor, unit_id=unit_id).unit
    form = UnitPlaceForm(request.POST or None, actor=actor, unit=unit)
    return step(
        request,
        form,
        services.move_unit,
        actor=actor,
        unit_id=unit_id,
        title=worded(f"{_W}.move"),
        trail=unit_trail(unit),
        done=lambda made: (
            worded(f"{_W}.moved", name=made.name, on=form.cleaned_data["on"]),
            reverse("unit_report", args=[unit_id]),
        ),
    )


@require_http_methods(["GET", "POST"])
def end_unit(request: HttpRequest, *, unit_id: UUID) -> HttpResponse:
    """End a unit."""
    actor = acting(request)
    actor.require(services.CHANGE, unit=queries.visible_unit(actor, unit_id).id)
    unit = queries.unit_report(actor=actor, unit_id=unit_id).unit
    return step(
        request,
        UnitEndForm(request.POST or None, actor=actor),
        services.end_unit,
        actor=actor,
        unit_id=unit_id,
        title=worded(f"{_W}.end"),
        trail=unit_trail(unit),
        danger=True,
        done=lambda made: (
            worded(
                f"{_W}.ended",
                on=made.on,
                children=made.children,
                members=made.members,
                products=made.products,
                roles=made.roles,
            ),
            reverse("unit_report", args=[unit_id]),
        ),
    )


def asked_day(request: HttpRequest) -> date | None:
    """Return the day that the address asks for (``?on=2025-01-01``); None where it asks for none."""
    try:
        found = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return found if services.FIRST_DAY <= found < services.LAST_DAY else None
