"""Who answers for a product over time: a change of the owner ends one period and begins another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from uuid import UUID

from pegel_web.organisation.models import Product, ProductOwner
from pegel_web.organisation.services.timelines import AT_ONCE, in_parts

#: From which day on which unit answers; each until the next one does.
Begun = tuple[UUID, date]


def keep_owners(products: Sequence[Product], on: date) -> None:
    """Write who answers for products that were made or changed, as part of the open transaction.

    What the products say is right from the day ``on``, or from their first day; what was before stays.
    """
    for part in in_parts(products):
        rows = ProductOwner.objects.filter(product__in=part)
        before: dict[UUID, list[Begun]] = defaultdict(list)
        for product, unit, begun in rows.order_by("valid_from").values_list("product_id", "unit_id", "valid_from"):
            before[product].append((unit, begun))
        rows.delete()
        ProductOwner.objects.bulk_create(
            [row for product in part for row in _rows(product, before[product.id], on)], batch_size=AT_ONCE
        )


def owners_from(
    before: Sequence[Begun], owner: UUID, on: date, *, valid_from: date, valid_until: date | None
) -> tuple[Begun, ...]:
    """Return who answers from when on for what is there in ``[valid_from, valid_until)``, ``owner`` from a day on.

    >>> a, b = UUID(int=1), UUID(int=2)
    >>> jan, feb, mar = (date(2026, month, 1) for month in (1, 2, 3))
    >>> owners_from([(a, jan)], b, feb, valid_from=jan, valid_until=None) == ((a, jan), (b, feb))
    True
    >>> owners_from([(a, jan), (b, mar)], a, feb, valid_from=jan, valid_until=None) == ((a, jan),)
    True
    """
    kept = list(before)
    if not kept or kept[-1][0] != owner:
        kept = [one for one in kept if one[1] < on]
        if not kept or kept[-1][0] != owner:
            kept.append((owner, max(on, valid_from) if kept else valid_from))
    return tuple(one for one in kept if valid_until is None or one[1] < valid_until)


def _rows(product: Product, before: Sequence[Begun], on: date) -> list[ProductOwner]:
    begun = owners_from(
        before, product.owner_unit_id, on, valid_from=product.valid_from, valid_until=product.valid_until
    )
    ends = [*(day for _, (_, day) in pairwise(begun)), product.valid_until]
    return [
        ProductOwner(product_id=product.id, unit_id=unit, valid_from=day, valid_until=until)
        for (unit, day), until in zip(begun, ends, strict=True)
    ]
