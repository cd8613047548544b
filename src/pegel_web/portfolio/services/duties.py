"""Giving duties for a use case, and ending them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.models import CaseDuty
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services.rows import changeable_case
from pegel_web.portfolio.services.use_cases import require_person


def give_duty(
    *,
    actor: Actor,
    use_case_id: UUID,
    duty: Duty,
    letter: Letter,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> CaseReport:
    """Let a person or a unit do something for a use case. A new accountable person takes over from the one before.

    Raises
    ------
    NotFoundError: ``use_case_unknown``, ``person_unknown``, ``unit_unknown``. NotAllowedError: ``not_allowed``.
    InputError: ``duty_who`` (one person or one unit), ``accountable_is_a_person``, ``responsibility_of_program``.
    ConflictError: ``duty_exists``.
    """
    if (person_id is None) == (unit_id is None):
        raise InputError("duty_who", field="person_id")
    if letter == Letter.ACCOUNTABLE and person_id is None:
        raise InputError("accountable_is_a_person", field="person_id")
    if person_id is not None:
        require_person(person_id)
    elif unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        there = CaseDuty.objects.filter(use_case=row, duty=duty, letter=letter)
        if any((one.person_id, one.unit_id) == (person_id, unit_id) for one in there):
            raise ConflictError("duty_exists")
        before = None
        if letter == Letter.ACCOUNTABLE:
            before = there.values_list("person_id", flat=True).first()
            there.delete()
        CaseDuty.objects.create(
            use_case=row, duty=duty, letter=letter, person_id=person_id, unit_id=unit_id, since=actor.at
        )
        record(
            actor,
            "portfolio.duty.given",
            subject=("use_case", row.id),
            unit=row.unit_id,
            about=person_id,
            before=None if before is None else {"person": before},
            after={"duty": str(duty), "letter": str(letter), "person": person_id, "to_unit": unit_id},
        )
    return use_case(actor=actor, use_case_id=use_case_id)


def end_duty(*, actor: Actor, use_case_id: UUID, duty_id: int) -> CaseReport:
    """End a duty.

    Raises
    ------
    NotFoundError: ``use_case_unknown``, ``duty_unknown``. NotAllowedError: ``not_allowed``.
    """
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        found = CaseDuty.objects.filter(use_case=row, pk=duty_id).first()
        if found is None:
            raise NotFoundError("duty_unknown", id=duty_id)
        record(
            actor,
            "portfolio.duty.ended",
            subject=("use_case", row.id),
            unit=row.unit_id,
            about=found.person_id,
            before={"duty": found.duty, "letter": found.letter, "person": found.person_id, "to_unit": found.unit_id},
        )
        found.delete()
    return use_case(actor=actor, use_case_id=use_case_id)
