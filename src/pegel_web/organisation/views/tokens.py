"""The page of tokens and connected programs."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from pegel.errors import NotFoundError
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.forms.tokens import TokenForm
from pegel_web.organisation.pages.tokens import programs_table, tokens_table
from pegel_web.organisation.queries import tokens as queries
from pegel_web.organisation.services import tokens as services
from pegel_web.organisation.views.entry import answered, status_of
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.worded import worded


@sensitive_variables("made")
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show tokens and programs; make a token, which is shown in the answer and never again."""
    actor = acting(request)
    queries.require_own(actor)
    form = TokenForm(request.POST or None, actor=actor)
    if request.method == "POST":
        made = answered(
            form, lambda **_: services.issue_token(actor=actor, **form.wanted()), shown=(ConflictError,)
        )  # fmt: skip
        if made is not None:
            response = render(request, "organisation/token_made.html", {"made": made})
            response["Cache-Control"] = "no-store"
            return response
    found = tokens_table(request, queries.tokens(actor=actor))
    programs = programs_table(request, queries.connected_programs(actor=actor))
    if (file := exported(request, found, programs)) is not None:
        return file
    header = PageHeader(title=worded("organisation.tokens.title"), lead=worded("organisation.tokens.lead"))
    make = FormCard(
        form=form, title=worded("organisation.tokens.make"), submit_label=worded("organisation.tokens.make")
    )
    page = {"header": header, "parts": [found, make, programs]}
    return render(request, "organisation/tokens.html", page, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: HttpRequest, *, token_id: UUID) -> HttpResponse:
    """Ask, then end a token."""
    actor = acting(request)
    token = next((one for one in queries.tokens(actor=actor) if one.id == token_id), None)
    if token is None:
        raise NotFoundError("token_not_found", id=token_id)
    if request.method == "POST":
        services.revoke_token(actor=actor, token_id=token_id)
        messages.success(request, worded("organisation.tokens.revoked_notice", name=token.name))
        return redirect("tokens")
    title = worded("organisation.tokens.revoke_one", name=token.name)
    text = worded("organisation.tokens.revoke_text", shown=token.shown)
    return _asking(request, title=title, text=text, act=worded("organisation.tokens.revoke"))


@require_http_methods(["GET", "HEAD", "POST"])
def disconnect_program(request: HttpRequest) -> HttpResponse:
    """Ask, then take back what a program was granted."""
    actor, client_id = acting(request), request.GET.get("program", "")
    program = next((one for one in queries.connected_programs(actor=actor) if one.client_id == client_id), None)
    if program is None:
        raise NotFoundError("program_unknown", id=client_id)
    if request.method == "POST":
        services.disconnect_program(actor=actor, client_id=client_id)
        messages.success(request, worded("organisation.tokens.disconnected_notice", name=program.name))
        return redirect("tokens")
    title = worded("organisation.tokens.disconnect_one", name=program.name)
    text = worded("organisation.tokens.disconnect_text")
    return _asking(request, title=title, text=text, act=worded("organisation.tokens.disconnect"))


def _asking(request: HttpRequest, *, title: str, text: str, act: str) -> HttpResponse:
    card = FormCard(form=forms.Form(), lead=text, submit_label=act, cancel_href=reverse("tokens"), danger=True)
    trail = [(worded("organisation.tokens.title"), reverse("tokens")), (title, None)]
    header = PageHeader(title=title, breadcrumbs=trail)
    return render(request, "organisation/tokens.html", {"header": header, "parts": [card]})
