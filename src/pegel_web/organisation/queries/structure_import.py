"""Imports of the organisation: what one would do or did, and which there were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.following import followed_jobs
from pegel_web.organisation.contracts.people import PersonName
from pegel_web.organisation.contracts.structure_import import ImportCounts, ImportLine, ImportReport, RejectedRow
from pegel_web.organisation.importing.columns import KINDS
from pegel_web.organisation.importing.keeping import unpack
from pegel_web.organisation.models import StructureImport
from pegel_web.organisation.models.structure_import import ImportState
from pegel_web.organisation.queries.people import names_of

RUN = "organisation.import.run"
#: So many changes and rejected rows are shown; files hold them all.
MOST_LINES = 200


def import_report(*, actor: Actor, import_id: UUID, most: int | None = MOST_LINES) -> ImportReport:
    """Return an import: what it would do as long as it is previewed, what it did once it is confirmed.

    ``most``: so many changes and refused rows at most; None: all that are kept.

    Raises
    ------
    NotFoundError: ``import_unknown``. NotAllowedError.
    """
    found = visible_import(actor, import_id)
    kept = unpack(found.rows)
    return _report(
        found,
        _makers(actor, [found]),
        jobs_of(actor, [found]),
        lines=kept.lines[:most],
        rejected=kept.rejected[:most],
        rows_kept=found.rows is not None,
    )


def structure_imports(*, actor: Actor, most: int = 50) -> tuple[ImportReport, ...]:
    """Return the latest imports, without their lines.

    Raises
    ------
    NotAllowedError.
    """
    actor.require(RUN)
    # What is kept of a file may be large, and a list shows none of it.
    rows = StructureImport.objects.visible_to(actor).defer("rows").annotate(rows_kept=Q(rows__isnull=False))
    found = list(rows.order_by("-made_at")[:most])
    makers, jobs = _makers(actor, found), jobs_of(actor, found)
    return tuple(_report(one, makers, jobs, lines=(), rejected=(), rows_kept=one.rows_kept) for one in found)


def rejected_rows(*, actor: Actor, import_id: UUID, kind: str) -> tuple[tuple[str, ...], tuple[RejectedRow, ...]]:
    """Return the columns of a kind of table, and the rows of it that were refused.

    Raises
    ------
    NotFoundError: ``import_unknown``, ``import_rows_forgotten`` after a day. NotAllowedError.
    """
    found = visible_import(actor, import_id)
    if found.rows is None or kind not in KINDS:
        raise NotFoundError("import_rows_forgotten")
    rows = tuple(one for one in unpack(found.rows).rejected if one.kind == kind and one.row is not None)
    return KINDS[kind].column_names, rows


def refused_rows(*, actor: Actor, import_id: UUID) -> tuple[RejectedRow, ...]:
    """Return everything that was refused, also what no row of the file stands for.

    Raises
    ------
    NotFoundError: ``import_unknown``, ``import_rows_forgotten`` after a day. NotAllowedError.
    """
    found = visible_import(actor, import_id)
    if found.rows is None:
        raise NotFoundError("import_rows_forgotten")
    return unpack(found.rows).rejected


def visible_import(actor: Actor, import_id: UUID) -> StructureImport:
    """Return an import that an actor may see.

    Raises
    ------
    NotFoundError: ``import_unknown``. NotAllowedError.
    """
    actor.require(RUN)
    found: StructureImport | None = StructureImport.objects.visible_to(actor).filter(id=import_id).first()
    if found is None:
        raise NotFoundError("import_unknown", id=str(import_id))
    return found


def jobs_of(actor: Actor, rows: Iterable[StructureImport]) -> Mapping[UUID, JobReport]:
    """Return the jobs that were asked to confirm imports, by import; what is confirmed or discarded waits for none."""
    asked = {row.job_id: row.id for row in rows if row.job_id is not None and row.state == ImportState.PREVIEWED}
    return {asked[at]: job for at, job in followed_jobs(actor=actor, job_ids=asked).items()}


def _makers(actor: Actor, rows: Iterable[StructureImport]) -> Mapping[UUID, PersonName]:
    return names_of(actor=actor, person_ids=[one.made_by_id for one in rows if one.made_by_id is not None])


def _report(
    row: StructureImport,
    makers: Mapping[UUID, PersonName],
    jobs: Mapping[UUID, JobReport],
    *,
    lines: tuple[ImportLine, ...],
    rejected: tuple[RejectedRow, ...],
    rows_kept: bool,
) -> ImportReport:
    job = jobs.get(row.id)
    return ImportReport(
        import_id=row.id,
        state="queued" if job is not None and job.open else row.state,
        file_name=row.file_name,
        effective_date=row.effective_date,
        with_names=row.with_names,
        complete=row.complete,
        made_at=row.made_at,
        made_by=None if row.made_by_id is None else makers[row.made_by_id].shown,
        confirmed_at=row.confirmed_at,
        digest=row.digest,
        counts=tuple(ImportCounts(**one) for one in row.result["counts"]),
        lines=lines,
        total=row.result["total"],
        rejected=rejected,
        rejected_total=row.result["rejected"],
        left_out=tuple((why, what) for why, what in row.result["left_out"]),
        rows_kept=rows_kept,
        job=job,
    )
