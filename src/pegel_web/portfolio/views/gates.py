"""Asking to pass a gate, what waits, deciding."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.forms.steps import AskGateForm, DecideGateForm
from pegel_web.portfolio.lifecycle import GATED, CaseState
from pegel_web.portfolio.pages.requests import queue_page, request_page
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.portfolio.queries import requests as queries
from pegel_web.portfolio.queries import use_cases as cases
from pegel_web.portfolio.services import gates as services
from pegel_web.portfolio.views.use_cases import changeable
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now, worded

_W = "portfolio"


@require_safe
def gate_queue(request: HttpRequest) -> HttpResponse:
    """Show what waits at gates and what was decided."""
    mine = request.GET.get("mine") == "1"
    page = queue_page(request, queries.gate_requests(actor=acting(request), mine=mine), mine=mine)
    return exported(request, *page["tables"]) or render(request, "portfolio/queue.html", page)


@require_safe
def gate_request(request: HttpRequest, *, request_id: UUID) -> HttpResponse:
    """Show one request."""
    actor = acting(request)
    found = queries.gate_request(actor=actor, request_id=request_id)
    page = request_page(request, found, queries.gate_criteria(actor=actor, request_id=request_id))
    return exported(request, *page["tables"]) or render(request, "portfolio/request.html", page)


@require_http_methods(["GET", "POST"])
def ask_gate(request: HttpRequest, *, use_case_id: UUID, gate: str) -> HttpResponse:
    """Ask to pass a gate."""
    actor, language = acting(request), language_now()
    found = changeable(request, use_case_id)
    if gate not in set(map(str, GATED)):
        raise ConflictError("move_not_possible", state=found.line.state, target=gate[:40])
    name = say(f"{_W}.gate.{gate}", language)
    left = sum(one.standing != "met" and one.binding for one in found.criteria) if found.gate == gate else 0
    return step(
        request,
        AskGateForm(request.POST or None, initial={"amount": found.content.amount}),
        services.ask_gate,
        actor=actor,
        use_case_id=use_case_id,
        gate=CaseState(gate),
        title=say(f"{_W}.case.ask", language, gate=name),
        lead=say(f"{_W}.case.ask_open" if left else f"{_W}.case.ask_lead", language, n=left),
        trail=trail(found),
        done=lambda made: (
            worded(f"{_W}.case.asked", unit=made.unit_name), reverse("gate_request", args=[made.request_id])
        ),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def decide_gate(request: HttpRequest, *, request_id: UUID) -> HttpResponse:
    """Decide."""
    actor, language = acting(request), language_now()
    asked = queries.gate_request(actor=actor, request_id=request_id)
    if asked.status != "open":
        raise ConflictError("gate_closed")
    if not asked.may_decide:
        raise NotAllowedError("not_allowed", permission=queries.DECIDE)
    found = cases.use_case(actor=actor, use_case_id=asked.use_case_id)
    left = [one for one in found.criteria if one.standing != "met"] if found.gate == asked.gate else []
    binding = sum(one.binding for one in left)
    lead = (
        say(f"{_W}.queue.binding_open", language, n=binding, names=", ".join(one.name for one in left if one.binding))
        if binding
        else say(f"{_W}.queue.others_open", language, n=len(left))
        if left
        else say(f"{_W}.queue.all_met", language)
    )
    return step(
        request,
        DecideGateForm(request.POST or None),
        services.decide_gate,
        actor=actor,
        request_id=request_id,
        title=say(f"{_W}.queue.decide_title", language, gate=say(f"{_W}.gate.{asked.gate}", language)),
        lead=lead,
        trail=[*trail(found), (say(f"{_W}.gate.{asked.gate}", language), reverse("gate_request", args=[request_id]))],
        submit=say(f"{_W}.queue.decide", language),
        done=lambda made: (worded(f"{_W}.queue.decided"), reverse("gate_request", args=[made.request_id])),
    )


@require_POST
def withdraw_gate(request: HttpRequest, *, request_id: UUID) -> HttpResponse:
    """Take a request back."""
    made = services.withdraw_gate(actor=acting(request), request_id=request_id)
    messages.success(request, worded(f"{_W}.queue.withdrawn"))
    return redirect("gate_request", request_id=made.request_id)
