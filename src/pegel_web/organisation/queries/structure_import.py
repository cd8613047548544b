"""Imports of the organisation: what one would do or did, and which there were."""

from __future__ import annotations

from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.structure_import import ImportCounts, ImportReport, RejectedRow
from pegel_web.organisation.importing.columns import KINDS
from pegel_web.organisation.importing.keeping import unpack
from pegel_web.organisation.models import StructureImport
from pegel_web.organisation.queries.people import names_of

RUN = "organisation.import.run"
#: So many changes and rejected rows are shown; files hold them all.
MOST_LINES = 200


def import_report(*, actor: Actor, import_id: UUID, most: int = MOST_LINES) -> ImportReport:
    """Return an import: what it would do as long as it is previewed, what it did once it is confirmed.

    Raises
    ------
    NotFoundError: ``import_unknown``. NotAllowedError.
    """
    found = visible_import(actor, import_id)
    kept = unpack(found.rows)
    names = names_of(actor=actor, person_ids=[] if found.made_by_id is None else [found.made_by_id])
    return ImportReport(
        import_id=found.id,
        state=found.state,
        file_name=found.file_name,
        effective_date=found.effective_date,
        with_names=found.with_names,
        complete=found.complete,
        made_at=found.made_at,
        made_by=None if found.made_by_id is None else names[found.made_by_id].shown,
        confirmed_at=found.confirmed_at,
        digest=found.digest,
        counts=tuple(ImportCounts(**one) for one in found.result["counts"]),
        lines=kept.lines[:most],
        total=found.result["total"],
        rejected=kept.rejected[:most],
        rejected_total=found.result["rejected"],
        left_out=tuple((why, what) for why, what in found.result["left_out"]),
        rows_kept=found.rows is not None,
    )


def structure_imports(*, actor: Actor, most: int = 50) -> tuple[ImportReport, ...]:
    """Return the latest imports, without their lines.

    Raises
    ------
    NotAllowedError.
    """
    actor.require(RUN)
    rows = StructureImport.objects.visible_to(actor).order_by("-made_at").values_list("id", flat=True)
    return tuple(import_report(actor=actor, import_id=one, most=0) for one in rows[:most])


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
