"""Saying which functions a product team needs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.organisation.contracts.coverage import WantedFunctions
from pegel_web.organisation.models import Product, WantedFunction
from pegel_web.organisation.queries.coverage import CHANGE, line_functions
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.validity import not_ended_by


def set_wanted_functions(*, actor: Actor, unit_ids: Sequence[UUID], product_id: UUID | None = None) -> WantedFunctions:
    """Say which functions a product needs from today on; what was needed until yesterday stays on record.

    ``product_id``: None: every product without a declaration of its own. ``unit_ids``: empty: nothing is declared any
    more; a product then needs what all need.

    Raises
    ------
    NotFoundError: ``product_not_found``. NotAllowedError: ``not_allowed``. InputError: ``function_unknown``.
    """
    today = actor.at.date()
    owner = None if product_id is None else _owner_of(actor, product_id)
    actor.require(CHANGE, unit=owner)
    known = {one.unit_id: one for one in line_functions(structure_on(today))}
    for unit in unit_ids:
        if unit not in known:
            raise InputError("function_unknown", id=str(unit), field="unit_ids")
    wanted = set(unit_ids)
    with transaction.atomic():
        of_product = Q(product__isnull=True) if product_id is None else Q(product_id=product_id)
        rows = list(WantedFunction.objects.select_for_update().filter(not_ended_by(today) & of_product))
        before = {row.unit_id for row in rows}
        for row in rows:
            if row.unit_id in wanted:
                continue
            if row.valid_from >= today:
                row.delete()
            else:
                row.valid_until = today
                row.save(update_fields=["valid_until"])
        WantedFunction.objects.bulk_create(
            [WantedFunction(product_id=product_id, unit_id=unit, valid_from=today) for unit in sorted(wanted - before)]
        )
        if before != wanted:
            record(
                actor,
                "organisation.wanted_functions.set",
                subject=("product", product_id or "all"),
                unit=owner,
                before={"units": sorted(before)},
                after={"units": sorted(wanted)},
            )
    found = sorted((known[unit] for unit in wanted), key=lambda one: one.name.casefold())
    return WantedFunctions(product_id=product_id, since=today, functions=tuple(found))


def _owner_of(actor: Actor, product_id: UUID) -> UUID:
    found: Product | None = Product.objects.visible_to(actor).filter(id=product_id).first()
    if found is None:
        raise NotFoundError("product_not_found", id=str(product_id))
    return found.owner_unit_id
