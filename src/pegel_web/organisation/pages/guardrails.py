"""Guardrails as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest

from pegel.words import Language, say
from pegel_web.organisation.contracts.platforms import GuardrailLine
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.ui.components import Column, EmptyState, Table, table_of

_W: Final = "organisation.platforms"


def guardrail_table(
    request: HttpRequest, rails: Sequence[GuardrailLine], language: Language, *, may: bool, add: str | None
) -> Table:
    """Return guardrails as a table.

    ``may``: with the ways to change and end them. ``add``: the address at which the first is set; None: no such way.
    """
    change, end = addresses("change_guardrail"), addresses("end_guardrail")
    changeable = may and any(one.may_change for one in rails)
    ways = (
        Column(key="change", label=say(f"{_W}.column.change", language), href_key="change_href", sortable=False),
        Column(key="end", label=say(f"{_W}.column.end", language), href_key="end_href", sortable=False),
    )
    return table_of(
        request,
        identity="guardrails",
        caption=say(f"{_W}.guardrails", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.guardrail", language)),
            Column(key="rule", label=say(f"{_W}.column.rule", language)),
            Column(key="platform", label=say(f"{_W}.column.for", language)),
            Column(key="kind", label=say(f"{_W}.column.kind", language)),
            Column(key="enforcement", label=say(f"{_W}.column.enforcement", language)),
            Column(key="owner", label=say(f"{_W}.column.owner", language)),
            Column(key="since", label=say("organisation.word.since", language), kind="date"),
            Column(key="until", label=say("organisation.word.until", language), kind="date"),
            *(ways if changeable else ()),
        ],
        rows=[
            {
                "name": one.name,
                "rule": one.rule,
                "platform": one.platform_name or say(f"{_W}.all_platforms", language),
                "kind": say(f"{_W}.rail_kind.{one.kind}", language),
                "enforcement": say(f"{_W}.enforcement.{one.enforcement}", language),
                "owner": one.owner_unit_name,
                "since": one.valid_from,
                "until": one.valid_until,
                "change": say(f"{_W}.change", language) if one.may_change else None,
                "change_href": change(one.guardrail_id) if one.may_change else None,
                "end": say(f"{_W}.end_rail", language) if one.may_change else None,
                "end_href": end(one.guardrail_id) if one.may_change else None,
            }
            for one in rails
        ],
        empty=EmptyState(
            title=say(f"{_W}.no_rails.title", language),
            text=say(f"{_W}.no_rails.text", language),
            action_label=say(f"{_W}.set_rail", language) if add else None,
            action_href=add,
        ),
    )
