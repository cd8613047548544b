"""The inventory of use cases, for programs."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.portfolio.contracts.case_inventory import InventoryCase
from pegel_web.portfolio.inventory_files import KINDS, InventoryForm, inventory_file
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries import case_pages as queries

router = Router(tags=["use cases"])
_FILES: Final = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()}


@router.get("/inventory/use-cases", response=list[InventoryCase])
@paginate
def case_inventory(
    request: ApiRequest, state: CaseState | None = None, unit_id: UUID | None = None, text: str = ""
) -> tuple[InventoryCase, ...]:
    """Everything that is written about use cases, by number."""
    return queries.case_inventory(actor=request.actor, state=state, unit_id=unit_id, text=text)


@router.get("/inventory/use-cases/file", openapi_extra={"responses": {200: {"content": _FILES}}})
def case_inventory_file(
    request: ApiRequest,
    form: InventoryForm = "csv",
    state: CaseState | None = None,
    unit_id: UUID | None = None,
    text: str = "",
) -> HttpResponse:
    """The same as a file (CSV, XLSX, JSON) that `POST /imports/use-cases` reads again."""
    found = queries.case_inventory(actor=request.actor, state=state, unit_id=unit_id, text=text)
    return inventory_file(form, found)
