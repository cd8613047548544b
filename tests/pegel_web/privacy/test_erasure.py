"""Forgetting a person: nothing that names them is left, nothing breaks, and no backup brings them back."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from pegel.errors import InputError, NotFoundError
from pegel_web.core.audit import opened, record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.events import EventType, declare_events
from pegel_web.core.heads import HeadsFile
from pegel_web.core.models import AuditEntry
from pegel_web.core.seals import seal_entries
from pegel_web.core.verification import verify_audit
from pegel_web.organisation.models import (
    Delegation,
    Identity,
    Membership,
    Person,
    Responsibility,
    RoleAssignment,
    Token,
    User,
)
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.privacy.erased_people import ErasedPeople
from pegel_web.privacy.queries import audit_report
from pegel_web.privacy.services import erase_person, people_to_forget, reapply_erasures
from tests.pegel_web.company import AT, FROM, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))
WHY = "asked for it"


@pytest.fixture
def erased(tmp_path: Path) -> ErasedPeople:
    return ErasedPeople(tmp_path / "data")


def anna(company: Company) -> Person:
    """Return a person with everything that a person can have."""
    person = company.person("Anna", "department_lead", "K")
    deputy = company.person("Deputy", "employee", "K1")
    user = person.user
    assert user is not None
    unit = company.units["K"]
    Membership.objects.create(person=person, unit=unit, valid_from=FROM)
    RoleAssignment.objects.create(person=person, role="champion", unit=unit, valid_from=date(2027, 1, 1))
    Responsibility.objects.create(person=person, unit=unit, area="data", letter="A", valid_from=FROM)
    Delegation.objects.create(
        from_person=person, to_person=deputy, permission="organisation.decision.take", unit=unit, valid_from=FROM
    )
    Delegation.objects.create(
        from_person=deputy, to_person=person, permission="organisation.decision.take", unit=unit, valid_from=FROM
    )
    agent = Person.objects.create(kind="agent", answers_for=person, created_at=AT)
    for holder in (person, agent):
        Token.objects.create(
            person=holder,
            name="Anna's laptop",
            digest=uuid4().hex,
            shown="abc",
            created_at=AT,
            expires_at=AT + timedelta(days=9),
        )
    Client().force_login(user)
    session = Session.objects.first()
    assert session is not None
    UserSession.objects.create(user=user, ip="192.0.2.1", session_key=session.pk, user_agent="x")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    SocialAccount.objects.create(user=user, provider="sso", uid="anna", extra_data={"name": "Anna"})
    Authenticator.objects.create(user=user, type="totp", data={})
    return person


def test_nothing_is_left_that_names_the_person(
    company: Company, erased: ErasedPeople, django_capture_on_commit_callbacks: object
) -> None:
    person, officer = anna(company), company.actor("data_protection_officer")
    pseudonym = person.pseudonym
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's own fixture
        done = erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
    assert done.ended == {
        "roles": 2,
        "memberships": 1,
        "responsibilities": 1,
        "delegations": 2,
        "tokens": 2,
        "mails": 0,
        "stall_reports": 0,
        "stall_voices": 0,
        "pickup_folders": 0,
        "case_estimates": 0,
        "case_scores": 0,
        "ideas": 0,
        "use_case_duties": 0,
        "stream_events": 0,
        "identity": 1,
        "sign_ins": 1,
    }
    assert done.remaining == ("lake", "free_text", "backups", "exports")
    person.refresh_from_db()
    assert (person.user, person.erased_at) == (None, AT)
    assert person.pseudonym != pseudonym
    for model in (Identity, EmailAddress, SocialAccount, Authenticator, UserSession):
        assert not model.objects.filter(**({"person": person} if model is Identity else {})).exists(), model
    assert not Session.objects.exists()
    assert not User.objects.filter(email__startswith="anna").exists()
    assert not Token.objects.filter(name__contains="Anna").filter(person=person).exists()
    assert erased.read() == {person.id: AT}
    assert "Anna" not in erased.path.read_text()
    assert erased.path.stat().st_mode & 0o777 == 0o600
    assert actor_of(person, at=AT, through=officer.through, request_id="test-request").grants == ()


def test_the_audit_stays_whole_and_names_nobody(company: Company, erased: ErasedPeople, tmp_path: Path) -> None:
    person, officer = anna(company), company.actor("data_protection_officer")
    by_anna = actor_of(person, at=AT, through=officer.through, request_id="test-request")
    record(
        by_anna, "test.thing.changed", subject=("person", person.id), about=person.id, after={"name": "Anna", "size": 3}
    )
    heads = HeadsFile(tmp_path)
    seal_entries(at=AT, heads=heads)
    erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
    seal_entries(at=AT, heads=heads)
    assert verify_audit(heads=heads).findings == ()
    (line,) = audit_report(actor=officer, event="test.thing.changed").lines
    assert (line.who, line.who_kind, line.subject) == ("", "forgotten", "")
    assert [(one.name, one.after, one.legible) for one in line.line.changes] == [
        ("name", None, "withheld"),
        ("size", 3, "shown"),
    ]
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="test.thing.changed")
    assert opened([(person.id, entry.after["name"]["sealed"])]) == [None]
    (done,) = audit_report(actor=officer, event="privacy.person.erased").lines
    assert ("reason", WHY) in [(one.name, one.after) for one in done.line.changes]


def test_who_may_not(company: Company, erased: ErasedPeople) -> None:
    person = company.person("Anna", "employee")
    for role in ("administrator", "works_council", "executive", "employee", "security"):
        with pytest.raises(NotAllowedError):
            erase_person(actor=company.actor(role), person_id=person.id, reason=WHY, erased=erased)
        with pytest.raises(NotAllowedError):
            people_to_forget(actor=company.actor(role), text="Anna")
    assert Identity.objects.filter(person=person).exists()


def test_what_is_refused(company: Company, erased: ErasedPeople) -> None:
    officer = company.actor("data_protection_officer")
    person = company.person("Anna", "employee")
    with pytest.raises(NotFoundError):
        erase_person(actor=officer, person_id=uuid4(), reason=WHY, erased=erased)
    with pytest.raises(ConflictError) as own:
        erase_person(actor=officer, person_id=officer.person(), reason=WHY, erased=erased)
    with pytest.raises(InputError):
        erase_person(actor=officer, person_id=person.id, reason=" ", erased=erased)
    erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
    with pytest.raises(ConflictError) as twice:
        erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
    assert (own.value.code, twice.value.code) == ("erase_oneself", "person_forgotten")


def test_the_last_administrator_stays(company: Company, erased: ErasedPeople) -> None:
    officer = company.actor("data_protection_officer")
    last = company.person("Last", "administrator")
    with pytest.raises(ConflictError) as refused:
        erase_person(actor=officer, person_id=last.id, reason=WHY, erased=erased)
    assert refused.value.code == "last_administrator"
    assert Identity.objects.filter(person=last).exists()
    assert erased.read() == {}


@pytest.mark.django_db(transaction=True)
def test_what_fails_is_not_noted_as_done(company: Company, erased: ErasedPeople) -> None:
    officer, person = company.actor("data_protection_officer"), company.person("Anna", "employee")
    with transaction.atomic():
        erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
        transaction.set_rollback(True)
    assert erased.read() == {}
    assert Identity.objects.filter(person=person).exists()
    erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
    assert list(erased.read()) == [person.id]


@pytest.mark.parametrize("text", ["", "  ", "\0", "%", "'; DROP TABLE", "x" * 100_000])
def test_looking_for_nobody_finds_nobody(company: Company, text: str) -> None:
    company.person("Anna", "employee")
    assert people_to_forget(actor=company.actor("data_protection_officer"), text=text) == ()


def test_looking_for_somebody(company: Company) -> None:
    person, officer = company.person("Anna", "employee"), company.actor("data_protection_officer")
    for text in ("anna", person.pseudonym, person.user.email.upper()):  # type: ignore[union-attr]  # it has one
        assert [one.person_id for one in people_to_forget(actor=officer, text=text)] == [person.id]


def test_whom_the_file_names_is_forgotten_again(company: Company, erased: ErasedPeople) -> None:
    person, pegel = anna(company), replace(company.actor("data_protection_officer"), person_id=None)
    when = AT - timedelta(days=3)
    erased.note({person.id: when, uuid4(): when})
    assert reapply_erasures(actor=pegel, erased=erased) == 1
    assert reapply_erasures(actor=pegel, erased=erased) == 0
    person.refresh_from_db()
    assert (person.erased_at, person.user_id) == (when, None)
    rows = AuditEntry.objects.everything(because="test").filter(event="privacy.erasure.reapplied")
    assert [one.subject_id for one in rows] == [str(person.id)]


def test_even_the_last_administrator_does_not_come_back(company: Company, erased: ErasedPeople) -> None:
    last, pegel = company.person("Last", "administrator"), company.actor("data_protection_officer")
    erased.note({last.id: AT})
    assert reapply_erasures(actor=pegel, erased=erased) == 1


def test_whom_the_database_alone_knows_gets_into_the_file(company: Company, erased: ErasedPeople) -> None:
    person, officer = company.person("Anna", "employee"), company.actor("data_protection_officer")
    erase_person(actor=officer, person_id=person.id, reason=WHY, erased=erased)
    assert erased.read() == {}  # the process ended before the commit was noted
    reapply_erasures(actor=officer, erased=erased)
    assert erased.read() == {person.id: AT}


def test_lines_nobody_can_read_are_kept_and_counted(erased: ErasedPeople) -> None:
    one, other = uuid4(), uuid4()
    erased.path.parent.mkdir()
    erased.path.write_bytes(
        b'{"person": 1}\nnot json\n\xff\xfe\n[]\n{"person": "%s", "at": "2026-01-01T00:00:00"}\nhalf a li'
        % str(one).encode()
    )
    assert (erased.read(), erased.unreadable()) == ({}, 6)
    erased.note({one: AT, other: datetime(2020, 1, 1, tzinfo=UTC)})
    assert set(erased.read()) == {one, other}
    assert erased.drop(before=AT) == 1
    assert (erased.read(), erased.unreadable()) == ({one: AT}, 6)


def test_a_restored_backup_forgets_again(tmp_path: Path) -> None:
    """The real thing: a database file is copied, somebody is forgotten, the copy is put back, Pegel starts."""
    script = Path(__file__).with_name("restored_backup.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["named_before"] == said["named_after_restore"] == "Anna Example"
    assert (said["again"], said["named_at_last"], said["accounts_at_last"], said["findings"]) == (1, None, 0, [])
    assert UUID(said["person"])
