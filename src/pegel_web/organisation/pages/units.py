"""The tree of units, and the page of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.roles import RoleLine
from pegel_web.organisation.contracts.units import (
    OrganisationTree,
    TreeLine,
    UnitReport,
    UnitSummary,
)
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.organisation.pages.products import product_table
from pegel_web.organisation.pages.roles import role_table
from pegel_web.organisation.services.units import CHANGE
from pegel_web.ui.components import (
    Action,
    Column,
    Component,
    EmptyState,
    Facts,
    Notice,
    PageHeader,
    Tab,
    Table,
    Tabs,
    table_of,
)
from pegel_web.ui.worded import language_now, worded

_W = "organisation.units"
#: Deeper levels of a large organisation are folded until somebody opens them.
_OPEN_LEVELS = 2
_LARGE = 60


def tree_page(request: HttpRequest, found: OrganisationTree, *, actor: Actor) -> dict[str, Any]:
    """Return the page of the tree: as a tree, or as a list that can be sorted and exported."""
    language = language_now()
    as_list = request.GET.get("as") == "list"
    today = found.on == actor.at.date()
    tabs = Tabs(
        label=say(f"{_W}.title", language),
        items=[
            Tab(label=say(f"{_W}.tree", language), href=f"?on={found.on}", current=not as_list),
            Tab(label=say(f"{_W}.list", language), href=f"?as=list&on={found.on}", current=as_list),
        ],
    )
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), actions=_tree_actions(actor, language)
        ),
        "tabs": tabs,
        "on": found.on,
        "as_list": as_list,
        "today": today,
        "below_word": say(f"{_W}.below", language),
        "notice": None if today or not found.lines else Notice(text=say(f"{_W}.past", language, day=found.on)),
        "change_dates": found.change_dates,
        "branches": [] if as_list else _branches(found.lines, found.on, language),
        "table": _tree_table(request, found, language) if as_list else None,
        "empty": _no_units(found, actor, language),
    }


def unit_page(request: HttpRequest, found: UnitReport, roles: Sequence[RoleLine], *, actor: Actor) -> dict[str, Any]:
    """Return the page of one unit."""
    language = language_now()
    unit = found.unit
    tables = [
        _children_table(request, found, language),
        role_table(request, roles, language, identity="roles"),
        product_table(request, found.products, language),
        _history_table(request, found, language),
    ]
    facts: list[tuple[str, object]] = [
        (say(f"{_W}.code", language), unit.code),
        (say(f"{_W}.kind", language), say(f"organisation.kind.{unit.kind}", language)),
        (say(f"{_W}.path", language), " › ".join(one.name for one in found.path)),
        (say(f"{_W}.people_below", language), people_text(found.people, language)),
        (say(f"{_W}.people_direct", language), people_text(found.direct_people, language)),
        (say(f"{_W}.as_of", language), found.on),
    ]
    notices: list[Component] = []
    if not found.path:
        notices.append(Notice(kind="warning", text=say(f"{_W}.gone", language, day=found.on)))
    elif found.ends_on is not None:
        notices.append(Notice(text=say(f"{_W}.ends", language, day=found.ends_on)))
    above = [(one.name, reverse("unit_report", args=[one.unit_id])) for one in found.path[:-1]]
    title = say(f"{_W}.title", language)
    return {
        "header": PageHeader(
            title=unit.name,
            breadcrumbs=[(title, reverse("organisation_tree")), *above, (unit.name, None)],
            actions=_unit_actions(found, actor, language),
        ),
        "tabs": None,
        "parts": [*notices, Facts(pairs=facts), *tables],
        "tables": tables,
    }


def unit_trail(unit: UnitSummary) -> list[tuple[str, str | None]]:
    """Return the way to a unit, for the pages of its steps."""
    return [
        (worded(f"{_W}.title"), reverse("organisation_tree")),
        (unit.name, reverse("unit_report", args=[unit.unit_id])),
    ]


def people_text(people: int | None, language: Language) -> object:
    """Return a number of people, or that they are too few to be told."""
    return say(f"{_W}.few", language, n=group_floor()) if people is None else people


def _people_words(people: int | None, language: Language) -> str:
    if people is None:
        return say(f"{_W}.few_people", language, n=group_floor())
    return say(f"{_W}.people_counted", language, n=people)


def _branches(lines: Sequence[TreeLine], on: date, language: Language) -> list[dict[str, object]]:
    """Return the tree as a template draws it line by line: which line opens a branch, and how many it closes."""
    found: list[dict[str, object]] = []
    depths = [line.depth for line in lines]
    kinds: dict[str, str] = {}
    address = addresses("unit_report")
    for place, line in enumerate(lines):
        following = depths[place + 1] if place + 1 < len(depths) else 0
        kind = kinds.setdefault(line.kind, say(f"organisation.kind.{line.kind}", language))
        found.append(
            {
                "name": line.name,
                "code": line.code,
                "kind": kind,
                "people": _people_words(line.people, language),
                "href": f"{address(line.unit_id)}?on={on}",
                "branch": following > line.depth,
                "open": len(lines) <= _LARGE or line.depth < _OPEN_LEVELS,
                "closes": "x" * (line.depth - following),
            }
        )
    return found


def _tree_table(request: HttpRequest, found: OrganisationTree, language: Language) -> Table:
    names = {line.unit_id: line.name for line in found.lines}
    address = addresses("unit_report")
    return table_of(
        request,
        identity="units",
        caption=say(f"{_W}.list", language),
        columns=_unit_columns(language),
        rows=[
            {**_unit_row(line, address, language), "parent": names.get(line.parent_id) if line.parent_id else None}
            for line in found.lines
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=say(f"{_W}.nothing_text", language)),
    )


def _children_table(request: HttpRequest, found: UnitReport, language: Language) -> Table:
    return table_of(
        request,
        identity="children",
        caption=say(f"{_W}.children", language),
        columns=[one for one in _unit_columns(language) if one.key != "parent"],
        rows=[_unit_row(line, addresses("unit_report"), language) for line in found.children],
        empty=EmptyState(title=say(f"{_W}.no_children", language), text=say(f"{_W}.no_children_text", language)),
    )


def _unit_columns(language: Language) -> list[Column]:
    return [
        Column(key="name", label=say(f"{_W}.name", language), href_key="href"),
        Column(key="code", label=say(f"{_W}.code", language)),
        Column(key="kind", label=say(f"{_W}.kind", language)),
        Column(key="parent", label=say(f"{_W}.parent", language)),
        Column(key="people", label=say(f"{_W}.people_below", language), kind="number"),
        Column(key="direct", label=say(f"{_W}.people_direct", language), kind="number"),
    ]


def _unit_row(line: TreeLine, address: Callable[[UUID], str], language: Language) -> dict[str, object]:
    return {
        "name": line.name,
        "code": line.code,
        "kind": say(f"organisation.kind.{line.kind}", language),
        "people": people_text(line.people, language),
        "direct": people_text(line.direct_people, language),
        "href": address(line.unit_id),
    }


def _history_table(request: HttpRequest, found: UnitReport, language: Language) -> Table:
    return table_of(
        request,
        identity="history",
        caption=say(f"{_W}.periods", language),
        columns=[
            Column(key="since", label=say("organisation.roles.since", language), kind="date", href_key="href"),
            Column(key="until", label=say(f"{_W}.until", language), kind="date"),
            Column(key="name", label=say(f"{_W}.name", language)),
            Column(key="kind", label=say(f"{_W}.kind", language)),
            Column(key="parent", label=say(f"{_W}.parent", language)),
        ],
        rows=[
            {
                "since": one.valid_from,
                "until": one.valid_until,
                "name": one.name,
                "kind": say(f"organisation.kind.{one.kind}", language),
                "parent": one.parent_name or say(f"{_W}.top", language),
                "href": f"?on={one.valid_from}",
            }
            for one in found.periods
        ],
        empty=EmptyState(title=say(f"{_W}.periods", language), text=""),
    )


def _tree_actions(actor: Actor, language: Language) -> list[Action]:
    offered = [
        ("organisation.import.run", "organisation.structure_import.title", "structure_imports", "secondary"),
        (CHANGE, f"{_W}.add", "create_unit", "primary"),
    ]
    return [
        Action(label=say(words, language), href=reverse(name), kind="primary" if look == "primary" else "secondary")
        for code, words, name, look in offered
        if actor.has(code)
    ]


def _unit_actions(found: UnitReport, actor: Actor, language: Language) -> list[Action]:
    unit = found.unit.unit_id
    actions = []
    if actor.allows("organisation.person.view", unit=unit):
        href = f"{reverse('people_list')}?unit={unit}"
        actions.append(Action(label=say("organisation.people.title", language), href=href))
    if actor.allows(CHANGE, unit=unit) and (found.ends_on is None or found.ends_on > actor.at.date()):
        steps = (("rename", "rename_unit"), ("move", "move_unit"), ("end", "end_unit"))
        actions += [
            Action(label=say(f"{_W}.{code}", language), href=reverse(name, args=[unit])) for code, name in steps
        ]
        href = f"{reverse('create_unit')}?parent={unit}"
        actions.append(Action(label=say(f"{_W}.add_below", language), href=href, kind="primary"))
    return actions


def _no_units(found: OrganisationTree, actor: Actor, language: Language) -> EmptyState | None:
    if found.lines:
        return None
    if found.first_on is not None:
        text = say(f"{_W}.none_text", language, day=found.first_on)
        return EmptyState(
            title=say(f"{_W}.none", language), text=text,
            action_label=say(f"{_W}.show", language), action_href=f"?on={found.first_on}",
        )  # fmt: skip
    may = actor.has("organisation.import.run")
    return EmptyState(
        title=say(f"{_W}.nothing", language),
        text=say(f"{_W}.nothing_text", language),
        action_label=say("organisation.structure_import.title", language) if may else None,
        action_href=reverse("structure_imports") if may else None,
    )
