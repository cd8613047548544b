"""The first person of an installation: composed of the organisation's own services, in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.organisation.addresses import checked_email
from pegel_web.organisation.queries.people import people_list
from pegel_web.organisation.queries.roles import role_assignments
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.services.accounts import accept_invitation, invite_person
from pegel_web.organisation.services.people import create_person
from pegel_web.organisation.services.roles import assign_role
from pegel_web.organisation.services.units import create_unit

ROLE = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """A person who may assign roles. ``password``: the first one, shown once; None: the account is in use."""

    person_id: UUID
    password: str | None


@transaction.atomic
def make_administrator(*, actor: Actor, email: str, name: str, organisation: str) -> Administrator:
    """Return an administrator with that address, made as far as there is none.

    Raises
    ------
    InputError: ``email_invalid`` and what the services say. ConflictError: ``account_closed``.
    """
    address, today = checked_email(email), actor.at.date()
    top = _top(actor, organisation, today)
    known = [one for one in people_list(actor=actor, text=address).people if one.email == address]
    if known:
        person, account = known[0].person_id, known[0].account
    else:
        made = create_person(actor=actor, name=name, email=address, unit_id=top, valid_from=today)
        person, account = made.person.person_id, "none"
    held = role_assignments(actor=actor, person_id=person)
    if not any(one.role == ROLE and one.unit_id == top for one in held):
        assign_role(actor=actor, person_id=person, role_name=ROLE, unit_id=top, valid_from=today)
    if account == "active":
        return Administrator(person_id=person, password=None)
    invited = invite_person(actor=actor, person_id=person)
    password = secrets.token_urlsafe(15)
    accept_invitation(actor=actor, token=invited.token, password=password)
    return Administrator(person_id=person, password=password)


def _top(actor: Actor, name: str, today: date) -> UUID:
    """Return the unit at the top; one that is made gets the code ``TOP``."""
    tops = structure_on(today).children.get(None, ())
    if tops:
        return tops[0]
    made = create_unit(actor=actor, code="TOP", name=name, kind="organisation", parent_id=None, valid_from=today)
    return made.unit_id
