"""Whatever goes wrong under /api/ is answered with problem+json, worded in the language that was asked for."""

import json

import pytest
from django.test import Client

from tests.pegel_web.company import Company

PLACE = "/api/v1/tokens"


def problem(response) -> dict:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert set(body) == {"type", "title", "status", "detail", "hint", "code", "values", "request_id"}
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:pegel:error:{body['code']}"
    assert body["request_id"] == response.headers["X-Request-ID"]
    return body


def test_nobody_gets_in_without_being_signed_in(db: None) -> None:
    response = Client().get(PLACE, headers={"Accept-Language": "en"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="pegel"'
    body = problem(response)
    assert (body["code"], body["title"], body["detail"]) == ("not_signed_in", "Not signed in", "Nobody is signed in.")


def test_the_words_follow_the_language_that_was_asked_for(db: None) -> None:
    response = Client().get(PLACE, headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert response.headers["Content-Language"] == "de"
    assert problem(response)["title"] == "Nicht angemeldet"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing", 404, "address_unknown"),
        ("get", "/api/", 404, "address_unknown"),
        ("get", "/api/v1/tokens%00", 404, "address_unknown"),
        ("patch", PLACE, 405, "method_not_allowed"),
    ],
)
def test_what_django_answers_itself_is_a_problem_too(
    company: Company, method: str, path: str, status: int, code: str
) -> None:
    response = getattr(company.client("employee"), method)(path)
    assert response.status_code == status
    assert problem(response)["code"] == code
    assert (status != 405) == ("Allow" not in response.headers)


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"\xff\xfe{}", b'{"name": "a\\u0000b"}', b'{"name": "\\ud800"}', b'{"days": 1e999}', b'{"days": NaN}',
        b'{"days": 99999999999999999999999}', b"[" * 100_000, b'{"days": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_bodies_that_no_record_could_keep_are_refused(company: Company, body: bytes) -> None:
    response = company.client("employee").post(PLACE, data=body, content_type="application/json")
    assert response.status_code == 400
    assert problem(response)["code"] == "request_malformed"


def test_a_body_of_ten_megabytes_is_refused_unread(company: Company) -> None:
    body = b'{"name": "' + b"x" * 10_000_000 + b'"}'
    response = company.client("employee").post(PLACE, data=body, content_type="application/json")
    assert response.status_code == 413
    assert problem(response)["values"] == {"most": 2_500_000, "megabytes": 2.5}


def test_wrong_fields_are_named_and_not_repeated(company: Company) -> None:
    response = company.client("employee").post(PLACE, data={"name": 7}, content_type="application/json")
    assert response.status_code == 422
    body = problem(response)
    assert body["code"] == "request_invalid"
    assert [one["at"] for one in body["values"]["fields"]] == ["body.sent.name", "body.sent.scopes"]
    assert "body.sent.name" in body["detail"]


def test_a_session_without_the_token_against_forged_requests_changes_nothing(company: Company) -> None:
    company.client("employee")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(company.people["employee-C"].user)
    response = strict.post(PLACE, data={}, content_type="application/json")
    assert response.status_code == 403
    assert problem(response)["code"] == "csrf_missing"


def test_the_description_is_there_for_everybody_and_names_the_problem(db: None) -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    described = json.loads(response.content)
    assert described["info"]["title"] == "Pegel"
    shape = described["paths"]["/api/v1/tokens"]["get"]["responses"]["4XX"]["content"]["application/problem+json"]
    assert shape == {"schema": {"$ref": "#/components/schemas/Problem"}}
