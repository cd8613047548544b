"""What a person is told about themselves, and the record of what the installation does."""

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from pegel.errors import InputError
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.events import EventType, declare_events
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Membership
from pegel_web.privacy.contracts import Installation
from pegel_web.privacy.models import Access
from pegel_web.privacy.queries import own_data, privacy_notice, processing_record
from pegel_web.privacy.services import change_contacts, change_retention, export_own_data, note_access
from pegel_web.privacy.statements import legal_statements, retention_kinds
from tests.pegel_web.company import AT, FROM, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))
HERE = Installation(https=True, single_sign_on=False, two_factor="privileged", database="sqlite")
CONTACTS = {
    "controller": "Example AG\nBerlin",
    "joint_controllers": "",
    "representative": "",
    "data_protection_officer": "dpo@example.org",
}


def test_a_person_gets_everything_about_themselves_and_nothing_about_others(company: Company) -> None:
    anna, other = company.actor("employee", "K1"), company.person("Other Person", "team_lead", "K1")
    Membership.objects.create(person_id=anna.person(), unit=company.units["K1"], valid_from=FROM)
    record(
        anna,
        "test.thing.changed",
        subject=("person", anna.person()),
        about=anna.person(),
        after={"name": "employee-K1"},
    )
    record(anna, "test.thing.changed", subject=("person", other.id), about=other.id, after={"name": "Other Person"})
    note_access(anna, "flow.items", company.unit("K1"))
    found = export_own_data(actor=anna)
    assert found.records["identity"][0]["name"] == "employee-K1"
    assert [one["role"] for one in found.records["roles"]] == ["employee"]
    assert [one["unit__code"] for one in found.records["memberships"]] == ["K1"]
    assert len(found.looks) == 1
    assert {(one.after, one.legible) for line in found.audit for one in line.changes} == {
        ("employee-K1", "shown"),
        (None, "withheld"),
    }
    text = json.dumps([found.records, found.looks, found.jobs], cls=DjangoJSONEncoder)
    assert "Other" not in text
    assert "password" not in text
    assert "digest" not in text
    assert AuditEntry.objects.everything(because="test").filter(event="privacy.own_data.exported").count() == 1


def test_who_looked_is_told_by_role(company: Company) -> None:
    anna, lead = company.actor("employee", "K1"), company.actor("team_lead", "K1")
    Membership.objects.create(person_id=anna.person(), unit=company.units["K1"], valid_from=FROM)
    for actor in (lead, lead, anna, company.actor("team_lead", "S1")):
        note_access(
            actor, "flow.items", company.unit("S1" if actor.person_id not in {lead.person_id, anna.person_id} else "K1")
        )
    notice = privacy_notice(actor=anna)
    assert [(one.what, one.unit_name, one.role, one.looks, one.last_at) for one in notice.accesses] == [
        ("flow.items", "Motor", "team_lead", 2, AT)
    ]
    assert (notice.rules.works_council_mode, notice.mode_since) == (True, None)
    assert dict(notice.kept)["memberships"] == dict(notice.kept)["roles"] == dict(notice.kept)["looks"] == 1
    assert company.people["team_lead-K1"].pseudonym not in str(notice)


def test_a_program_gets_nothing_that_only_people_get(company: Company) -> None:
    with pytest.raises(NotAllowedError):
        own_data(actor=company.actor("agent"))


def test_the_record_says_what_the_installation_does(company: Company) -> None:
    officer = company.actor("data_protection_officer")
    before = processing_record(actor=officer, installation=HERE)
    assert before.contacts.controller == ""
    assert {one.id: one.days for one in before.activities}["access_log"] == 183
    assert {one.id: one.count for one in before.activities}["people"] == 1
    assert dict(before.measures)["tls"]
    change_retention(actor=officer, kind="access_log", days=90)
    after = processing_record(actor=officer, installation=HERE)
    assert {one.id: one.days for one in after.activities}["access_log"] == 90


def test_contacts_are_written_down_and_the_audit_does_not_repeat_them(company: Company) -> None:
    officer = company.actor("data_protection_officer")
    assert change_contacts(actor=officer, **CONTACTS).controller == "Example AG\nBerlin"
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="privacy.record.changed")
    assert entry.after == {"changed": ["controller", "data_protection_officer"]}
    with pytest.raises(ConflictError):
        change_contacts(actor=officer, **CONTACTS)
    for hostile in ("x" * 1001, "a\0b", "\u202e", "x" * 10_000_000):
        with pytest.raises(InputError):
            change_contacts(actor=officer, **{**CONTACTS, "controller": hostile})
    for role in ("compliance", "works_council", "administrator", "employee"):
        with pytest.raises(NotAllowedError):
            change_contacts(actor=company.actor(role), **CONTACTS)
    for role in ("employee", "team_lead"):
        with pytest.raises(NotAllowedError):
            processing_record(actor=company.actor(role), installation=HERE)


def test_legal_statements_and_periods_are_whole() -> None:
    for one in legal_statements().values():
        assert one.source.startswith("https://")
        assert set(one.law) == {"de", "en"}
        assert one.article
    for kind in retention_kinds().values():
        assert kind.least <= kind.default <= kind.most


def test_looks_are_counted_for_a_while_only(company: Company) -> None:
    anna, lead = company.actor("employee", "K1"), company.actor("team_lead", "K1")
    Membership.objects.create(person_id=anna.person(), unit=company.units["K1"], valid_from=FROM)
    Access.objects.create(
        at=AT - timedelta(days=91),
        person_id=lead.person(),
        roles="team_lead",
        what="flow.items",
        unit_id=company.unit("K1"),
        through="web",
        request_id="x",
    )
    assert privacy_notice(actor=anna).accesses == ()
