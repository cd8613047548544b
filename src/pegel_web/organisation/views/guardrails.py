"""Guardrails of platforms."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.organisation.contracts.platforms import GuardrailLine, PlatformState
from pegel_web.organisation.forms.platforms import GuardrailForm
from pegel_web.organisation.forms.units import DayForm
from pegel_web.organisation.queries import platforms as queries
from pegel_web.organisation.services import guardrails as services
from pegel_web.organisation.views.entry import asked_id
from pegel_web.organisation.views.platforms import trail
from pegel_web.organisation.views.step import step
from pegel_web.ui.worded import worded

_W = "organisation.platforms"


@require_http_methods(["GET", "POST"])
def set_guardrail(request: HttpRequest) -> HttpResponse:
    """Let a rule hold for a platform, or for all."""
    actor = acting(request)
    if not actor.has(queries.CHANGE):
        actor.require(queries.CHANGE)
    return step(
        request,
        GuardrailForm(
            request.POST or None, actor=actor, platforms=_choices(actor), platform_id=asked_id(request, "platform")
        ),
        services.set_guardrail,
        actor=actor,
        title=worded(f"{_W}.set_rail"),
        lead=worded(f"{_W}.set_rail_lead"),
        trail=trail(),
        done=_done("rail_set"),
    )


@require_http_methods(["GET", "POST"])
def change_guardrail(request: HttpRequest, *, guardrail_id: UUID) -> HttpResponse:
    """Replace a guardrail from today on."""
    actor = acting(request)
    line = _changeable(actor, guardrail_id)
    return step(
        request,
        GuardrailForm(request.POST or None, actor=actor, platforms=_choices(actor, line), line=line),
        services.change_guardrail,
        actor=actor,
        guardrail_id=guardrail_id,
        title=worded(f"{_W}.change_rail"),
        lead=worded(f"{_W}.change_lead"),
        trail=trail(),
        submit=worded(f"{_W}.save"),
        done=_done("rail_changed"),
    )


@require_http_methods(["GET", "POST"])
def end_guardrail(request: HttpRequest, *, guardrail_id: UUID) -> HttpResponse:
    """End a guardrail."""
    actor = acting(request)
    line = _changeable(actor, guardrail_id)
    return step(
        request,
        DayForm(
            request.POST or None,
            day=actor.at.date(),
            label="organisation.units.ends_on",
            help_text="organisation.roles.ends_on_help",
        ),
        services.end_guardrail,
        actor=actor,
        guardrail_id=guardrail_id,
        title=worded(f"{_W}.end_rail"),
        lead=f"{line.name}: {line.rule}",
        trail=trail(),
        danger=True,
        done=_done("rail_ended"),
    )


def _changeable(actor: Actor, guardrail_id: UUID) -> GuardrailLine:
    line = queries.guardrail(actor=actor, guardrail_id=guardrail_id)
    actor.require(queries.CHANGE, unit=line.owner_unit_id)
    return line


def _choices(actor: Actor, line: GuardrailLine | None = None) -> list[tuple[UUID, str]]:
    """Return the platforms that a rule may be for: those not retired that the actor may change, and its own."""
    return [
        (one.platform_id, one.facts.name)
        for one in queries.platform_catalogue(actor=actor).platforms
        if (one.may_change and one.state is not PlatformState.RETIRED)
        or (line is not None and one.platform_id == line.platform_id)
    ]


def _done(code: str) -> Callable[[object], tuple[str, str]]:
    return lambda made: (worded(f"{_W}.{code}"), reverse("platform_catalogue"))
