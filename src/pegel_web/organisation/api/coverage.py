"""Functions of the line organisation in product teams, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Router, Schema

from pegel_web.core.rest import ApiRequest
from pegel_web.organisation.contracts.coverage import FunctionCoverage, WantedFunctions
from pegel_web.organisation.queries import coverage as queries
from pegel_web.organisation.services import coverage as services

router = Router(tags=["organisation"])


class Wanted(Schema):
    """What a product team needs."""

    product_id: UUID | None = Field(None, description="Left out: every product without a declaration of its own.")
    unit_ids: list[UUID] = Field(max_length=500, description="The functions; empty: nothing is declared any more.")


@router.get("/coverage", response=FunctionCoverage)
def function_coverage(request: ApiRequest, on: date | None = None) -> FunctionCoverage:
    """Which functions take part in which product on a day, and which are missing; people as numbers only."""
    return queries.function_coverage(actor=request.actor, on=on)


@router.put("/coverage/wanted", response=WantedFunctions)
def set_wanted_functions(request: ApiRequest, sent: Wanted) -> WantedFunctions:
    """Say which functions a product, or every product, needs from today on."""
    return services.set_wanted_functions(actor=request.actor, product_id=sent.product_id, unit_ids=sent.unit_ids)
