"""The decision log."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.contracts.decisions import DecisionState
from pegel_web.organisation.forms.decisions import AnswerForm, QuestionForm, WithdrawalForm
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.pages.decision import decision_page
from pegel_web.organisation.pages.decision_figures import figures_page
from pegel_web.organisation.pages.decisions import decisions_page
from pegel_web.organisation.queries import decision_summary as summaries
from pegel_web.organisation.queries import decisions as queries
from pegel_web.organisation.services import decisions as services
from pegel_web.organisation.views.entry import answered, asked_id, status_of
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.worded import worded

_PARTS = "organisation/parts.html"


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """Show the decision log; open questions where nothing else is asked for."""
    actor, unit_id = acting(request), asked_id(request, "unit")
    asked = request.GET.get("state", "all" if request.GET.get("level") else "open")
    state = DecisionState(asked) if asked in set(DecisionState) else None
    level = request.GET.get("level") if request.GET.get("level") in UnitKind.values else None
    found = queries.decision_log(actor=actor, state=state, level=level, unit_id=unit_id)
    page = decisions_page(request, found, actor=actor, state=state, level=level, unit_id=unit_id)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_safe
def decision_summary(request: HttpRequest) -> HttpResponse:
    """Show how the organisation decides."""
    actor, unit_id = acting(request), asked_id(request, "unit")
    sent = request.GET.get("months", "")
    months = int(sent) if sent in {str(one) for one in summaries.MONTHS} else 12
    found = summaries.decision_summary(actor=actor, months=months, unit_id=unit_id)
    page = figures_page(request, found, actor=actor, months=months, unit_id=unit_id)
    return exported(request, *page["tables"]) or render(request, _PARTS, page)


@require_safe
def decision(request: HttpRequest, *, decision_id: UUID) -> HttpResponse:
    """Show one question."""
    return _shown(request, decision_id, AnswerForm(), WithdrawalForm())


@require_http_methods(["GET", "POST"])
def raise_decision(request: HttpRequest) -> HttpResponse:
    """Raise a question."""
    actor = acting(request)
    if not actor.has(queries.RAISE):
        actor.require(queries.RAISE)
    form = QuestionForm(request.POST or None, actor=actor)
    if request.method == "POST" and (made := answered(form, services.raise_decision, actor=actor)) is not None:
        messages.success(request, worded("organisation.decisions.raised"))
        return redirect("decision", decision_id=made.decision_id)
    title, log = worded("organisation.decisions.raise"), reverse("decisions")
    header = PageHeader(
        title=title,
        lead=worded("organisation.decisions.raise_lead"),
        breadcrumbs=[(worded("organisation.decisions.title"), log), (title, None)],
    )
    card = FormCard(form=form, submit_label=title, cancel_href=log)
    return render(request, _PARTS, {"header": header, "parts": [card]}, status=status_of(form))


@require_POST
def take_decision(request: HttpRequest, *, decision_id: UUID) -> HttpResponse:
    """Decide a question."""
    form = AnswerForm(request.POST)
    done = answered(form, services.take_decision, actor=acting(request), decision_id=decision_id)
    return _after(request, decision_id, done, form, WithdrawalForm())


@require_POST
def withdraw_decision(request: HttpRequest, *, decision_id: UUID) -> HttpResponse:
    """Take back one's own question."""
    form = WithdrawalForm(request.POST)
    done = answered(form, services.withdraw_decision, actor=acting(request), decision_id=decision_id)
    return _after(request, decision_id, done, AnswerForm(), form)


def _after(
    request: HttpRequest, decision_id: UUID, done: object, answer: forms.Form, withdraw: forms.Form
) -> HttpResponse:
    if done is None:
        return _shown(request, decision_id, answer, withdraw)
    messages.success(request, worded("organisation.decisions.recorded"))
    return redirect("decision", decision_id=decision_id)


def _shown(request: HttpRequest, decision_id: UUID, answer: forms.Form, withdraw: forms.Form) -> HttpResponse:
    found = queries.decision(actor=acting(request), decision_id=decision_id)
    page = decision_page(found, answer=answer, withdraw=withdraw)
    status = max(status_of(answer), status_of(withdraw))
    return render(request, "organisation/decision.html", page, status=status)
