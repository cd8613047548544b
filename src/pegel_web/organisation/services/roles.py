"""Roles: who has which, where, from when until when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.contracts.roles import RoleLine
from pegel_web.organisation.models import Person, RoleAssignment
from pegel_web.organisation.queries.people import visible_person
from pegel_web.organisation.queries.roles import role_lines
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.units import visible_unit
from pegel_web.organisation.roles import role
from pegel_web.organisation.services.administrators import ASSIGN, keep_an_administrator
from pegel_web.organisation.services.turn import take_turn
from pegel_web.organisation.services.units import require_day
from pegel_web.organisation.validity import not_ended_by


@transaction.atomic
def assign_role(
    *, actor: Actor, person_id: UUID, role_name: str, unit_id: UUID, valid_from: date, valid_until: date | None = None
) -> RoleLine:
    """Give a person a role in a unit and everything below it.

    Nobody gives out what reaches beyond their own unit, and nobody extends their own rights: another person has to.

    Raises
    ------
    NotFoundError: ``role_not_found``, ``person_unknown``, ``unit_unknown``. NotAllowedError: ``not_allowed``,
    ``role_for_oneself``. ConflictError: ``role_held_already``, ``unit_not_there``, ``person_erased``.
    InputError: ``date_order``, ``date_out_of_range``.
    """
    person = visible_person(actor, person_id)
    visible_unit(actor, unit_id)
    actor.require(ASSIGN, unit=unit_id)
    held = role(role_name)
    require_dates(valid_from, valid_until)
    refuse_own(actor, person, held.permissions, unit_id)
    take_turn()
    if person.erased_at is not None:
        raise ConflictError("person_erased")
    if unit_id not in structure_on(valid_from).nodes:
        raise ConflictError("unit_not_there", on=valid_from)
    begun_before_end = Q() if valid_until is None else Q(valid_from__lt=valid_until)
    there = RoleAssignment.objects.everything(because="nobody has a role twice").filter(
        begun_before_end, not_ended_by(valid_from), person=person, role=role_name, unit_id=unit_id
    )
    if there.exists():
        raise ConflictError("role_held_already")
    made = RoleAssignment.objects.create(
        person=person,
        role=role_name,
        unit_id=unit_id,
        valid_from=valid_from,
        valid_until=valid_until,
        granted_by_id=actor.person_id,
    )
    record(
        actor,
        "organisation.role.assigned",
        subject=("role_assignment", made.id),
        unit=unit_id,
        after={"person": person_id, "role": role_name, "valid_from": valid_from, "valid_until": valid_until},
    )
    return role_lines(actor=actor, rows=[made], on=actor.at.date())[0]


@transaction.atomic
def end_role(*, actor: Actor, assignment_id: UUID, on: date) -> None:
    """End a role on a date; one that would not have begun by then is taken back altogether.

    Raises
    ------
    NotFoundError: ``role_assignment_unknown``. NotAllowedError. ConflictError: ``role_ended_already``,
    ``last_administrator``.
    """
    found = RoleAssignment.objects.visible_to(actor).filter(id=assignment_id).first()
    if found is None:
        raise NotFoundError("role_assignment_unknown", id=str(assignment_id))
    actor.require(ASSIGN, unit=found.unit_id)
    require_day(on)
    take_turn()
    found.refresh_from_db()
    if found.valid_until is not None and found.valid_until <= on:
        raise ConflictError("role_ended_already", on=found.valid_until)
    was = {
        "person": found.person_id,
        "role": found.role,
        "valid_from": found.valid_from,
        "valid_until": found.valid_until,
    }
    with keep_an_administrator(actor.at.date()):
        if on <= found.valid_from:
            found.delete()
        else:
            found.valid_until = on
            found.save(update_fields=["valid_until"])
    subject = ("role_assignment", assignment_id)
    record(actor, "organisation.role.ended", subject=subject, unit=found.unit_id, before=was, after={"valid_until": on})


def require_dates(valid_from: date, valid_until: date | None) -> None:
    """Refuse dates that are slips (``date_out_of_range``) or in the wrong order (``date_order``)."""
    require_day(valid_from)
    if valid_until is not None:
        require_day(valid_until)
        if valid_until <= valid_from:
            raise InputError("date_order", valid_from=valid_from, valid_until=valid_until)


def refuse_own(actor: Actor, person: Person, permissions: frozenset[str], unit_id: UUID) -> None:
    """Refuse that somebody gives themself (or an agent of theirs) rights they do not have there.

    Raises
    ------
    NotAllowedError: ``role_for_oneself``.
    """
    own = actor.person_id is not None and actor.person_id in (person.id, person.answers_for_id)
    if own and not all(actor.allows(code, unit=unit_id) for code in permissions):
        raise NotAllowedError("role_for_oneself")
