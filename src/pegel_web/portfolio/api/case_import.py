"""Importing use cases, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.portfolio.contracts.case_import import CaseImportReport, RefusedCaseRow
from pegel_web.portfolio.importing.inventory_reading import MOST_BYTES
from pegel_web.portfolio.queries import case_import as queries
from pegel_web.portfolio.services import case_import as services

router = Router(tags=["use cases"])


class CaseImportTerms(Schema):
    """What the inventory is called, and whose the use cases are where the file does not say."""

    source: str = Field(max_length=200, description="The same name again changes what is known.")
    unit_id: UUID = Field(description="Unit of use cases whose unit is not known here.")


class CaseImportMapping(Schema):
    """What columns mean: header to field, `keep` (kept as the source says it) or empty (not read)."""

    columns: dict[str, str] = Field(default_factory=dict, max_length=200)


class CaseImportConfirmation(Schema):
    """What is confirmed."""

    digest: str = Field(max_length=64, description="The `digest` of the preview.")


@router.get("/imports/use-cases", response=list[CaseImportReport])
@paginate
def case_imports(request: ApiRequest) -> tuple[CaseImportReport, ...]:
    """The latest imports of use cases, without their lines."""
    return queries.case_imports(actor=request.actor)


@router.post("/imports/use-cases", response={201: CaseImportReport})
def preview_case_import(
    request: ApiRequest, sent: Form[CaseImportTerms], file: File[UploadedFile]
) -> Status[CaseImportReport]:
    """Say what a file (CSV, XLSX, JSON, Markdown) would create and change; nothing changes yet."""
    content = file.read(MOST_BYTES + 1)
    made = services.preview_case_import(actor=request.actor, content=content, file_name=file.name or "", **sent.dict())
    return Status(201, made)


@router.get("/imports/use-cases/{uuid:case_import_id}", response=CaseImportReport)
def case_import(request: ApiRequest, case_import_id: UUID) -> CaseImportReport:
    """What an import would do, or did."""
    return queries.case_import(actor=request.actor, case_import_id=case_import_id)


@router.post("/imports/use-cases/{uuid:case_import_id}/columns", response=CaseImportReport)
def map_case_import(request: ApiRequest, case_import_id: UUID, sent: CaseImportMapping) -> CaseImportReport:
    """Say what columns mean, and plan anew against the use cases as they are now."""
    return services.map_case_import(actor=request.actor, case_import_id=case_import_id, mapping=sent.columns)


@router.post(
    "/imports/use-cases/{uuid:case_import_id}/confirm", response={200: CaseImportReport, 202: CaseImportReport}
)
def confirm_case_import(
    request: ApiRequest, case_import_id: UUID, sent: CaseImportConfirmation
) -> Status[CaseImportReport]:
    """Do what the preview showed: all of it, or nothing. Large imports are done in the background (202)."""
    found = services.confirm_case_import(actor=request.actor, case_import_id=case_import_id, seen=sent.digest)
    return Status(202 if found.state == "queued" else 200, found)


@router.get("/imports/use-cases/{uuid:case_import_id}/refused", response=list[RefusedCaseRow])
@paginate
def refused_case_rows(request: ApiRequest, case_import_id: UUID) -> tuple[RefusedCaseRow, ...]:
    """Every row that was refused, with its reason. It is kept for a day."""
    return queries.refused_case_rows(actor=request.actor, case_import_id=case_import_id)


@router.post("/imports/use-cases/{uuid:case_import_id}/discard", response=CaseImportReport)
def discard_case_import(request: ApiRequest, case_import_id: UUID) -> CaseImportReport:
    """Forget a preview and its rows."""
    return services.discard_case_import(actor=request.actor, case_import_id=case_import_id)
