"""The page of tokens: made, shown once, ended; each asks before it ends."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pegel_web.organisation.models import Identity, Person, Token
from tests.pegel_web.company import AT, Company

PAGE = "/account/tokens/"
WANTED = {"name": "Weekly report", "broad": ["read"], "days": "30"}


def test_a_person_makes_a_token_and_sees_it_once(company: Company) -> None:
    browser = company.client("employee")
    made = browser.post(PAGE, WANTED)
    assert made.status_code == 200
    assert made["Cache-Control"] == "no-store"
    secret = re.search(r"pegel_[\w-]{43}", made.content.decode())[0]
    listed = browser.get(PAGE).content.decode()
    assert secret not in listed
    assert secret[:12] in listed
    assert "Weekly report" in listed
    used = Client().get("/api/v1/tokens", headers={"Authorization": f"Bearer {secret}"})
    assert used.status_code == 403
    assert used.json()["code"] == "not_allowed"


@pytest.mark.parametrize(
    "changed", [{"name": ""}, {"days": "366"}, {"days": "x"}, {"broad": []}, {"name": "a\0b"}, {"broad": ["admin"]}]
)
def test_what_cannot_be_used_is_said_beside_the_form(company: Company, changed: dict) -> None:
    response = company.client("employee").post(PAGE, {**WANTED, **changed})
    assert response.status_code == 422
    assert not Token.objects.exists()


def test_single_permissions_are_offered_as_far_as_the_person_has_them(company: Company) -> None:
    offered = company.client("employee").get(PAGE).content.decode()
    assert 'value="organisation.unit.view"' in offered
    assert 'value="organisation.unit.change"' not in offered


def test_ending_asks_first(company: Company) -> None:
    browser = company.client("employee")
    browser.post(PAGE, WANTED)
    token = Token.objects.get()
    address = f"{PAGE}{token.id}/revoke/"
    assert address in browser.get(PAGE).content.decode()
    asked = browser.get(address)
    assert asked.status_code == 200
    token.refresh_from_db()
    assert token.revoked_at is None
    assert browser.post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_whoever_answers_for_an_agent_makes_its_token_on_the_page(company: Company) -> None:
    browser = company.client("team_lead", "K1")
    lead = company.people["team_lead-K1"]
    agent = Person.objects.create(kind="agent", answers_for=lead, created_at=AT)
    Identity.objects.create(person=agent, name="Claims agent", key="")
    assert b"Claims agent" in browser.get(PAGE).content
    assert browser.post(PAGE, {**WANTED, "person_id": str(agent.id)}).status_code == 200
    assert browser.post(PAGE, {**WANTED, "person_id": str(lead.id)}).status_code == 200
    assert {one.person_id for one in Token.objects.all()} == {agent.id, lead.id}
    assert browser.post(PAGE, {**WANTED, "person_id": "somebody"}).status_code == 422


def test_hostile_names_are_shown_as_text(company: Company) -> None:
    browser = company.client("employee")
    browser.post(PAGE, {**WANTED, "name": "<script>alert(1)</script>"})
    assert b"<script>alert(1)" not in browser.get(PAGE).content
    table = browser.get(f"{PAGE}?tokens.export=csv")
    assert table["Content-Type"].startswith("text/csv")


def test_nobody_reaches_the_token_of_somebody_else(company: Company) -> None:
    company.client("employee").post(PAGE, WANTED)
    response = company.client("administrator").post(f"{PAGE}{Token.objects.get().id}/revoke/")
    assert response.status_code == 404


def test_the_list_asks_the_database_the_same_number_of_times_however_long_it_is(
    company: Company,
) -> None:
    browser = company.client("employee")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            browser.get(PAGE)
        return len(captured)

    browser.post(PAGE, WANTED)
    first = queries()
    for _ in range(5):
        browser.post(PAGE, WANTED)
    assert queries() == first
