"""Pre-approved patterns."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.forms.patterns import PatternForm
from pegel_web.portfolio.pages.patterns import patterns_page
from pegel_web.portfolio.queries import patterns as queries
from pegel_web.portfolio.services import patterns as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import worded

_W = "portfolio.patterns"


@require_safe
def experiment_patterns(request: HttpRequest) -> HttpResponse:
    """Show the patterns."""
    actor = acting(request)
    page = patterns_page(request, queries.patterns(actor=actor), actor=actor)
    return exported(request, *page["tables"]) or render(request, "portfolio/patterns.html", page)


@require_http_methods(["GET", "POST"])
def set_pattern(request: HttpRequest, *, pattern_id: UUID | None = None) -> HttpResponse:
    """Allow a kind of experiment, or change one."""
    actor = acting(request)
    actor.require_somewhere(queries.CHANGE)
    found = None if pattern_id is None else queries.pattern(actor=actor, pattern_id=pattern_id)
    if found is not None and not found.may_change:
        raise NotAllowedError("not_allowed", permission=queries.CHANGE)
    return step(
        request,
        PatternForm(request.POST or None, actor=actor, pattern=found),
        services.set_pattern,
        actor=actor,
        pattern_id=pattern_id,
        title=worded(f"{_W}.set" if found is None else f"{_W}.change"),
        lead=worded(f"{_W}.set_lead"),
        trail=[(worded(f"{_W}.title"), reverse("experiment_patterns"))],
        done=lambda made: (worded(f"{_W}.saved", name=made.name), reverse("experiment_patterns")),
    )


@require_POST
def end_pattern(request: HttpRequest, *, pattern_id: UUID) -> HttpResponse:
    """End a pattern."""
    services.end_pattern(actor=acting(request), pattern_id=pattern_id)
    messages.success(request, worded(f"{_W}.ended"))
    return redirect("experiment_patterns")
