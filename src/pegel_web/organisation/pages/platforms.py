"""Platforms and guardrails: what is offered, who uses it, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.platforms import (
    PlatformCatalogue,
    PlatformFacts,
    PlatformLine,
    PlatformState,
)
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.organisation.pages.guardrails import guardrail_table
from pegel_web.organisation.queries.platforms import CHANGE
from pegel_web.organisation.queries.responsibilities import CHANGE as DECLARE_USE
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    Component,
    Definition,
    EmptyState,
    Figure,
    FigureRow,
    Missing,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "organisation.platforms"
_TONES: Final[dict[PlatformState, Tone]] = {
    PlatformState.PLANNED: "info",
    PlatformState.OFFERED: "good",
    PlatformState.RETIRED: "neutral",
}


def catalogue_page(request: HttpRequest, found: PlatformCatalogue, *, actor: Actor) -> dict[str, Any]:
    """Return the platforms, the guardrails, and the two gaps; where there is nothing, what to do first."""
    language, today = language_now(), found.on == actor.at.date()
    may = today and actor.has(CHANGE)
    platforms = _platforms(request, found, language, may=may)
    rails = guardrail_table(
        request, found.guardrails, language, may=today, add=reverse("set_guardrail") if may else None
    )
    tables, parts = [platforms], list[Component]()
    lacking = [one for one in found.platforms if one.gaps]
    if found.tools or found.platforms:
        parts.append(_figures(found, language))
    if lacking:
        tables.append(_lacking(request, lacking, language, may=today))
    if found.tools_without:
        tables.append(_without(request, found, language, may=today and actor.has(DECLARE_USE)))
    if found.offered and found.tools and not lacking and not found.tools_without:
        parts.append(Notice(kind="good", text=say(f"{_W}.all_in_order", language)))
    if found.platforms or found.guardrails:
        tables.append(rails)
    actions = [
        Action(label=say(f"{_W}.declare", language), href=reverse("declare_platform"), kind="primary"),
        Action(label=say(f"{_W}.set_rail", language), href=reverse("set_guardrail")),
    ]
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), actions=actions if may else []
        ),
        "on": found.on,
        "today": today,
        "sentence": sentence(found, language),
        "parts": [*parts, *tables],
        "definition": Definition(term=say(f"{_W}.gaps", language), text=say(f"{_W}.definition", language)),
        "tables": tables,
    }


def sentence(found: PlatformCatalogue, language: Language) -> str:
    """Return the page in one sentence."""
    if not found.platforms:
        return say(f"{_W}.sentence.none", language)
    if not found.tools:
        return say(f"{_W}.sentence.no_tools", language, n=found.offered)
    return say(f"{_W}.sentence.both", language, n=found.offered, without=len(found.tools_without), tools=found.tools)


def state_badge(state: PlatformState, language: Language) -> Badge:
    """Return where a platform stands."""
    return Badge(text=say(f"{_W}.state.{state}", language), tone=_TONES[state])


def accountable_words(facts: PlatformFacts, language: Language) -> str:
    """Return who answers for a platform."""
    if facts.accountable_name is None:
        return say("organisation.responsibilities.nobody", language)
    if facts.accountable_gone:
        return say("organisation.responsibilities.has_left", language, name=facts.accountable_name)
    return facts.accountable_name


def gap_words(line: PlatformLine, language: Language) -> str:
    """Return what a platform lacks."""
    return ", ".join(say(f"{_W}.gap.{gap}", language) for gap in line.gaps)


def _figures(found: PlatformCatalogue, language: Language) -> FigureRow:
    counted: list[tuple[str, object, str | None]] = [
        ("offered", found.offered, None),
        ("in_force", found.in_force, None),
        ("without", len(found.tools_without) if found.tools else Missing.NO_DATA, "#table-without"),
        ("with_gaps", found.with_gaps if found.offered else Missing.NO_DATA, "#table-lacking"),
    ]
    return FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.{name}", language),
                value=value,
                note=say(f"{_W}.figure.without_note", language, n=found.tools)
                if name == "without" and found.tools
                else None,
                rows_href=href if value and not isinstance(value, Missing) else None,
                definition_href="#definition" if href else None,
            )
            for name, value, href in counted
        ]
    )


def _platforms(request: HttpRequest, found: PlatformCatalogue, language: Language, *, may: bool) -> Table:
    address = addresses("platform_report")
    return table_of(
        request,
        identity="platforms",
        caption=say(f"{_W}.platforms", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.platform", language), href_key="href"),
            Column(key="state", label=say("organisation.word.state", language), kind="badge"),
            Column(key="owner", label=say(f"{_W}.column.owner", language)),
            Column(key="guardrails", label=say(f"{_W}.column.guardrails", language), kind="number"),
            Column(key="tools", label=say(f"{_W}.column.tools", language), kind="number"),
            Column(key="units", label=say(f"{_W}.column.units", language), kind="number"),
            Column(key="accountable", label=say(f"{_W}.column.accountable", language)),
            Column(key="kind", label=say(f"{_W}.column.kind", language)),
        ],
        rows=[
            {
                "name": one.facts.name,
                "href": f"{address(one.platform_id)}?on={found.on}",
                "kind": say(f"{_W}.kind.{one.facts.kind}", language),
                "state": state_badge(one.state, language),
                "owner": one.facts.owner_unit_name,
                "accountable": accountable_words(one.facts, language),
                "guardrails": one.guardrails,
                "tools": one.tools,
                "units": one.units,
            }
            for one in found.platforms
        ],
        empty=EmptyState(
            title=say(f"{_W}.no_platforms.title", language),
            text=say(f"{_W}.no_platforms.{'may' if may else 'text'}", language),
            action_label=say(f"{_W}.declare", language) if may else None,
            action_href=reverse("declare_platform") if may else None,
        ),
    )


def _lacking(request: HttpRequest, lines: Sequence[PlatformLine], language: Language, *, may: bool) -> Table:
    address = addresses("change_platform")
    return table_of(
        request,
        identity="lacking",
        caption=say(f"{_W}.lacking", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.platform", language)),
            Column(key="gap", label=say(f"{_W}.column.gap", language)),
            Column(key="owner", label=say(f"{_W}.column.owner", language)),
            Column(key="step", label=say(f"{_W}.column.step", language), href_key="href", sortable=False),
        ],
        rows=[
            {
                "name": one.facts.name,
                "gap": gap_words(one, language),
                "owner": one.facts.owner_unit_name,
                "step": say(f"{_W}.step.{one.gaps[0] if may and one.may_change else 'ask'}", language),
                "href": _step_href(one, address(one.platform_id)) if may and one.may_change else None,
            }
            for one in lines
        ],
        empty=EmptyState(title="", text=""),
    )


def _step_href(line: PlatformLine, change: str) -> str:
    if line.gaps[0] == "no_guardrail":
        return f"{reverse('set_guardrail')}?platform={line.platform_id}"
    return change


def _without(request: HttpRequest, found: PlatformCatalogue, language: Language, *, may: bool) -> Table:
    return table_of(
        request,
        identity="without",
        caption=say(f"{_W}.without", language),
        columns=[
            Column(key="tool", label=say("organisation.responsibilities.column.tool", language)),
            Column(key="units", label=say("organisation.responsibilities.column.used_in", language)),
            Column(key="step", label=say(f"{_W}.column.step", language), href_key="href", sortable=False),
        ],
        rows=[
            {
                "tool": one.tool,
                "units": ", ".join(one.units),
                "step": say(f"{_W}.step.{'name_platform' if may else 'ask_lead'}", language),
                "href": reverse("declare_tool_use") if may else None,
            }
            for one in found.tools_without
        ],
        empty=EmptyState(title="", text=""),
    )
