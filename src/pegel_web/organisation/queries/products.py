"""Products and the units that answer for them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.units import ProductOwnerLine, ProductSummary
from pegel_web.organisation.models import Product, ProductOwner
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.organisation.validity import valid_on


def product_list(*, actor: Actor, on: date | None = None) -> tuple[ProductSummary, ...]:
    """Return the products that were there on a day, by name, with the unit that answered for each on that day.

    Raises
    ------
    NotAllowedError.
    """
    actor.require_somewhere(Product.view_permission)
    day = on or actor.at.date()
    rows = Product.objects.visible_to(actor).filter(valid_on(day)).order_by("name", "code")
    return _summaries(rows, names_on=day, owner_on=day)


def product_report(*, actor: Actor, product_id: UUID) -> ProductSummary:
    """Return one product with the unit that answers for it in the end, which is the one that a change starts from.

    Raises
    ------
    NotFoundError: ``product_not_found``.
    """
    rows = Product.objects.visible_to(actor).filter(id=product_id)
    found = _summaries(rows, names_on=actor.at.date(), owner_on=None)
    if not found:
        raise NotFoundError("product_not_found", id=str(product_id))
    return found[0]


def _summaries(products: QuerySet[Product], *, names_on: date, owner_on: date | None) -> tuple[ProductSummary, ...]:
    periods: dict[UUID, list[ProductOwner]] = defaultdict(list)
    for one in ProductOwner.objects.filter(product__in=products.order_by().values("id")).order_by("valid_from"):
        periods[one.product_id].append(one)
    rows = list(products)
    units = {one.unit_id for owners in periods.values() for one in owners} | {row.owner_unit_id for row in rows}
    names = unit_names(units, structure_on(names_on))
    return tuple(_summary(row, periods[row.id], names, owner_on) for row in rows)


def _summary(row: Product, owners: list[ProductOwner], names: dict[UUID, str], on: date | None) -> ProductSummary:
    # There are no gaps: who began last by that day answers on it.
    begun = [one.unit_id for one in owners if on is not None and one.valid_from <= on]
    owner = begun[-1] if begun else row.owner_unit_id
    return ProductSummary(
        product_id=row.id,
        code=row.code,
        name=row.name,
        owner_unit_id=owner,
        owner_unit_name=names.get(owner, ""),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        owners=tuple(
            ProductOwnerLine(
                unit_id=one.unit_id,
                unit_name=names.get(one.unit_id, ""),
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            )
            for one in owners
        ),
    )
