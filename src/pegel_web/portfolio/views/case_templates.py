"""Templates of use cases, and beginning from one."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.views.entry import asked_id
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.forms.case_templates import TemplateIdeaForm
from pegel_web.portfolio.pages.case_templates import templates_page
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.portfolio.queries import case_templates as queries
from pegel_web.portfolio.queries.use_cases import REGISTER
from pegel_web.portfolio.services.use_cases import register_idea
from pegel_web.portfolio.views.use_cases import page_of
from pegel_web.ui.worded import worded


@require_safe
def case_templates(request: HttpRequest) -> HttpResponse:
    """Show the templates by function."""
    actor = acting(request)
    found = queries.case_templates(actor=actor)
    return render(request, "portfolio/templates.html", templates_page(found, may_register=actor.has(REGISTER)))


@require_http_methods(["GET", "POST"])
def begin_from_template(request: HttpRequest, *, code: str) -> HttpResponse:
    """Register an idea with what a template says filled in."""
    actor = acting(request)
    actor.require_somewhere(REGISTER)
    found = queries.case_template(actor=actor, code=code)
    return step(
        request,
        TemplateIdeaForm(
            request.POST or None, actor=actor, initial={**asdict(found), "unit_id": asked_id(request, "unit")}
        ),
        register_idea,
        actor=actor,
        title=found.title,
        lead=found.risk_hint,
        trail=[*trail(), (worded("portfolio.template.page_title"), reverse("case_templates"))],
        done=lambda made: (worded("portfolio.list.registered", title=made.line.title), page_of(made)),
    )
