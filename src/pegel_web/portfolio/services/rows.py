"""A use case that is about to be changed: locked, and only for who may change it."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.portfolio.models import CaseDuty, CaseNumbering, UseCase
from pegel_web.portfolio.queries.use_cases import CHANGE, may_change, seen_case


def locked_case(actor: Actor, use_case_id: UUID) -> UseCase:
    """Return a use case that the actor sees, locked until the transaction ends.

    Raises
    ------
    NotFoundError: ``use_case_unknown``.
    """
    seen_case(actor, use_case_id)
    rows = UseCase.objects.everything(because="the actor has seen it in the line before")
    row: UseCase = rows.select_for_update(of=("self",)).get(id=use_case_id)
    return row


def changeable_case(actor: Actor, use_case_id: UUID) -> UseCase:
    """Return a use case that the actor may change, locked.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``.
    """
    row = locked_case(actor, use_case_id)
    duties = CaseDuty.objects.filter(use_case=row).values_list("duty", "letter", "person_id")
    if not may_change(actor, row, duties):
        raise NotAllowedError("not_allowed", permission=CHANGE)
    return row


def next_numbers(count: int = 1) -> range:
    """Return so many numbers that nobody else gets, as part of the open transaction."""
    CaseNumbering.objects.get_or_create(id=1)
    row = CaseNumbering.objects.select_for_update().get(id=1)
    first = row.last + 1
    row.last += count
    row.save(update_fields=["last"])
    return range(first, first + count)
