"""Who has which role, and what each role permits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.roles import RoleDescription, RoleLine
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.ui.components import Action, Column, EmptyState, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now

_W = "organisation.roles"
_ASSIGN = "organisation.role.assign"


def roles_page(
    request: HttpRequest, lines: Sequence[RoleLine], catalogue: Sequence[RoleDescription], *, actor: Actor
) -> dict[str, Any]:
    """Return the page of roles."""
    language = language_now()
    tables = [
        role_table(request, lines, language, identity="roles", actor=actor),
        _about_table(request, catalogue, language),
        _matrix(request, catalogue, language),
    ]
    actions = []
    if actor.has(_ASSIGN) and actor.has("organisation.person.view"):
        actions = [Action(label=say(f"{_W}.assign", language), href=reverse("people_list"), kind="primary")]
    header = PageHeader(title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), actions=actions)
    return {"header": header, "tabs": None, "parts": tables, "tables": tables}


def role_table(
    request: HttpRequest,
    lines: Sequence[RoleLine],
    language: Language,
    *,
    identity: str,
    actor: Actor | None = None,
    caption: str = f"{_W}.who",
) -> Table:
    """Return role assignments as a table; with an actor each can be ended from here."""
    columns = [
        Column(key="role", label=say(f"{_W}.role", language)),
        Column(key="person", label=say(f"{_W}.person", language), href_key="person_href"),
        Column(key="unit", label=say(f"{_W}.unit", language), href_key="unit_href"),
        Column(key="since", label=say(f"{_W}.since", language), kind="date"),
        Column(key="until", label=say(f"{_W}.until", language), kind="date"),
    ]
    if actor is not None and actor.has(_ASSIGN):
        columns.append(Column(key="end", label=say(f"{_W}.end", language), sortable=False, href_key="end_href"))
    return table_of(
        request,
        identity=identity,
        caption=say(caption, language),
        columns=columns,
        rows=_rows(lines, language, actor),
        empty=EmptyState(title=say(f"{_W}.none", language), text=say(f"{_W}.none_text", language)),
    )


def _rows(lines: Sequence[RoleLine], language: Language, actor: Actor | None) -> list[dict[str, object]]:
    person, unit, end = (addresses(name) for name in ("person_report", "unit_report", "end_role"))
    words = {one: role_words(one, language) for one in {line.role for line in lines}}
    ending = say(f"{_W}.end", language)
    return [
        {
            "role": words[line.role],
            "person": line.person,
            "person_href": person(line.person_id) if line.named else None,
            "unit": line.unit_name,
            "unit_href": unit(line.unit_id),
            "since": line.valid_from,
            "until": line.valid_until,
            **({"end": ending, "end_href": end(line.assignment_id)} if _may_end(actor, line) else {}),
        }
        for line in lines
    ]


def _may_end(actor: Actor | None, line: RoleLine) -> bool:
    return actor is not None and actor.allows(_ASSIGN, unit=line.unit_id)


def role_words(role: str, language: Language) -> str:
    """Return what a role is called; one that is no longer in the catalogue by its name."""
    return say(f"role.{role}", language) if has(f"role.{role}") else role


def _about_table(request: HttpRequest, catalogue: Sequence[RoleDescription], language: Language) -> Table:
    return table_of(
        request,
        identity="about",
        caption=say(f"{_W}.catalogue", language),
        columns=[
            Column(key="role", label=say(f"{_W}.role", language)),
            Column(key="about", label=say(f"{_W}.about", language), sortable=False),
        ],
        rows=[
            {"role": role_words(one.name, language), "about": say(f"organisation.role_about.{one.name}", language)}
            for one in catalogue
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=""),
    )


def _matrix(request: HttpRequest, catalogue: Sequence[RoleDescription], language: Language) -> Table:
    """Return a line per role and permission: sortable either way, and complete in an export."""
    rows = [
        {
            "role": role_words(one.name, language),
            "permission": say(f"permission.{code}", language) if has(f"permission.{code}") else code,
            "where": say(f"{_W}.{where}", language),
        }
        for one in catalogue
        for where, codes in (("in_unit", one.may), ("everywhere", one.wide))
        for code in codes
    ]
    return table_of(
        request,
        identity="permissions",
        caption=say(f"{_W}.matrix", language),
        columns=[
            Column(key="role", label=say(f"{_W}.role", language)),
            Column(key="permission", label=say(f"{_W}.permission", language)),
            Column(key="where", label=say(f"{_W}.unit", language)),
        ],
        rows=rows,
        empty=EmptyState(title=say(f"{_W}.none", language), text=""),
        page_size=25,
    )
