"""The pages of shared responsibility answer every role in both languages; the home shows what waits."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pegel_web.core.actor import Actor, Through
from pegel_web.organisation import home_registry
from pegel_web.organisation.finding import find_areas, find_decisions, find_frame, find_tools
from pegel_web.organisation.home_registry import declare_home_section
from pegel_web.organisation.models import FrameEntry, ToolUse, User
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.home import home
from pegel_web.organisation.roles import roles
from pegel_web.organisation.services.decisions import raise_decision, take_decision
from pegel_web.organisation.services.delegations import give_delegation
from pegel_web.ui.components import Notice
from tests.pegel_web.company import AT, FROM, Company

TAKE = "organisation.decision.take"
PAGES = (
    "/",
    "/organisation/rights/",
    "/organisation/rights/own/",
    "/organisation/rights/delegations/",
    "/organisation/decisions/",
    "/organisation/decisions/figures/",
    "/organisation/frame/",
    "/organisation/responsibilities/",
    "/organisation/responsibilities/tools/",
)
#: Pages that show a person what concerns themselves; the others need a role.
OWN = (
    "/",
    "/organisation/rights/own/",
    "/organisation/rights/delegations/",
    "/organisation/decisions/",
    "/organisation/decisions/figures/",
)


def again(company: Company, name: str) -> Actor:
    return actor_of(company.people[name], at=AT, through=Through.WEB, request_id="test-request", language="en")


def fill(company: Company) -> None:
    """Something of everything."""
    company.person("Lead", "team_lead", "K1")
    deputy = company.person("Deputy", "employee", "K1")
    FrameEntry.objects.create(unit=company.units["C"], kind="direction", text="Serve <faster>", valid_from=FROM)
    FrameEntry.objects.create(unit=company.units["C"], kind="budget", text="All", amount=10, valid_from=FROM)
    FrameEntry.objects.create(unit=company.units["K"], kind="budget", text="K", amount=20, valid_from=FROM)
    for owner in ("S", None):
        ToolUse.objects.create(
            tool=f"Tool {owner}", unit=company.units["K1"], people=9, declared_on=AT.date(),
            owner_unit=None if owner is None else company.units[owner],
        )  # fmt: skip
    for number in range(3):
        asked = raise_decision(
            actor=again(company, "Deputy"), title=f"<script>alert({number})</script>", unit_id=company.unit("K1"),
            question="=cmd|' /C calc'!A0\n\nsecond", amount=Decimal("12.50"),
        )  # fmt: skip
    take_decision(
        actor=again(company, "Lead"), decision_id=asked.decision_id, outcome=Outcome.APPROVED,
        review_date=AT.date() + timedelta(days=20),
    )  # fmt: skip
    give_delegation(
        actor=again(company, "Lead"), to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K1"),
        most_amount=Decimal(5), valid_until=AT.date() + timedelta(days=30),
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_every_role(company: Company, page: str) -> None:
    fill(company)
    for number, role in enumerate(roles()):
        language = ("de", "en")[number % 2]
        answer = company.client(role, "K1").get(page, headers={"Accept-Language": language})
        assert answer.status_code == 200, (role, page)
        assert b"<script>alert" not in answer.content


@pytest.mark.parametrize("page", PAGES)
def test_somebody_without_a_role_sees_what_concerns_them_and_nothing_else(db: None, page: str) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.create_user("nobody@example.org", "correct horse battery"))
    assert client.get(page).status_code == (200 if page in OWN else 403)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_gets_in_without_signing_in(db: None, page: str) -> None:
    assert Client().get(page).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_queries_do_not_grow_with_the_rows(company: Company, page: str) -> None:
    fill(company)
    client = company.client("executive")
    client.get(page)

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    before = count()
    for number in range(4):
        name = f"More{number}"
        company.person(name, "team_lead", "K2")
        raise_decision(actor=again(company, name), title="More", unit_id=company.unit("K2"))
        FrameEntry.objects.create(unit=company.units["C"], kind="offer", text="More", valid_from=FROM)
        give_delegation(
            actor=again(company, name), to_person_id=company.people["Deputy"].id, permission=TAKE,
            unit_id=company.unit("K2"), valid_until=AT.date() + timedelta(days=20),
        )  # fmt: skip
    assert count() <= before
    assert before <= 32, before


def test_the_home_shows_what_waits_for_this_person(company: Company) -> None:
    fill(company)
    lead = home(actor=again(company, "Lead"))
    assert [one.title for one in lead.waiting] == ["<script>alert(0)</script>", "<script>alert(1)</script>"]
    assert [one.title for one in lead.reviews] == ["<script>alert(2)</script>"]
    assert [one.to_name for one in lead.expiring] == ["Deputy"]
    assert [one.text for one in lead.direction] == ["Serve <faster>"]
    assert [(one.role, one.unit_name) for one in lead.roles] == [("team_lead", "Motor")]
    deputy = home(actor=again(company, "Deputy"))
    assert (len(deputy.waiting), len(deputy.own_questions), len(deputy.expiring)) == (0, 2, 1)
    above = home(actor=company.actor("executive"))
    # What a team may decide does not land on the desk of the top.
    assert (above.waiting, above.reviews, above.expiring) == ((), (), ())
    assert len(above.findings) == 21
    assert len(home(actor=company.actor("department_lead", "K")).findings) == 6


@pytest.fixture
def own_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections that a test declares are gone after it."""
    monkeypatch.setattr(home_registry, "_DECLARED", [])


def test_higher_apps_add_sections_for_who_may_see_them(company: Company, own_sections: None) -> None:
    declare_home_section(50, "organisation.frame.change", lambda actor: Notice(text=f"for {len(actor.grants)} grants"))
    declare_home_section(60, TAKE, lambda actor: None)
    assert b" grants" in company.client("executive").get("/").content
    assert b" grants" not in company.client("employee").get("/").content


def test_what_happens_at_the_forms(company: Company) -> None:
    fill(company)
    client = company.client("team_lead", "K1")
    unit = str(company.unit("K1"))
    answer = client.post("/organisation/decisions/new/", {"title": "Buy?", "unit_id": unit, "amount": "abc"})
    assert answer.status_code == 422
    answer = client.post("/organisation/decisions/new/", {"title": "Buy?", "unit_id": unit, "amount": "1,234.50"})
    assert answer.status_code == 302
    page = answer["Location"]
    assert "€1,234.50" in client.get(page).content.decode()
    answer = client.post(f"{page}take/", {"outcome": "rejected"})
    assert answer.status_code == 422
    assert client.post(f"{page}take/", {"outcome": "approved"}).status_code == 302
    assert client.post(f"{page}take/", {"outcome": "approved"}).status_code == 409
    assert client.get(f"{page}take/").status_code == 405
    hostile = {"title": "x" * 1_000_000, "unit_id": "'; DROP", "amount": "9" * 99, "risk": "7", "options": "\0"}
    assert client.post("/organisation/decisions/new/", hostile).status_code == 422
    deputy = str(company.people["Deputy"].id)
    company.person("Third", "employee", "K1")
    given = {
        "to_person_id": str(company.people["Third"].id),
        "permission": TAKE,
        "unit_id": unit,
        "valid_from": "2999-01-01",
    }
    assert client.post("/organisation/rights/delegations/new/", given).status_code == 422
    given["valid_from"] = "2199-01-01"
    answer = client.post("/organisation/rights/delegations/new/", given)
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(f"{answer['Location']}revoke/").status_code == 302
    assert client.post(f"{answer['Location']}revoke/").status_code == 409
    assert company.client("employee", "K1").get("/organisation/rights/delegations/new/").status_code == 403
    tool = {"tool": "Copilot", "unit_id": unit, "people": "12", "owner_unit_id": ""}
    assert client.post("/organisation/responsibilities/tools/declare/", tool).status_code == 302
    assert client.post("/organisation/responsibilities/tools/declare/", {**tool, "people": "-1"}).status_code == 422
    assign = f"/organisation/responsibilities/assign/?unit={unit}&area=results"
    assert client.get(assign).status_code == 200
    assert client.post(assign, {"person_id": deputy, "letter": "A"}).status_code == 302
    assert client.post(assign, {"person_id": deputy, "letter": "A"}).status_code == 422
    assert client.post(assign, {"person_id": deputy, "letter": "Z"}).status_code == 422
    assert client.get("/organisation/responsibilities/assign/?unit=x&area=y").status_code == 404
    top = company.client("executive")
    new = f"/organisation/frame/new/?unit={company.unit('K')}&kind="
    assert top.get(f"{new}galaxy").status_code == 404
    assert top.get(f"{new}limit").status_code == 200
    limit = {"text": "Small", "amount": "1,000", "risk": "1", "level": "team", "valid_from": "2026-03-02"}
    assert top.post(f"{new}limit", limit).status_code == 302
    assert client.get(f"{new}limit").status_code == 403
    entry = FrameEntry.objects.everything(because="test").get(kind="limit")
    assert entry.amount == 1000
    assert top.get(f"/organisation/frame/{entry.id}/change/").status_code == 200
    assert top.post(f"/organisation/frame/{entry.id}/end/").status_code == 302


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_tables_leave_as_files_without_formulas(company: Company, form: str) -> None:
    fill(company)
    lead = company.client("team_lead", "K1")
    for page, table in (
        ("/organisation/rights/", "rights"),
        ("/organisation/rights/", "matrix"),
        ("/organisation/rights/delegations/", "delegations"),
        ("/organisation/decisions/?state=all", "decisions"),
        ("/organisation/decisions/figures/", "levels"),
        ("/organisation/frame/", "below"),
        ("/organisation/responsibilities/", "map"),
        ("/organisation/responsibilities/tools/", "departments"),
    ):
        answer = lead.get(f"{page}{'&' if '?' in page else '?'}{table}.export={form}")
        assert answer.status_code == 200, page
        assert form in answer["Content-Disposition"], page


def test_programs_do_the_same(company: Company) -> None:
    fill(company)
    client = company.client("team_lead", "K1")
    for path in ("home", "decision-rights", "decision-rights/own", "delegations", "decisions", "decisions/summary",
                 "frame", "responsibilities", "tools"):  # fmt: skip
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, (path, answer.content)
    found = client.get("/api/v1/decisions?state=open").json()
    assert found["count"] == 2
    one = found["items"][0]["decision_id"]
    body = {"outcome": "rejected", "reason": "no"}
    for status in (200, 409):
        answer = client.post(f"/api/v1/decisions/{one}/take", body, content_type="application/json")
        assert answer.status_code == status, answer.content
    asked = client.post(
        "/api/v1/decisions", {"title": "x", "unit_id": str(company.unit("S1"))}, content_type="application/json"
    )
    assert (asked.status_code, asked.json()["code"]) == (403, "not_allowed")


def test_the_search_finds_what_one_may_see(company: Company) -> None:
    fill(company)
    lead, other = again(company, "Lead"), company.actor("team_lead", "S1")
    assert [len(find_decisions(actor=one, text="ALERT(0)", limit=8)) for one in (lead, other)] == [1, 0]
    assert [one.title for one in find_frame(actor=other, text="serve", limit=8)] == ["Serve <faster>"]
    assert [one.title for one in find_tools(actor=other, text="tool s", limit=8)] == ["Tool S"]
    assert [one.title for one in find_areas(actor=other, text="securi", limit=8)] == ["Security"]
