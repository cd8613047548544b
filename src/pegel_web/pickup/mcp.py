"""Folders from which files are picked up, for agents."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.pickup import queries, services
from pegel_web.pickup.contracts import PickupOverview, PickupReport


@tool(permission="flow.stream.change")
def pickup_overview(actor: Actor) -> PickupOverview:
    """List the folders whose files are imported by themselves: state, last look, how many wait or were refused."""
    return queries.pickup_overview(actor=actor)


@tool(permission="flow.stream.change")
def pickup_folder(actor: Actor, *, folder_id: UUID) -> PickupReport:
    """Tell how the files of a folder are read, which came last, and why some were refused; ids: pickup_overview."""
    return queries.pickup_folder(actor=actor, folder_id=folder_id)


@tool(permission="flow.stream.change", reads=False)
def declare_pickup(actor: Actor, *, name: str, file_id: UUID) -> PickupReport:
    """Have the files of a sub-folder imported by themselves, read like an earlier import.

    name: path below the folder of the installation, such as claims/motor. file_id: an import; see brought_files.
    """
    return services.declare_folder(actor=actor, name=name, file_id=file_id)


@tool(permission="flow.stream.change", reads=False)
def pause_pickup(actor: Actor, *, folder_id: UUID) -> PickupReport:
    """Look into a folder no more until somebody resumes it."""
    return services.pause_folder(actor=actor, folder_id=folder_id)


@tool(permission="flow.stream.change", reads=False)
def resume_pickup(actor: Actor, *, folder_id: UUID) -> PickupReport:
    """Look into a paused folder again, from now on with the rights of whoever resumes it."""
    return services.resume_folder(actor=actor, folder_id=folder_id)


@tool(permission="flow.stream.change", reads=False)
def remove_pickup(actor: Actor, *, folder_id: UUID) -> None:
    """Forget that a folder was declared; what it brought, and what lies in it, stays."""
    services.remove_folder(actor=actor, folder_id=folder_id)
