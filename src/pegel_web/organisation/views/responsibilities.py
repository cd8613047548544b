"""Responsibilities, and the use of tools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.forms.responsibilities import ResponsibilityForm, ToolUseForm
from pegel_web.organisation.pages.responsibilities import held_choices, line_page, map_page
from pegel_web.organisation.pages.tool_use import tools_page
from pegel_web.organisation.queries import responsibilities as queries
from pegel_web.organisation.queries.tool_use import tool_map as tools_query
from pegel_web.organisation.services import responsibilities as services
from pegel_web.organisation.views.entry import answered, asked_id, status_of
from pegel_web.ui.components import Action, FormCard, PageHeader, exported
from pegel_web.ui.worded import worded

_W = "organisation.responsibilities"
_PARTS = "organisation/parts.html"


@require_safe
def responsibility_map(request: HttpRequest) -> HttpResponse:
    """Show who answers for what."""
    actor, unit_id = acting(request), asked_id(request, "unit")
    found = queries.responsibility_map(actor=actor, unit_id=unit_id)
    page = map_page(request, found, actor=actor, unit_id=unit_id)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_safe
def tool_map(request: HttpRequest) -> HttpResponse:
    """Show where tools are used and who owns them."""
    actor = acting(request)
    page = tools_page(request, tools_query(actor=actor), actor=actor)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_http_methods(["GET", "POST"])
def assign_responsibility(request: HttpRequest) -> HttpResponse:
    """Let somebody answer for something."""
    actor = acting(request)
    line = queries.responsibility_of(
        actor=actor,
        unit_id=asked_id(request, "unit"),
        area=request.GET.get("area"),
        product_id=asked_id(request, "product"),
    )
    actor.require(queries.CHANGE, unit=line.unit_id)
    form = ResponsibilityForm(request.POST or None, actor=actor, held=held_choices(line))
    if request.method == "POST":
        thing: dict[str, Any] = (
            {"product_id": line.product_id} if line.product_id else {"unit_id": line.unit_id, "area": line.area}
        )
        if answered(form, services.assign_responsibility, shown=(ConflictError,), actor=actor, **thing) is not None:
            messages.success(request, worded(f"{_W}.assigned"))
            return redirect("responsibility_map")
    page = line_page(line)
    page["parts"].append(
        FormCard(form=form, submit_label=worded(f"{_W}.assign"), cancel_href=reverse("responsibility_map"))
    )
    page["parts"] += [
        Action(
            label=worded(f"{_W}.end", name=one.name, letter=worded(f"{_W}.letter.{one.letter}")),
            href=reverse("end_responsibility", args=[one.responsibility_id]),
            kind="danger",
            method="post",
        )
        for one in line.people
    ]
    return render(request, _PARTS, page, status=status_of(form))


@require_POST
def end_responsibility(request: HttpRequest, *, responsibility_id: UUID) -> HttpResponse:
    """End an entry."""
    services.end_responsibility(actor=acting(request), responsibility_id=responsibility_id)
    messages.success(request, worded(f"{_W}.ended"))
    return redirect("responsibility_map")


@require_http_methods(["GET", "POST"])
def declare_tool_use(request: HttpRequest) -> HttpResponse:
    """Say which tool a unit uses."""
    actor = acting(request)
    if not actor.has(queries.CHANGE):
        actor.require(queries.CHANGE)
    form = ToolUseForm(request.POST or None, actor=actor)
    if request.method == "POST" and answered(form, services.declare_tool_use, actor=actor) is not None:
        messages.success(request, worded(f"{_W}.tool_declared"))
        return redirect("tool_map")
    title, back = worded(f"{_W}.declare"), reverse("tool_map")
    header = PageHeader(
        title=title, lead=worded(f"{_W}.declare_lead"), breadcrumbs=[(worded(f"{_W}.title"), back), (title, None)]
    )
    card = FormCard(form=form, submit_label=title, cancel_href=back)
    return render(request, _PARTS, {"header": header, "parts": [card]}, status=status_of(form))
