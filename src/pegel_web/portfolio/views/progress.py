"""What stands still, the funnel, what pilots taught."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.contracts.progress import StalledCases
from pegel_web.portfolio.forms.progress import StallCauseForm
from pegel_web.portfolio.models.stalls import StallCause
from pegel_web.portfolio.pages.progress import funnel_page, learnings_page, stalled_page
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.portfolio.queries.funnel import funnel, pilot_learnings
from pegel_web.portfolio.queries.stalled import stalled_use_cases as stalled
from pegel_web.portfolio.services import stalls
from pegel_web.portfolio.views.use_cases import changeable
from pegel_web.ui.components import exported
from pegel_web.ui.worded import worded

_W = "portfolio.progress"


@require_safe
def stalled_use_cases(request: HttpRequest) -> HttpResponse:
    """Show what stands still."""
    return _shown(request, stalled_page(request, stalled(actor=acting(request))))


@require_safe
def use_case_funnel(request: HttpRequest) -> HttpResponse:
    """Show the funnel."""
    return _shown(request, funnel_page(request, funnel(actor=acting(request))))


@require_safe
def pilot_learning_list(request: HttpRequest) -> HttpResponse:
    """Show what pilots taught."""
    return _shown(request, learnings_page(request, pilot_learnings(actor=acting(request))))


@require_http_methods(["GET", "POST"])
def name_stall_cause(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Say why a use case stands still."""
    actor = acting(request)
    found = changeable(request, use_case_id)

    def act(*, cause: str, **said: Any) -> StalledCases:
        return stalls.name_stall_cause(actor=actor, use_case_id=use_case_id, cause=StallCause(cause), **said)

    return step(
        request,
        StallCauseForm(request.POST or None),
        act,
        title=worded(f"{_W}.name_cause"),
        lead=worded(f"{_W}.name_cause_lead"),
        trail=trail(found),
        submit=worded("portfolio.case.save"),
        done=lambda _: (worded("portfolio.case.saved"), reverse("stalled_use_cases")),
    )


def _shown(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
    return exported(request, *page["tables"]) or render(request, "portfolio/progress.html", page)
