"""The desk of a stream: looking, deciding on new work, saying what it is worth."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.flow.contracts.desk import DeskItem
from pegel_web.flow.desk_forms import DecisionForm, ValueForm
from pegel_web.flow.pages.desk import desk_item_href, desk_item_page, desk_page, desk_tables
from pegel_web.flow.queries.desk import DECIDE
from pegel_web.flow.services import desk as services
from pegel_web.flow.services.looking import look_at_desk, look_at_desk_item
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def stream_desk(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what ages, how full the stream is, and what to pull next."""
    page = desk_page(request, look_at_desk(actor=acting(request), stream_id=stream_id))
    for table in desk_tables(page):
        if (file := exported(request, table)) is not None:
            return file
    return render(request, "flow/desk.html", page)


@require_GET
def desk_item(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show one item at the desk, to be valued and decided on by those who may."""
    actor = acting(request)
    found = look_at_desk_item(actor=actor, stream_id=stream_id, item=request.GET.get("item", ""))
    page = desk_item_page(request, found, *_forms(found))
    for name in ("decisions", "values"):
        if (file := exported(request, page[name])) is not None:
            return file
    return render(request, "flow/desk_item.html", page)


@require_POST
def decide_inflow(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Keep a decision on an item that has not been started."""
    actor, item = acting(request), request.GET.get("item", "")
    found = _decided_on(actor, stream_id, item)
    form = DecisionForm(request.POST)
    wrong = ""
    if form.is_valid():
        try:
            services.decide_inflow(actor=actor, stream_id=stream_id, item=item, **form.cleaned_data)
        except UserError as error:
            wrong = _told(error)
        else:
            messages.success(request, say("flow.desk.decided", language_now(), item=item))
            return HttpResponseRedirect(desk_item_href(stream_id, item))
    page = desk_item_page(request, found, form, ValueForm(), wrong=wrong)
    return render(request, "flow/desk_item.html", page, status=422)


@require_POST
def value_item(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Keep what an item is said to be worth."""
    actor, item = acting(request), request.GET.get("item", "")
    found = _decided_on(actor, stream_id, item)
    form = ValueForm(request.POST)
    wrong = ""
    if form.is_valid():
        try:
            services.value_item(actor=actor, stream_id=stream_id, item=item, **form.cleaned_data)
        except UserError as error:
            wrong = _told(error)
        else:
            messages.success(request, say("flow.desk.valued", language_now(), item=item))
            return HttpResponseRedirect(desk_item_href(stream_id, item))
    page = desk_item_page(request, found, DecisionForm(), form, wrong=wrong)
    return render(request, "flow/desk_item.html", page, status=422)


def _decided_on(actor: Actor, stream_id: UUID, item: str) -> DeskItem:
    """Return an item for people who may decide on it."""
    found = look_at_desk_item(actor=actor, stream_id=stream_id, item=item)
    actor.require(DECIDE, unit=found.stream.unit_id)
    return found


def _forms(found: DeskItem) -> tuple[forms.Form | None, forms.Form | None]:
    return (DecisionForm(), ValueForm()) if found.may_decide else (None, None)


def _told(error: UserError) -> str:
    told = explain(error, language_now())
    return f"{told.says} {told.do}".strip()
