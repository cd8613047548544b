"""Decision rights and delegations."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.forms.delegations import DelegationForm
from pegel_web.organisation.pages.delegations import (
    delegation_page,
    delegations_page,
    own_rights_page,
    rights_page,
)
from pegel_web.organisation.queries import delegations as queries
from pegel_web.organisation.services import delegations as services
from pegel_web.organisation.views.entry import answered, asked_id, status_of
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.worded import worded

_PARTS = "organisation/parts.html"


@require_safe
def decision_rights(request: HttpRequest) -> HttpResponse:
    """Show who may decide what in which unit."""
    actor, unit_id = acting(request), asked_id(request, "unit")
    found = queries.decision_rights(actor=actor, unit_id=unit_id)
    page = rights_page(request, found, actor=actor, unit_id=unit_id)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_safe
def own_rights(request: HttpRequest) -> HttpResponse:
    """Show what the reader may decide."""
    actor = acting(request)
    page = own_rights_page(request, queries.own_rights(actor=actor), actor=actor)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_safe
def delegations(request: HttpRequest) -> HttpResponse:
    """Show delegations."""
    actor = acting(request)
    page = delegations_page(request, queries.delegations(actor=actor), actor=actor)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_safe
def delegation_report(request: HttpRequest, *, delegation_id: UUID) -> HttpResponse:
    """Show one delegation."""
    found = queries.delegation(actor=acting(request), delegation_id=delegation_id)
    return render(request, _PARTS, delegation_page(found))


@require_http_methods(["GET", "POST"])
def give_delegation(request: HttpRequest) -> HttpResponse:
    """Hand on a right."""
    actor = acting(request)
    if not actor.has(queries.GIVE):
        actor.require(queries.GIVE)
    form = DelegationForm(request.POST or None, actor=actor)
    refusals = (NotAllowedError, ConflictError)
    made = answered(form, services.give_delegation, shown=refusals, actor=actor) if request.method == "POST" else None
    if made is not None:
        messages.success(request, worded("organisation.delegations.given", name=made.to_name))
        return redirect("delegation_report", delegation_id=made.delegation_id)
    header = PageHeader(
        title=worded("organisation.delegations.give"),
        lead=worded("organisation.delegations.give_lead"),
        breadcrumbs=[
            (worded("organisation.delegations.title"), reverse("delegations")),
            (worded("organisation.delegations.give"), None),
        ],
    )
    card = FormCard(form=form, submit_label=worded("organisation.delegations.give"), cancel_href=reverse("delegations"))
    return render(request, _PARTS, {"header": header, "parts": [card]}, status=status_of(form))


@require_POST
def revoke_delegation(request: HttpRequest, *, delegation_id: UUID) -> HttpResponse:
    """End a delegation at once."""
    ended = services.revoke_delegation(actor=acting(request), delegation_id=delegation_id)
    messages.success(request, worded("organisation.delegations.revoked", name=ended.to_name))
    return redirect("delegation_report", delegation_id=delegation_id)
