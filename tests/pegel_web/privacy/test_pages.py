"""The pages: they open for those who may, in both languages, and do what they say."""

import json

import pytest
from django.test import Client

from pegel.words.catalogue import codes, has
from pegel_web.core.audit import record
from pegel_web.core.events import EventType, declare_events, event_types
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Identity, Person
from pegel_web.privacy.models import RecordContacts, RetentionPeriod, RuleChange
from pegel_web.privacy.statements import legal_statements, retention_kinds
from tests.pegel_web.company import AT, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))

PAGES = {
    "/audit/": "core.audit.view",
    "/privacy/": "privacy.settings.view",
    "/privacy/access-log/": "privacy.access_log.view",
    "/privacy/retention/": "privacy.settings.view",
    "/privacy/retention/access_log/": "privacy.settings.change",
    "/privacy/propose/group_floor/": "privacy.settings.change",
    "/privacy/propose/works_council_mode/": "privacy.settings.change",
    "/privacy/erasure/": "privacy.erasure.run",
    "/privacy/record/": "privacy.record.view",
    "/privacy/record/contacts/": "privacy.record.change",
    "/privacy/notice/": "privacy.notice.view",
}
ROLES = ("employee", "team_lead", "security", "compliance", "data_protection_officer", "works_council", "administrator")


@pytest.mark.parametrize("role", ROLES)
def test_each_page_opens_for_those_who_may(company: Company, role: str) -> None:
    actor, client = company.actor(role), company.client(role)
    for address, permission in PAGES.items():
        expected = 200 if actor.has(permission) else 403
        assert (address, client.get(address).status_code) == (address, expected)


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_page_shows_a_code_instead_of_words(company: Company, language: str) -> None:
    client = company.client("data_protection_officer")
    client.cookies["pegel_language"] = language
    for address in PAGES:
        text = client.get(address).content.decode()
        assert "privacy." not in text.replace("/privacy.", "").replace("privacy.css", "").replace('"privacy.', ""), (
            address
        )


def test_nobody_looks_without_signing_in(db: None) -> None:
    for address in PAGES:
        assert Client().get(address).status_code == 302


def test_the_audit_is_worded_filtered_paged_and_exported(company: Company) -> None:
    client, writer = company.client("compliance"), company.actor("team_lead", "K1")
    for number in range(60):
        record(
            writer,
            "test.thing.changed",
            subject=("thing", f"=cmd|{number}"),
            unit=company.unit("K1"),
            after={"size": number},
        )
    record(
        writer,
        "privacy.rule.proposed",
        subject=("privacy_rule", 1),
        before={"group_floor": 5},
        after={"group_floor": 6},
    )
    text = client.get("/audit/").content.decode()
    assert "Change of a privacy rule proposed" in text
    assert "61 entries" in text
    assert "Page 1 of 2" in text
    assert "Motor" in text
    assert client.get("/audit/?page=2").content.decode().count('class="log-line"') == 11
    assert client.get("/audit/?page=99999999").status_code == 200
    assert "1 entry" in client.get("/audit/?event=privacy.rule.proposed").content.decode()
    assert "60 entries" in client.get(f"/audit/?unit={company.unit('K1')}").content.decode()
    assert "61 entries" in client.get("/audit/?since=2026-03-02&until=2026-03-02").content.decode()
    assert "Nothing matches" in client.get("/audit/?since=2026-03-03").content.decode()
    lines = client.get("/audit/?audit.export=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 62
    assert lines[0].startswith("When,What happened,Code")
    assert any("'=cmd|3" in line for line in lines)
    assert client.get("/audit/?audit.export=xlsx").content[:2] == b"PK"


@pytest.mark.parametrize(
    "query",
    [
        "event=%00",
        "unit=nonsense",
        "since=9999-12-31&until=9999-12-31",
        "since=0001-01-01&until=x",
        "page=-1",
        "page=abc",
        "page=99999999999999999999",
        "event=%ff%fe",
        "id=" + "x" * 5000,
        "subject=%F0%9F%92%A9",
        "event=<script>alert(1)</script>",
    ],
)
def test_hostile_addresses_are_harmless(company: Company, query: str) -> None:
    client = company.client("data_protection_officer")
    for address in ("/audit/", "/privacy/access-log/", "/privacy/erasure/"):
        response = client.get(f"{address}?{query}&q=%00%27&what=%00")
        assert response.status_code == 200
        assert b"<script>alert" not in response.content


def test_two_people_switch_the_mode_off(company: Company) -> None:
    admin, council = company.client("administrator"), company.client("works_council")
    sent = admin.post("/privacy/propose/works_council_mode/", {"value": 0, "reason": "agreement of 1 March"})
    assert (sent.status_code, sent.headers["Location"]) == (302, "/privacy/")
    proposal = RuleChange.objects.get()
    assert admin.post(f"/privacy/proposals/{proposal.id}/confirm/").status_code == 403
    assert "Confirm" not in admin.get("/privacy/").content.decode()
    assert "Confirm: it holds from now on" in council.get("/privacy/").content.decode()
    assert council.post(f"/privacy/proposals/{proposal.id}/confirm/").status_code == 302
    assert "Works-council mode is off" in council.get("/privacy/").content.decode()
    assert council.post(f"/privacy/proposals/{proposal.id}/confirm/").status_code == 409
    assert council.get(f"/privacy/proposals/{proposal.id}/confirm/").status_code == 405


def test_a_floor_that_is_frozen_stands_in_the_form(company: Company) -> None:
    client = company.client("administrator")
    answer = client.post("/privacy/propose/group_floor/", {"value": 3, "reason": "small teams"})
    assert answer.status_code == 422
    assert "no group may be smaller than 5" in answer.content.decode()
    for value in ("", "x", "1e9", "9" * 5000):
        assert client.post("/privacy/propose/group_floor/", {"value": value, "reason": "x"}).status_code == 422
    assert client.get("/privacy/propose/something/").status_code == 404


def test_a_person_is_forgotten_by_page(company: Company) -> None:
    client, anna = company.client("data_protection_officer"), company.person("Anna", "employee")
    assert anna.pseudonym in client.get("/privacy/erasure/?q=Anna").content.decode()
    address = f"/privacy/erasure/{anna.id}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "asked for it"}).status_code == 422
    assert Identity.objects.filter(person=anna).exists()
    assert client.post(address, {"reason": "asked for it", "sure": "on"}).status_code == 302
    assert not Identity.objects.filter(person=anna).exists()
    assert client.get(address).status_code == 409
    assert client.get(f"/privacy/erasure/{company.unit('K')}/").status_code == 404


def test_retention_and_contacts_are_changed_by_page(company: Company) -> None:
    client = company.client("data_protection_officer")
    assert client.post("/privacy/retention/access_log/", {"days": 5}).status_code == 422
    assert client.post("/privacy/retention/access_log/", {"days": 90}).status_code == 302
    assert RetentionPeriod.objects.get(kind="access_log").days == 90
    assert client.get("/privacy/retention/unknown/").status_code == 404
    assert client.post("/privacy/record/contacts/", {"controller": "Example <b>AG</b>\nBerlin"}).status_code == 302
    text = client.get("/privacy/record/").content.decode()
    assert "Example &lt;b&gt;AG&lt;/b&gt;" in text
    assert "90 days" in text
    assert RecordContacts.objects.count() == 1
    assert "Access log" in client.get("/privacy/record/?record.export=csv").content.decode("utf-8-sig")


def test_own_data_is_handed_out_as_a_file(company: Company) -> None:
    client = company.client("employee", "K1")
    assert client.get("/privacy/notice/data/").status_code == 405
    answer = client.post("/privacy/notice/data/")
    found = json.loads(answer.content)
    assert found["records"]["identity"][0]["name"] == "employee-K1"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert AuditEntry.objects.everything(because="test").filter(event="privacy.own_data.exported").count() == 1


def test_somebody_without_a_person_is_refused(company: Company) -> None:
    client = company.client("employee")
    Person.objects.filter(pk=company.people["employee-C"].pk).update(user=None, erased_at=AT)
    for address in PAGES:
        assert client.get(address).status_code in {302, 403}, address


def test_everything_is_worded() -> None:
    wanted = [f"privacy.law.{one}" for one in legal_statements()]
    wanted += [f"privacy.retention.{kind}.{part}" for kind in retention_kinds() for part in ("name", "means", "why")]
    wanted += [f"audit.event.{one.code}" for one in event_types() if one.code.startswith(("privacy.", "core."))]
    assert [code for code in wanted if not has(code)] == []
    assert len(codes()) > len(wanted)
