"""Products: what the organisation offers or uses, and the unit that answers for each."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.contracts.units import ProductSummary
from pegel_web.organisation.models import Product
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.products import product_report
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.units import visible_unit
from pegel_web.organisation.services.product_owners import keep_owners
from pegel_web.organisation.services.turn import take_turn
from pegel_web.organisation.services.units import CHANGE, require_day


@transaction.atomic
def create_product(*, actor: Actor, code: str, name: str, owner_unit_id: UUID, valid_from: date) -> ProductSummary:
    """Add a product that a unit answers for.

    Raises
    ------
    ConflictError: ``product_code_taken``, ``unit_not_there``. InputError, NotAllowedError, NotFoundError.
    """
    visible_unit(actor, owner_unit_id)
    actor.require(CHANGE, unit=owner_unit_id)
    code = cleaned(code, field="code", most=60)
    name = cleaned(name, field="name", most=200)
    require_day(valid_from)
    take_turn()
    if Product.objects.everything(because="codes are unique in the whole organisation").filter(code=code).exists():
        raise ConflictError("product_code_taken", code=code)
    require_unit_on(owner_unit_id, valid_from)
    made = Product.objects.create(code=code, name=name, owner_unit_id=owner_unit_id, valid_from=valid_from)
    keep_owners([made], valid_from)
    after = {"code": code, "name": name, "owner_unit": owner_unit_id, "valid_from": valid_from}
    record(actor, "organisation.product.created", subject=("product", made.id), unit=owner_unit_id, after=after)
    return product_report(actor=actor, product_id=made.id)


@transaction.atomic
def change_product(*, actor: Actor, product_id: UUID, name: str, owner_unit_id: UUID) -> ProductSummary:
    """Rename a product, or let another unit answer for it from today on; who answered for it before is kept.

    Raises
    ------
    NotAllowedError: it takes the right to change both units. ConflictError: ``unit_not_there``. InputError.
    NotFoundError.
    """
    product = _changeable(actor, product_id)
    visible_unit(actor, owner_unit_id)
    actor.require(CHANGE, unit=owner_unit_id)
    name = cleaned(name, field="name", most=200)
    take_turn()
    require_unit_on(owner_unit_id, max(actor.at.date(), product.valid_from))
    before = {"name": product.name, "owner_unit": product.owner_unit_id}
    after = {"name": name, "owner_unit": owner_unit_id}
    if before != after:
        product.name, product.owner_unit_id = name, owner_unit_id
        product.save(update_fields=["name", "owner_unit"])
        keep_owners([product], actor.at.date())
        subject = ("product", product.id)
        event = "organisation.product.changed"
        record(actor, event, subject=subject, unit=owner_unit_id, before=before, after=after)
    return product_report(actor=actor, product_id=product_id)


@transaction.atomic
def end_product(*, actor: Actor, product_id: UUID, on: date) -> ProductSummary:
    """Let a product end on a date.

    Raises
    ------
    ConflictError: ``product_ended_already``, ``product_ends_at_start``. NotAllowedError. NotFoundError.
    """
    product = _changeable(actor, product_id)
    require_day(on)
    take_turn()
    product.refresh_from_db()
    if product.valid_until is not None and product.valid_until <= on:
        raise ConflictError("product_ended_already", on=product.valid_until)
    if on <= product.valid_from:
        raise ConflictError("product_ends_at_start", on=product.valid_from)
    before = {"valid_until": product.valid_until}
    product.valid_until = on
    product.save(update_fields=["valid_until"])
    keep_owners([product], on)
    record(
        actor,
        "organisation.product.ended",
        subject=("product", product.id),
        unit=product.owner_unit_id,
        before=before,
        after={"valid_until": on},
    )
    return product_report(actor=actor, product_id=product_id)


def require_unit_on(unit_id: UUID, day: date) -> None:
    """Refuse a unit that is not there on a day (``unit_not_there``)."""
    if unit_id not in structure_on(day).nodes:
        raise ConflictError("unit_not_there", on=day)


def _changeable(actor: Actor, product_id: UUID) -> Product:
    product: Product | None = Product.objects.visible_to(actor).filter(id=product_id).first()
    if product is None:
        raise NotFoundError("product_not_found", id=str(product_id))
    actor.require(CHANGE, unit=product.owner_unit_id)
    return product
