"""Pre-approved patterns: what may be tried without a gate, and up to where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel_web.core.actor import Actor
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.queries.patterns import CHANGE
from pegel_web.ui.components import Action, Column, EmptyState, PageHeader, table_of
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.patterns"


def patterns_page(request: HttpRequest, found: Sequence[Pattern], *, actor: Actor) -> dict[str, Any]:
    """Return the patterns in force."""
    language, may = language_now(), actor.has(CHANGE)
    address = addresses("change_pattern")
    table = table_of(
        request,
        identity="patterns",
        caption=say(f"{_W}.title", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.name", language), href_key="href"),
            Column(key="unit", label=say(f"{_W}.column.unit", language)),
            Column(key="description", label=say(f"{_W}.column.description", language)),
            Column(key="data", label=say(f"{_W}.column.data", language)),
            Column(key="people", label=say(f"{_W}.column.people", language), kind="number"),
            Column(key="days", label=say(f"{_W}.column.days", language), kind="number"),
            Column(key="amount", label=say(f"{_W}.column.amount", language), kind="money"),
            Column(key="running", label=say(f"{_W}.column.running", language), kind="number"),
            Column(key="until", label=say(f"{_W}.column.until", language), kind="date"),
        ],
        rows=[
            {
                "name": one.name,
                "href": address(one.pattern_id) if one.may_change else None,
                "unit": one.unit_name,
                "description": one.description,
                "data": say(f"portfolio.data_class.{one.most_data_class}", language),
                "people": one.most_people,
                "days": one.most_days,
                "amount": one.most_amount,
                "running": one.running,
                "until": one.valid_until,
            }
            for one in found
        ],
        empty=EmptyState(
            title=say(f"{_W}.empty.title", language),
            text=say(f"{_W}.empty.text", language),
            action_label=say(f"{_W}.set", language) if may else None,
            action_href=reverse("set_pattern") if may else None,
        ),
    )
    actions = [Action(label=say(f"{_W}.set", language), href=reverse("set_pattern"), kind="primary")]
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), actions=actions if may else []
        ),
        "endable": [(one.name, reverse("end_pattern", args=[one.pattern_id])) for one in found if one.may_change],
        "parts": [table],
        "tables": [table],
    }
