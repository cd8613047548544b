"""Folders from which files are picked up, as an actor may see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Count, Q

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.ingestion.contracts import Problem, Reading
from pegel_web.ingestion.queries import brought_files
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.pickup import place
from pegel_web.pickup.contracts import Example, FileState, PickedLine, PickupLine, PickupOverview, PickupReport, State
from pegel_web.pickup.models import PickedFile, PickState, PickupFolder

_MOST_FILES: Final = 100
_WAITING: Final = (PickState.SEEN, PickState.CLAIMED)


def pickup_overview(*, actor: Actor) -> PickupOverview:
    """Return the folders of the units whose streams an actor may change, by name.

    Raises
    ------
    NotAllowedError: ``not_allowed`` for people who may change no streams.
    """
    actor.require_somewhere(CHANGE)
    structure = structure_on(actor.at.date())
    rows = _counted(PickupFolder.objects.visible_to(actor)).order_by("name")
    folders = tuple(line_of(row, structure) for row in cast("Iterable[PickupFolder]", rows))
    return PickupOverview(configured=place.root() is not None, folders=folders)


def pickup_folder(*, actor: Actor, folder_id: UUID) -> PickupReport:
    """Return one folder.

    Raises
    ------
    NotFoundError: ``pickup_unknown``, also for a folder that the actor may not see.
    """
    row = _counted(PickupFolder.objects.visible_to(actor)).filter(pk=folder_id).first()
    if row is None:
        raise NotFoundError("pickup_unknown", id=folder_id)
    files = PickedFile.objects.visible_to(actor).filter(folder_id=row.id).order_by("-changed_at", "file_name")
    return PickupReport(
        line=line_of(row, structure_on(actor.at.date())),
        reading=Reading(**row.options),
        files=tuple(_picked(one) for one in cast("Iterable[PickedFile]", files[:_MOST_FILES])),
    )


def examples(*, actor: Actor) -> tuple[Example, ...]:
    """Return the imports that people confirmed, whose reading a new folder can take over, the newest first."""
    imports = [one for one in brought_files(actor=actor) if one.state == "imported"]
    found = PickedFile.objects.visible_to(actor).filter(
        state=PickState.IMPORTED, brought__in=[one.id for one in imports]
    )
    picked = set(found.values_list("brought", flat=True))
    return tuple(
        Example(file_id=one.id, file_name=one.file_name, unit_name=one.unit_name, imported_at=one.changed_at)
        for one in imports
        if one.id not in picked
    )


def line_of(row: PickupFolder, structure: Structure) -> PickupLine:
    """Return a counted folder as a line of the list."""
    node = structure.nodes.get(row.unit_id)
    counted: Any = row
    return PickupLine(
        id=row.id,
        name=row.name,
        unit_id=row.unit_id,
        unit_name="" if node is None else node.name,
        example_id=row.example_id,
        example_name=row.example.file_name,
        state=cast("State", row.state),
        problem=_problem(row.problem),
        last_look_at=row.last_look_at,
        waiting=counted.waiting,
        imported=counted.imported,
        refused=counted.refused,
        created_at=row.created_at,
    )


def _counted(rows: Any) -> Any:
    return (
        rows.select_related("example")
        .defer("example__look", "example__result")
        .annotate(
            waiting=Count("files", filter=Q(files__state__in=_WAITING)),
            imported=Count("files", filter=Q(files__state=PickState.IMPORTED)),
            refused=Count("files", filter=Q(files__state=PickState.REFUSED)),
        )
    )


def _picked(row: PickedFile) -> PickedLine:
    return PickedLine(
        id=row.id,
        file_name=row.file_name,
        size=row.size,
        state=cast("FileState", row.state),
        reason=_problem(row.reason),
        brought_id=row.brought,
        seen_at=row.seen_at,
        changed_at=row.changed_at,
    )


def _problem(kept: dict[str, Any] | None) -> Problem | None:
    return None if kept is None else Problem(code=kept["code"], values=kept["values"])
