"""Files with the history of work, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.ingestion import queries, services
from pegel_web.ingestion.contracts import FileLine, FileReport, Reading, Rejected

router = Router(tags=["imports"])


class Brought(Schema):
    """Whose the file is."""

    unit_id: UUID = Field(description="The unit whose work is in it.")
    stream: str = Field("", max_length=200, description="All items go to this value stream; empty: what the file says.")


class Options(Schema):
    """How a file is to be read; what is left out is found out."""

    format: str = Field("", max_length=60)
    stream: str = Field("", max_length=200)
    columns: dict[str, str] = Field({}, description="Role → column.")
    date_order: str = Field("", pattern="^(dmy|mdy|ymd|)$")
    zone: str = Field("UTC", max_length=60)
    titles: bool = Field(False, description="Take titles (free text) over.")
    encoding: str = Field("", max_length=40)
    delimiter: str = Field("", max_length=1)
    sheet: str = Field("", max_length=200)
    object_type: str = Field("", max_length=200)


class Confirmed(Schema):
    """What is confirmed."""

    seen: str = Field(max_length=64, description="The `seen` of the report that was looked at.")


@router.get("/imports/files", response=list[FileLine])
@paginate
def brought_files(request: ApiRequest) -> tuple[FileLine, ...]:
    """Files that were brought for your units, the newest first."""
    return queries.brought_files(actor=request.actor)


@router.post("/imports/files", response={202: FileReport})
def bring_file(request: ApiRequest, sent: Form[Brought], file: File[UploadedFile]) -> Status[FileReport]:
    """Bring an export, a CSV, XLSX or event log. It is read in the background; nothing is imported yet."""
    made = services.bring_file(
        actor=request.actor,
        unit_id=sent.unit_id,
        file_name=file.name or "",
        parts=file.chunks(),
        reading=Reading(stream=sent.stream),
    )
    return Status(202, made)


@router.get("/imports/files/{uuid:file_id}", response=FileReport)
def brought_file(request: ApiRequest, file_id: UUID) -> FileReport:
    """How far a file has come: what it holds, what stands in the way, what its import did."""
    return queries.brought_file(actor=request.actor, file_id=file_id)


@router.get("/imports/files/{uuid:file_id}/rejected", response=list[Rejected])
@paginate
def rejected_rows(request: ApiRequest, file_id: UUID) -> tuple[Rejected, ...]:
    """The rows that cannot be used, with the reason; at most 1,000."""
    return queries.rejected_rows(actor=request.actor, file_id=file_id)


@router.put("/imports/files/{uuid:file_id}/reading", response={202: FileReport})
def read_anew(request: ApiRequest, file_id: UUID, sent: Options) -> Status[FileReport]:
    """Say how a file is to be read, and have it read again."""
    return Status(202, services.read_anew(actor=request.actor, file_id=file_id, reading=Reading(**sent.dict())))


@router.post("/imports/files/{uuid:file_id}/confirm", response={202: FileReport})
def confirm_file(request: ApiRequest, file_id: UUID, sent: Confirmed) -> Status[FileReport]:
    """Import a file as it was shown; one that was stopped goes on."""
    return Status(202, services.confirm_file(actor=request.actor, file_id=file_id, seen=sent.seen))


@router.post("/imports/files/{uuid:file_id}/discard", response={204: None})
def discard_file(request: ApiRequest, file_id: UUID) -> Status[None]:
    """Forget a file that was not imported."""
    services.discard_file(actor=request.actor, file_id=file_id)
    return Status(204, None)


@router.post("/imports/files/{uuid:file_id}/undo", response={202: FileReport})
def undo_import(request: ApiRequest, file_id: UUID) -> Status[FileReport]:
    """Take the import of a file back: what it alone said is gone from every figure."""
    return Status(202, services.undo_import(actor=request.actor, file_id=file_id))
