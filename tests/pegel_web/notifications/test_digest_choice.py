"""Digests: who wants one, when it is due, what is kept of it and let go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pegel.errors import InputError
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.notifications.digests.choosing import choose_digest
from pegel_web.notifications.digests.queries import mail_report, own_digest
from pegel_web.notifications.digests.registry import DigestLine
from pegel_web.notifications.digests.times import day_due, next_due
from pegel_web.notifications.mail.sending import MailAnswer
from pegel_web.organisation.models import User
from pegel_web.organisation.queries.own_records import own_records
from pegel_web.organisation.services.forgetting import forget_person
from pegel_web.privacy.services.retention import apply_retention
from tests.pegel_web.company import Company
from tests.pegel_web.notifications.post_office import (
    BERLIN,
    DUE,
    NOWHERE,
    PLACE,
    Office,
    address,
    choice,
    digests,
    line,
    person,
)


@pytest.mark.parametrize(
    ("rhythm", "after", "due"),
    [
        # 7:00 in Berlin is 6:00 UTC in winter and 5:00 UTC in summer, which began on 29 March 2026.
        ("daily", datetime(2026, 3, 3, 5, 59, tzinfo=UTC), datetime(2026, 3, 3, 6, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 3, 6, 0, tzinfo=UTC), datetime(2026, 3, 4, 6, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 6, 6, 0, tzinfo=UTC), datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 27, 6, 0, tzinfo=UTC), datetime(2026, 3, 30, 5, 0, tzinfo=UTC)),
        ("weekly", datetime(2026, 3, 2, 6, 0, tzinfo=UTC), datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
        # It is Monday in Berlin already while UTC still says Sunday.
        ("weekly", datetime(2026, 3, 8, 23, 30, tzinfo=UTC), datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
    ],
)
def test_when_the_next_one_is_due(rhythm: str, after: datetime, due: datetime) -> None:
    assert next_due(rhythm, after, zone=BERLIN, hour=7) == due
    assert day_due(rhythm, due, zone=BERLIN, hour=7) == due.astimezone(BERLIN).date()


def test_the_last_one_that_was_due() -> None:
    sunday, before_seven = datetime(2026, 3, 8, 12, tzinfo=UTC), datetime(2026, 3, 3, 5, 59, tzinfo=UTC)
    assert day_due("daily", sunday, zone=BERLIN, hour=7) == date(2026, 3, 6)
    assert day_due("weekly", sunday, zone=BERLIN, hour=7) == date(2026, 3, 2)
    assert day_due("daily", before_seven, zone=BERLIN, hour=7) == date(2026, 3, 2)


def test_nobody_gets_mail_who_has_not_chosen_it(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    silent, office = company.actor("employee", "K1"), Office()
    told[str(silent.person_id)] = [line("1")]
    assert own_digest(actor=silent, place=PLACE).rhythm == "none"
    office.send(DUE)
    assert (office.taken, digests()) == ([], [])


def test_choosing_is_recorded_once_and_taken_back(company: Company) -> None:
    actor = person(company, "K1")
    found = choose_digest(actor=actor, rhythm="daily", place=PLACE)
    assert (found.rhythm, found.address, found.next_at) == ("daily", address(actor), DUE)
    assert choose_digest(actor=actor, rhythm="weekly", place=PLACE).next_at == DUE + timedelta(days=6)
    assert choose_digest(actor=actor, rhythm="none", place=PLACE).next_at is None
    rows = AuditEntry.objects.everything(because="test").filter(event="notifications.digest.chosen")
    assert sorted((one.before["rhythm"], one.after["rhythm"]) for one in rows) == [
        ("daily", "weekly"), ("none", "daily"), ("weekly", "none"),
    ]  # fmt: skip


def test_what_cannot_be_chosen(company: Company) -> None:
    actor = company.actor("employee", "K1")
    with pytest.raises(InputError, match="digest_rhythm_unknown"):
        choose_digest(actor=actor, rhythm="hourly", place=PLACE)
    with pytest.raises(NotAllowedError):
        choose_digest(actor=replace(actor, grants=()), rhythm="daily", place=PLACE)
    User.objects.filter(person=actor.person()).update(is_active=False)
    with pytest.raises(ConflictError, match="digest_no_address"):
        choose_digest(actor=actor, rhythm="daily", place=PLACE)
    assert choose_digest(actor=actor, rhythm="none", place=PLACE).address is None


def test_without_a_mail_server_the_choice_is_kept_and_nothing_is_due(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]
    office.send(DUE, NOWHERE)
    found = own_digest(actor=actor, place=NOWHERE)
    assert (found.rhythm, found.configured, found.next_at, digests()) == ("daily", False, None, [])
    # Three days later there is a server: one digest comes, not three.
    office.send(DUE + timedelta(days=3), PLACE)
    assert (len(office.taken), [one.day for one in digests()]) == (1, [date(2026, 3, 6)])


def test_a_person_gets_what_is_kept_and_it_goes_with_them(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor, other, office = person(company, "K1"), person(company, "S1"), Office()
    told[str(actor.person_id)] = told[str(other.person_id)] = [line("1")]
    office.send(DUE)
    records = own_records(actor.person())
    assert [(one["day"], one["state"], one["count"]) for one in records["mails"]] == [(date(2026, 3, 3), "sent", 1)]
    assert [(one["rhythm"], one["told"]) for one in records["mail_choice"]] == [("daily", ["1"])]
    assert forget_person(person_id=actor.person(), at=DUE, by=None)["mails"] == 2
    assert [one.person_id for one in digests()] == [other.person()]
    assert own_records(actor.person())["mail_choice"] == []


def test_retention(company: Company, tmp_path: object, told: dict[str, Sequence[DigestLine]]) -> None:
    from pegel_web.privacy.erased_people import ErasedPeople  # noqa: PLC0415  (only here)

    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]
    office.send(DUE)
    officer = company.actor("data_protection_officer", at=DUE + timedelta(days=90))
    erased = ErasedPeople(tmp_path)  # type: ignore[arg-type]  # pytest's own folder
    assert dict(apply_retention(actor=officer, erased=erased).gone)["digests"] == 0
    later = replace(officer, at=DUE + timedelta(days=90, seconds=1))
    assert dict(apply_retention(actor=later, erased=erased).gone)["digests"] == 1
    assert choice(actor).rhythm == "daily"


def test_the_administrator_sees_numbers_and_no_people(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    anna, bert = person(company, "K1"), person(company, "S1", "weekly")
    told[str(anna.person_id)] = [line("1")]
    Office(answers={address(anna): MailAnswer(outcome="never", problem="recipient_refused")}).send(DUE)
    admin = company.actor("administrator", at=DUE)
    found = mail_report(actor=admin, place=PLACE)
    assert (found.host, found.daily, found.weekly, found.may_test) == ("127.0.0.1", 1, 1, True)
    assert [(one.day, one.state, one.problem, one.digests) for one in found.days] == [
        (date(2026, 3, 3), "given_up", "recipient_refused", 1)
    ]
    for hidden in (str(anna.person_id), str(bert.person_id), address(anna)):
        assert hidden not in repr(found)
    assert mail_report(actor=admin, place=NOWHERE).host is None
    with pytest.raises(NotAllowedError):
        mail_report(actor=anna, place=PLACE)
