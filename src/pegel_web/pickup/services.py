"""What people do with folders: declare, pause, resume, remove."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import cast
from uuid import UUID

from django.db import transaction

from pegel.errors import NotFoundError
from pegel.sources.transitions.source import stem
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.ingestion.contracts import FileReport, Reading
from pegel_web.ingestion.queries import brought_file
from pegel_web.pickup import place
from pegel_web.pickup.contracts import PickupReport
from pegel_web.pickup.models import FolderState, PickupFolder
from pegel_web.pickup.queries import pickup_folder

#: Tables whose columns people choose; every other format says itself what it holds.
_TABLES = ("csv.transitions", "csv.dates")
_ORDERS = ("dmy", "mdy", "ymd")


def declare_folder(*, actor: Actor, name: str, file_id: UUID) -> PickupReport:
    """Have the files of a sub-folder imported like an earlier import, for its unit and with the actor's rights.

    Raises
    ------
    InputError: ``pickup_not_configured``, ``pickup_not_here``, ``pickup_name_unusable``, ``pickup_no_plain_folder``,
    ``pickup_folder_closed``. NotFoundError: ``brought_unknown``, ``pickup_folder_missing``. NotAllowedError:
    ``not_allowed``. ConflictError: ``pickup_example_not_imported``, ``pickup_folder_taken``.
    """
    person = actor.person()
    example = brought_file(actor=actor, file_id=file_id)
    actor.require(CHANGE, unit=example.line.unit_id)
    if example.line.state != "imported" or example.content is None:
        raise ConflictError("pickup_example_not_imported", file=example.line.file_name)
    path = place.checked_name(name)
    with place.opened(path), transaction.atomic():
        values = {
            "unit_id": example.line.unit_id, "person_id": person, "example_id": file_id,
            "options": asdict(_as_confirmed(example)), "created_at": actor.at, "changed_at": actor.at,
        }  # fmt: skip
        everything = PickupFolder.objects.everything(because="one folder is declared once, by whoever comes first")
        row, made = everything.get_or_create(name=path, defaults=values)
        if not made:
            raise ConflictError("pickup_folder_taken", name=path)
        _record(actor, "declared", row, after={"folder": path, "like": example.line.file_name})
        return pickup_folder(actor=actor, folder_id=row.id)


def pause_folder(*, actor: Actor, folder_id: UUID) -> PickupReport:
    """Look into a folder no more until somebody resumes it.

    Raises
    ------
    NotFoundError: ``pickup_unknown``. ConflictError: ``pickup_not_now``.
    """
    return _turned(actor, folder_id, FolderState.ACTIVE, FolderState.PAUSED, "paused")


def resume_folder(*, actor: Actor, folder_id: UUID) -> PickupReport:
    """Look into a paused folder again, from now on with the rights of the actor.

    Raises
    ------
    NotFoundError: ``pickup_unknown``. ConflictError: ``pickup_not_now``.
    """
    return _turned(actor, folder_id, FolderState.PAUSED, FolderState.ACTIVE, "resumed")


def remove_folder(*, actor: Actor, folder_id: UUID) -> None:
    """Forget that a folder was declared; what it brought stays, and so do the files that still lie in it.

    Raises
    ------
    NotFoundError: ``pickup_unknown``.
    """
    with transaction.atomic():
        row = _locked(actor, folder_id)
        _record(actor, "removed", row, after={"folder": row.name})
        row.delete()


def pause_because(actor: Actor, row: PickupFolder, code: str) -> None:
    """Pause a folder whose files nobody may import any more, as part of the open transaction."""
    row.state, row.problem, row.changed_at = FolderState.PAUSED, {"code": code, "values": {}}, actor.at
    row.save(update_fields=["state", "problem", "changed_at"])
    _record(actor, "paused", row, after={"folder": row.name, "because": code})


def _as_confirmed(example: FileReport) -> Reading:
    """Return the reading of an import with what was found out about it, so that no later file is read otherwise."""
    reading, content = example.reading, example.content
    assert content is not None  # noqa: S101  (checked by the caller; for the type)
    order = str(content.notes.get("date_order", "")).partition(":")[0]
    named_after_file = list(content.streams) == [stem(Path(example.line.file_name))]
    return replace(
        reading,
        format=reading.format or content.source,
        columns=dict(content.columns if content.source in _TABLES else reading.columns),
        date_order=reading.date_order or (order if order in _ORDERS else ""),
        stream=reading.stream or (next(iter(content.streams)) if named_after_file else ""),
    )


def _turned(actor: Actor, folder_id: UUID, old: str, new: str, event: str) -> PickupReport:
    with transaction.atomic():
        row = _locked(actor, folder_id)
        if row.state != old:
            raise ConflictError("pickup_not_now", name=row.name)
        row.state, row.problem, row.changed_at = new, None, actor.at
        if new == FolderState.ACTIVE:
            row.person_id = actor.person()
        row.save(update_fields=["state", "problem", "changed_at", "person"])
        _record(actor, event, row, after={"folder": row.name})
        return pickup_folder(actor=actor, folder_id=row.id)


def _locked(actor: Actor, folder_id: UUID) -> PickupFolder:
    rows = PickupFolder.objects.visible_to(actor).select_for_update()
    row = cast("PickupFolder | None", rows.filter(pk=folder_id).first())
    if row is None:
        raise NotFoundError("pickup_unknown", id=folder_id)
    actor.require(CHANGE, unit=row.unit_id)
    return row


def _record(actor: Actor, event: str, row: PickupFolder, *, after: dict[str, object]) -> None:
    record(actor, f"pickup.folder.{event}", subject=("pickup_folder", row.id), unit=row.unit_id, after=after)
