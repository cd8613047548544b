"""Naming why a use case stands still."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.organisation import entered
from pegel_web.portfolio.contracts.progress import StalledCases
from pegel_web.portfolio.models import CaseStall
from pegel_web.portfolio.models.stalls import StallCause
from pegel_web.portfolio.queries.stalled import stalled_use_cases
from pegel_web.portfolio.services.rows import changeable_case

LONGEST_NOTE: Final = 500


def name_stall_cause(*, actor: Actor, use_case_id: UUID, cause: StallCause, note: str = "") -> StalledCases:
    """Say where the root cause lies; the last one counts, the ones before stay on record.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. InputError: those of ``entered``.
    """
    said = entered.line(note, field="note", most=LONGEST_NOTE)
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        before = CaseStall.objects.filter(use_case=row).order_by("-named_at", "-id").first()
        CaseStall.objects.create(use_case=row, cause=cause, note=said, named_at=actor.at, named_by_id=actor.person_id)
        record(
            actor,
            "portfolio.stall.explained",
            subject=("use_case", row.id),
            unit=row.unit_id,
            before=None if before is None else {"cause": before.cause},
            after={"cause": str(cause)},
        )
    return stalled_use_cases(actor=actor)
