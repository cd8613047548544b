"""Units and products, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.organisation.contracts.units import OrganisationTree, ProductSummary, UnitEnded, UnitReport, UnitSummary
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries import products as product_queries
from pegel_web.organisation.queries import units as queries
from pegel_web.organisation.services import products as product_services
from pegel_web.organisation.services import units as services

router = Router(tags=["organisation"])


class UnitName(Schema):
    """What a unit is called from a day on."""

    name: str = Field(max_length=1000)
    kind: UnitKind
    on: date = Field(description="The first day on which it is so; earlier days stay as they were.")


class UnitPlace(Schema):
    """Where a unit hangs from a day on."""

    parent_id: UUID
    on: date


class UnitEnd(Schema):
    """The first day without a unit, and who takes over."""

    on: date
    successor_id: UUID | None = Field(None, description="Gets units below, people and products; roles end.")


class NewUnit(Schema):
    """A unit that begins."""

    code: str = Field(max_length=500, description="Your own sign for it.")
    name: str = Field(max_length=1000)
    kind: UnitKind
    parent_id: UUID | None = None
    valid_from: date


class ProductValues(Schema):
    """What a product is called, and the unit that answers for it."""

    name: str = Field(max_length=1000)
    owner_unit_id: UUID


class NewProduct(ProductValues):
    """A product to be added."""

    code: str = Field(max_length=500)
    valid_from: date


class ProductEnd(Schema):
    """The first day without a product."""

    on: date


@router.get("/organisation", response=OrganisationTree)
def organisation_tree(request: ApiRequest, on: date | None = None) -> OrganisationTree:
    """The units as they stood on a day (left out: today), parents before children."""
    return queries.organisation_tree(actor=request.actor, on=on)


@router.get("/units/{uuid:unit_id}", response=UnitReport)
def unit_report(request: ApiRequest, unit_id: UUID, on: date | None = None) -> UnitReport:
    """One unit as it stood on a day, with its history."""
    return queries.unit_report(actor=request.actor, unit_id=unit_id, on=on)


@router.post("/units", response={201: UnitSummary})
def create_unit(request: ApiRequest, sent: NewUnit) -> Status[UnitSummary]:
    """Begin a unit, or let one with that code begin again after it had ended."""
    return Status(201, services.create_unit(actor=request.actor, **sent.dict()))


@router.post("/units/{uuid:unit_id}/rename", response=UnitSummary)
def rename_unit(request: ApiRequest, unit_id: UUID, sent: UnitName) -> UnitSummary:
    """Give a unit another name or kind from a day on."""
    return services.rename_unit(actor=request.actor, unit_id=unit_id, **sent.dict())


@router.post("/units/{uuid:unit_id}/move", response=UnitSummary)
def move_unit(request: ApiRequest, unit_id: UUID, sent: UnitPlace) -> UnitSummary:
    """Hang a unit, with everything under it, under another one from a day on."""
    return services.move_unit(actor=request.actor, unit_id=unit_id, **sent.dict())


@router.post("/units/{uuid:unit_id}/end", response=UnitEnded)
def end_unit(request: ApiRequest, unit_id: UUID, sent: UnitEnd) -> UnitEnded:
    """End a unit on a day."""
    return services.end_unit(actor=request.actor, unit_id=unit_id, **sent.dict())


@router.get("/products", response=list[ProductSummary])
@paginate
def product_list(request: ApiRequest, on: date | None = None) -> tuple[ProductSummary, ...]:
    """Products and the units that answer for them."""
    return product_queries.product_list(actor=request.actor, on=on)


@router.post("/products", response={201: ProductSummary})
def create_product(request: ApiRequest, sent: NewProduct) -> Status[ProductSummary]:
    """Add a product."""
    return Status(201, product_services.create_product(actor=request.actor, **sent.dict()))


@router.put("/products/{uuid:product_id}", response=ProductSummary)
def change_product(request: ApiRequest, product_id: UUID, sent: ProductValues) -> ProductSummary:
    """Rename a product, or let another unit answer for it."""
    return product_services.change_product(actor=request.actor, product_id=product_id, **sent.dict())


@router.post("/products/{uuid:product_id}/end", response=ProductSummary)
def end_product(request: ApiRequest, product_id: UUID, sent: ProductEnd) -> ProductSummary:
    """Let a product end."""
    return product_services.end_product(actor=request.actor, product_id=product_id, on=sent.on)
