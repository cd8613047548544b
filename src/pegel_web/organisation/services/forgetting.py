"""Forgetting a person: everything that names them goes, what others rely on stays without them."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from pegel.errors import NotFoundError
from pegel_web.organisation.models import (
    Delegation,
    Identity,
    Membership,
    Person,
    Responsibility,
    RoleAssignment,
    Token,
)
from pegel_web.organisation.models.people import new_pseudonym
from pegel_web.organisation.models.structure_import import ImportState, StructureImport
from pegel_web.organisation.personal_registry import personal_records
from pegel_web.organisation.services.administrators import keep_an_administrator
from pegel_web.organisation.services.turn import take_turn

_REASON = "a person is forgotten wherever they are"


def forget_person(*, person_id: UUID, at: datetime, by: UUID | None, keep_administrator: bool = True) -> dict[str, int]:
    """Forget a person, as part of the open transaction of the app that decides about it and records it.

    The identity (name, address, reference, key) and the account with all its sign-ins go. Roles, memberships and
    responsibilities end; delegations and tokens are revoked, also those of programs for which the person answers. The
    person stays as a number without a name, with a new pseudonym, so that nothing noted elsewhere leads here.

    Returns how many records of each kind ended or went.

    Raises
    ------
    NotFoundError: ``person_unknown``. ConflictError: ``last_administrator``.
    """
    with transaction.atomic():
        take_turn()
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise NotFoundError("person_unknown", id=str(person_id))
        with keep_an_administrator(at.date()) if keep_administrator else nullcontext():
            return _forget(person, at=at, by=by)


def people_to_forget_again(people: list[UUID]) -> list[UUID]:
    """Return those of some people who still have a name, an account or a key, as after restoring a backup."""
    rows = Person.objects.filter(id__in=people)
    named = Q(identity__isnull=False) | Q(user__isnull=False) | Q(erased_at__isnull=True)
    return list(rows.filter(named).order_by("id").values_list("id", flat=True))


def forgotten_people() -> dict[UUID, datetime]:
    """Return who was forgotten, and when."""
    rows = Person.objects.filter(erased_at__isnull=False).values_list("id", "erased_at")
    return {person: at for person, at in rows if at is not None}


def _forget(person: Person, *, at: datetime, by: UUID | None) -> dict[str, int]:
    ended = _end(person, at=at, day=at.date(), by=by)
    user = person.user
    person.user, person.erased_at, person.pseudonym = None, person.erased_at or at, new_pseudonym()
    person.save(update_fields=["user", "erased_at", "pseudonym"])
    ended["identity"] = Identity.objects.filter(person=person).delete()[0]
    ended["sign_ins"] = 0
    if user is not None:
        ended["sign_ins"] = _end_sign_ins(user.pk)
        user.delete()
    return ended


def _end(person: Person, *, at: datetime, day: date, by: UUID | None) -> dict[str, int]:
    tokens = Token.objects.filter(Q(person=person) | Q(person__answers_for=person), revoked_at=None)
    delegations = Delegation.objects.everything(because=_REASON).filter(
        Q(from_person=person) | Q(to_person=person), revoked_at=None
    )
    ended = {
        "roles": _ended(RoleAssignment.objects.everything(because=_REASON).filter(person=person), day),
        "memberships": _ended(Membership.objects.everything(because=_REASON).filter(person=person), day),
        "responsibilities": _ended(Responsibility.objects.everything(because=_REASON).filter(person=person), day),
        "delegations": delegations.update(revoked_at=at, revoked_by=by),
        "tokens": tokens.update(revoked_at=at),
    }
    ended |= {one.subject: one.forget(person.id) for one in personal_records() if one.forget is not None}
    # Previews of imports may hold the name of anybody; they can be made again.
    with_names = StructureImport.objects.everything(because=_REASON).filter(with_names=True, rows__isnull=False)
    with_names.filter(state=ImportState.PREVIEWED).update(state=ImportState.DISCARDED)
    with_names.update(rows=None)
    # A token's name is free text; it may tell whose it was.
    Token.objects.filter(person=person).update(name="")
    return ended


def _ended(rows: Any, day: date) -> int:
    """End what is open on a day; what would only begin then or later never happens."""
    open_rows = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    later: int = open_rows.filter(valid_from__gte=day).delete()[0]
    now: int = open_rows.update(valid_until=day)
    return later + now


def _end_sign_ins(user_id: int) -> int:
    keys = set(UserSession.objects.filter(user_id=user_id).values_list("session_key", flat=True))
    # A sign-in that was never listed is found by what its session says.
    for session in Session.objects.exclude(pk__in=keys).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user_id):
            keys.add(session.pk)
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)
