"""The matrix of decision rights, one's own rights, and delegations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.core.permissions import permission
from pegel_web.organisation.contracts.delegations import (
    DecisionRights,
    DelegationRecord,
    DelegationState,
    OwnRight,
    Right,
)
from pegel_web.organisation.pages.shared import limit_words, risk_words, unit_choice
from pegel_web.organisation.queries.delegations import GIVE, VIEW
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    Notice,
    PageHeader,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W = "organisation.delegations"
_TONES: dict[DelegationState, Tone] = {
    DelegationState.ACTIVE: "good",
    DelegationState.PLANNED: "info",
    DelegationState.WITHOUT_EFFECT: "warning",
    DelegationState.ENDED: "neutral",
    DelegationState.REVOKED: "neutral",
}


def rights_page(request: HttpRequest, found: DecisionRights, *, actor: Actor, unit_id: UUID | None) -> dict[str, Any]:
    """Return the matrix: rows are units, columns what can be decided; below it every right on a line of its own."""
    language = language_now()
    matrix = table_of(
        request,
        identity="matrix",
        caption=say(f"{_W}.matrix", language),
        columns=[
            Column(key="unit", label=say("organisation.word.unit", language)),
            Column(key="kind", label=say("organisation.word.level", language)),
            *(Column(key=code, label=say(f"permission.{code}", language)) for code in found.permissions),
        ],
        rows=[
            {
                "unit": unit.path,
                "kind": say(f"organisation.level.{unit.kind}", language),
                **{code: _cell(unit.rights[code], unit.unit_id, language) for code in found.permissions},
            }
            for unit in found.units
        ],
        empty=_no_units(language),
    )
    rights = table_of(
        request,
        identity="rights",
        caption=say(f"{_W}.every_right", language),
        columns=[
            Column(key="unit", label=say("organisation.word.unit", language)),
            Column(key="permission", label=say(f"{_W}.column.permission", language)),
            Column(key="person", label=say("organisation.word.person", language)),
            Column(key="source", label=say(f"{_W}.column.source", language)),
            Column(key="from", label=say(f"{_W}.column.stands_at", language)),
            Column(key="amount", label=say(f"{_W}.column.most_amount", language), kind="money"),
            Column(key="risk", label=say(f"{_W}.column.most_risk", language)),
            Column(key="until", label=say("organisation.word.until", language), kind="date"),
        ],
        rows=[
            {
                "unit": unit.path,
                "permission": say(f"permission.{right.permission}", language),
                "person": right.name,
                "source": _source(right, language),
                "from": right.from_unit_name,
                **_limits(right, language),
                "until": right.until,
            }
            for unit in found.units
            for code in found.permissions
            for right in unit.rights[code]
        ],
        empty=EmptyState(title=say(f"{_W}.no_rights.title", language), text=say(f"{_W}.no_rights.text", language)),
        page_size=25,
    )
    return {
        "header": _header(language, actor, say(f"{_W}.rights_lead", language)),
        "tabs": _tabs("decision_rights", language),
        "choice": unit_choice(actor, VIEW, unit_id),
        "parts": [matrix, rights],
        "tables": [matrix, rights],
    }


def own_rights_page(request: HttpRequest, found: Sequence[OwnRight], *, actor: Actor) -> dict[str, Any]:
    """Return what the reader may decide themselves."""
    language = language_now()
    table = table_of(
        request,
        identity="own",
        caption=say(f"{_W}.own", language),
        columns=[
            Column(key="permission", label=say(f"{_W}.column.permission", language)),
            Column(key="unit", label=say("organisation.word.unit", language)),
            Column(key="limit", label=say(f"{_W}.column.limit", language)),
            Column(key="source", label=say(f"{_W}.column.source", language), href_key="href"),
            Column(key="delegable", label=say(f"{_W}.column.delegable", language)),
        ],
        rows=[
            {
                "permission": say(f"permission.{one.permission}", language),
                "unit": one.unit_name,
                "limit": limit_words(one.most_amount, one.most_risk, language)
                if one.limited
                else say("organisation.limit.not_applicable", language),
                "source": say(f"{_W}.delegated", language) if one.role is None else say(f"role.{one.role}", language),
                "href": None if one.delegation_id is None else reverse("delegation_report", args=[one.delegation_id]),
                "delegable": say("yes" if one.delegable else "no", language),
            }
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.no_own.title", language), text=say(f"{_W}.no_own.text", language)),
    )
    return {
        "header": _header(language, actor, say(f"{_W}.own_lead", language)),
        "tabs": _tabs("own_rights", language),
        "parts": [table],
        "tables": [table],
    }


def delegations_page(request: HttpRequest, found: Sequence[DelegationRecord], *, actor: Actor) -> dict[str, Any]:
    """Return the list of delegations."""
    language = language_now()
    table = delegation_table(request, found, language=language)
    return {
        "header": _header(language, actor, say(f"{_W}.lead", language)),
        "tabs": _tabs("delegations", language),
        "parts": [table],
        "tables": [table],
    }


def delegation_table(request: HttpRequest, found: Sequence[DelegationRecord], *, language: Language) -> Table:
    """Return delegations as a table."""
    return table_of(
        request,
        identity="delegations",
        caption=say(f"{_W}.list", language),
        columns=[
            Column(key="permission", label=say(f"{_W}.column.permission", language), href_key="href"),
            Column(key="unit", label=say("organisation.word.unit", language)),
            Column(key="from", label=say(f"{_W}.column.from", language)),
            Column(key="to", label=say(f"{_W}.column.to", language)),
            Column(key="limit", label=say(f"{_W}.column.limit", language)),
            Column(key="since", label=say("organisation.word.since", language), kind="date"),
            Column(key="until", label=say("organisation.word.until", language), kind="date"),
            Column(key="state", label=say("organisation.word.state", language), kind="badge"),
        ],
        rows=[
            {
                "permission": say(f"permission.{one.permission}", language),
                "href": reverse("delegation_report", args=[one.delegation_id]),
                "unit": one.unit_name,
                "from": one.from_name,
                "to": one.to_name,
                "limit": limit_words(one.most_amount, one.most_risk, language),
                "since": one.valid_from,
                "until": one.valid_until,
                "state": state_badge(one.state, language),
            }
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.none.title", language), text=say(f"{_W}.none.text", language)),
    )


def delegation_page(found: DelegationRecord) -> dict[str, Any]:
    """Return one delegation with what is left of it and the way to end it."""
    language = language_now()
    parts: list[object] = []
    if found.state is DelegationState.WITHOUT_EFFECT:
        parts.append(Notice(kind="warning", text=say(f"{_W}.without_effect_text", language, name=found.from_name)))
    elif found.state is DelegationState.ACTIVE and (found.most_amount, found.most_risk) != (
        found.effective_amount,
        found.effective_risk,
    ):
        cut = limit_words(found.effective_amount, found.effective_risk, language)
        parts.append(Notice(kind="warning", text=say(f"{_W}.cut_text", language, name=found.from_name, limit=cut)))
    parts.append(
        Facts(
            pairs=[
                (say("organisation.word.state", language), state_badge(found.state, language)),
                (say(f"{_W}.column.permission", language), say(f"permission.{found.permission}", language)),
                (say("organisation.word.unit", language), found.unit_name),
                (say(f"{_W}.column.from", language), found.from_name),
                (say(f"{_W}.column.to", language), found.to_name),
                (say(f"{_W}.column.limit", language), limit_words(found.most_amount, found.most_risk, language)),
                (say("organisation.word.since", language), found.valid_from),
                (say("organisation.word.until", language), found.valid_until or say(f"{_W}.until_revoked", language)),
                (say(f"{_W}.form.reason", language), found.reason or say("organisation.word.none_given", language)),
                *(
                    [
                        (say(f"{_W}.revoked_at", language), found.revoked_at),
                        (say(f"{_W}.revoked_by", language), found.revoked_by_name),
                    ]
                    if found.revoked_at is not None
                    else []
                ),
            ]
        )
    )
    actions = []
    if found.may_revoke:
        href = reverse("revoke_delegation", args=[found.delegation_id])
        actions.append(Action(label=say(f"{_W}.revoke", language), href=href, kind="danger", method="post"))
    title = say(f"{_W}.title_of", language, name=found.to_name)
    trail = [(say(f"{_W}.title", language), reverse("delegations")), (title, None)]
    return {"header": PageHeader(title=title, breadcrumbs=trail, actions=actions), "parts": parts}


def state_badge(state: DelegationState, language: Language) -> Badge:
    """Return a state as a badge."""
    return Badge(text=say(f"{_W}.state.{state}", language), tone=_TONES[state])


def _header(language: Language, actor: Actor, lead: str) -> PageHeader:
    actions = []
    if actor.has(GIVE):
        actions.append(Action(label=say(f"{_W}.give", language), href=reverse("give_delegation"), kind="primary"))
    return PageHeader(title=say(f"{_W}.rights_title", language), lead=lead, actions=actions)


def _tabs(current: str, language: Language) -> Tabs:
    return Tabs(
        items=[
            Tab(label=say(f"{_W}.tab.{name}", language), href=reverse(name), current=name == current)
            for name in ("decision_rights", "own_rights", "delegations")
        ]
    )


def _cell(rights: Sequence[Right], unit: UUID, language: Language) -> str:
    """Return who may decide in a unit: those whose right stands there with their limits, of the others how many."""
    here = [one for one in rights if one.from_unit_id == unit]
    told = [
        say(
            f"{_W}.cell" if permission(one.permission).limited else f"{_W}.cell_without_limits",
            language,
            name=one.name,
            source=_source(one, language),
            limit=limit_words(one.most_amount, one.most_risk, language),
        )
        for one in here
    ]
    if len(rights) > len(here):
        told.append(say(f"{_W}.from_above", language, n=len(rights) - len(here)))
    return "; ".join(told) or say(f"{_W}.nobody", language)


def _limits(right: Right, language: Language) -> dict[str, object]:
    """Return up to what a right reaches: an amount, no limit, or that there are none for it."""
    if not permission(right.permission).limited:
        none = say("organisation.limit.not_applicable", language)
        return {"amount": none, "risk": none}
    no_limit = say("organisation.risk.no_limit", language)
    return {
        "amount": no_limit if right.most_amount is None else right.most_amount,
        "risk": risk_words(right.most_risk, language, none="organisation.risk.no_limit"),
    }


def _source(right: Right, language: Language) -> str:
    if right.role is not None:
        return say(f"role.{right.role}", language)
    return say(f"{_W}.given_by", language, name=right.given_by_name)


def _no_units(language: Language) -> EmptyState:
    return EmptyState(
        title=say("organisation.no_units.title", language), text=say("organisation.no_units.text", language)
    )
