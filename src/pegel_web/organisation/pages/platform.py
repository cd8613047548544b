"""One platform: what it is for, how to get it, who answers for it, what holds for it, who uses it, what it was."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.platforms import PlatformReport, PlatformState
from pegel_web.organisation.pages.guardrails import guardrail_table
from pegel_web.organisation.pages.platforms import accountable_words, gap_words, state_badge
from pegel_web.ui.components import (
    Action,
    Column,
    Component,
    EmptyState,
    Facts,
    Missing,
    Notice,
    PageHeader,
    Table,
    table_of,
)
from pegel_web.ui.links import safe_href
from pegel_web.ui.worded import language_now

_W: Final = "organisation.platforms"


def platform_page(request: HttpRequest, found: PlatformReport, *, actor: Actor) -> dict[str, Any]:
    """Return everything about one platform on a day."""
    language, today = language_now(), found.on == actor.at.date()
    line, facts = found.platform, found.platform.facts
    may = today and line.may_change and line.state is not PlatformState.RETIRED
    not_said = say("organisation.word.none_given", language)
    pairs: list[tuple[str, object]] = [
        (say("organisation.word.state", language), state_badge(line.state, language)),
        (say(f"{_W}.column.kind", language), say(f"{_W}.kind.{facts.kind}", language)),
        (say(f"{_W}.column.allowed_for", language), facts.allowed_for or not_said),
        (say(f"{_W}.column.access", language), facts.access or not_said),
        (say(f"{_W}.column.owner", language), facts.owner_unit_name),
        (say(f"{_W}.column.accountable", language), accountable_words(facts, language)),
        (say(f"{_W}.column.tools", language), line.tools),
        (say(f"{_W}.column.units", language), line.units),
    ]
    notices: list[Component] = []
    if line.gaps:
        notices.append(Notice(kind="warning", text=say(f"{_W}.lacks", language, gaps=gap_words(line, language))))
    tables = [
        guardrail_table(request, found.guardrails, language, may=today, add=_rail_href(found) if may else None),
        _tools(request, found, language),
        _history(request, found, language),
    ]
    return {
        "header": PageHeader(
            title=facts.name,
            breadcrumbs=[(say(f"{_W}.title", language), reverse("platform_catalogue")), (facts.name, None)],
            actions=[*_way_to_it(found, language), *(_changes(found, language) if may else ())],
        ),
        "on": found.on,
        "today": today,
        "sentence": facts.purpose,
        "parts": [*notices, Facts(pairs=pairs), *tables],
        "tables": tables,
    }


def _way_to_it(found: PlatformReport, language: Language) -> list[Action]:
    """Return the link to where one gets it, if what was entered is an address of the web."""
    access = found.platform.facts.access
    href = safe_href(access) if access.lower().startswith(("https://", "http://")) and " " not in access else None
    return [] if href is None else [Action(label=say(f"{_W}.get_it", language), href=href, kind="primary")]


def _changes(found: PlatformReport, language: Language) -> list[Action]:
    one = found.platform.platform_id
    return [
        Action(label=say(f"{_W}.change", language), href=reverse("change_platform", args=[one])),
        Action(label=say(f"{_W}.set_rail", language), href=_rail_href(found)),
        Action(label=say(f"{_W}.end", language), href=reverse("end_platform", args=[one]), kind="danger"),
    ]


def _rail_href(found: PlatformReport) -> str:
    return f"{reverse('set_guardrail')}?platform={found.platform.platform_id}"


def _tools(request: HttpRequest, found: PlatformReport, language: Language) -> Table:
    return table_of(
        request,
        identity="tools",
        caption=say(f"{_W}.tools_on_it", language),
        columns=[
            Column(key="tool", label=say("organisation.responsibilities.column.tool", language)),
            Column(key="unit", label=say("organisation.responsibilities.column.used_in", language)),
            Column(key="people", label=say("organisation.responsibilities.column.people", language), kind="number"),
            Column(key="on", label=say("organisation.responsibilities.column.declared_on", language), kind="date"),
        ],
        rows=[
            {
                "tool": one.tool,
                "unit": one.unit_name,
                "people": Missing.TOO_FEW if one.people is None else one.people,
                "on": one.declared_on,
            }
            for one in found.tools
        ],
        empty=EmptyState(
            title=say(f"{_W}.no_tools_on_it.title", language), text=say(f"{_W}.no_tools_on_it.text", language)
        ),
    )


def _history(request: HttpRequest, found: PlatformReport, language: Language) -> Table:
    return table_of(
        request,
        identity="history",
        caption=say(f"{_W}.history", language),
        columns=[
            Column(key="since", label=say("organisation.word.since", language), kind="date", href_key="href"),
            Column(key="until", label=say("organisation.word.until", language), kind="date"),
            Column(key="name", label=say(f"{_W}.column.platform", language)),
            Column(key="owner", label=say(f"{_W}.column.owner", language)),
            Column(key="accountable", label=say(f"{_W}.column.accountable", language)),
        ],
        rows=[
            {
                "since": one.valid_from,
                "href": f"?on={one.valid_from}",
                "until": one.valid_until,
                "name": one.name,
                "owner": one.owner_unit_name,
                "accountable": accountable_words(one, language),
            }
            for one in found.history
        ],
        empty=EmptyState(title="", text=""),
    )
