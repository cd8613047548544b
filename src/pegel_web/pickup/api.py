"""Folders from which files are picked up, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest
from pegel_web.pickup import queries, services
from pegel_web.pickup.contracts import PickupOverview, PickupReport

router = Router(tags=["imports"])


class DeclaredFolder(Schema):
    """A folder and how its files are read."""

    name: str = Field(max_length=200, description="Path below the folder that the installation names.")
    file_id: UUID = Field(description="An import whose reading, unit and value stream hold for every file.")


@router.get("/imports/pickup", response=PickupOverview)
def pickup_overview(request: ApiRequest) -> PickupOverview:
    """Folders whose files are imported by themselves."""
    return queries.pickup_overview(actor=request.actor)


@router.post("/imports/pickup", response={201: PickupReport})
def declare_folder(request: ApiRequest, sent: DeclaredFolder) -> Status[PickupReport]:
    """Have the files of a folder imported like an earlier import, with your rights."""
    return Status(201, services.declare_folder(actor=request.actor, name=sent.name, file_id=sent.file_id))


@router.get("/imports/pickup/{uuid:folder_id}", response=PickupReport)
def pickup_folder(request: ApiRequest, folder_id: UUID) -> PickupReport:
    """One folder: its last look, its latest files, what was refused and why."""
    return queries.pickup_folder(actor=request.actor, folder_id=folder_id)


@router.post("/imports/pickup/{uuid:folder_id}/pause", response=PickupReport)
def pause_folder(request: ApiRequest, folder_id: UUID) -> PickupReport:
    """Look into a folder no more until somebody resumes it."""
    return services.pause_folder(actor=request.actor, folder_id=folder_id)


@router.post("/imports/pickup/{uuid:folder_id}/resume", response=PickupReport)
def resume_folder(request: ApiRequest, folder_id: UUID) -> PickupReport:
    """Look into a folder again, from now on with your rights."""
    return services.resume_folder(actor=request.actor, folder_id=folder_id)


@router.delete("/imports/pickup/{uuid:folder_id}", response={204: None})
def remove_folder(request: ApiRequest, folder_id: UUID) -> Status[None]:
    """Forget that a folder was declared; what it brought stays."""
    services.remove_folder(actor=request.actor, folder_id=folder_id)
    return Status(204, None)
