"""Duties, declarations, estimates, pilots of a use case."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.contracts.use_cases import CaseReport, Range3
from pegel_web.portfolio.declaring import PERMISSION
from pegel_web.portfolio.forms.patterns import ExperimentForm
from pegel_web.portfolio.forms.steps import DeclarationForm, DutyForm, EstimateForm, LearningForm, PilotForm
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.portfolio.queries import use_cases as queries
from pegel_web.portfolio.queries.patterns import patterns_for
from pegel_web.portfolio.services import declarations, duties, estimates, pilots
from pegel_web.portfolio.services import patterns as experiments
from pegel_web.portfolio.views.use_cases import changeable, page_of
from pegel_web.ui.worded import language_now, worded

_W = "portfolio"


@require_http_methods(["GET", "POST"])
def give_duty(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Let somebody do something for a use case."""
    actor = acting(request)
    found = changeable(request, use_case_id)
    initial = {name: request.GET.get(name, "")[:20] for name in ("duty", "letter")}
    return step(
        request,
        DutyForm(request.POST or None, actor=actor, initial=initial),
        duties.give_duty,
        actor=actor,
        use_case_id=use_case_id,
        title=worded(f"{_W}.case.give_duty"),
        lead=worded(f"{_W}.case.give_duty_lead"),
        trail=trail(found),
        done=_saved,
    )


@require_http_methods(["GET", "POST"])
def end_duty(request: HttpRequest, *, use_case_id: UUID, duty_id: int) -> HttpResponse:
    """Ask whether a duty is to end, and end it."""
    actor = acting(request)
    found = changeable(request, use_case_id)
    line = next((one for one in found.duties if one.duty_id == duty_id), None)
    if line is None:
        raise NotFoundError("duty_unknown", id=duty_id)
    if request.method == "POST":
        made = duties.end_duty(actor=actor, use_case_id=use_case_id, duty_id=duty_id)
        message, address = _saved(made)
        messages.success(request, message)
        return redirect(address)
    language = language_now()
    lead = say(
        f"{_W}.case.end_duty_lead",
        language,
        duty=say(f"{_W}.duty.{line.duty}", language),
        letter=say(f"{_W}.letter.{line.letter}", language),
        name=line.name,
    )
    return step(
        request,
        Form(),
        duties.end_duty,
        actor=actor,
        title=worded(f"{_W}.case.end_duty"),
        lead=lead,
        trail=trail(found),
        danger=True,
        done=_saved,
    )


@require_http_methods(["GET", "POST"])
def declare_status(request: HttpRequest, *, use_case_id: UUID, subject: str) -> HttpResponse:
    """Declare where a use case stands in one respect."""
    actor = acting(request)
    if subject not in Subject.values:
        raise NotFoundError("use_case_unknown", id=use_case_id)
    about = Subject(subject)
    found = queries.use_case(actor=actor, use_case_id=use_case_id)
    line = next(one for one in found.declarations if one.subject == subject)
    if not line.may:
        raise NotAllowedError("not_allowed", permission=PERMISSION[about])

    def act(*, value: str, **said: Any) -> CaseReport:
        return declarations.declare_status(
            actor=actor, use_case_id=use_case_id, subject=about, value=DeclarationValue(value), **said
        )

    return step(
        request,
        DeclarationForm(request.POST or None, line=line),
        act,
        title=worded(f"{_W}.case.declare", subject=say(f"{_W}.subject.{subject}", language_now())),
        lead=worded(f"{_W}.case.declarations_lead"),
        trail=trail(found),
        submit=worded(f"{_W}.case.save"),
        done=_saved,
    )


@require_http_methods(["GET", "POST"])
def give_estimate(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Estimate benefit and effort."""
    actor = acting(request)
    found = queries.use_case(actor=actor, use_case_id=use_case_id)
    if not found.may_estimate:
        raise NotAllowedError("not_allowed", permission=queries.ESTIMATE)

    def act(*, evidence: str, **said: Decimal) -> CaseReport:
        benefit, effort = (
            Range3(low=said[f"{kind}_low"], likely=said[f"{kind}_likely"], high=said[f"{kind}_high"])
            for kind in ("benefit", "effort")
        )
        return estimates.give_estimate(
            actor=actor, use_case_id=use_case_id, benefit=benefit, effort=effort, evidence=evidence
        )

    return step(
        request,
        EstimateForm(request.POST or None, initial=_own_estimate(found)),
        act,
        title=worded(f"{_W}.case.estimate"),
        lead=worded(f"{_W}.case.estimate_lead"),
        trail=trail(found),
        submit=worded(f"{_W}.case.save"),
        done=_saved,
    )


@require_http_methods(["GET", "POST"])
def plan_pilot(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Plan a pilot."""
    actor = acting(request)
    found = changeable(request, use_case_id)
    open_ = next((one for one in found.pilots if one.closed_at is None), None)
    return step(
        request,
        PilotForm(request.POST or None, line=open_),
        pilots.plan_pilot,
        actor=actor,
        use_case_id=use_case_id,
        title=worded(f"{_W}.case.plan_pilot"),
        lead=worded(f"{_W}.case.plan_pilot_lead"),
        trail=trail(found),
        submit=worded(f"{_W}.case.save"),
        done=_saved,
    )


@require_http_methods(["GET", "POST"])
def close_pilot(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Write down what a pilot taught."""
    actor = acting(request)
    found = changeable(request, use_case_id)
    return step(
        request,
        LearningForm(request.POST or None),
        pilots.close_pilot,
        actor=actor,
        use_case_id=use_case_id,
        title=worded(f"{_W}.case.learning"),
        lead=worded(f"{_W}.case.learning_lead"),
        trail=trail(found),
        submit=worded(f"{_W}.case.save"),
        done=_saved,
    )


@require_http_methods(["GET", "POST"])
def start_experiment(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Try a use case without a gate, within a pre-approved pattern."""
    actor = acting(request)
    found = changeable(request, use_case_id)
    allowed = patterns_for(actor=actor, unit_id=found.line.unit_id)
    return step(
        request,
        ExperimentForm(request.POST or None, patterns=allowed),
        experiments.start_experiment,
        actor=actor,
        use_case_id=use_case_id,
        title=worded(f"{_W}.case.experiment"),
        lead=worded(f"{_W}.case.experiment_lead" if allowed else f"{_W}.case.no_pattern"),
        trail=trail(found),
        done=_saved,
    )


def _own_estimate(found: CaseReport) -> dict[str, Decimal | str]:
    mine = next((one for one in found.estimates if one.mine), None)
    if mine is None:
        return {}
    values: dict[str, Decimal | str] = {"evidence": mine.evidence}
    for kind, given in (("benefit", mine.benefit), ("effort", mine.effort)):
        values |= {f"{kind}_{part}": getattr(given, part) for part in ("low", "likely", "high")}
    return values


def _saved(made: CaseReport) -> tuple[str, str]:
    return worded(f"{_W}.case.saved"), page_of(made)
