"""Pages of accounts: inviting, closing, opening again, and the page that an invitation leads to."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.organisation.forms.people import FirstPasswordForm
from pegel_web.organisation.pages.people import person_trail
from pegel_web.organisation.queries.people import person_report
from pegel_web.organisation.services import accounts as services
from pegel_web.organisation.services.administrators import ASSIGN
from pegel_web.organisation.views.entry import answered, status_of
from pegel_web.organisation.views.step import step
from pegel_web.ui.components import Action, FormCard, Notice, PageHeader
from pegel_web.ui.worded import language_now, worded

_W = "organisation.people"


@never_cache
@require_http_methods(["GET", "POST"])
def invite_person(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Ask before an account is made; then show its link, this once."""
    actor, language = acting(request), language_now()
    report = person_report(actor=actor, person_id=person_id)
    if not actor.has(ASSIGN):
        actor.require(ASSIGN)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made = services.invite_person(actor=actor, person_id=person_id)
        page = {
            "header": PageHeader(
                title=say(f"{_W}.invited", language, person=report.person.shown),
                breadcrumbs=[*person_trail(report.person), (say(f"{_W}.invite", language), None)],
                actions=[Action(label=say(f"{_W}.back", language), href=reverse("person_report", args=[person_id]))],
            ),
            "notice": Notice(kind="warning", text=say(f"{_W}.invited_lead", language)),
            "link": request.build_absolute_uri(reverse("accept_invitation", args=[made.token])),
            "expires_at": made.expires_at,
        }
        return render(request, "organisation/invited.html", page)
    header = PageHeader(
        title=say(f"{_W}.invite", language),
        lead=say(f"{_W}.invite_lead", language, person=report.person.shown, n=services.INVITATION_DAYS),
        breadcrumbs=[*person_trail(report.person), (say(f"{_W}.invite", language), None)],
    )
    card = FormCard(
        form=form, submit_label=say(f"{_W}.invite", language), cancel_href=reverse("person_report", args=[person_id])
    )
    return render(request, "organisation/parts.html", {"header": header, "tabs": None, "parts": [card]})


@require_http_methods(["GET", "POST"])
def close_account(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Close an account."""
    return _account(request, person_id, services.close_account, "close", danger=True)


@require_http_methods(["GET", "POST"])
def reopen_account(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Open an account again."""
    return _account(request, person_id, services.reopen_account, "reopen", danger=False)


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, *, token: str) -> HttpResponse:
    """Let whoever holds the link of an invitation set the first password."""
    actor = acting(request)
    seen = services.invitation_seen(token=token, at=actor.at)
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and answered(form, services.accept_invitation, actor=actor, token=token) is not None:
        messages.success(request, worded("organisation.join.done"))
        return redirect("account_login")
    header = PageHeader(
        title=worded("organisation.join.title"), lead=worded("organisation.join.lead", email=seen.email)
    )
    card = FormCard(form=form, submit_label=worded("organisation.join.submit"))
    response = render(
        request, "organisation/parts.html", {"header": header, "tabs": None, "parts": [card]}, status=status_of(form)
    )
    # The address is a secret: it must not travel on in a header.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _account(
    request: HttpRequest, person_id: UUID, act: Callable[..., None], code: str, *, danger: bool
) -> HttpResponse:
    actor = acting(request)
    report = person_report(actor=actor, person_id=person_id)
    if not actor.has(ASSIGN):
        actor.require(ASSIGN)
    return step(
        request,
        Form(request.POST if request.method == "POST" else None),
        act,
        actor=actor,
        person_id=person_id,
        title=worded(f"{_W}.{code}"),
        lead=worded(f"{_W}.{code}_lead", person=report.person.shown),
        trail=person_trail(report.person),
        danger=danger,
        done=lambda _: (
            worded(f"{_W}.changed", person=report.person.shown),
            reverse("person_report", args=[person_id]),
        ),
    )
