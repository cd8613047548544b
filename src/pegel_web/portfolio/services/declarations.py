"""Declaring what nobody evaluates yet: author, date, document."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.organisation import entered
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.declaring import PERMISSION, VALUES
from pegel_web.portfolio.models import Declaration
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services.rows import locked_case

LONGEST_DOCUMENT: Final = 500
LONGEST_NOTE: Final = 4000


def declare_status(
    *,
    actor: Actor,
    use_case_id: UUID,
    subject: Subject,
    value: DeclarationValue,
    document: str = "",
    note: str = "",
    declared_on: date | None = None,
    valid_until: date | None = None,
) -> CaseReport:
    """Declare where a use case stands in one respect. What lets it pass needs a document or a note that says why.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. InputError: ``declaration_value``,
    ``declaration_without_ground``, ``day_in_the_future``, ``validity_backwards`` and those of ``entered``.
    """
    if value not in VALUES[subject]:
        raise InputError("declaration_value", field="value", name=str(value))
    where = entered.line(document, field="document", most=LONGEST_DOCUMENT)
    why = entered.paragraph(note, field="note", most=LONGEST_NOTE)
    if not where and not why and value not in {DeclarationValue.UNCLEAR, DeclarationValue.REQUIRED}:
        raise InputError("declaration_without_ground", field="document")
    on = entered.day(declared_on or actor.at.date())
    if on > actor.at.date():
        raise InputError("day_in_the_future", field="declared_on", day=on)
    entered.forward(on, valid_until)
    with transaction.atomic():
        row = locked_case(actor, use_case_id)
        actor.require(PERMISSION[subject], unit=row.unit_id)
        last = Declaration.objects.filter(use_case=row, subject=subject).order_by("-declared_at", "-id").first()
        Declaration.objects.create(
            use_case=row, subject=subject, value=value, document=where, note=why, declared_on=on,
            valid_until=valid_until, declared_at=actor.at, declared_by_id=actor.person_id,
        )  # fmt: skip
        record(
            actor,
            "portfolio.declaration.made",
            subject=("use_case", row.id),
            unit=row.unit_id,
            before=None if last is None else {"subject": str(subject), "value": last.value},
            after={"subject": str(subject), "value": str(value), "document": where, "valid_until": valid_until},
        )
    return use_case(actor=actor, use_case_id=use_case_id)
