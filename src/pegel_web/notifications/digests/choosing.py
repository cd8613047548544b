"""Choosing how often digests come; testing the way they go; letting go of what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast, get_args
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.services import enqueue
from pegel_web.notifications.digests.contracts import OwnDigest
from pegel_web.notifications.digests.queries import OWN, TEST, own_digest
from pegel_web.notifications.digests.registry import mailbox_of
from pegel_web.notifications.digests.times import Rhythm, next_due
from pegel_web.notifications.models import Digest, DigestChoice, DigestState
from pegel_web.notifications.place import MailPlace

TEST_MAIL: Final = "notifications.test_mail"
_THEIR_OWN: Final = "a person decides about their own"


def choose_digest(*, actor: Actor, rhythm: str, place: MailPlace) -> OwnDigest:
    """Choose how often digests come: none, daily, weekly. None also takes back what waits, and what was told before.

    Raises
    ------
    NotAllowedError: ``not_allowed``. InputError: ``digest_rhythm_unknown``. ConflictError: ``digest_no_address``.
    """
    actor.require_somewhere(OWN)
    if rhythm not in get_args(Rhythm):
        raise InputError("digest_rhythm_unknown", name=rhythm[:40], known=", ".join(get_args(Rhythm)))
    person = actor.person()
    if rhythm != "none" and mailbox_of(person) is None:
        raise ConflictError("digest_no_address")
    with transaction.atomic():
        rows = DigestChoice.objects.everything(because=_THEIR_OWN)
        row = cast("DigestChoice | None", rows.select_for_update().filter(pk=person).first())
        before = "none" if row is None else str(row.rhythm)
        if before != rhythm:
            if rhythm == "none":
                _stop(person)
            else:
                due = next_due(rhythm, actor.at, zone=place.zone, hour=place.hour)
                new = {"rhythm": rhythm, "chosen_at": actor.at, "next_at": due}
                rows.update_or_create(person_id=person, defaults=new)
            record(
                actor, "notifications.digest.chosen", subject=("person", person),
                before={"rhythm": before}, after={"rhythm": rhythm},
            )  # fmt: skip
        return own_digest(actor=actor, place=place)


def ask_for_test_mail(*, actor: Actor, place: MailPlace) -> JobReport:
    """Have a mail that says nothing sent to the person who asks; the job tells what came of it.

    Raises
    ------
    NotAllowedError: ``not_allowed``. ConflictError: ``mail_not_configured``, ``digest_no_address``.
    """
    actor.require(TEST)
    if place.server is None:
        raise ConflictError("mail_not_configured")
    person = actor.person()
    if mailbox_of(person) is None:
        raise ConflictError("digest_no_address")
    with transaction.atomic():
        made = enqueue(
            actor=actor, kind=TEST_MAIL, arguments={}, label_code="notifications.job.test_mail",
            key=f"{TEST_MAIL}:{person}",
        )  # fmt: skip
        record(actor, "notifications.mail.tested", subject=("person", person))
    return made


def forget_digests_of(person: UUID) -> int:
    """Delete what a person chose and what became of it; returns how many records that were."""
    gone: int = DigestChoice.objects.everything(because="a person is forgotten").filter(pk=person).delete()[0]
    gone += Digest.objects.everything(because="a person is forgotten").filter(person_id=person).delete()[0]
    return gone


def forget_old_digests(*, before: datetime) -> int:
    """Delete what became of digests that were due before a moment; returns how many."""
    gone: int = Digest.objects.everything(because="retention").filter(made_at__lt=before).delete()[0]
    return gone


def _stop(person: UUID) -> None:
    DigestChoice.objects.everything(because=_THEIR_OWN).filter(pk=person).delete()
    waiting = Digest.objects.everything(because=_THEIR_OWN).filter(person_id=person, state=DigestState.WAITING)
    waiting.delete()
