"""Declaring how a stream is counted and what it is measured against."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.declaration_form import DeclarationForm
from pegel_web.flow.pages.declare import declare_page
from pegel_web.flow.queries.declared import declared_stream, filter_effect
from pegel_web.flow.queries.next_steps import computation_of
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.flow.services import declared as services
from pegel_web.ui.worded import language_now


@require_http_methods(["GET", "HEAD", "POST"])
def declare_stream(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what is declared about a stream, and declare it anew."""
    actor = acting(request)
    found = declared_stream(actor=actor, stream_id=stream_id)
    if request.method != "POST":
        return render(request, "flow/declare.html", declare_page(request, found, DeclarationForm(found=found)))
    if not found.may_change:
        raise NotAllowedError("not_allowed", permission=CHANGE)
    form, wrong = DeclarationForm(request.POST, found=found), ""
    if form.is_valid() and "look" in request.POST:
        wanted = form.declared()
        try:
            effect = filter_effect(actor=actor, stream_id=stream_id, types=wanted.types, filters=wanted.filters)
        except UserError as error:
            told = explain(error, language_now())
            wrong = f"{told.says} {told.do}"
        else:
            return render(request, "flow/declare.html", declare_page(request, found, form, tried=effect))
    elif form.is_valid():
        try:
            services.declare_stream(
                actor=actor, stream_id=stream_id, declared=form.declared(), revision=form.cleaned_data["revision"]
            )
        except UserError as error:
            told = explain(error, language_now())
            wrong = f"{told.says} {told.do}"
        else:
            messages.success(request, say("flow.declare.saved", language_now()))
            # Whoever says what counts wants to see what that does to the figures.
            job = computation_of(actor=actor, stream_id=stream_id)
            if job is None:
                return redirect("declare_stream", stream_id=stream_id)
            return redirect(f"{reverse('stream', args=[stream_id])}?job={job.id}#against")
    return render(request, "flow/declare.html", declare_page(request, found, form, wrong=wrong), status=422)
