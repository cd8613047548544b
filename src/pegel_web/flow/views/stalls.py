"""Where people say that work stalls: reporting, joining, answering, closing, reopening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import InputError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.flow.contracts.stalls import Stall, StreamStalls
from pegel_web.flow.pages.stalls import desk_page, stall_page, stalls_page
from pegel_web.flow.queries import stalls as queries
from pegel_web.flow.services import stalls as services
from pegel_web.flow.stall_forms import OUTSIDE, StallAnswerForm, StallClosingForm, StallForm, StallReopeningForm
from pegel_web.ui.components import FormCard, exported
from pegel_web.ui.worded import language_now


@require_GET
def stall_desk(request: HttpRequest) -> HttpResponse:
    """Show where one can report, what became of one's own reports, and what waits for one's answer."""
    page = desk_page(request, queries.stall_desk(actor=acting(request)))
    return exported(request, *page["tables"]) or render(request, "flow/stall_desk.html", page)


@require_GET
def stream_stalls(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what people say about the steps of a stream, beside what the log says."""
    found = queries.stream_stalls(actor=acting(request), stream_id=stream_id)
    asked = request.GET.get("state", "")
    chosen = OUTSIDE if request.GET.get("outside") else asked
    page = stalls_page(request, found, _form(found, initial={"state": chosen}))
    return exported(request, page["comparison"], page["reports"]) or render(request, "flow/stalls.html", page)


@require_POST
def report_stall(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Keep a report."""
    actor = acting(request)
    found = queries.stream_stalls(actor=actor, stream_id=stream_id)
    actor.require(queries.REPORT, unit=found.stream.unit_id)
    form = StallForm(request.POST, steps=_choices(found))
    if (made := _done(form, services.report_stall, actor=actor, stream_id=stream_id)) is not None:
        messages.success(request, say("flow.stalls.reported", language_now()))
        return redirect("stall", stall_id=made.id)
    return render(request, "flow/stalls.html", stalls_page(request, found, form), status=422)


@require_GET
def stall(request: HttpRequest, *, stall_id: UUID) -> HttpResponse:
    """Show one report."""
    return _shown(request, queries.stall(actor=acting(request), stall_id=stall_id))


@require_POST
def join_stall(request: HttpRequest, *, stall_id: UUID) -> HttpResponse:
    """Say "me too"."""
    actor = acting(request)
    try:
        found = services.join_stall(actor=actor, stall_id=stall_id)
    except ConflictError as error:
        told = explain(error, language_now())
        messages.error(request, f"{told.says} {told.do}".strip())
        return redirect("stall", stall_id=stall_id)
    messages.success(request, say("flow.stalls.joined_thanks", language_now()))
    return redirect("stream_stalls", stream_id=found.stream_id)


@require_POST
def answer_stall(request: HttpRequest, *, stall_id: UUID) -> HttpResponse:
    """Answer a report."""
    queries.report_to_answer(acting(request), stall_id)
    return _act(request, stall_id, StallAnswerForm(request.POST), services.answer_stall, "answered_done")


@require_POST
def close_stall(request: HttpRequest, *, stall_id: UUID) -> HttpResponse:
    """Close an answered report."""
    queries.report_to_answer(acting(request), stall_id)
    return _act(request, stall_id, StallClosingForm(request.POST), services.close_stall, "closed_done")


@require_POST
def reopen_stall(request: HttpRequest, *, stall_id: UUID) -> HttpResponse:
    """Open one's own report again."""
    return _act(request, stall_id, StallReopeningForm(request.POST), services.reopen_stall, "reopened_done")


def _act(request: HttpRequest, stall_id: UUID, form: forms.Form, act: Callable[..., Stall], said: str) -> HttpResponse:
    actor = acting(request)
    found = queries.stall(actor=actor, stall_id=stall_id)
    if _done(form, act, actor=actor, stall_id=stall_id) is None:
        return _shown(request, found, form, status=422)
    messages.success(request, say(f"flow.stalls.{said}", language_now()))
    return redirect("stall", stall_id=stall_id)


def _done(form: forms.Form, act: Callable[..., Stall], **known: Any) -> Stall | None:
    """Call a service with what was entered; None: what cannot be used stands beside its field."""
    if not form.is_valid():
        return None
    try:
        return act(**known, **form.cleaned_data)
    except InputError as error:
        told = explain(error, language_now())
        field = error.values.get("field")
        form.add_error(str(field) if field in form.fields else None, f"{told.says} {told.do}")
        return None


def _shown(request: HttpRequest, found: Stall, sent: forms.Form | None = None, *, status: int = 200) -> HttpResponse:
    language = language_now()
    offered: list[tuple[bool, type[forms.Form], str]] = [
        (found.may_answer, StallAnswerForm, "answer"),
        (found.may_close, StallClosingForm, "close"),
        (found.may_reopen, StallReopeningForm, "reopen"),
    ]
    cards = [
        FormCard(
            form=sent if isinstance(sent, kind) else kind(),
            action=reverse(f"{name}_stall", args=[found.id]),
            title=say(f"flow.stalls.{name}", language),
            lead=say(f"flow.stalls.{name}_lead", language),
            submit_label=say(f"flow.stalls.{name}", language),
        )
        for may, kind, name in offered
        if may
    ]
    return render(request, "flow/stall.html", stall_page(found, cards), status=status)


def _form(found: StreamStalls, *, initial: dict[str, str]) -> StallForm | None:
    if not found.may_report:
        return None
    return StallForm(steps=_choices(found), initial=initial)


def _choices(found: StreamStalls) -> list[tuple[str, str]]:
    return [(one.state, one.state_name) for one in found.steps]
