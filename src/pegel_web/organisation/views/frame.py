"""The leadership frame."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel.errors import NotFoundError
from pegel_web.core.entry import acting
from pegel_web.organisation.forms.frame import FrameForm
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.pages.frame import frame_form_title, frame_href, frame_page
from pegel_web.organisation.queries import delegations
from pegel_web.organisation.queries import frame as queries
from pegel_web.organisation.services import frame as services
from pegel_web.organisation.views.entry import answered, asked_id, status_of
from pegel_web.ui.components import Action, EmptyState, FormCard, PageHeader, exported
from pegel_web.ui.worded import worded

_PARTS = "organisation/parts.html"


@require_safe
def frame_of(request: HttpRequest) -> HttpResponse:
    """Show the frame of a unit; of the organisation where none is asked for."""
    actor = acting(request)
    try:
        found = queries.frame_of(actor=actor, unit_id=asked_id(request, "unit"))
    except NotFoundError as error:
        if error.code != "no_organisation_yet":
            raise
        nothing = EmptyState(title=worded("organisation.no_units.title"), text=worded("organisation.no_units.text"))
        header = PageHeader(title=worded("organisation.frame.title"), lead=worded("organisation.frame.lead"))
        return render(request, _PARTS, {"header": header, "parts": [nothing]})
    given = delegations.delegations(actor=actor, unit_id=found.unit_id)
    page = frame_page(request, found, given, actor=actor)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_http_methods(["GET", "POST"])
def set_frame_entry(request: HttpRequest) -> HttpResponse:
    """Add a line to the frame of a unit."""
    actor, unit, kind = acting(request), asked_id(request, "unit"), request.GET.get("kind", "")
    if kind not in FrameKind.values:
        raise NotFoundError("frame_kind_unknown", known=list(FrameKind.values))
    frame = queries.frame_of(actor=actor, unit_id=unit)
    if kind not in frame.changeable:
        actor.require(queries.CHANGE)
    form = FrameForm(request.POST or None, kind=kind, initial={"valid_from": actor.at.date()})
    if request.method == "POST":
        made = answered(form, services.set_frame_entry, actor=actor, unit_id=frame.unit_id, kind=FrameKind(kind))
        if made is not None:
            messages.success(request, worded("organisation.frame.saved"))
            return redirect(frame_href(frame.unit_id))
    return _form_page(request, form, frame_form_title(kind, frame.unit_name, change=False), frame.unit_id)


@require_http_methods(["GET", "POST"])
def change_frame_entry(request: HttpRequest, *, entry_id: UUID) -> HttpResponse:
    """Replace a line from a date on."""
    actor = acting(request)
    line = queries.frame_entry(actor=actor, entry_id=entry_id)
    if not line.may_change:
        actor.require(queries.CHANGE, unit=line.unit_id)
    values: dict[str, Any] = {
        "text": line.text,
        "amount": line.amount,
        "risk": None if line.risk is None else int(line.risk),
        "level": line.level,
        "valid_from": max(line.valid_from, actor.at.date()),
        "valid_until": line.valid_until,
    }
    form = FrameForm(request.POST or None, kind=line.kind, initial=values)
    if request.method == "POST":
        made = answered(form, services.change_frame_entry, actor=actor, entry_id=entry_id)
        if made is not None:
            messages.success(request, worded("organisation.frame.saved"))
            return redirect(frame_href(line.unit_id))
    title = frame_form_title(line.kind, line.unit_name, change=True)
    return _form_page(request, form, title, line.unit_id, ends=entry_id)


@require_POST
def end_frame_entry(request: HttpRequest, *, entry_id: UUID) -> HttpResponse:
    """End a line today."""
    actor = acting(request)
    line = queries.frame_entry(actor=actor, entry_id=entry_id)
    services.end_frame_entry(actor=actor, entry_id=entry_id)
    messages.success(request, worded("organisation.frame.ended"))
    return redirect(frame_href(line.unit_id))


def _form_page(
    request: HttpRequest, form: FrameForm, title: str, unit: UUID, *, ends: UUID | None = None
) -> HttpResponse:
    back = frame_href(unit)
    actions = []
    if ends is not None:
        href = reverse("end_frame_entry", args=[ends])
        actions.append(Action(label=worded("organisation.frame.end"), href=href, kind="danger", method="post"))
    header = PageHeader(
        title=title, breadcrumbs=[(worded("organisation.frame.title"), back), (title, None)], actions=actions
    )
    card = FormCard(form=form, submit_label=worded("organisation.frame.save"), cancel_href=back)
    return render(request, _PARTS, {"header": header, "parts": [card]}, status=status_of(form))
