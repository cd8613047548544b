"""Pages of roles."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.organisation.forms.people import RoleForm
from pegel_web.organisation.forms.units import DayForm
from pegel_web.organisation.pages.people import person_trail
from pegel_web.organisation.pages.roles import role_words, roles_page
from pegel_web.organisation.queries import roles as queries
from pegel_web.organisation.queries.people import person_report
from pegel_web.organisation.services import roles as services
from pegel_web.organisation.services.administrators import ASSIGN
from pegel_web.organisation.views.step import step
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now, worded

_W = "organisation.roles"


@require_safe
def role_assignments(request: HttpRequest) -> HttpResponse:
    """Show who has which role, and what each role permits."""
    actor = acting(request)
    if not actor.has("organisation.role.view"):
        actor.require("organisation.role.view")
    found = queries.role_assignments(actor=actor, coming=True)
    page = roles_page(request, found, queries.role_catalogue(), actor=actor)
    return exported(request, *page["tables"]) or render(request, "organisation/parts.html", page)


@require_http_methods(["GET", "POST"])
def assign_role(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Give a person a role."""
    actor = acting(request)
    report = person_report(actor=actor, person_id=person_id)
    if not actor.has(ASSIGN):
        actor.require(ASSIGN)
    return step(
        request,
        RoleForm(request.POST or None, actor=actor),
        services.assign_role,
        actor=actor,
        person_id=person_id,
        title=worded(f"{_W}.assign"),
        lead=worded(f"{_W}.assign_lead"),
        trail=person_trail(report.person),
        done=lambda _: (worded(f"{_W}.assigned"), reverse("person_report", args=[person_id])),
    )


@require_http_methods(["GET", "POST"])
def end_role(request: HttpRequest, *, assignment_id: UUID) -> HttpResponse:
    """End a role."""
    actor, language = acting(request), language_now()
    lines = queries.role_assignments(actor=actor, assignment_id=assignment_id, coming=True)
    if not lines:
        raise NotFoundError("role_assignment_unknown", id=str(assignment_id))
    actor.require(ASSIGN, unit=lines[0].unit_id)
    form = DayForm(request.POST or None, day=actor.at.date(), label=f"{_W}.ends_on", help_text=f"{_W}.ends_on_help")
    role = role_words(lines[0].role, language)
    return step(
        request,
        form,
        services.end_role,
        actor=actor,
        assignment_id=assignment_id,
        title=worded(f"{_W}.end"),
        lead=say(f"{_W}.end_lead", language, person=lines[0].person, role=role, unit=lines[0].unit_name),
        trail=[(worded(f"{_W}.title"), reverse("role_assignments"))],
        danger=True,
        done=lambda _: (worded(f"{_W}.ended", on=form.cleaned_data["on"]), reverse("role_assignments")),
    )
