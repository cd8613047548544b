"""Pages of people, and where they belong."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.organisation.forms.people import NewPersonForm, PersonNameForm, PlaceForm
from pegel_web.organisation.forms.units import DayForm
from pegel_web.organisation.pages.people import people_page, person_page, person_trail
from pegel_web.organisation.queries import people as queries
from pegel_web.organisation.queries.roles import role_assignments
from pegel_web.organisation.services import people as services
from pegel_web.organisation.views.entry import asked_id
from pegel_web.organisation.views.step import step
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now, worded

_W = "organisation.people"
_PAGE = 50


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Show the people whom the reader may see; as a file all of them that were looked for."""
    actor, unit_id = acting(request), asked_id(request, "unit")
    text = request.GET.get("q", "")[:200]
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    as_file = "people.export" in request.GET
    limit, offset = (queries.MOST_EXPORTED, 0) if as_file else (_PAGE, (page - 1) * _PAGE)
    found = queries.people_list(actor=actor, text=text, unit_id=unit_id, offset=offset, limit=limit)
    parts = people_page(request, found, actor=actor, text=text, unit_id=unit_id, page=page, size=_PAGE)
    return exported(request, parts["table"]) or render(request, "organisation/people.html", parts)


@require_safe
def person_report(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Show one person."""
    actor = acting(request)
    found = queries.person_report(actor=actor, person_id=person_id)
    roles = role_assignments(actor=actor, person_id=person_id, coming=True)
    page = person_page(request, found, roles, actor=actor)
    return exported(request, *page["tables"]) or render(request, "organisation/parts.html", page)


@require_http_methods(["GET", "POST"])
def create_person(request: HttpRequest) -> HttpResponse:
    """Add a person."""
    actor = acting(request)
    if not actor.has(services.CHANGE):
        actor.require(services.CHANGE)
    return step(
        request,
        NewPersonForm(request.POST or None, actor=actor),
        services.create_person,
        actor=actor,
        title=worded(f"{_W}.add"),
        trail=[(worded(f"{_W}.title"), reverse("people_list"))],
        done=lambda made: (
            worded(f"{_W}.created", person=made.person.shown),
            reverse("person_report", args=[made.person.person_id]),
        ),
    )


@require_http_methods(["GET", "POST"])
def create_agent(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Add an agent or service that a person answers for."""
    actor = acting(request)
    report = queries.person_report(actor=actor, person_id=person_id)
    if not actor.has(services.CHANGE):
        actor.require(services.CHANGE)
    return step(
        request,
        NewPersonForm(request.POST or None, actor=actor, program=True),
        services.create_person,
        actor=actor,
        answers_for_id=person_id,
        title=worded(f"{_W}.add_agent"),
        lead=worded(f"{_W}.answers_for_help"),
        trail=person_trail(report.person),
        done=lambda made: (
            worded(f"{_W}.created", person=made.person.shown),
            reverse("person_report", args=[made.person.person_id]),
        ),
    )


@require_http_methods(["GET", "POST"])
def rename_person(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Correct a name or address."""
    actor = acting(request)
    services.require_change(actor, queries.visible_person(actor, person_id))
    report = queries.person_report(actor=actor, person_id=person_id)
    return step(
        request,
        PersonNameForm(request.POST or None, person=report.person),
        services.rename_person,
        actor=actor,
        person_id=person_id,
        title=worded(f"{_W}.rename"),
        trail=person_trail(report.person),
        submit=worded("organisation.units.save"),
        done=lambda made: (
            worded(f"{_W}.changed", person=made.person.shown),
            reverse("person_report", args=[person_id]),
        ),
    )


@require_http_methods(["GET", "POST"])
def add_membership(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Let a person belong to one more unit."""
    return _place(request, person_id, moving=False)


@require_http_methods(["GET", "POST"])
def move_person(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Let a person belong to another unit."""
    return _place(request, person_id, moving=True)


@require_http_methods(["GET", "POST"])
def end_membership(request: HttpRequest, *, membership_id: int) -> HttpResponse:
    """End a membership."""
    actor, language = acting(request), language_now()
    person = queries.person_of_membership(actor=actor, membership_id=membership_id)
    line = next((one for one in person.memberships if one.membership_id == membership_id), None)
    if line is None:
        raise NotFoundError("membership_unknown", id=membership_id)
    actor.require(services.CHANGE, unit=line.unit_id)
    form = DayForm(
        request.POST or None, day=actor.at.date(), label=f"{_W}.ends_on", help_text="organisation.roles.ends_on_help"
    )
    # Whoever ends the last membership they could see may not see the person any more.
    return step(
        request,
        form,
        services.end_membership,
        actor=actor,
        membership_id=membership_id,
        title=worded(f"{_W}.leave"),
        lead=say(f"{_W}.leave_lead", language, person=person.person.shown, unit=line.unit_name),
        trail=person_trail(person.person),
        danger=True,
        done=lambda _: (worded(f"{_W}.membership_ended", on=form.cleaned_data["on"]), reverse("people_list")),
    )


def _place(request: HttpRequest, person_id: UUID, *, moving: bool) -> HttpResponse:
    actor = acting(request)
    report = queries.person_report(actor=actor, person_id=person_id)
    if not actor.has(services.CHANGE):
        actor.require(services.CHANGE)
    return step(
        request,
        PlaceForm(request.POST or None, actor=actor, moving=moving),
        services.move_person if moving else services.add_membership,
        actor=actor,
        person_id=person_id,
        title=worded(f"{_W}.move" if moving else f"{_W}.join"),
        lead=worded(f"{_W}.move_lead") if moving else None,
        trail=person_trail(report.person),
        submit=worded("organisation.units.save"),
        done=lambda made: (
            worded(f"{_W}.changed", person=made.person.shown),
            reverse("person_report", args=[person_id]),
        ),
    )
