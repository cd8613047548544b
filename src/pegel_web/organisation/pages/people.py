"""The list of people, and the page of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.people import PeoplePage, PersonReport, PersonSummary
from pegel_web.organisation.contracts.roles import RoleLine
from pegel_web.organisation.forms.fields import unit_choices
from pegel_web.organisation.pages.roles import role_table
from pegel_web.organisation.queries.people import VIEW
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.services.administrators import ASSIGN
from pegel_web.organisation.services.people import CHANGE
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    Component,
    EmptyState,
    Facts,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now, worded

_W = "organisation.people"
_TONES: dict[str, Tone] = {"none": "neutral", "invited": "info", "active": "good", "closed": "warning"}


def people_page(
    request: HttpRequest, found: PeoplePage, *, actor: Actor, text: str, unit_id: UUID | None, page: int, size: int
) -> dict[str, Any]:
    """Return the list of people: a part of it, found and paged by the database."""
    language = language_now()
    add = Action(label=say(f"{_W}.add", language), href=reverse("create_person"), kind="primary")
    kept = {"q": text, "unit": str(unit_id) if unit_id else ""}
    last = max(1, -(-found.count // size))
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language),
            lead=say(f"{_W}.lead", language),
            actions=[add] if actor.has(CHANGE) else [],
        ),
        "table": people_table(request, found, language),
        "text": text,
        "unit": kept["unit"],
        "units": unit_choices(structure_on(found.on), actor.units_for(VIEW)),
        "page": page,
        "last": last,
        "earlier": _address(kept, page - 1) if page > 1 else None,
        "later": _address(kept, page + 1) if page < last else None,
        "csv": _address({**kept, "people.export": "csv"}, page),
    }


def people_table(request: HttpRequest, found: PeoplePage, language: Language) -> Table:
    """Return people as a table."""
    return table_of(
        request,
        identity="people",
        caption=say(f"{_W}.caption", language, n=found.count),
        columns=[
            Column(key="name", label=say(f"{_W}.name", language), href_key="href", sortable=False),
            Column(key="email", label=say(f"{_W}.email", language), sortable=False),
            Column(key="units", label=say(f"{_W}.units", language), sortable=False),
            Column(key="kind", label=say(f"{_W}.kind", language), sortable=False),
            Column(key="account", label=say(f"{_W}.account", language), kind="badge", sortable=False),
        ],
        rows=[
            {
                "name": one.shown,
                "href": reverse("person_report", args=[one.person_id]),
                "email": one.email,
                "units": ", ".join(one.units),
                "kind": say(f"organisation.person_kind.{one.kind}", language),
                "account": account_badge(one.account, language),
            }
            for one in found.people
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=say(f"{_W}.none_text", language)),
        page_size=max(1, len(found.people)),
    )


def person_page(
    request: HttpRequest, found: PersonReport, roles: Sequence[RoleLine], *, actor: Actor
) -> dict[str, Any]:
    """Return the page of one person."""
    language = language_now()
    person = found.person
    facts: list[tuple[str, object]] = [
        (say(f"{_W}.kind", language), say(f"organisation.person_kind.{person.kind}", language)),
        (say(f"{_W}.pseudonym", language), person.pseudonym),
        (say(f"{_W}.email", language), person.email),
        (say(f"{_W}.account", language), account_badge(person.account, language)),
        (say(f"{_W}.added_on", language), found.created_at),
    ]
    if found.answers_for is not None:
        facts.insert(1, (say(f"{_W}.answers_for", language), found.answers_for.shown))
    if found.agents:
        facts.append((say(f"{_W}.agents", language), ", ".join(one.shown for one in found.agents)))
    if found.invited_until is not None:
        facts.append((say(f"{_W}.invited_until", language), found.invited_until))
    notices: list[Component] = []
    if found.erased_at is not None:
        notices.append(Notice(text=say(f"{_W}.forgotten", language)))
    elif person.person_id == actor.person_id:
        notices.append(Notice(text=say(f"{_W}.you", language)))
    tables = [
        _membership_table(request, found, language, actor=actor),
        role_table(request, roles, language, identity="roles", actor=actor, caption=f"{_W}.roles"),
    ]
    return {
        "header": PageHeader(
            title=person.shown,
            breadcrumbs=[*person_trail(person)[:1], (person.shown, None)],
            actions=_actions(found, actor, language),
        ),
        "tabs": None,
        "parts": [*notices, Facts(pairs=facts), *tables],
        "tables": tables,
    }


def person_trail(person: PersonSummary) -> list[tuple[str, str | None]]:
    """Return the way to a person, for the pages of what is done with them."""
    return [
        (worded(f"{_W}.title"), reverse("people_list")),
        (person.shown, reverse("person_report", args=[person.person_id])),
    ]


def account_badge(state: str, language: Language) -> Badge:
    """Return how far a person can sign in."""
    return Badge(text=say(f"organisation.account.{state}", language), tone=_TONES[state])


def _membership_table(request: HttpRequest, found: PersonReport, language: Language, *, actor: Actor) -> Table:
    today = actor.at.date()
    rows = []
    for one in found.memberships:
        open_now = one.valid_until is None or one.valid_until > today
        may = open_now and actor.allows(CHANGE, unit=one.unit_id)
        rows.append(
            {
                "unit": one.unit_name,
                "unit_href": reverse("unit_report", args=[one.unit_id]),
                "since": one.valid_from,
                "until": one.valid_until,
                "end": say(f"{_W}.leave", language) if may else None,
                "end_href": reverse("end_membership", args=[one.membership_id]) if may else None,
            }
        )
    return table_of(
        request,
        identity="memberships",
        caption=say(f"{_W}.memberships", language),
        columns=[
            Column(key="unit", label=say(f"{_W}.unit", language), href_key="unit_href"),
            Column(key="since", label=say(f"{_W}.since", language), kind="date"),
            Column(key="until", label=say(f"{_W}.until", language), kind="date"),
            Column(key="end", label=say(f"{_W}.leave", language), sortable=False, href_key="end_href"),
        ],
        rows=rows,
        empty=EmptyState(title=say(f"{_W}.no_memberships", language), text=say(f"{_W}.no_memberships_text", language)),
    )


def _actions(found: PersonReport, actor: Actor, language: Language) -> list[Action]:
    person = found.person
    if found.erased_at is not None:
        return []
    offered: list[tuple[str, str]] = []
    if actor.has(CHANGE):
        offered += [("rename", "rename_person"), ("move", "move_person"), ("join", "add_membership")]
    if actor.has(CHANGE) and person.kind == "person":
        offered.append(("add_agent", "create_agent"))
    if actor.has(ASSIGN):
        offered.append(("assign", "assign_role"))
        if person.kind == "person":
            account = {"none": "invite", "invited": "invite", "active": "close", "closed": "reopen"}[person.account]
            offered.append((account, {"invite": "invite_person"}.get(account, f"{account}_account")))
    words = {"assign": "organisation.roles.assign"}
    return [
        Action(
            label=say(words.get(code, f"{_W}.{code}"), language),
            href=reverse(name, args=[person.person_id]),
            kind="danger" if code == "close" else "secondary",
        )
        for code, name in offered
    ]


def _address(values: dict[str, str], page: int) -> str:
    return f"?{urlencode({**{name: value for name, value in values.items() if value}, 'page': page})}"
