"""How many pilots run at once where, beside what the units can take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.limits import UnitIntroductions
from pegel_web.portfolio.pages.progress import progress_tabs
from pegel_web.ui.components import Badge, Column, EmptyState, Missing, PageHeader, table_of
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.introductions"
_INDENT: Final = "\N{EM SPACE}"


def introductions_page(request: HttpRequest, found: Sequence[UnitIntroductions]) -> dict[str, Any]:
    """Return the units with their pilots and limits."""
    language, address = language_now(), addresses("set_introduction_limit")
    over = [one for one in found if one.most is not None and one.running > one.most]
    table = table_of(
        request,
        identity="introductions",
        caption=say(f"{_W}.title", language),
        columns=[
            Column(key="unit", label=say("portfolio.column.unit", language)),
            Column(key="running", label=say(f"{_W}.running", language), kind="number"),
            Column(key="most", label=say(f"{_W}.most", language), kind="number"),
            Column(key="standing", label=say("portfolio.column.standing", language), kind="badge"),
            Column(key="step", label=say("portfolio.column.step", language), href_key="href", sortable=False),
        ],
        rows=[
            {
                "unit": f"{_INDENT * one.depth}{one.unit_name}",
                "running": one.running,
                "most": Missing.NOT_CONFIGURED if one.most is None else one.most,
                "standing": ""
                if one.most is None
                else Badge(
                    text=say(f"{_W}.{'over' if one.running > one.most else 'within'}", language),
                    tone="bad" if one.running > one.most else "good",
                ),
                "step": say(f"{_W}.set", language) if one.may_change else "",
                "href": address(one.unit_id) if one.may_change else None,
            }
            for one in found
        ],
        empty=EmptyState(title="", text=""),
    )
    limited = [one for one in found if one.most is not None]
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language),
            lead=say(f"{_W}.lead", language),
            breadcrumbs=[
                (say("portfolio.list.title", language), reverse("use_case_list")),
                (say(f"{_W}.title", language), None),
            ],
        ),
        "tabs": progress_tabs(request, language),
        "sentence": say(f"{_W}.sentence", language, n=len(over), limited=len(limited))
        if limited
        else say(f"{_W}.none", language),
        "parts": [table],
        "definition": None,
        "tables": [table],
    }
