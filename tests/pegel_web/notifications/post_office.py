"""What tests of digests share: people who want one, what calls for them, and a post office that takes the mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage

from pegel_web.core.actor import Actor
from pegel_web.jobs.actors import pegel_itself
from pegel_web.notifications.digests.choosing import choose_digest
from pegel_web.notifications.digests.registry import DigestLine
from pegel_web.notifications.digests.sending import send_digests
from pegel_web.notifications.mail.sending import TAKEN, MailAnswer
from pegel_web.notifications.models import Digest, DigestChoice
from pegel_web.notifications.place import MailPlace
from pegel_web.organisation.models import User
from tests.pegel_web.company import AT, Company
from tests.pegel_web.notifications.mail_servers import settings_for

BERLIN = ZoneInfo("Europe/Berlin")
#: Tuesday, 3 March 2026, seven in the morning in Berlin.
DUE = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
NOWHERE = MailPlace(server=None, origin="https://pegel.example.org", zone=BERLIN, hour=7)
PLACE = replace(NOWHERE, server=settings_for(9))


def line(reference: str, group: str = "Claims", text: str = "It is late.") -> DigestLine:
    return DigestLine(reference=reference, group=group, group_path="/streams/1/alerts/", text=text, path="/alerts/1/")


class Here:
    """A job that is always ours."""

    def __init__(self) -> None:
        self.actor = pegel_itself(at=DUE, request_id="test")

    def hold(self) -> None: ...
    def stop_if_cancelled(self) -> None: ...
    def progress(self, done: int, total: int | None, code: str, **values: object) -> None: ...


class Nobody:
    """A connection that goes nowhere."""

    def leave(self) -> None: ...


@dataclass
class Office:
    """A post office of the test: ``answers``: what it says of an address instead of taking the mail."""

    answers: dict[str, MailAnswer] = field(default_factory=dict)
    closed: MailAnswer | None = None
    opened: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def open(self, _: object) -> tuple[Nobody, MailAnswer | None]:
        self.opened += 1
        return Nobody(), self.closed

    def give(self, _: object, message: EmailMessage) -> MailAnswer:
        self.before()
        answer = self.answers.get(message.to[0], TAKEN)
        if answer.outcome == "taken":
            self.taken.append(message)
        return answer

    def send(self, at: datetime, place: MailPlace = PLACE, job: object | None = None) -> None:
        send_digests(job or Here(), place, now=lambda: at, opener=self.open, giver=self.give)  # type: ignore[arg-type]


def person(company: Company, name: str, rhythm: str = "daily", *, at: datetime = AT) -> Actor:
    actor = replace(company.actor("employee", name), at=at)
    choose_digest(actor=actor, rhythm=rhythm, place=PLACE)
    return actor


def address(actor: Actor) -> str:
    return User.objects.get(person=actor.person()).email


def digests() -> list[Digest]:
    return list(Digest.objects.everything(because="test").order_by("day", "person_id"))


def states() -> list[str]:
    return [str(one.state) for one in digests()]


def choice(actor: Actor) -> DigestChoice:
    found: DigestChoice = DigestChoice.objects.everything(because="test").get(pk=actor.person())
    return found


class KilledError(BaseException):
    """A worker that dies here."""


LATER = MailAnswer(outcome="again", problem="unreachable", of_server=True)
