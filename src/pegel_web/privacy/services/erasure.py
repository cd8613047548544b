"""Forgetting people: once when it is asked for, and again whenever a backup brings somebody back."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.queries.known_people import people_matching, person_to_forget
from pegel_web.organisation.services.forgetting import forget_person, forgotten_people, people_to_forget_again
from pegel_web.privacy.contracts import Erasure, ForgettablePerson
from pegel_web.privacy.erased_people import ErasedPeople
from pegel_web.privacy.reasons import given_text
from pegel_web.privacy.services.access_log import note_access

#: What forgetting does not reach; words ``privacy.remaining.CODE``.
REMAINING: Final = ("lake", "free_text", "backups", "exports")
_LONGEST_REASON: Final = 500
_MOST_FOUND: Final = 20


def people_to_forget(*, actor: Actor, text: str) -> tuple[ForgettablePerson, ...]:
    """Return people whose name, address or pseudonym matches, and note that somebody looked them up.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require("privacy.erasure.run")
    wanted = text.replace("\0", "").strip()[:200]
    if not wanted:
        return ()
    note_access(actor, "privacy.erasure")
    return tuple(
        ForgettablePerson(person_id=one.person_id, pseudonym=one.pseudonym, name=one.name, kind=one.kind)
        for one in people_matching(wanted, limit=_MOST_FOUND)
    )


def person_shown_for_erasure(*, actor: Actor, person_id: UUID) -> str:
    """Return the pseudonym of the person who is about to be forgotten.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``person_unknown``. ConflictError: ``person_forgotten``.
    """
    actor.require("privacy.erasure.run")
    found = person_to_forget(person_id)
    if found.forgotten:
        raise ConflictError("person_forgotten")
    return found.pseudonym


def erase_person(*, actor: Actor, person_id: UUID, reason: str, erased: ErasedPeople) -> Erasure:
    """Forget a person for good (GDPR Art. 17). Nobody can undo it; the audit stays whole and cannot name them any more.

    ``reason``: why, without naming the person: it stays.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``person_unknown``. ConflictError: ``person_forgotten``,
    ``erase_oneself``, ``last_administrator``. InputError: see ``given_text``.
    """
    actor.require("privacy.erasure.run")
    text = given_text(reason, field="reason", most=_LONGEST_REASON)
    if person_id == actor.person_id:
        raise ConflictError("erase_oneself")
    with transaction.atomic():
        if person_to_forget(person_id).forgotten:
            raise ConflictError("person_forgotten")
        ended = forget_person(person_id=person_id, at=actor.at, by=actor.person_id)
        record(actor, "privacy.person.erased", subject=("person", person_id), after={**ended, "reason": text})
        transaction.on_commit(partial(erased.note, {person_id: actor.at}))
    return Erasure(person_id=person_id, at=actor.at, ended=ended, remaining=REMAINING)


def reapply_erasures(*, actor: Actor, erased: ErasedPeople) -> int:
    """Forget again whom a restored backup brought back, and note whom the file does not know yet; returns how many.

    Run at every start and every few minutes. It asks for no permission beside that of erasing, and refuses nothing: not
    even the last administrator comes back.
    """
    actor.require("privacy.erasure.run")
    noted = erased.read()
    erased.note({person: at for person, at in forgotten_people().items() if person not in noted})
    again = people_to_forget_again(list(noted))
    for person in again:
        with transaction.atomic():
            ended = forget_person(person_id=person, at=noted[person], by=None, keep_administrator=False)
            record(actor, "privacy.erasure.reapplied", subject=("person", person), after=ended)
    return len(again)
