"""Sending digests: at most one for a person and a day, and none is blocked by another.

A digest is noted as being handed over before it is. A worker that dies after that leaves a digest of which nobody knows
whether it was taken; it is not sent again, and what it told counts as not told, so that the next one tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

import structlog
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from pegel_web.core.reading import reading
from pegel_web.jobs.actors import actor_of_person
from pegel_web.jobs.registry import RunningJob
from pegel_web.notifications.digests.message import DigestPart, digest_message
from pegel_web.notifications.digests.registry import Mailbox, digest_sources, mailbox_of
from pegel_web.notifications.digests.times import day_due, next_due
from pegel_web.notifications.mail.sending import MailAnswer, MailConnection, hand_over, opened
from pegel_web.notifications.mail.settings import MailServer
from pegel_web.notifications.models import Digest, DigestChoice, DigestState
from pegel_web.notifications.place import MailPlace

log = structlog.get_logger("pegel.notifications")

#: Waits after the first, second … try; the last one is made about ten hours after the first, before the next is due.
WAITS: Final = tuple(timedelta(minutes=one) for one in (5, 15, 60, 180, 360))
#: So many failures in a row that are the server's, and the rest waits for the next look.
_MOST_FAILURES: Final = 3
#: Handing over takes seconds; whoever has not noted its end after so long will not do it any more.
_LEFT_BEHIND: Final = timedelta(minutes=15)
_PEGEL: Final = "Pegel sends what is due"

#: How a connection is made and a message handed over: as they are, or what a test puts in their place.
Opener = Callable[[MailServer], tuple[MailConnection, MailAnswer | None]]
Giver = Callable[[MailConnection, EmailMessage], MailAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A digest that is ready: its mail, how much is new in it, and everything that calls now."""

    message: EmailMessage | None
    count: int
    calling: tuple[str, ...]


def send_digests(
    job: RunningJob,
    place: MailPlace,
    *,
    now: Callable[[], datetime],
    opener: Opener = opened,
    giver: Giver = hand_over,
) -> None:
    """Make every digest that is due, and send what waits; without a mail server nothing happens."""
    server = place.server
    if server is None:
        return
    _settle_left_behind(job, now())
    for person in _due_people(now()):
        job.stop_if_cancelled()
        _make(job, person, place, now())
    failures = 0
    while failures < _MOST_FAILURES:
        job.stop_if_cancelled()
        taken = _taken(job, now())
        if taken is None:
            return
        answer = _sent(job, taken, place, server, now=now, opener=opener, giver=giver)
        failures = failures + 1 if answer is not None and answer.of_server else 0


def _due_people(at: datetime) -> list[UUID]:
    rows = DigestChoice.objects.everything(because=_PEGEL).filter(next_at__lte=at)
    return list(rows.order_by("next_at", "person_id").values_list("person_id", flat=True))


def _make(job: RunningJob, person: UUID, place: MailPlace, at: datetime) -> None:
    """Make the digest of a person that is due, once; older ones that still wait are too late now."""
    with transaction.atomic():
        job.hold()
        rows = DigestChoice.objects.everything(because=_PEGEL).select_for_update()
        choice = cast("DigestChoice | None", rows.filter(pk=person, next_at__lte=at).first())
        if choice is None:
            return
        day = day_due(choice.rhythm, at, zone=place.zone, hour=place.hour)
        late = _digests().filter(person_id=person, state=DigestState.WAITING, day__lt=day)
        late.filter(problem="").update(problem="too_late")
        late.update(state=DigestState.GIVEN_UP)
        fresh = {"rhythm": choice.rhythm, "made_at": at, "next_at": at}
        _digests().get_or_create(person_id=person, day=day, defaults=fresh)
        choice.next_at = next_due(choice.rhythm, at, zone=place.zone, hour=place.hour)
        choice.save(update_fields=["next_at"])


def _taken(job: RunningJob, at: datetime) -> tuple[Digest, frozenset[str]] | None:
    """Return the next digest that waits, with this try counted and the one after it planned, and what was told."""
    with transaction.atomic():
        job.hold()
        due = _digests().filter(state=DigestState.WAITING, next_at__lte=at).select_for_update(skip_locked=True)
        row = due.order_by("next_at", "id").first()
        if row is None:
            return None
        row.next_at = at + WAITS[min(row.attempts, len(WAITS) - 1)]
        row.attempts, row.tried_at = row.attempts + 1, at
        row.save(update_fields=["next_at", "attempts", "tried_at"])
        choices = DigestChoice.objects.everything(because=_PEGEL).filter(pk=row.person_id)
        told = choices.values_list("told", flat=True).first()
    return row, frozenset(told or ())


def _sent(
    job: RunningJob,
    taken: tuple[Digest, frozenset[str]],
    place: MailPlace,
    server: MailServer,
    *,
    now: Callable[[], datetime],
    opener: Opener,
    giver: Giver,
) -> MailAnswer | None:
    """Write one digest and hand it over; None: there was nothing to hand over, or nobody wants it any more."""
    row, told = taken
    written = _written(row, told, place, server, now())
    if isinstance(written, MailAnswer):
        return _noted(row, written)
    if written.message is None:
        _end(row, DigestState.NOTHING, written)
        return None
    connection, refused = opener(server)
    if refused is not None:
        return _noted(row, refused)
    begun = False
    try:
        begun = _begun(job, row, now())
    finally:
        if not begun:
            connection.leave()
    if not begun:
        return None
    answer = giver(connection, written.message)
    if answer.outcome != "taken":
        return _noted(row, answer)
    _end(row, DigestState.SENT, written)
    log.info("digest_sent", digest=str(row.id), attempt=row.attempts, count=written.count)
    return answer


def _written(
    row: Digest, told: frozenset[str], place: MailPlace, server: MailServer, at: datetime
) -> _Written | MailAnswer:
    """Write a digest with the rights that its person has now, or say why there is none."""
    try:
        mailbox = mailbox_of(row.person_id)
        parts = None if mailbox is None else _parts(row, mailbox, told, at)
        if mailbox is None or parts is None:
            return MailAnswer(outcome="never", problem="no_address")
        calling = tuple(reference for _, references in parts for reference in references)
        new = [part for part, _ in parts]
        count = sum(len(part.new) for part in new)
        message = digest_message(new, mailbox, number=row.id, at=at, place=place, server=server) if count else None
        return _Written(message=message, count=count, calling=calling)
    except DatabaseError:
        raise
    except Exception as error:
        # Whatever is wrong with what one person would read, the others get theirs.
        log.exception("digest_unwritten", digest=str(row.id), error=type(error).__name__)
        return MailAnswer(outcome="again", problem="content_failed")


def _parts(
    row: Digest, mailbox: Mailbox, told: frozenset[str], at: datetime
) -> Sequence[tuple[DigestPart, tuple[str, ...]]] | None:
    """Return what each source has to say, and all that calls in it; None: the person is gone."""
    actor = actor_of_person(row.person_id, at=at, request_id=f"digest-{row.id}", language=mailbox.language)
    if actor is None:
        return None
    found = []
    with reading():
        for source in digest_sources():
            lines = source.function(actor)
            new = tuple(one for one in lines if one.reference not in told)
            part = DigestPart(name=source.name, url_name=source.url_name, new=new, still=len(lines) - len(new))
            found.append((part, tuple(one.reference for one in lines)))
    return found


def _begun(job: RunningJob, row: Digest, at: datetime) -> bool:
    """Note that a digest is being handed over; False: somebody else took it, or nobody wants it any more."""
    with transaction.atomic():
        job.hold()
        wanted = DigestChoice.objects.everything(because=_PEGEL).select_for_update().filter(pk=row.person_id).exists()
        mine = _digests().filter(pk=row.pk, state=DigestState.WAITING, attempts=row.attempts)
        return wanted and bool(mine.update(state=DigestState.SENDING, tried_at=at))


def _noted(row: Digest, answer: MailAnswer) -> MailAnswer:
    """Note why a digest was not taken, and whether it goes on waiting."""
    if answer.outcome == "unclear":
        state = DigestState.UNCLEAR
    elif answer.outcome == "never" or row.attempts > len(WAITS):
        state = DigestState.GIVEN_UP
    else:
        state = DigestState.WAITING
    mine = _digests().filter(pk=row.pk, attempts=row.attempts, state__in=(DigestState.WAITING, DigestState.SENDING))
    mine.update(state=state, problem=answer.problem)
    log.info("digest_untaken", digest=str(row.id), attempt=row.attempts, problem=answer.problem, state=str(state))
    return answer


def _end(row: Digest, state: DigestState, written: _Written) -> None:
    """Note that a digest was taken, or that there was nothing to say, and what is told from now on.

    Noted even where another worker has taken the job over meanwhile: it is so.
    """
    with transaction.atomic():
        open_states = (DigestState.WAITING, DigestState.SENDING, DigestState.UNCLEAR)
        mine = _digests().filter(pk=row.pk, attempts=row.attempts, state__in=open_states)
        if mine.update(state=state, count=written.count, problem=""):
            choices = DigestChoice.objects.everything(because=_PEGEL).filter(pk=row.person_id)
            choices.update(told=list(written.calling))


def _settle_left_behind(job: RunningJob, at: datetime) -> None:
    """Say of digests whose worker died while handing them over that nobody knows."""
    with transaction.atomic():
        job.hold()
        left = _digests().filter(state=DigestState.SENDING, tried_at__lt=at - _LEFT_BEHIND)
        left.update(state=DigestState.UNCLEAR, problem="hung_up")


def _digests() -> QuerySet[Digest]:
    return cast("QuerySet[Digest]", Digest.objects.everything(because=_PEGEL))
