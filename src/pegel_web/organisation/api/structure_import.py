"""Importing the organisation, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.organisation.contracts.structure_import import ImportReport, RejectedRow
from pegel_web.organisation.importing.reading import MOST_BYTES
from pegel_web.organisation.queries import structure_import as queries
from pegel_web.organisation.services import structure_import as services
from pegel_web.organisation.services.import_confirmation import confirm_import as confirm

router = Router(tags=["organisation"])


class ImportTerms(Schema):
    """What a file holds, from when it is right, and how far it goes."""

    effective_date: date
    kind: str | None = Field(
        None, max_length=40, description="What a CSV holds; left out: a workbook whose sheets are called that."
    )
    with_names: bool = Field(False, description="Names and addresses of people are read, too.")
    complete: bool = Field(False, description="What a table does not mention ends on that day.")


class ImportConfirmation(Schema):
    """What is confirmed."""

    digest: str = Field(max_length=64, description="The `digest` of the preview.")


@router.get("/imports/organisation", response=list[ImportReport])
@paginate
def structure_imports(request: ApiRequest) -> tuple[ImportReport, ...]:
    """The latest imports, without their lines."""
    return queries.structure_imports(actor=request.actor)


@router.post("/imports/organisation", response={201: ImportReport})
def preview_import(request: ApiRequest, sent: Form[ImportTerms], file: File[UploadedFile]) -> Status[ImportReport]:
    """Say what a file (CSV, XLSX) would change; nothing changes yet."""
    content = file.read(MOST_BYTES + 1)
    made = services.preview_import(actor=request.actor, content=content, file_name=file.name or "", **sent.dict())
    return Status(201, made)


@router.get("/imports/organisation/{uuid:import_id}", response=ImportReport)
def import_report(request: ApiRequest, import_id: UUID) -> ImportReport:
    """What an import would do, or did."""
    return queries.import_report(actor=request.actor, import_id=import_id)


@router.post("/imports/organisation/{uuid:import_id}/confirm", response={200: ImportReport, 202: ImportReport})
def confirm_import(request: ApiRequest, import_id: UUID, sent: ImportConfirmation) -> Status[ImportReport]:
    """Do what the preview showed: all of it, or nothing.

    Large imports are done in the background: 202, `state` is `queued`, and `job.id` is the job to ask for at `/jobs`.
    Once it is done the import is `confirmed`; where it failed or was cancelled it is `previewed` again, `job` says why,
    and nothing has changed.
    """
    found = confirm(actor=request.actor, import_id=import_id, seen=sent.digest)
    return Status(202 if found.state == "queued" else 200, found)


@router.get("/imports/organisation/{uuid:import_id}/refused", response=list[RejectedRow])
@paginate
def refused_rows(request: ApiRequest, import_id: UUID) -> tuple[RejectedRow, ...]:
    """Everything that was refused, each with its reason. It is kept for a day."""
    return queries.refused_rows(actor=request.actor, import_id=import_id)


@router.post("/imports/organisation/{uuid:import_id}/refresh", response=ImportReport)
def refresh_import(request: ApiRequest, import_id: UUID) -> ImportReport:
    """Plan it anew against the organisation as it is now."""
    return services.refresh_import(actor=request.actor, import_id=import_id)


@router.post("/imports/organisation/{uuid:import_id}/discard", response=ImportReport)
def discard_import(request: ApiRequest, import_id: UUID) -> ImportReport:
    """Forget a preview and its rows."""
    return services.discard_import(actor=request.actor, import_id=import_id)
