"""Products and the units that answer for them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.units import ProductSummary
from pegel_web.organisation.models import Product
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.validity import valid_on


def product_list(*, actor: Actor, on: date | None = None) -> tuple[ProductSummary, ...]:
    """Return the products that were there on a day, by name.

    Raises
    ------
    NotAllowedError.
    """
    actor.require_somewhere(Product.view_permission)
    day = on or actor.at.date()
    names = structure_on(day).nodes
    rows = Product.objects.visible_to(actor).filter(valid_on(day)).order_by("name", "code")
    return tuple(
        product_summary(row, names[row.owner_unit_id].name if row.owner_unit_id in names else "") for row in rows
    )


def product_report(*, actor: Actor, product_id: UUID) -> ProductSummary:
    """Return one product.

    Raises
    ------
    NotFoundError: ``product_not_found``.
    """
    row = Product.objects.visible_to(actor).filter(id=product_id).first()
    if row is None:
        raise NotFoundError("product_not_found", id=str(product_id))
    node = structure_on(actor.at.date()).nodes.get(row.owner_unit_id)
    return product_summary(row, "" if node is None else node.name)


def product_summary(product: Product, owner: str) -> ProductSummary:
    """Return a product as others get it."""
    return ProductSummary(
        product_id=product.id,
        code=product.code,
        name=product.name,
        owner_unit_id=product.owner_unit_id,
        owner_unit_name=owner,
        valid_from=product.valid_from,
        valid_until=product.valid_until,
    )
