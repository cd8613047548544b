"""What can be found of the organisation: units, people, products here; what people share (``finding.py``)."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from pegel_web.core.actor import Actor
from pegel_web.organisation.finding import find_areas, find_decisions, find_frame, find_platforms, find_tools
from pegel_web.organisation.queries.people import VIEW, people_list
from pegel_web.organisation.queries.products import product_list
from pegel_web.organisation.queries.units import seen_structure
from pegel_web.search.registry import Hit, declare_search


def find_units(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find units of today by name or code; those that begin with the text come first."""
    wanted = text.casefold()
    structure = seen_structure(actor, actor.at.date())
    found = [
        node for node in structure.nodes.values() if wanted in node.name.casefold() or wanted == node.code.casefold()
    ]
    found.sort(key=lambda node: (not node.name.casefold().startswith(wanted), node.name.casefold(), node.code))
    return [
        Hit(
            kind="unit",
            title=node.name,
            href=reverse("unit_report", args=[node.unit_id]),
            detail=" › ".join(one.name for one in structure.path(node.unit_id)[:-1]) or None,
        )
        for node in found[:limit]
    ]


def find_people(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find people whom the actor may see, by name, address or pseudonym."""
    if not actor.has(VIEW):
        return ()
    return [
        Hit(
            kind="person",
            title=one.shown,
            href=reverse("person_report", args=[one.person_id]),
            detail=", ".join(one.units) or None,
        )
        for one in people_list(actor=actor, text=text, limit=limit).people
    ]


def find_products(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find products of today by name or code."""
    wanted = text.casefold()
    found = [one for one in product_list(actor=actor) if wanted in one.name.casefold() or wanted == one.code.casefold()]
    return [
        Hit(
            kind="product",
            title=one.name,
            href=reverse("product_report", args=[one.product_id]),
            detail=one.owner_unit_name or None,
        )
        for one in found[:limit]
    ]


declare_search(kind="unit", find=find_units)
declare_search(kind="person", find=find_people)
declare_search(kind="product", find=find_products)
declare_search(kind="decision", find=find_decisions)
declare_search(kind="frame", find=find_frame)
declare_search(kind="responsibility", find=find_areas)
declare_search(kind="tool", find=find_tools)
declare_search(kind="platform", find=find_platforms)
