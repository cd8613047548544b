"""People: they come, belong somewhere, move and leave; a name is a record of its own that can be forgotten."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.core.person_keys import new_key
from pegel_web.organisation.addresses import checked_email
from pegel_web.organisation.contracts.people import PersonReport
from pegel_web.organisation.models import Identity, Membership, Person
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.people import person_report, visible_person
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.units import visible_unit
from pegel_web.organisation.services.roles import require_dates
from pegel_web.organisation.services.turn import take_turn
from pegel_web.organisation.services.units import require_day
from pegel_web.organisation.validity import not_ended_by

CHANGE: Final = "organisation.person.change"
_BECAUSE: Final = "nobody belongs to a unit twice at a time"


@transaction.atomic
def create_person(
    *,
    actor: Actor,
    name: str,
    unit_id: UUID,
    valid_from: date,
    email: str = "",
    kind: str = PersonKind.PERSON,
    answers_for_id: UUID | None = None,
) -> PersonReport:
    """Add a person to a unit; an agent or service needs a person who answers for it.

    Raises
    ------
    InputError: ``person_kind_unknown``, ``answers_for_missing``, ``answers_for_person``,
    ``answers_for_no_person``, ``email_invalid``, those of
    :func:`cleaned`. ConflictError: ``email_taken``, ``unit_not_there``. NotAllowedError. NotFoundError.
    """
    visible_unit(actor, unit_id)
    actor.require(CHANGE, unit=unit_id)
    name = cleaned(name, field="name", most=200)
    address = checked_email(email) if email.strip() else None
    require_day(valid_from)
    answers = _answering(actor, kind, answers_for_id)
    take_turn()
    _refuse_taken(address, None)
    person = Person.objects.create(kind=kind, answers_for=answers, created_at=actor.at)
    Identity.objects.create(person=person, name=name, email=address, key=new_key())
    _join(person.id, unit_id, valid_from, None)
    record(
        actor,
        "organisation.person.created",
        subject=("person", person.id),
        unit=unit_id,
        about=person.id,
        after={"kind": kind, "name": name, "email": address, "valid_from": valid_from, "answers_for": answers_for_id},
    )
    return _seen(actor, person.id)


@transaction.atomic
def rename_person(*, actor: Actor, person_id: UUID, name: str, email: str = "") -> PersonReport:
    """Correct what a person is called and where mail reaches them.

    Somebody with an account keeps the address they sign in with.

    Raises
    ------
    ConflictError: ``email_taken``, ``email_signs_in``, ``person_erased``. InputError, NotAllowedError, NotFoundError:
    as for :func:`create_person`.
    """
    person = visible_person(actor, person_id)
    require_change(actor, person)
    name = cleaned(name, field="name", most=200)
    address = checked_email(email) if email.strip() else None
    take_turn()
    identity = Identity.objects.filter(person=person).first()
    if identity is None:
        raise ConflictError("person_erased")
    if person.user is not None and address != person.user.email:
        raise ConflictError("email_signs_in")
    _refuse_taken(address, person)
    before = {"name": identity.name, "email": identity.email}
    after = {"name": name, "email": address}
    if before != after:
        identity.name, identity.email = name, address
        identity.save(update_fields=["name", "email"])
        subject = ("person", person.id)
        record(actor, "organisation.person.renamed", subject=subject, about=person.id, before=before, after=after)
    return _seen(actor, person_id)


@transaction.atomic
def add_membership(
    *, actor: Actor, person_id: UUID, unit_id: UUID, valid_from: date, valid_until: date | None = None
) -> PersonReport:
    """Let a person belong to a unit from a date on.

    Raises
    ------
    ConflictError: ``membership_held_already``, ``unit_not_there``, ``person_erased``. InputError: ``date_order``.
    NotAllowedError: it takes the right to change people in the unit. NotFoundError.
    """
    person = visible_person(actor, person_id)
    visible_unit(actor, unit_id)
    actor.require(CHANGE, unit=unit_id)
    require_dates(valid_from, valid_until)
    take_turn()
    if person.erased_at is not None:
        raise ConflictError("person_erased")
    _join(person_id, unit_id, valid_from, valid_until)
    record(
        actor,
        "organisation.membership.began",
        subject=("person", person_id),
        unit=unit_id,
        about=person_id,
        after={"unit": unit_id, "valid_from": valid_from, "valid_until": valid_until},
    )
    return _seen(actor, person_id)


@transaction.atomic
def end_membership(*, actor: Actor, membership_id: int, on: date) -> None:
    """Let a membership end on a date; one that would not have begun by then is taken back altogether.

    Raises
    ------
    NotFoundError: ``membership_unknown``. NotAllowedError. ConflictError: ``membership_ended_already``.
    """
    found = Membership.objects.visible_to(actor).filter(id=membership_id).first()
    if found is None:
        raise NotFoundError("membership_unknown", id=membership_id)
    actor.require(CHANGE, unit=found.unit_id)
    require_day(on)
    take_turn()
    found.refresh_from_db()
    if found.valid_until is not None and found.valid_until <= on:
        raise ConflictError("membership_ended_already", on=found.valid_until)
    before = {"unit": found.unit_id, "valid_from": found.valid_from, "valid_until": found.valid_until}
    person, unit = found.person_id, found.unit_id
    if on <= found.valid_from:
        found.delete()
    else:
        found.valid_until = on
        found.save(update_fields=["valid_until"])
    record(
        actor,
        "organisation.membership.ended",
        subject=("person", person),
        unit=unit,
        about=person,
        before=before,
        after={"valid_until": on},
    )


@transaction.atomic
def move_person(*, actor: Actor, person_id: UUID, unit_id: UUID, on: date) -> PersonReport:
    """Let a person belong to one unit from a date on, and to no other: what they belonged to until then ends.

    Raises
    ------
    ConflictError: ``unit_not_there``, ``person_erased``. NotAllowedError: it takes the right to change people in every
    unit concerned. NotFoundError.
    """
    person = visible_person(actor, person_id)
    visible_unit(actor, unit_id)
    actor.require(CHANGE, unit=unit_id)
    require_day(on)
    take_turn()
    if person.erased_at is not None:
        raise ConflictError("person_erased")
    held = list(
        Membership.objects.everything(because="what a person belongs to ends").filter(not_ended_by(on), person=person)
    )
    others = [one for one in held if one.unit_id != unit_id]
    for one in others:
        actor.require(CHANGE, unit=one.unit_id)
    if not any(one.unit_id == unit_id and one.valid_from <= on for one in held):
        for one in held:
            if one.unit_id == unit_id:
                one.delete()
        _join(person_id, unit_id, on, None)
    for one in others:
        if one.valid_from >= on:
            one.delete()
        else:
            one.valid_until = on
            one.save(update_fields=["valid_until"])
    record(
        actor,
        "organisation.membership.moved",
        subject=("person", person_id),
        unit=unit_id,
        about=person_id,
        before={"units": [one.unit_id for one in others]},
        after={"unit": unit_id, "valid_from": on},
    )
    return _seen(actor, person_id)


def require_change(actor: Actor, person: Person) -> None:
    """Refuse where an actor may change people in none of the units that a person belongs to.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    rows = Membership.objects.everything(because="where a person belongs decides who may change them")
    units = rows.filter(not_ended_by(actor.at.date()), person=person).values_list("unit_id", flat=True)
    if not any(actor.allows(CHANGE, unit=unit) for unit in units):
        actor.require(CHANGE)


def _seen(actor: Actor, person_id: UUID) -> PersonReport:
    """Return the person as they are now, by the rights with which they were just changed."""
    return person_report(actor=actor, person_id=person_id)


def _answering(actor: Actor, kind: str, answers_for_id: UUID | None) -> Person | None:
    if kind not in PersonKind.values:
        raise InputError("person_kind_unknown", kind=kind, known=list(PersonKind.values))
    if kind == PersonKind.PERSON:
        if answers_for_id is not None:
            raise InputError("answers_for_person")
        return None
    if answers_for_id is None:
        raise InputError("answers_for_missing", kind=kind)
    answering = visible_person(actor, answers_for_id)
    if answering.kind != PersonKind.PERSON or answering.erased_at is not None:
        raise InputError("answers_for_no_person")
    if answering.id != actor.person_id:
        require_change(actor, answering)
    return answering


def _refuse_taken(email: str | None, person: Person | None) -> None:
    if email is None:
        return
    taken = Identity.objects.filter(email=email)
    if (taken if person is None else taken.exclude(person=person)).exists():
        raise ConflictError("email_taken")


def _join(person_id: UUID, unit_id: UUID, valid_from: date, valid_until: date | None) -> None:
    if unit_id not in structure_on(valid_from).nodes:
        raise ConflictError("unit_not_there", on=valid_from)
    there = Membership.objects.everything(because=_BECAUSE).filter(
        not_ended_by(valid_from), person_id=person_id, unit_id=unit_id
    )
    if valid_until is not None:
        there = there.filter(valid_from__lt=valid_until)
    if there.exists():
        raise ConflictError("membership_held_already")
    Membership.objects.create(person_id=person_id, unit_id=unit_id, valid_from=valid_from, valid_until=valid_until)
