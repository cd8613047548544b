"""Imports of use cases: what one would do or did, and which there were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.db.models import Q

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.following import followed_jobs
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.case_import import (
    CaseImportColumn,
    CaseImportNote,
    CaseImportReport,
    RefusedCaseRow,
)
from pegel_web.portfolio.importing.inventory_keeping import KeptInventory, unpack
from pegel_web.portfolio.models import CaseImport, CaseImportState
from pegel_web.portfolio.queries.use_cases import CHANGE

#: So many changes, refused rows and spellings are shown; files hold them all.
MOST_LINES: Final = 200


def case_import(*, actor: Actor, case_import_id: UUID, most: int | None = MOST_LINES) -> CaseImportReport:
    """Return an import: what it would do as long as it is previewed, what it did once it is confirmed.

    Raises
    ------
    NotFoundError: ``import_unknown``. NotAllowedError.
    """
    found = visible_case_import(actor, case_import_id)
    return _reports(actor, [found], {found.id: unpack(found.rows)}, most)[0]


def case_imports(*, actor: Actor, most: int = 50) -> tuple[CaseImportReport, ...]:
    """Return the latest imports, without their lines.

    Raises
    ------
    NotAllowedError.
    """
    actor.require_somewhere(CHANGE)
    # What is kept of a file may be large, and a list shows none of it.
    rows = CaseImport.objects.visible_to(actor).defer("rows").annotate(rows_kept=Q(rows__isnull=False))
    return _reports(actor, list(rows.order_by("-made_at")[:most]), {}, 0)


def refused_case_rows(*, actor: Actor, case_import_id: UUID) -> tuple[RefusedCaseRow, ...]:
    """Return every row that was refused.

    Raises
    ------
    NotFoundError: ``import_unknown``, ``import_rows_forgotten`` after a day. NotAllowedError.
    """
    found = visible_case_import(actor, case_import_id)
    if found.rows is None:
        raise NotFoundError("import_rows_forgotten")
    return unpack(found.rows).rejected


def visible_case_import(actor: Actor, case_import_id: UUID) -> CaseImport:
    """Return an import that an actor may see.

    Raises
    ------
    NotFoundError: ``import_unknown``. NotAllowedError.
    """
    actor.require_somewhere(CHANGE)
    found: CaseImport | None = CaseImport.objects.visible_to(actor).filter(id=case_import_id).first()
    if found is None:
        raise NotFoundError("import_unknown", id=str(case_import_id))
    return found


def jobs_of(actor: Actor, rows: Iterable[CaseImport]) -> Mapping[UUID, JobReport]:
    """Return the jobs that were asked to confirm imports, by import; what is confirmed or discarded waits for none."""
    asked = {row.job_id: row.id for row in rows if row.job_id is not None and row.state == CaseImportState.PREVIEWED}
    return {asked[at]: job for at, job in followed_jobs(actor=actor, job_ids=asked).items()}


def _reports(
    actor: Actor, rows: list[CaseImport], kept: Mapping[UUID, KeptInventory], most: int | None
) -> tuple[CaseImportReport, ...]:
    jobs = jobs_of(actor, rows)
    names = unit_names([row.unit_id for row in rows], structure_on(actor.at.date()))
    return tuple(_report(row, kept.get(row.id), jobs.get(row.id), names.get(row.unit_id, ""), most) for row in rows)


def _report(
    row: CaseImport, kept: KeptInventory | None, job: JobReport | None, unit: str, most: int | None
) -> CaseImportReport:
    result = row.result
    there = row.rows_kept if kept is None else row.rows is not None  # type: ignore[attr-defined]  # annotated above
    return CaseImportReport(
        case_import_id=row.id,
        state="queued" if job is not None and job.open else row.state,
        file_name=row.file_name,
        source=row.source,
        unit_id=row.unit_id,
        unit_name=unit,
        made_at=row.made_at,
        confirmed_at=row.confirmed_at,
        digest=row.digest,
        rows=result["rows"],
        added=result["added"],
        changed=result["changed"],
        unchanged=result["unchanged"],
        total=result["added"] + result["changed"],
        rejected_total=result["rejected"],
        normalised_total=result["normalised"],
        columns=tuple(CaseImportColumn(**one) for one in result["columns"]),
        lines=() if kept is None else kept.lines[:most],
        rejected=() if kept is None else kept.rejected[:most],
        normalised=() if kept is None else kept.normalised[:most],
        notes=tuple(CaseImportNote(**one) for one in result["notes"]),
        left_out=tuple(result["left_out"]),
        rows_kept=bool(there),
        job=job,
    )
