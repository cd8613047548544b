"""What a person chose about digests, and how sending goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db.models import Count

from pegel_web.core.actor import Actor
from pegel_web.notifications.digests.contracts import DigestDay, DigestReport, MailReport, OwnDigest, State
from pegel_web.notifications.digests.registry import mailbox_of
from pegel_web.notifications.digests.times import Rhythm
from pegel_web.notifications.models import Digest, DigestChoice, DigestState
from pegel_web.notifications.place import MailPlace

OWN: Final = "notifications.digest.own"
VIEW: Final = "notifications.mail.view"
TEST: Final = "notifications.mail.test"
_LISTED: Final = 20
_LATELY: Final = timedelta(days=14)
_THEIR_OWN: Final = "a person may see what is kept about them"


def own_digest(*, actor: Actor, place: MailPlace) -> OwnDigest:
    """Return what the person who asks chose, and what became of their newest digests.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(OWN)
    person = actor.person()
    choice = choice_of(person)
    mailbox = mailbox_of(person)
    rows = Digest.objects.everything(because=_THEIR_OWN).filter(person_id=person).order_by("-day")[:_LISTED]
    return OwnDigest(
        rhythm="none" if choice is None else cast("Rhythm", str(choice.rhythm)),
        configured=place.server is not None,
        address=None if mailbox is None else mailbox.address,
        next_at=None if choice is None or place.server is None or mailbox is None else choice.next_at,
        digests=tuple(_report(row) for row in cast("Iterable[Digest]", rows)),
    )


def mail_report(*, actor: Actor, place: MailPlace) -> MailReport:
    """Return how mail is set up and what became of the digests of two weeks, without saying whose they were.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require(VIEW)
    chosen = dict(DigestChoice.objects.visible_to(actor).values_list("rhythm").annotate(n=Count("person_id")))
    rows = Digest.objects.visible_to(actor).filter(made_at__gte=actor.at - _LATELY)
    days = rows.values_list("day", "state", "problem").annotate(n=Count("id")).order_by("-day", "state", "problem")
    server = place.server
    return MailReport(
        host=None if server is None else server.host,
        port=None if server is None else server.port,
        security=None if server is None else server.security,
        sender=None if server is None else server.sender,
        signs_in=server is not None and bool(server.user),
        daily=chosen.get("daily", 0),
        weekly=chosen.get("weekly", 0),
        days=tuple(DigestDay(day=day, state=state, problem=problem, digests=n) for day, state, problem, n in days),
        may_test=server is not None and actor.person_id is not None and actor.allows(TEST),
    )


def undelivered_digests(*, since: datetime) -> int:
    """Return how many digests were given up, or are not certain to have arrived, since a moment."""
    rows = Digest.objects.everything(because="a number without any person")
    found: int = rows.filter(state__in=(DigestState.GIVEN_UP, DigestState.UNCLEAR), made_at__gte=since).count()
    return found


def choice_of(person: UUID) -> DigestChoice | None:
    """Return what a person chose; None: no digests."""
    rows = DigestChoice.objects.everything(because=_THEIR_OWN)
    return cast("DigestChoice | None", rows.filter(pk=person).first())


def kept_choices(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what is kept of a person's choice, for them."""
    rows = DigestChoice.objects.everything(because=_THEIR_OWN).filter(pk=person)
    return list(rows.values("rhythm", "chosen_at", "next_at", "told"))


def kept_digests(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what is kept of a person's digests, for them."""
    rows = Digest.objects.everything(because=_THEIR_OWN).filter(person_id=person).order_by("day")
    return list(rows.values("day", "rhythm", "state", "count", "problem", "attempts", "made_at", "tried_at"))


def old_digests(*, before: datetime) -> int:
    """Return how many digests were due before a moment."""
    count: int = Digest.objects.everything(because="retention").filter(made_at__lt=before).count()
    return count


def _report(row: Digest) -> DigestReport:
    return DigestReport(
        id=row.id,
        day=row.day,
        rhythm=cast("Rhythm", str(row.rhythm)),
        state=cast("State", str(row.state)),
        count=row.count,
        problem=row.problem,
        attempts=row.attempts,
        tried_at=row.tried_at,
        next_at=row.next_at if row.state == DigestState.WAITING else None,
    )
