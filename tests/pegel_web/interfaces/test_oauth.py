"""A program is let in by OAuth: registration, consent, code with PKCE, token for the MCP server, refresh, end."""

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token as GrantedToken
from django.core.cache import cache
from django.test import Client, override_settings

from pegel_web.core.models import AuditEntry
from pegel_web.organisation.queries.tokens import connected_programs
from pegel_web.organisation.services.tokens import disconnect_program
from tests.pegel_web.company import Company
from tests.pegel_web.interfaces.example_tools import example_tools
from tests.pegel_web.interfaces.mcp_calls import answer, post

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:33418/callback"
RESOURCE = "http://127.0.0.1:8000/mcp"
METADATA = {"client_name": "Agent", "redirect_uris": [BACK], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"]}  # fmt: skip


@pytest.fixture(autouse=True)
def _examples(db: None) -> Iterator[None]:
    cache.clear()
    with example_tools():
        yield


def register(**changed: object):
    metadata = {**METADATA, **changed}
    return Client().post("/identity/o/api/clients", json.dumps(metadata), content_type="application/json")


def asked(program: str, /, **changed: str | None) -> dict[str, str]:
    wanted = {
        "response_type": "code", "client_id": program, "redirect_uri": BACK, "scope": "read write", "state": "s t",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", "resource": RESOURCE, **changed,
    }  # fmt: skip
    return {name: value for name, value in wanted.items() if value is not None}


def consent(browser: Client, client_id: str, *, scopes: tuple[str, ...] = ("read", "write"), **changed: str | None):
    page = browser.get("/identity/o/authorize", asked(client_id, **changed))
    assert page.status_code == 200, page.content
    signed = page.context["form"]["request"].initial
    answered = browser.post("/identity/o/authorize", {"request": signed, "action": "grant", "scopes": scopes})
    assert answered.status_code == 302, answered.content
    return {name: values[0] for name, values in parse_qs(urlsplit(answered["Location"]).query).items()}


def exchange(client_id: str, code: str, **changed: str):
    return Client().post(
        "/identity/o/api/token",
        {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": client_id,
         "code_verifier": VERIFIER, **changed},
    )  # fmt: skip


def granted(company: Company, role: str = "department_lead", unit: str = "K", **changed: str | None) -> dict:
    client_id = register().json()["client_id"]
    found = consent(company.client(role, unit), client_id, **changed)
    response = exchange(client_id, found["code"])
    assert response.status_code == 200, response.content
    assert response["Cache-Control"] == "no-store"
    return {**response.json(), "client_id": client_id}


def test_the_whole_way_of_a_program(company: Company) -> None:
    token = granted(company)
    assert (token["token_type"], token["expires_in"], set(token["scope"].split())) == (
        "Bearer", 3600, {"read", "write"},
    )  # fmt: skip
    offered = answer(post("tools/list", token=token["access_token"]))["result"]["tools"]
    assert "example_change" in [one["name"] for one in offered]
    result = answer(
        post("tools/call", {"name": "example_look", "arguments": {"name": "x"}}, token=token["access_token"])
    )["result"]
    assert result["structuredContent"]["id"] == str(company.people["department_lead-K"].id)


def test_a_person_grants_less_than_was_asked_for(company: Company) -> None:
    client_id = register().json()["client_id"]
    found = consent(company.client("department_lead", "K"), client_id, scopes=("read",))
    token = exchange(client_id, found["code"]).json()
    assert token["scope"] == "read"
    offered = answer(post("tools/list", token=token["access_token"]))["result"]["tools"]
    assert "example_change" not in [one["name"] for one in offered]


def test_the_answer_names_the_issuer_and_keeps_the_state(company: Company) -> None:
    found = consent(company.client("employee"), register().json()["client_id"])
    assert set(found) == {"code", "state", "iss"}
    assert (found["state"], found["iss"]) == ("s t", "http://127.0.0.1:8000")


def test_the_policy_of_the_page_permits_to_lead_back_to_the_program_and_nowhere_else(company: Company) -> None:
    page = company.client("employee").get("/identity/o/authorize", asked(register().json()["client_id"]))
    policy = page["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:33418" in policy
    assert page["X-Frame-Options"] == "DENY"
    assert b"Agent" in page.content


def test_a_person_who_says_no_grants_nothing(company: Company) -> None:
    browser, client_id = company.client("employee"), register().json()["client_id"]
    page = browser.get("/identity/o/authorize", asked(client_id))
    signed = page.context["form"]["request"].initial
    answered = browser.post("/identity/o/authorize", {"request": signed, "action": "cancel"})
    query = parse_qs(urlsplit(answered["Location"]).query)
    assert (query["error"], query["iss"]) == (["access_denied"], ["http://127.0.0.1:8000"])
    assert not GrantedToken.objects.exists()


def test_consent_cannot_be_given_by_a_forged_form(company: Company) -> None:
    company.client("employee")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(company.people["employee-C"].user)
    page = browser.get("/identity/o/authorize", asked(register().json()["client_id"]))
    signed = page.context["form"]["request"].initial
    forged = browser.post("/identity/o/authorize", {"request": signed, "action": "grant", "scopes": ["read"]})
    assert forged.status_code == 403


def test_who_is_not_signed_in_signs_in_first(db: None) -> None:
    response = Client().get("/identity/o/authorize", asked(register().json()["client_id"]))
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/?next=/identity/o/authorize")


@pytest.mark.parametrize(
    "changed",
    [
        {"response_type": "token"}, {"response_type": None}, {"code_challenge": None},
        {"code_challenge_method": "plain"}, {"code_challenge_method": None}, {"prompt": "none"},
        {"client_id": "nobody"},
        {"client_id": "https://evil.example/agent.json"}, {"scope": "read openid"}, {"scope": "privacy.erasure.run"},
        {"state": "\0"},
    ],
)  # fmt: skip
def test_requests_against_the_rules_are_refused_on_a_page(company: Company, changed: dict) -> None:
    client_id = register().json()["client_id"]
    response = company.client("employee").get("/identity/o/authorize", asked(client_id, **changed))
    assert response.status_code == 400
    assert "Location" not in response


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"resource": "https://other.example/mcp"}, 200), ({"redirect_uri": "https://evil.example/"}, 200),
     ({"redirect_uri": BACK + "/more"}, 200)],
)  # fmt: skip
def test_other_resources_and_other_ways_back_lead_nowhere(company: Company, changed: dict, status: int) -> None:
    client_id = register().json()["client_id"]
    response = company.client("employee").get("/identity/o/authorize", asked(client_id, **changed))
    assert response.status_code == status
    assert "form" not in response.context or not hasattr(response.context["form"], "requested_scopes")
    assert b'name="action"' not in response.content


def test_a_code_is_good_once_with_its_verifier_for_its_program(company: Company) -> None:
    browser = company.client("employee")
    client_id, other = register().json()["client_id"], register().json()["client_id"]
    code = consent(browser, client_id)["code"]
    assert exchange(client_id, code, code_verifier="w" * 64).status_code == 400
    code = consent(browser, client_id)["code"]
    assert exchange(other, code).status_code in (400, 401)
    assert exchange(client_id, code, redirect_uri="http://127.0.0.1:1/").status_code == 400
    code = consent(browser, client_id)["code"]
    assert exchange(client_id, code).status_code == 200
    assert exchange(client_id, code).status_code == 400


def test_a_refresh_token_is_good_once(company: Company) -> None:
    token = granted(company)
    wanted = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "client_id": token["client_id"]}
    again = Client().post("/identity/o/api/token", wanted)
    assert again.status_code == 200
    assert post("tools/list", token=again.json()["access_token"]).status_code == 200
    assert Client().post("/identity/o/api/token", wanted).status_code == 400


def test_a_token_without_or_for_another_resource_does_not_open_the_mcp_server(company: Company) -> None:
    token = granted(company, resource=None)
    response = post("tools/list", token=token["access_token"])
    assert (response.status_code, response.json()["code"]) == (401, "token_for_other_resource")
    kept = GrantedToken.objects.get(type=GrantedToken.Type.ACCESS_TOKEN)
    kept.set_resources(["https://other.example/mcp"])
    kept.save()
    assert post("tools/list", token=token["access_token"]).status_code == 401


def test_a_token_for_the_mcp_server_does_not_open_the_rest_interface(company: Company) -> None:
    token = granted(company)["access_token"]
    response = Client().get("/api/v1/tokens", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["code"]) == (401, "token_unknown")


def test_an_expired_token_is_refused(company: Company) -> None:
    token = granted(company)["access_token"]
    GrantedToken.objects.filter(type=GrantedToken.Type.ACCESS_TOKEN).update(expires_at="2020-01-01T00:00:00Z")
    assert post("tools/list", token=token).status_code == 401


def test_whose_account_is_switched_off_is_out_at_once(company: Company) -> None:
    token = granted(company)["access_token"]
    user = company.people["department_lead-K"].user
    user.is_active = False
    user.save()
    assert post("tools/list", token=token).status_code == 401


def test_a_person_sees_and_ends_what_is_connected(company: Company) -> None:
    token = granted(company)
    actor = company.actor("department_lead", "K")
    (found,) = connected_programs(actor=actor)
    assert (found.name, found.origins, found.scopes) == ("Agent", ("http://127.0.0.1:33418",), ("read", "write"))
    assert connected_programs(actor=company.actor("employee")) == ()
    assert disconnect_program(actor=actor, client_id=token["client_id"]) == 2
    assert post("tools/list", token=token["access_token"]).status_code == 401
    events = (
        AuditEntry.objects.everything(because="test").filter(subject_type="program").values_list("event", flat=True)
    )
    assert sorted(events) == ["organisation.program.connected", "organisation.program.disconnected"]


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uris": ["https://evil.example/cb"]}, {"redirect_uris": ["http://evil.example/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]}, {"redirect_uris": ["http://127.0.0.1@evil.example/"]},
        {"redirect_uris": ["http://127.0.0.1.evil.example/"]}, {"redirect_uris": [BACK, "https://evil.example/"]},
        {"redirect_uris": ["http://127.0.0.1/\r\nx"]}, {"redirect_uris": []}, {"redirect_uris": [BACK] * 11},
        {"redirect_uris": "x"}, {"redirect_uris": ["http://[::1"]},
        {"grant_types": ["client_credentials"]}, {"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]},
        {"response_types": ["token"]}, {"response_types": ["code", "token"]},
        {"client_name": "<script>"}, {"client_name": "a\0b"}, {"client_name": "x" * 101},
    ],
)  # fmt: skip
def test_programs_that_want_more_are_not_registered(db: None, changed: dict) -> None:
    response = register(**changed)
    assert response.status_code == 400, response.content
    assert not Program.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_broken_registrations_are_refused(db: None, body: bytes) -> None:
    response = Client().post("/identity/o/api/clients", body, content_type="application/json")
    assert response.status_code in (400, 413)


def test_registrations_are_limited_and_unused_ones_forgotten(db: None) -> None:
    assert [register().status_code for _ in range(4)] == [201, 201, 201, 429]
    Program.objects.update(created_at="2020-01-01T00:00:00Z")
    cache.clear()
    assert register().status_code == 201
    assert Program.objects.count() == 1


@override_settings(PEGEL_OAUTH_HOSTS=frozenset({"agent.example"}))
def test_an_agent_that_runs_elsewhere_is_let_in_when_its_host_is_named(company: Company) -> None:
    back = "https://agent.example/callback"
    client_id = register(redirect_uris=[back]).json()["client_id"]
    page = company.client("employee").get("/identity/o/authorize", asked(client_id, redirect_uri=back))
    assert page.status_code == 200
    assert b"https://agent.example" in page.content


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"grant_type": "client_credentials"}, {"grant_type": "password", "username": "a", "password": "b"},
        {"grant_type": "authorization_code"}, {"grant_type": "authorization_code", "code": "x\0", "client_id": "y"},
        {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "y"},
        {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "https://evil.example/a"},
        {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "y", "resource": "::"},
    ],
)  # fmt: skip
def test_the_token_endpoint_refuses_everything_else(db: None, sent: dict[str, str]) -> None:
    response = Client().post("/identity/o/api/token", sent)
    assert response.status_code in (400, 401)
    assert "error" in response.json()


def test_the_metadata_name_what_there_is(db: None) -> None:
    found = Client().get("/.well-known/oauth-authorization-server").json()
    assert found["issuer"] == "http://127.0.0.1:8000"
    assert found["token_endpoint"] == "http://127.0.0.1:8000/identity/o/api/token"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert found["client_id_metadata_document_supported"] is False


@pytest.mark.parametrize(
    "path",
    ["/identity/o/device", "/identity/o/api/device/code", "/identity/o/api/userinfo", "/identity/o/logout",
     "/.well-known/openid-configuration", "/.well-known/jwks.json"],
)  # fmt: skip
def test_what_is_not_needed_does_not_exist(company: Company, path: str) -> None:
    assert company.client("employee").get(path).status_code == 404
