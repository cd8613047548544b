"""Digests: tried again, given up, none blocking another; and the test mail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.test import override_settings

from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.notifications.digests import registry
from pegel_web.notifications.digests.choosing import ask_for_test_mail, choose_digest
from pegel_web.notifications.digests.registry import DigestLine, DigestSource
from pegel_web.notifications.digests.sending import send_digests
from pegel_web.notifications.mail.sending import MailAnswer
from pegel_web.organisation.models import User
from tests.pegel_web.company import Company
from tests.pegel_web.notifications.mail_servers import mail_server, settings_for
from tests.pegel_web.notifications.post_office import (
    DUE,
    LATER,
    NOWHERE,
    PLACE,
    Here,
    Nobody,
    Office,
    address,
    choice,
    digests,
    line,
    person,
    states,
)


def test_one_address_that_is_refused_blocks_nobody(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    people = [person(company, unit) for unit in ("K1", "K2", "S1", "S2")]
    for one in people:
        told[str(one.person_id)] = [line("1")]
    refused = address(people[1])
    office = Office(answers={refused: MailAnswer(outcome="never", problem="recipient_refused")})
    office.send(DUE)
    assert sorted(one.to[0] for one in office.taken) == sorted(address(one) for one in people if one is not people[1])
    (row,) = [one for one in digests() if one.person_id == people[1].person()]
    assert (str(row.state), row.problem) == ("given_up", "recipient_refused")
    # Told again with the next one: nothing arrived.
    assert choice(people[1]).told == []


def test_what_cannot_be_written_for_one_person_blocks_nobody(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bert, office = person(company, "K1"), person(company, "S1"), Office()

    def lines(actor: Actor) -> Sequence[DigestLine]:
        if actor.person_id == anna.person_id:
            raise ValueError
        return [line("1")]

    source = DigestSource(name="alerts", url_name="alerts", function=lines)
    monkeypatch.setattr(registry, "_SOURCES", {"alerts": source})
    office.send(DUE)
    assert [one.to[0] for one in office.taken] == [address(bert)]
    (row,) = [one for one in digests() if one.person_id == anna.person()]
    assert (str(row.state), row.problem) == ("waiting", "content_failed")


def test_a_server_that_is_not_there_is_asked_three_times_in_a_round(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    for unit in ("K1", "K2", "S1", "S2"):
        told[str(person(company, unit).person_id)] = [line("1")]
    office = Office(closed=LATER)
    office.send(DUE)
    assert (office.opened, states()) == (3, ["waiting"] * 4)
    assert sorted(one.problem for one in digests()) == ["", *["unreachable"] * 3]


def test_it_is_tried_again_after_growing_waits_and_given_up_before_the_next_is_due(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, office = person(company, "K1"), Office(closed=LATER)
    told[str(actor.person_id)] = [line("1")]
    at, tried = DUE, []
    for _ in range(30):
        before = office.opened
        office.send(at)
        if office.opened > before:
            tried.append(at)
        at += timedelta(minutes=5 if len(tried) < 4 else 60)
    assert [(later - earlier) / timedelta(minutes=1) for earlier, later in pairwise(tried)] == [5, 15, 60, 180, 360]
    assert (len(tried), states(), digests()[0].problem) == (6, ["given_up"], "unreachable")
    assert tried[-1] - DUE < timedelta(hours=24)
    office.closed = None
    office.send(DUE + timedelta(days=1))
    assert (len(office.taken), states()) == (1, ["given_up", "sent"])


def test_one_that_waits_when_the_next_is_due_is_too_late(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, office = person(company, "K1"), Office(closed=LATER)
    told[str(actor.person_id)] = [line("1")]
    office.send(DUE)
    office.closed = None
    office.send(DUE + timedelta(days=1))
    assert (len(office.taken), states()) == (1, ["given_up", "sent"])


def test_unclear_is_final(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    actor = person(company, "K1")
    told[str(actor.person_id)] = [line("1")]
    office = Office(answers={address(actor): MailAnswer(outcome="unclear", problem="too_slow", of_server=True)})
    for hours in (0, 1, 20):
        office.send(DUE + timedelta(hours=hours))
    assert (office.opened, states(), choice(actor).told) == (1, ["unclear"], [])


def test_stopping_takes_back_what_waits_even_while_it_is_written(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, office = person(company, "K1"), Office(closed=LATER)
    told[str(actor.person_id)] = [line("1")]
    office.send(DUE)
    assert states() == ["waiting"]
    choose_digest(actor=actor, rhythm="none", place=PLACE)
    assert states() == []
    choose_digest(actor=actor, rhythm="daily", place=PLACE)
    open_, office.closed = office.open, None

    def stops(server: object) -> tuple[Nobody, MailAnswer | None]:
        choose_digest(actor=actor, rhythm="none", place=PLACE)
        return open_(server)

    send_digests(Here(), PLACE, now=lambda: DUE, opener=stops, giver=office.give)  # type: ignore[arg-type]
    assert (office.taken, states()) == ([], [])


def test_a_closed_account_gets_nothing(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]
    User.objects.filter(person=actor.person()).update(is_active=False)
    office.send(DUE)
    assert (office.opened, states(), digests()[0].problem) == (0, ["given_up"], "no_address")


@pytest.fixture
def admin(company: Company) -> Actor:
    return company.actor("administrator")


def job_of(number: UUID) -> Job:
    found: Job = Job.objects.everything(because="test").get(pk=number)
    return found


def test_a_test_mail_goes_to_whoever_asks(admin: Actor) -> None:
    with mail_server() as heard, override_settings(PEGEL_MAIL=settings_for(heard.port)):
        asked = ask_for_test_mail(actor=admin, place=replace(PLACE, server=settings_for(heard.port)))
        run_waiting_jobs()
        assert [one.rcpt_tos for one in heard.envelopes] == [[address(admin)]]
        assert heard.mails[0]["Subject"] == "Pegel: test mail"
    assert job_of(asked.id).state == "done"


def test_a_test_mail_that_is_not_taken_says_why(admin: Actor) -> None:
    with mail_server(answers={"RCPT": "550 nobody"}) as heard, override_settings(PEGEL_MAIL=settings_for(heard.port)):
        asked = ask_for_test_mail(actor=admin, place=PLACE)
        run_waiting_jobs()
    row = job_of(asked.id)
    assert (row.state, row.error_code) == ("failed", "mail_untaken")
    assert row.error_values == {"reason": "The mail server refused the address."}


def test_a_test_mail_without_a_server(admin: Actor) -> None:
    with pytest.raises(ConflictError, match="mail_not_configured"):
        ask_for_test_mail(actor=admin, place=NOWHERE)
