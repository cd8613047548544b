"""Keeping things as long as they are meant to be kept, and saying beforehand what would go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import opened, record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.events import EventType, declare_events
from pegel_web.core.models import AuditEntry
from pegel_web.core.seals import seal_entries
from pegel_web.core.verification import verify_audit
from pegel_web.jobs.models import Job
from pegel_web.privacy.erased_people import ErasedPeople
from pegel_web.privacy.queries import retention_preview
from pegel_web.privacy.services import apply_retention, change_retention, note_access
from tests.pegel_web.company import AT, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))


@pytest.fixture
def erased(tmp_path: Path) -> ErasedPeople:
    return ErasedPeople(tmp_path)


def ago(**by: float) -> datetime:
    return AT - timedelta(**by)


def fill(company: Company, erased: ErasedPeople) -> None:
    """Make one thing of each kind a moment too young and one a moment too old."""
    second = 1 / 86400
    employee = company.actor("employee")
    for days in (183 - second, 183 + second):
        note_access(replace(employee, at=ago(days=days)), "flow.items")
    for days in (30 - second, 30 + second):
        common = {"kind": "x", "label_code": "x", "language": "de", "created_at": ago(days=99)}
        Job.objects.create(**common, state="done", ended_at=ago(days=days))
        key = uuid4().hex
        Session.objects.create(session_key=key, session_data="", expire_date=ago(days=days))
        UserSession.objects.create(
            user=company.people["employee-C"].user,
            ip="192.0.2.1",
            session_key=key,
            user_agent="x",
            last_seen_at=ago(days=days),
        )
    Job.objects.create(kind="x", label_code="x", language="de", created_at=ago(days=99))
    erased.note({uuid4(): ago(days=1095 - second), uuid4(): ago(days=1095 + second)})


def due(actor: Actor, erased: ErasedPeople) -> dict[str, int]:
    return {one.kind: one.due for one in retention_preview(actor=actor, erased=erased)}


def test_what_is_due_goes_and_nothing_else(company: Company, erased: ErasedPeople) -> None:
    fill(company, erased)
    officer = company.actor("data_protection_officer")
    expected = {
        "access_log": 1, "finished_jobs": 1, "sessions": 1, "audit_values": 0, "erased_people": 1, "stall_reports": 0,
        "digests": 0,
    }  # fmt: skip
    assert due(officer, erased) == due(officer, erased) == expected
    assert dict(apply_retention(actor=officer, erased=erased).gone) == expected
    assert set(due(officer, erased).values()) == {0}
    assert (Job.objects.everything(because="test").count(), Session.objects.count(), len(erased.read())) == (2, 1, 1)
    rows = AuditEntry.objects.everything(because="test").filter(event="privacy.retention.applied")
    assert sorted(one.subject_id for one in rows) == ["access_log", "erased_people", "finished_jobs", "sessions"]
    apply_retention(actor=officer, erased=erased)
    assert rows.count() == 4


def test_personal_values_in_the_audit_go_by_the_month_and_the_audit_stays_whole(
    company: Company, erased: ErasedPeople
) -> None:
    anna, writer = company.person("Anna"), company.actor("employee")
    said = {}
    for at in (datetime(2023, 2, 28, tzinfo=UTC), datetime(2023, 3, 1, tzinfo=UTC), AT):
        record(
            replace(writer, at=at),
            "test.thing.changed",
            subject=("person", anna.id),
            about=anna.id,
            after={"name": f"{at:%Y-%m}"},
        )
    seal_entries(at=AT)
    for entry in AuditEntry.objects.everything(because="test").order_by("at"):
        said[entry.at] = (anna.id, entry.after["name"]["sealed"])
    officer = company.actor("data_protection_officer")
    assert due(officer, erased)["audit_values"] == 1  # 2 March 2026 less 1,095 days lies in March 2023
    apply_retention(actor=officer, erased=erased)
    assert list(opened(list(said.values()))) == [None, '"2023-03"', '"2026-03"']
    assert due(officer, erased)["audit_values"] == 0
    assert verify_audit().findings == ()


def test_a_period_is_chosen_within_limits(company: Company, erased: ErasedPeople) -> None:
    officer = company.actor("data_protection_officer")
    fill(company, erased)
    assert change_retention(actor=officer, kind="access_log", days=182) == 182
    assert due(officer, erased)["access_log"] == 2
    with pytest.raises(ConflictError):
        change_retention(actor=officer, kind="access_log", days=182)
    for days in (29, 731, 0, -1, 10**30):
        with pytest.raises(InputError) as refused:
            change_retention(actor=officer, kind="access_log", days=days)
        assert refused.value.values == {"least": 30, "most": 730}
    with pytest.raises(NotFoundError):
        change_retention(actor=officer, kind="x" * 9000, days=30)


@pytest.mark.parametrize("role", ["employee", "team_lead", "executive", "security"])
def test_who_may_not(company: Company, erased: ErasedPeople, role: str) -> None:
    with pytest.raises(NotAllowedError):
        retention_preview(actor=company.actor(role), erased=erased)
    for call in (change_retention, apply_retention):
        with pytest.raises(NotAllowedError):
            call(
                actor=company.actor(role),
                **({"kind": "sessions", "days": 5} if call is change_retention else {"erased": erased}),
            )
