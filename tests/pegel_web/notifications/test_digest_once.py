"""Digests: at most one for a person and a day, whoever dies when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from pegel_web.jobs.running import LostJob
from pegel_web.notifications.digests.choosing import choose_digest
from pegel_web.notifications.digests.queries import undelivered_digests
from pegel_web.notifications.digests.registry import DigestLine
from pegel_web.notifications.digests.sending import WAITS, send_digests
from pegel_web.notifications.mail.sending import MailAnswer
from tests.pegel_web.company import Company, make_company
from tests.pegel_web.notifications.mail_servers import mail_server, settings_for
from tests.pegel_web.notifications.post_office import (
    DUE,
    PLACE,
    Here,
    KilledError,
    Nobody,
    Office,
    address,
    digests,
    line,
    person,
    states,
)


def test_a_second_look_sends_nothing_twice(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]
    for minutes in (0, 5, 600):
        office.send(DUE + timedelta(minutes=minutes))
    # Another choice on the same day is no second digest for it.
    choose_digest(actor=replace(actor, at=DUE), rhythm="weekly", place=PLACE)
    office.send(DUE + timedelta(hours=12))
    assert (len(office.taken), states()) == (1, ["sent"])


def test_killed_before_it_is_handed_over_it_is_sent_later(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]

    def dies(_: object) -> tuple[Nobody, MailAnswer | None]:
        raise KilledError

    with pytest.raises(KilledError):
        send_digests(Here(), PLACE, now=lambda: DUE, opener=dies, giver=office.give)  # type: ignore[arg-type]
    assert states() == ["waiting"]
    office.send(DUE)
    assert office.taken == []
    office.send(DUE + WAITS[0])
    assert (len(office.taken), states(), digests()[0].attempts) == (1, ["sent"], 2)


def test_killed_between_handing_over_and_noting_it_is_never_sent_again_and_the_next_one_tells_it(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]

    def dies() -> None:
        raise KilledError

    office.before = dies
    with pytest.raises(KilledError):
        office.send(DUE)
    assert states() == ["sending"]
    office.before = lambda: None
    office.send(DUE + timedelta(minutes=14))
    assert (office.taken, states()) == ([], ["sending"])
    office.send(DUE + timedelta(minutes=16))
    assert (office.taken, states()) == ([], ["unclear"])
    assert undelivered_digests(since=DUE) == 1
    office.send(DUE + timedelta(days=1))
    assert (len(office.taken), states()) == (1, ["unclear", "sent"])
    assert "It is late." in office.taken[0].body


def test_a_worker_that_lost_its_job_hands_nothing_over(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]

    class Lost(Here):
        held = 0

        def hold(self) -> None:
            # Settling, making, taking; then somebody else has the job.
            self.held += 1
            if self.held > 3:
                raise LostJob

    with pytest.raises(LostJob):
        office.send(DUE, job=Lost())
    assert (office.opened, office.taken, states()) == (1, [], ["waiting"])


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_digest_once(told: dict[str, Sequence[DigestLine]]) -> None:
    company = make_company()
    people = [person(company, unit) for unit in ("K1", "K2", "S1", "S2", "K", "S")]
    for one in people:
        told[str(one.person_id)] = [line("1")]
    failed: list[Exception] = []
    start = Barrier(2)

    def work() -> None:
        try:
            start.wait()
            send_digests(Here(), place, now=lambda: DUE)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    with mail_server() as heard:
        place = replace(PLACE, server=settings_for(heard.port))
        threads = [Thread(target=work) for _ in range(2)]
        for one_thread in threads:
            one_thread.start()
        for one_thread in threads:
            one_thread.join()
        assert failed == []
        assert sorted(one.rcpt_tos[0] for one in heard.envelopes) == sorted(address(one) for one in people)
    assert set(states()) == {"sent"}
