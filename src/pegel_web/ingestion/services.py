"""What people do with files: bring them, say how they are to be read, confirm, discard, undo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Final, cast
from uuid import UUID, uuid4

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.batch import name_defect
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, LimitedError
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.ingestion import place
from pegel_web.ingestion.contracts import FileReport, Reading
from pegel_web.ingestion.models import KEPT, BroughtFile, FileState
from pegel_web.ingestion.queries import report_of, seen_file, seen_of, settle
from pegel_web.jobs.services import enqueue
from pegel_web.organisation.queries.structure import structure_on

#: Files of a unit that wait for somebody; more is a mistake of a program.
MOST_WAITING: Final = 30
#: Who has not decided by then has forgotten the file; it may hold names, and goes.
FORGOTTEN_AFTER: Final = timedelta(days=14)

LOOK, IMPORT, UNDO, DISCARD = "ingestion.look", "ingestion.import", "ingestion.undo", "ingestion.discard"


def bring_file(
    *,
    actor: Actor,
    unit_id: UUID,
    file_name: str,
    parts: Iterable[bytes],
    reading: Reading | None = None,
    file_id: UUID | None = None,
) -> FileReport:
    """Take a file in for the streams of a unit and have it read. Nothing is imported before somebody confirms it.

    ``file_id``: a new id that the caller wrote down before, to know after a fall whether the file was brought.

    Raises
    ------
    NotFoundError: ``unit_unknown``. NotAllowedError: ``not_allowed``. LimitedError: ``brought_too_large``,
    ``brought_too_many``. InputError: ``brought_empty``, ``brought_no_room``, ``stream_name_unusable``.
    """
    if unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    actor.require(CHANGE, unit=unit_id)
    options = _checked(reading or Reading())
    waiting = BroughtFile.objects.everything(because="counted, not shown").filter(unit_id=unit_id, state__in=KEPT)
    if waiting.count() >= MOST_WAITING:
        raise LimitedError("brought_too_many", most=MOST_WAITING)
    file_id, name = file_id or uuid4(), place.safe_name(file_name)
    size, digest = place.keep(file_id, name, parts)
    try:
        with transaction.atomic():
            row = BroughtFile.objects.create(
                id=file_id, unit_id=unit_id, file_name=name, size=size, digest=digest, options=asdict(options),
                created_at=actor.at, changed_at=actor.at,
            )  # fmt: skip
            _record(actor, "received", row, after={"file": name, "bytes": size, "sha256": digest})
            _work(actor, row, LOOK)
    except BaseException:
        place.forget(file_id)
        raise
    return report_of(row, actor)


def read_anew(*, actor: Actor, file_id: UUID, reading: Reading) -> FileReport:
    """Say how a file is to be read, and have it read again.

    Raises
    ------
    NotFoundError: ``brought_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``brought_not_now``.
    InputError: ``stream_name_unusable``.
    """
    options = _checked(reading)
    with transaction.atomic():
        row = _locked(actor, file_id, (FileState.ASKING, FileState.UNREADABLE, FileState.READY))
        before, row.options = row.options, asdict(options)
        row.state, row.problem, row.look = FileState.LOOKING, None, None
        changed = sorted(name for name, value in row.options.items() if before.get(name) != value)
        _record(actor, "read_anew", row, after={"changed": changed})
        _work(actor, row, LOOK)
        return report_of(row, actor)


def confirm_file(*, actor: Actor, file_id: UUID, seen: str) -> FileReport:
    """Import a file as it was shown, in the background; one that was stopped goes on where it stopped.

    Raises
    ------
    NotFoundError: ``brought_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``brought_not_now``,
    ``brought_seen_other``.
    """
    with transaction.atomic():
        row = _locked(actor, file_id, (FileState.READY, FileState.PAUSED))
        if seen != seen_of(row):
            raise ConflictError("brought_seen_other", file=row.file_name)
        row.state = FileState.IMPORTING
        _record(actor, "confirmed", row, after={"file": row.file_name, "sha256": row.digest})
        _work(actor, row, IMPORT)
        return report_of(row, actor)


def discard_file(*, actor: Actor, file_id: UUID) -> None:
    """Forget a file that was not imported, and what a stopped import of it left.

    Raises
    ------
    NotFoundError: ``brought_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``brought_not_now``.
    """
    with transaction.atomic():
        row = _locked(actor, file_id, (FileState.ASKING, FileState.UNREADABLE, FileState.READY, FileState.PAUSED))
        row.state, row.look, row.problem = FileState.DISCARDED, None, None
        _record(actor, "discarded", row, after={"file": row.file_name})
        _work(actor, row, DISCARD)


def undo_import(*, actor: Actor, file_id: UUID) -> FileReport:
    """Take the import of a file back, in the background: what it alone said is gone from every figure.

    Raises
    ------
    NotFoundError: ``brought_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``brought_not_now``,
    ``brought_not_its_import``.
    """
    with transaction.atomic():
        row = _locked(actor, file_id, (FileState.IMPORTED,))
        if not row.lake_import:
            raise ConflictError("brought_not_its_import", file=row.file_name)
        row.state = FileState.UNDOING
        _work(actor, row, UNDO)
        return report_of(row, actor)


def ended(actor: Actor, row: BroughtFile, event: str, **after: object) -> None:
    """Record how a piece of background work on a file ended, as part of the open transaction."""
    _record(actor, event, row, after={"file": row.file_name, **after})


def _record(actor: Actor, event: str, row: BroughtFile, *, after: dict[str, object]) -> None:
    record(actor, f"ingestion.file.{event}", subject=("brought_file", row.id), unit=row.unit_id, after=after)


def _work(actor: Actor, row: BroughtFile, kind: str) -> None:
    """Keep a row, and have its file worked on."""
    job = enqueue(
        actor=actor,
        kind=kind,
        arguments={"file": str(row.id), "name": row.file_name},
        label_code=f"{kind.replace('.', '.job.')}",
        unit=row.unit_id,
        key=f"{kind}:{row.id}",
    )
    row.job, row.changed_at = job.id, actor.at
    row.save()


def _locked(actor: Actor, file_id: UUID, states: Sequence[str]) -> BroughtFile:
    seen = seen_file(actor, file_id)
    actor.require(CHANGE, unit=seen.unit_id)
    rows = BroughtFile.objects.everything(because="seen in the lines above").select_for_update()
    row = cast("BroughtFile", rows.get(pk=file_id))
    settle([row])
    if row.state not in states:
        raise ConflictError("brought_not_now", file=row.file_name, state=row.state)
    return row


def _checked(reading: Reading) -> Reading:
    name = reading.stream
    if name and (name_defect(name) or not name.isprintable()):
        raise InputError("stream_name_unusable", name=name[:100])
    return reading
