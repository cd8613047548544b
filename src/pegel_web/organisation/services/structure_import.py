"""Looking at an import of the organisation: what would happen, once more, or not at all; and when it is forgotten."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.contracts.structure_import import ImportReport
from pegel_web.organisation.importing.current import read_current
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.importing.keeping import kept_of, pack, unpack
from pegel_web.organisation.importing.plan import counts, digest, planned
from pegel_web.organisation.importing.reading import ImportFile, read_file
from pegel_web.organisation.models import StructureImport
from pegel_web.organisation.models.structure_import import ImportState
from pegel_web.organisation.queries.structure_import import RUN, import_report, jobs_of, visible_import
from pegel_web.organisation.services.turn import state_number
from pegel_web.organisation.services.units import require_day

#: So long the rows of an import are kept; then only its counts are.
KEPT_FOR: Final = timedelta(days=1)


@transaction.atomic
def preview_import(
    *,
    actor: Actor,
    content: bytes,
    file_name: str,
    effective_date: date,
    kind: str | None = None,
    with_names: bool = False,
    complete: bool = False,
) -> ImportReport:
    """Read a file and say what would be added, changed, ended, and which rows cannot be taken over; nothing is changed.

    ``kind``: what a CSV holds (``units``, ``teams``, ``people``, ``memberships``, ``products``, ``roles``); None for a
    workbook whose sheets are called that. ``with_names``: names and addresses of people are read, too. ``complete``:
    what a table does not mention ends on the effective date.

    Raises
    ------
    NotAllowedError: ``organisation.import.run``, and the right to change what the tables are about, everywhere.
    InputError, LimitedError: see :func:`pegel_web.organisation.importing.reading.read_file`.
    """
    actor.require(RUN)
    require_day(effective_date)
    forget_rows(at=actor.at)
    file_name = file_name.replace("\0", "")[-200:]
    file = read_file(content, kind=kind, with_names=with_names, file_name=file_name or "…")
    draft = planned(file, read_current(), actor=actor, seed=uuid4(), effective=effective_date, complete=complete)
    made = StructureImport.objects.create(
        made_by_id=actor.person_id,
        made_at=actor.at,
        file_name=file_name,
        effective_date=effective_date,
        with_names=with_names,
        complete=complete,
        **_shown(file, draft),
    )
    after = {"rows": file.rows, "with_names": with_names, "complete": complete, "effective_date": effective_date}
    record(actor, "organisation.import.previewed", subject=("import", made.id), after=after)
    return import_report(actor=actor, import_id=made.id)


@transaction.atomic
def refresh_import(*, actor: Actor, import_id: UUID) -> ImportReport:
    """Plan an import anew against the organisation as it is now, from the rows that were read.

    Raises
    ------
    NotFoundError: ``import_unknown``. ConflictError: ``import_done_already``, ``import_expired``, ``import_under_way``.
    """
    found = locked_import(actor, import_id)
    _require_idle(actor, found)
    file, draft = planned_again(found, actor)
    for name, value in _shown(file, draft).items():
        setattr(found, name, value)
    found.save(update_fields=["rows", "digest", "result"])
    return import_report(actor=actor, import_id=import_id)


@transaction.atomic
def discard_import(*, actor: Actor, import_id: UUID) -> ImportReport:
    """Forget a preview and its rows.

    Raises
    ------
    ConflictError: ``import_done_already``, ``import_under_way``. NotFoundError: ``import_unknown``. NotAllowedError.
    """
    found = locked_import(actor, import_id)
    if found.state != ImportState.PREVIEWED:
        raise ConflictError("import_done_already")
    _require_idle(actor, found)
    found.state, found.rows = ImportState.DISCARDED, None
    found.save(update_fields=["state", "rows"])
    record(actor, "organisation.import.discarded", subject=("import", import_id))
    return import_report(actor=actor, import_id=import_id)


def forget_rows(*, at: datetime) -> int:
    """Forget the rows of imports that are older than a day; returns of how many."""
    rows = StructureImport.objects.everything(because="what is read from a file is kept for a day")
    old = rows.filter(made_at__lt=at - KEPT_FOR, rows__isnull=False)
    old.filter(state=ImportState.PREVIEWED).update(state=ImportState.DISCARDED)
    return int(old.update(rows=None))


def _shown(file: ImportFile, draft: Draft) -> dict[str, Any]:
    return {
        "rows": pack(kept_of(file, draft)),
        "digest": digest(draft),
        "result": {
            "counts": [asdict(one) for one in counts(draft)],
            "total": len(draft.lines),
            "rejected": len(draft.rejected),
            "left_out": [list(one) for one in file.left_out],
            "number": state_number(),
        },
    }


def planned_again(found: StructureImport, actor: Actor) -> tuple[ImportFile, Draft]:
    """Return the file of an import, and what it would do now.

    Raises
    ------
    ConflictError: ``import_done_already``, ``import_expired``. NotAllowedError.
    """
    if found.state == ImportState.CONFIRMED:
        raise ConflictError("import_done_already")
    kept = unpack(found.rows)
    if kept.file is None or kept.seed is None or found.made_at < actor.at - KEPT_FOR:
        raise ConflictError("import_expired")
    draft = planned(
        kept.file, read_current(), actor=actor, seed=kept.seed, effective=found.effective_date, complete=found.complete
    )
    return kept.file, draft


def locked_import(actor: Actor, import_id: UUID) -> StructureImport:
    """Return an import that nobody else changes until the open transaction ends."""
    visible_import(actor, import_id)
    rows = StructureImport.objects.visible_to(actor).select_for_update()
    found: StructureImport = rows.get(id=import_id)
    return found


def _require_idle(actor: Actor, found: StructureImport) -> None:
    if any(job.open for job in jobs_of(actor, [found]).values()):
        raise ConflictError("import_under_way")
