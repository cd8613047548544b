"""MCP over HTTP: who gets in, what they are offered, what they get, in both versions of the protocol."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.test import override_settings

from pegel_web.organisation.models import Token
from pegel_web.organisation.services.tokens import issue_token, revoke_token
from tests.pegel_web.company import Company
from tests.pegel_web.interfaces.example_tools import example_tools
from tests.pegel_web.interfaces.mcp_calls import HANDSHAKE, MODERN, answer, post, request, running


@pytest.fixture(autouse=True)
def _examples(db: None) -> Iterator[None]:
    cache.clear()
    with example_tools():
        yield


def token_of(company: Company, role: str, unit: str = "C", scopes: tuple[str, ...] = ("read", "write")) -> str:
    actor = replace(company.actor(role, unit), at=datetime.now(UTC))
    return issue_token(actor=actor, name="x", scopes=scopes, days=9).secret


def called(name: str, arguments: dict, *, token: str, version: str = MODERN, **headers: str) -> dict:
    response = post("tools/call", {"name": name, "arguments": arguments}, token=token, version=version, **headers)
    assert response.status_code == 200, response.text
    return answer(response)["result"]


@pytest.mark.parametrize("version", [MODERN, HANDSHAKE])
def test_a_program_is_offered_what_its_person_and_its_scopes_permit(company: Company, version: str) -> None:
    def offered(token: str) -> list[str]:
        return [one["name"] for one in answer(post("tools/list", token=token, version=version))["result"]["tools"]]

    look = ["example_break", "example_list", "example_look"]
    assert offered(token_of(company, "department_lead", "K")) == sorted([*look, "example_change"])
    assert offered(token_of(company, "department_lead", "K", ("read",))) == look
    assert offered(token_of(company, "department_lead", "K", ("write",))) == ["example_change"]
    assert offered(token_of(company, "employee", "K")) == look


def test_tools_are_described_by_their_signatures(company: Company) -> None:
    found = answer(post("tools/list", token=token_of(company, "administrator")))["result"]["tools"]
    by_name = {one["name"]: one for one in found}
    look = by_name["example_look"]
    assert look["description"] == "Look at something.\n\nSecond paragraph."
    assert look["inputSchema"]["required"] == ["name"]
    assert look["inputSchema"]["additionalProperties"] is False
    assert look["inputSchema"]["properties"]["limit"] == {
        "default": 3, "maximum": 10, "minimum": 1, "title": "Limit", "type": "integer",
    }  # fmt: skip
    assert look["outputSchema"]["type"] == "object"
    assert set(look["outputSchema"]["required"]) == {"id", "name", "amount", "on", "codes"}
    assert look["annotations"] == {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": False}
    assert by_name["example_change"]["annotations"]["destructiveHint"] is True
    assert by_name["example_list"]["outputSchema"]["required"] == ["result"]


@pytest.mark.parametrize("version", [MODERN, HANDSHAKE])
def test_an_answer_is_the_contract_within_the_persons_part_of_the_organisation(company: Company, version: str) -> None:
    token = token_of(company, "employee", "K")
    result = called("example_look", {"name": "x", "limit": 2}, token=token, version=version)
    person = company.people["employee-K"]
    assert result["structuredContent"] == {
        "id": str(person.id), "name": "x", "amount": "1.50",
        "on": Token.objects.get().created_at.date().isoformat(), "codes": ["C", "K"],
    }  # fmt: skip
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    listed = called("example_list", {}, token=token, version=version)["structuredContent"]
    assert [one["name"] for one in listed["result"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("example_look", {}, "tool_arguments_invalid"),
        ("example_look", {"name": "x", "limit": 11}, "tool_arguments_invalid"),
        ("example_look", {"name": "x", "actor": "somebody else"}, "tool_arguments_invalid"),
        ("example_look", {"name": "a\0b"}, "request_malformed"),
        ("example_look", {"name": "x", "limit": 10**30}, "request_malformed"),
        ("example_change", {"unit_id": "no id"}, "tool_arguments_invalid"),
        ("example_break", {}, "internal"),
    ],
)
def test_errors_are_tool_errors_with_code_and_words(company: Company, name: str, arguments: dict, code: str) -> None:
    result = called(name, arguments, token=token_of(company, "administrator"))
    assert result["isError"] is True
    said = json.loads(result["content"][0]["text"])
    assert said["code"] == code
    assert said["says"].endswith((".", "."))
    assert "secret inside" not in json.dumps(result)


def test_rights_are_checked_by_the_service_whatever_was_listed(company: Company) -> None:
    lead = token_of(company, "department_lead", "K")
    refused = called("example_change", {"unit_id": str(company.unit("S1"))}, token=lead)
    assert json.loads(refused["content"][0]["text"])["code"] == "not_allowed"
    reached = called("example_change", {"unit_id": str(company.unit("K1"))}, token=lead)
    assert json.loads(reached["content"][0]["text"])["code"] == "too_many_tokens"
    reading = token_of(company, "department_lead", "K", ("read",))
    without = called("example_change", {"unit_id": str(company.unit("K1"))}, token=reading)
    assert json.loads(without["content"][0]["text"])["code"] == "not_allowed"


def test_words_follow_the_language_that_was_asked_for(company: Company) -> None:
    result = called("example_look", {}, token=token_of(company, "employee"), Accept_Language="de")
    assert "kann diese Angaben nicht verwenden" in json.loads(result["content"][0]["text"])["says"]


def test_an_unknown_tool_is_a_protocol_error(company: Company) -> None:
    response = post("tools/call", {"name": "no_such", "arguments": {}}, token=token_of(company, "employee"))
    assert answer(response)["error"]["code"] == -32602


@pytest.mark.parametrize("version", [MODERN, HANDSHAKE])
def test_nobody_gets_in_without_a_token(version: str) -> None:
    response = post("tools/list", version=version)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert (
        'resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp"'
        in (response.headers["www-authenticate"])
    )
    assert response.json()["code"] == "not_signed_in"
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_a_revoked_token_ends_at_once_and_says_so(company: Company) -> None:
    token = token_of(company, "employee")
    assert post("tools/list", token=token).status_code == 200
    revoke_token(actor=company.actor("employee"), token_id=Token.objects.get().id)
    response = post("tools/list", token=token)
    assert (response.status_code, response.json()["code"]) == (401, "token_revoked")


def test_too_many_wrong_tokens_are_429(company: Company) -> None:
    for number in range(20):
        assert post("tools/list", token=f"pegel_{number:043d}").status_code == 401
    response = post("tools/list", token=token_of(company, "employee"))
    assert (response.status_code, response.json()["code"]) == (429, "too_many_tokens_tried")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:8000", "Origin": "https://evil.example"}, 403),
        ({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}, 200),
        ({"Host": "localhost:8000"}, 200),
    ],
)
def test_other_peoples_pages_and_names_are_refused(company: Company, headers: dict[str, str], status: int) -> None:
    assert post("tools/list", token=token_of(company, "employee"), **headers).status_code == status


@override_settings(PEGEL_ORIGIN="https://pegel.example", ALLOWED_HOSTS=["pegel.example"])
def test_with_tls_no_page_of_this_computer_is_let_in(company: Company) -> None:
    token = token_of(company, "employee")
    where = {"Host": "pegel.example"}
    assert post("tools/list", token=token, **where, Origin="http://127.0.0.1:8000").status_code == 403
    assert post("tools/list", token=token, **where, Origin="https://pegel.example").status_code == 200


def test_a_body_of_ten_megabytes_is_refused(company: Company) -> None:
    big = {"name": "example_look", "arguments": {"name": "x" * 10_000_000}}
    assert post("tools/call", big, token=token_of(company, "employee")).status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[" * 10_000, b"null", b'{"jsonrpc": "2.0", "id": 1}'])
def test_broken_bodies_are_answered_and_break_nothing(company: Company, body: bytes) -> None:
    token = token_of(company, "employee")

    async def sent() -> list[int]:
        found = []
        async with running() as client:
            for version in (MODERN, HANDSHAKE):
                plain = request("tools/list", None, token=token, version=version)["headers"]
                response = await client.post(
                    "/mcp", content=body, headers={**plain, "Content-Type": "application/json"}
                )
                found.append(response.status_code)
        return found

    assert async_to_sync(sent)() == [400, 400]


def test_the_metadata_say_who_grants_tokens_for_this_resource() -> None:
    async def sent() -> dict:
        async with running() as client:
            response = await client.get("/.well-known/oauth-protected-resource/mcp")
            assert response.status_code == 200
            return response.json()

    metadata = async_to_sync(sent)()
    assert metadata["resource"] == "http://127.0.0.1:8000/mcp"
    assert metadata["authorization_servers"] == ["http://127.0.0.1:8000"]
    assert metadata["scopes_supported"] == ["read", "write"]
    assert metadata["bearer_methods_supported"] == ["header"]
