"""The first page: what this person should look at, then what they may do."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.home import Home
from pegel_web.organisation.home_registry import sections_for
from pegel_web.organisation.pages.decisions import decision_table
from pegel_web.organisation.pages.delegations import delegation_table
from pegel_web.organisation.pages.responsibilities import findings_table
from pegel_web.organisation.queries.decisions import RAISE, TAKE
from pegel_web.organisation.queries.delegations import GIVE
from pegel_web.organisation.queries.frame import VIEW as FRAME
from pegel_web.organisation.queries.platforms import CHANGE as PLATFORMS
from pegel_web.organisation.queries.responsibilities import CHANGE
from pegel_web.ui.components import Action, Component, EmptyState, Facts, Figure, FigureRow, PageHeader
from pegel_web.ui.worded import language_now

_W: Final = "organisation.home"
#: Rows of a list; the others are a page on.
_AT_A_GLANCE: Final = 10


def home_page(request: HttpRequest, found: Home, *, actor: Actor) -> dict[str, Any]:
    """Return the sections from top to bottom; what is empty is left out, and where all is, the next step stands."""
    language = language_now()
    own = [
        _waiting(request, found, language),
        _findings(request, found, language),
        _expiring(request, found, language),
        _reviews(request, found, language),
        _direction(found, language),
    ]
    sections = [(100 + place, part) for place, part in enumerate(own) if part is not None]
    sections += [(one.order, part) for one in sections_for(actor) if (part := one.function(actor)) is not None]
    sections.sort(key=lambda one: one[0])
    figures = _figures(found, actor, language)
    parts: list[Component] = [figures] if figures.figures else []
    parts += [part for _, part in sections]
    if not sections:
        parts.append(_nothing(found, actor, language))
    roles = [
        say(f"{_W}.role", language, role=say(f"role.{one.role}", language), unit=one.unit_name) for one in found.roles
    ]
    actions = []
    if actor.has(RAISE):
        actions.append(Action(label=say("organisation.decisions.raise", language), href=reverse("raise_decision")))
    lead = say(f"{_W}.lead", language, roles=roles) if roles else None
    return {"header": PageHeader(title=say(f"{_W}.title", language), lead=lead, actions=actions), "parts": parts}


def _figures(found: Home, actor: Actor, language: Language) -> FigureRow:
    counted = [
        ("waiting", TAKE, len(found.waiting), "#table-waiting"),
        ("findings", CHANGE, len(found.findings), "#table-findings"),
        ("expiring", GIVE, len(found.expiring), "#table-delegations"),
        ("own", RAISE, len(found.own_questions), f"{reverse('decisions')}?state=open"),
        ("reviews", TAKE, len(found.reviews), "#table-reviews"),
        ("platforms", PLATFORMS, found.platform_gaps or 0, reverse("platform_catalogue")),
    ]
    return FigureRow(
        figures=[
            Figure(label=say(f"{_W}.figure.{name}", language), value=count, rows_href=href if count else None)
            for name, permission, count, href in counted
            if actor.has(permission)
        ]
        if found.units
        else []
    )


def _waiting(request: HttpRequest, found: Home, language: Language) -> Component | None:
    if not found.waiting:
        return None
    return decision_table(
        request,
        found.waiting,
        language=language,
        identity="waiting",
        caption=say(f"{_W}.waiting", language),
        empty=EmptyState(title="", text=""),
        page_size=_AT_A_GLANCE,
    )


def _reviews(request: HttpRequest, found: Home, language: Language) -> Component | None:
    if not found.reviews:
        return None
    return decision_table(
        request,
        found.reviews,
        language=language,
        identity="reviews",
        caption=say(f"{_W}.reviews", language),
        empty=EmptyState(title="", text=""),
        reviews=True,
        page_size=_AT_A_GLANCE,
    )


def _findings(request: HttpRequest, found: Home, language: Language) -> Component | None:
    return findings_table(request, found.findings, language, page_size=_AT_A_GLANCE) if found.findings else None


def _expiring(request: HttpRequest, found: Home, language: Language) -> Component | None:
    return delegation_table(request, found.expiring, language=language) if found.expiring else None


def _direction(found: Home, language: Language) -> Component | None:
    if not found.direction:
        return None
    return Facts(
        pairs=[(say(f"{_W}.direction", language, unit=line.unit_name), line.text) for line in found.direction[:5]]
    )


def _nothing(found: Home, actor: Actor, language: Language) -> EmptyState:
    """Return the next sensible step of somebody for whom nothing waits."""
    if not found.units:
        name, href = "no_units", reverse("organisation_tree") if actor.has("organisation.unit.change") else None
    elif not found.roles:
        name, href = "no_role", None
    elif actor.has(GIVE):
        name, href = "leads", reverse("decision_rights")
    elif actor.has(FRAME):
        name, href = "member", reverse("frame_of")
    else:
        name, href = "no_role", None
    return EmptyState(
        title=say(f"{_W}.empty.{name}.title", language),
        text=say(f"{_W}.empty.{name}.text", language),
        action_label=say(f"{_W}.empty.{name}.action", language) if href else None,
        action_href=href,
    )
