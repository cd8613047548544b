"""Where tools are used against where they are owned."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.numbers import number
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.responsibilities import DepartmentShare, ToolBalance, ToolMap
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.organisation.pages.responsibilities import responsibility_tabs
from pegel_web.organisation.queries.responsibilities import CHANGE
from pegel_web.ui.components import (
    Action,
    Column,
    Definition,
    EmptyState,
    Figure,
    FigureRow,
    Missing,
    Notice,
    PageHeader,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "organisation.responsibilities"


def tools_page(request: HttpRequest, found: ToolMap, *, actor: Actor) -> dict[str, Any]:
    """Return shares and imbalance, by department and by tool, and what was declared."""
    language = language_now()
    platform = addresses("platform_report")
    overall, may = found.overall, actor.has(CHANGE)
    users = overall.people or 0
    figures = FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.inside", language),
                value=_share(overall, overall.inside),
                kind="percent",
                note=say(f"{_W}.figure.inside_note", language, n=users),
            ),
            Figure(
                label=say(f"{_W}.figure.imbalance", language),
                value=_index(overall, language),
                note=say(f"{_W}.figure.imbalance_note", language),
                definition_href="#definition",
                kind="text",
            ),
            Figure(
                label=say(f"{_W}.figure.unowned", language),
                value=len(found.unowned) if found.declared else Missing.NO_DATA,
                note=", ".join(found.unowned[:5]) or None,
            ),
        ]
    )
    departments = table_of(
        request,
        identity="departments",
        caption=say(f"{_W}.by_department", language),
        columns=[
            Column(key="name", label=say("organisation.word.department", language)),
            Column(key="using", label=say(f"{_W}.column.using", language), kind="number"),
            Column(key="using_share", label=say(f"{_W}.column.using_share", language), kind="percent"),
            Column(key="owning", label=say(f"{_W}.column.owning", language), kind="number"),
            Column(key="owning_share", label=say(f"{_W}.column.owning_share", language), kind="percent"),
        ],
        rows=[_department(one, users, language) for one in found.departments],
        empty=_nothing(language, may=may),
    )
    tools = table_of(
        request,
        identity="tools",
        caption=say(f"{_W}.by_tool", language),
        columns=[
            Column(key="tool", label=say(f"{_W}.column.tool", language)),
            Column(key="people", label=say(f"{_W}.column.people", language), kind="number"),
            Column(key="inside", label=say(f"{_W}.figure.inside", language), kind="percent"),
            Column(key="imbalance", label=say(f"{_W}.figure.imbalance", language)),
        ],
        rows=[
            {
                "tool": one.tool,
                "people": Missing.TOO_FEW if one.people is None else one.people,
                "inside": _share(one, one.inside),
                "imbalance": _index(one, language),
            }
            for one in found.tools
        ],
        empty=_nothing(language, may=False),
    )
    declared = table_of(
        request,
        identity="declared",
        caption=say(f"{_W}.declared", language),
        columns=[
            Column(key="tool", label=say(f"{_W}.column.tool", language)),
            Column(key="unit", label=say(f"{_W}.column.used_in", language)),
            Column(key="people", label=say(f"{_W}.column.people", language), kind="number"),
            Column(key="owner", label=say(f"{_W}.column.owned_by", language)),
            Column(key="platform", label=say(f"{_W}.column.platform", language), href_key="platform_href"),
            Column(key="on", label=say(f"{_W}.column.declared_on", language), kind="date"),
        ],
        rows=[
            {
                "tool": one.tool,
                "unit": one.unit_name,
                "people": Missing.TOO_FEW if one.people is None else one.people,
                "owner": one.owner_unit_name or say(f"{_W}.nobody", language),
                "platform": one.platform_name or say(f"{_W}.no_platform", language),
                "platform_href": None if one.platform_id is None else platform(one.platform_id),
                "on": one.declared_on,
            }
            for one in found.declared
        ],
        empty=_nothing(language, may=False),
    )
    tables = [departments, tools, declared] if found.declared else [departments]
    left_out = (
        [Notice(kind="info", text=say(f"{_W}.left_out", language, n=found.left_out, least=group_floor()))]
        if found.left_out
        else []
    )
    actions = (
        [Action(label=say(f"{_W}.declare", language), href=reverse("declare_tool_use"), kind="primary")] if may else []
    )
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language), lead=say(f"{_W}.tools_lead", language), actions=actions
        ),
        "tabs": responsibility_tabs("tool_map", language),
        "parts": [figures, *left_out, *tables],
        "definition": Definition(
            term=say(f"{_W}.figure.imbalance", language), text=say(f"{_W}.imbalance_definition", language)
        ),
        "source": say(f"{_W}.imbalance_source", language),
        "tables": tables,
    }


def _share(one: ToolBalance, value: float | None) -> float | Missing:
    if value is None:
        return Missing.TOO_FEW if one.status == "too_few" else Missing.NO_DATA
    return value


def _index(one: ToolBalance, language: Language) -> str | Missing:
    found = _share(one, one.imbalance)
    return found if isinstance(found, Missing) else number(found, language, decimals=2)


def _department(one: DepartmentShare, users: int, language: Language) -> dict[str, object]:
    return {
        "name": one.name or say(f"{_W}.nobody", language),
        "using": one.using,
        "using_share": one.using / users,
        "owning": one.owning,
        "owning_share": one.owning / users,
    }


def _nothing(language: Language, *, may: bool) -> EmptyState:
    return EmptyState(
        title=say(f"{_W}.no_tools.title", language),
        text=say(f"{_W}.no_tools.text", language),
        action_label=say(f"{_W}.declare", language) if may else None,
        action_href=reverse("declare_tool_use") if may else None,
    )
