"""Accounts: a person is invited by a link that works once, and an account can be closed and opened again."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.contracts.people import InvitationSeen, Invited
from pegel_web.organisation.models import Delegation, Invitation, Membership, Person, RoleAssignment, User
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.people import account_state, visible_person
from pegel_web.organisation.services.administrators import ASSIGN, keep_an_administrator
from pegel_web.organisation.services.turn import take_turn
from pegel_web.organisation.validity import not_ended_by

#: So long the link of an invitation works.
INVITATION_DAYS: Final = 7


@transaction.atomic
def invite_person(*, actor: Actor, person_id: UUID) -> Invited:
    """Give a person an account, and return the secret of the link by which they set their password, once.

    Who holds the link can become that person. So it takes the right to assign roles in every unit in which the person
    has a role or belongs; and an account that has been used is never handed out again. A new link ends the one before.

    Raises
    ------
    ConflictError: ``account_in_use``, ``account_closed``, ``account_of_program``, ``email_missing``, ``email_taken``,
    ``person_erased``. NotAllowedError. NotFoundError: ``person_unknown``.
    """
    person = visible_person(actor, person_id)
    _require_over(actor, person)
    take_turn()
    person.refresh_from_db()
    if person.kind != PersonKind.PERSON:
        raise ConflictError("account_of_program")
    identity = getattr(person, "identity", None)
    if person.erased_at is not None or identity is None:
        raise ConflictError("person_erased")
    state = account_state(person)
    if state in ("active", "closed"):
        raise ConflictError("account_in_use" if state == "active" else "account_closed")
    if identity.email is None:
        raise ConflictError("email_missing")
    if person.user is None:
        if User.objects.filter(email=identity.email).exists():
            raise ConflictError("email_taken")
        person.user = User.objects.create_user(identity.email)
        person.save(update_fields=["user"])
    person.user.invitations.all().delete()
    token = secrets.token_urlsafe(32)
    expires_at = actor.at + timedelta(days=INVITATION_DAYS)
    Invitation.objects.create(user=person.user, digest=_digest(token), created_at=actor.at, expires_at=expires_at)
    after = {"expires_at": expires_at}
    record(actor, "organisation.account.invited", subject=("person", person.id), about=person.id, after=after)
    return Invited(person_id=person.id, token=token, expires_at=expires_at)


def invitation_seen(*, token: str, at: datetime) -> InvitationSeen:
    """Return whose link it is, as long as it works; who has the secret needs no other right.

    Raises
    ------
    NotFoundError: ``invitation_unknown``, also for one that was used or has expired.
    """
    found = _open(token, at)
    return InvitationSeen(email=found.user.email, expires_at=found.expires_at)


@transaction.atomic
def accept_invitation(*, actor: Actor, token: str, password: str) -> UUID:
    """Set the first password of the account that a link belongs to, and end the link. Returns the person.

    ``actor``: nobody yet; the secret is what counts.

    Raises
    ------
    NotFoundError: ``invitation_unknown``. InputError: ``password_refused`` with Django's reasons.
    """
    found = _open(token, actor.at)
    user = found.user
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise InputError("password_refused", reasons=tuple(refused.messages)) from None
    if not Invitation.objects.filter(id=found.id, used_at=None).update(used_at=actor.at):
        raise NotFoundError("invitation_unknown")
    user.set_password(password)
    user.save(update_fields=["password"])
    person: Person = user.person
    record(actor, "organisation.account.accepted", subject=("person", person.id), about=person.id)
    return person.id


@transaction.atomic
def close_account(*, actor: Actor, person_id: UUID) -> None:
    """Let nobody sign in with an account any more; open sign-ins end with the next request.

    Raises
    ------
    ConflictError: ``account_none``, ``last_administrator``. NotAllowedError. NotFoundError.
    """
    person = visible_person(actor, person_id)
    _require_over(actor, person)
    take_turn()
    if person.user is None or not person.user.is_active:
        raise ConflictError("account_none")
    with keep_an_administrator(actor.at.date()):
        person.user.is_active = False
        person.user.save(update_fields=["is_active"])
    person.user.invitations.all().delete()
    record(actor, "organisation.account.closed", subject=("person", person.id), about=person.id)


@transaction.atomic
def reopen_account(*, actor: Actor, person_id: UUID) -> None:
    """Let the owner of a closed account sign in again.

    Raises
    ------
    ConflictError: ``account_not_closed``, ``person_erased``. NotAllowedError. NotFoundError.
    """
    person = visible_person(actor, person_id)
    _require_over(actor, person)
    take_turn()
    if person.erased_at is not None:
        raise ConflictError("person_erased")
    if person.user is None or person.user.is_active:
        raise ConflictError("account_not_closed")
    person.user.is_active = True
    person.user.save(update_fields=["is_active"])
    record(actor, "organisation.account.reopened", subject=("person", person.id), about=person.id)


def _require_over(actor: Actor, person: Person) -> None:
    today = actor.at.date()
    places = (Membership, RoleAssignment)
    units = {
        unit
        for place in places
        for unit in place.objects.everything(because="an account reaches whatever its person reaches")
        .filter(not_ended_by(today), person=person)
        .values_list("unit_id", flat=True)
    }
    received = Delegation.objects.everything(because="an account reaches whatever its person reaches")
    handed = received.filter(not_ended_by(today), to_person=person, revoked_at=None)
    units |= set(handed.values_list("unit_id", flat=True))
    for unit in units or {None}:
        actor.require(ASSIGN, unit=unit)


def _open(token: str, at: datetime) -> Invitation:
    found = (
        Invitation.objects.select_related("user__person")
        .filter(
            digest=_digest(token), used_at=None, expires_at__gt=at, user__is_active=True, user__person__isnull=False
        )
        .first()
    )
    if found is None:
        raise NotFoundError("invitation_unknown")
    return found


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
