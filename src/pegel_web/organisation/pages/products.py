"""Products: the list, and the page of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.units import ProductSummary
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.organisation.services.units import CHANGE
from pegel_web.ui.components import Action, Column, EmptyState, Facts, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now

_W: Final = "organisation.products"


def product_table(request: HttpRequest, products: Iterable[ProductSummary], language: Language) -> Table:
    """Return products as a table; each leads to its page."""
    product, unit = addresses("product_report"), addresses("unit_report")
    return table_of(
        request,
        identity="products",
        caption=say(f"{_W}.title", language),
        columns=[
            Column(key="name", label=say("organisation.units.name", language), href_key="href"),
            Column(key="code", label=say("organisation.units.code", language)),
            Column(key="owner", label=say(f"{_W}.owner", language), href_key="owner_href"),
            Column(key="since", label=say("organisation.roles.since", language), kind="date"),
            Column(key="until", label=say("organisation.units.until", language), kind="date"),
        ],
        rows=[
            {
                "name": one.name,
                "code": one.code,
                "owner": one.owner_unit_name,
                "since": one.valid_from,
                "until": one.valid_until,
                "href": product(one.product_id),
                "owner_href": unit(one.owner_unit_id),
            }
            for one in products
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=say(f"{_W}.none_text", language)),
    )


def product_page(request: HttpRequest, found: ProductSummary, *, actor: Actor) -> dict[str, Any]:
    """Return the page of one product: what it is, and which unit did, does and will answer for it."""
    language = language_now()
    owners = _owners_table(request, found, language)
    ended = found.valid_until is not None and found.valid_until <= actor.at.date()
    facts = Facts(
        pairs=[
            (say("organisation.units.code", language), found.code),
            (say(f"{_W}.owner", language), found.owner_unit_name),
            (say("organisation.roles.since", language), found.valid_from),
            *(() if found.valid_until is None else ((say("organisation.units.until", language), found.valid_until),)),
        ]
    )
    notices = [Notice(kind="warning", text=say(f"{_W}.gone", language, on=found.valid_until))] if ended else []
    return {
        "header": PageHeader(
            title=found.name,
            breadcrumbs=[(say(f"{_W}.title", language), reverse("product_list")), (found.name, None)],
            actions=_actions(found, language) if actor.allows(CHANGE, unit=found.owner_unit_id) and not ended else [],
        ),
        "tabs": None,
        "parts": [*notices, facts, owners],
        "tables": [owners],
    }


def _actions(found: ProductSummary, language: Language) -> list[Action]:
    return [
        Action(label=say(f"{_W}.end", language), href=reverse("end_product", args=[found.product_id])),
        Action(
            label=say(f"{_W}.change", language),
            href=reverse("change_product", args=[found.product_id]),
            kind="primary",
        ),
    ]


def _owners_table(request: HttpRequest, found: ProductSummary, language: Language) -> Table:
    unit = addresses("unit_report")
    return table_of(
        request,
        identity="owners",
        caption=say(f"{_W}.owners", language),
        columns=[
            Column(key="since", label=say("organisation.roles.since", language), kind="date"),
            Column(key="until", label=say("organisation.units.until", language), kind="date"),
            Column(key="owner", label=say(f"{_W}.owner", language), href_key="href"),
        ],
        rows=[
            {
                "since": one.valid_from,
                "until": one.valid_until,
                "owner": one.unit_name,
                "href": f"{unit(one.unit_id)}?on={one.valid_from}",
            }
            for one in reversed(found.owners)
        ],
        empty=EmptyState(title=say(f"{_W}.owners", language), text=""),
    )
