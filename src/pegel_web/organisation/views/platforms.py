"""Platforms."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.contracts.platforms import PlatformReport
from pegel_web.organisation.forms.platforms import PlatformForm
from pegel_web.organisation.forms.units import DayForm
from pegel_web.organisation.pages.platform import platform_page
from pegel_web.organisation.pages.platforms import catalogue_page
from pegel_web.organisation.queries import platforms as queries
from pegel_web.organisation.services import platforms as services
from pegel_web.organisation.views.step import step
from pegel_web.organisation.views.units import asked_day
from pegel_web.ui.components import exported
from pegel_web.ui.worded import worded

_W = "organisation.platforms"
_PAGE = "organisation/as_of.html"


@require_safe
def platform_catalogue(request: HttpRequest) -> HttpResponse:
    """Show platforms, guardrails and gaps."""
    actor = acting(request)
    page = catalogue_page(request, queries.platform_catalogue(actor=actor, on=asked_day(request)), actor=actor)
    return exported(request, *page["tables"]) or render(request, _PAGE, page)


@require_safe
def platform_report(request: HttpRequest, *, platform_id: UUID) -> HttpResponse:
    """Show one platform."""
    actor = acting(request)
    found = queries.platform_report(actor=actor, platform_id=platform_id, on=asked_day(request))
    page = platform_page(request, found, actor=actor)
    return exported(request, *page["tables"]) or render(request, _PAGE, page)


@require_http_methods(["GET", "POST"])
def declare_platform(request: HttpRequest) -> HttpResponse:
    """Declare a platform."""
    actor = acting(request)
    if not actor.has(queries.CHANGE):
        actor.require(queries.CHANGE)
    return step(
        request,
        PlatformForm(request.POST or None, actor=actor),
        services.declare_platform,
        actor=actor,
        title=worded(f"{_W}.declare"),
        lead=worded(f"{_W}.declare_lead"),
        trail=trail(),
        done=lambda made: (worded(f"{_W}.declared", name=made.platform.facts.name), _page_of(made)),
    )


@require_http_methods(["GET", "POST"])
def change_platform(request: HttpRequest, *, platform_id: UUID) -> HttpResponse:
    """Say anew what a platform is."""
    actor = acting(request)
    found = queries.platform_report(actor=actor, platform_id=platform_id)
    actor.require(queries.CHANGE, unit=found.platform.facts.owner_unit_id)
    return step(
        request,
        PlatformForm(request.POST or None, actor=actor, facts=found.platform.facts),
        services.change_platform,
        actor=actor,
        platform_id=platform_id,
        title=worded(f"{_W}.change"),
        lead=worded(f"{_W}.change_lead"),
        trail=trail(found),
        submit=worded(f"{_W}.save"),
        done=lambda made: (worded(f"{_W}.changed", name=made.platform.facts.name), _page_of(made)),
    )


@require_http_methods(["GET", "POST"])
def end_platform(request: HttpRequest, *, platform_id: UUID) -> HttpResponse:
    """Retire a platform."""
    actor = acting(request)
    found = queries.platform_report(actor=actor, platform_id=platform_id)
    actor.require(queries.CHANGE, unit=found.platform.facts.owner_unit_id)
    return step(
        request,
        DayForm(
            request.POST or None,
            day=actor.at.date(),
            label="organisation.units.ends_on",
            help_text="organisation.roles.ends_on_help",
        ),
        services.end_platform,
        actor=actor,
        platform_id=platform_id,
        title=worded(f"{_W}.end"),
        lead=worded(f"{_W}.end_lead", n=found.platform.tools),
        trail=trail(found),
        danger=True,
        done=lambda made: (worded(f"{_W}.ended", name=found.platform.facts.name), reverse("platform_catalogue")),
    )


def trail(found: PlatformReport | None = None) -> list[tuple[str, str | None]]:
    """Return the way to a page about a platform, or about all."""
    way: list[tuple[str, str | None]] = [(worded(f"{_W}.title"), reverse("platform_catalogue"))]
    return way if found is None else [*way, (found.platform.facts.name, _page_of(found))]


def _page_of(found: PlatformReport) -> str:
    return reverse("platform_report", args=[found.platform.platform_id])
