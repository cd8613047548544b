"""Who reaches what: each address, endpoint and tool with every role, compared with the declared table (access.yaml).

What is not declared fails the test; so does what is declared and does not exist. "Reached" means that the answer came
from behind the check of rights (200, a redirect elsewhere, a complaint about the form); "refused" is 403 or 404.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pegel_web.config.api import api
from pegel_web.core.tools import tools
from pegel_web.organisation.roles import roles
from tests.pegel_web.company import AT, Company
from tests.pegel_web.things import things_of

DECLARED: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "access.yaml").read_text(encoding="utf-8"))
#: Addresses of django-allauth: reached without a right of ours, tested by their own project and in test_sign_in.py.
FOREIGN = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "idp:")
WHO = ("nobody", "without_role", *roles())
#: Values that a body needs before rights are looked at, because they say which right is asked for.
NAMED = {
    "permission": "organisation.decision.take",
    "area": "ai_tools",
    "letter": "R",
    "role": "employee",
    "role_name": "employee",
}
REFUSED = (403, 404)
#: Names in addresses that mean different things in different places.
KINDS = {"rejected_rows": "units", "change_retention": "access_log"}
REACHED = (200, 201, 202, 204, 302, 400, 409, 422, 428)


def routes(patterns: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from routes(one.url_patterns, inner)
        else:
            yield f"{space}{one.name}", one


def own_routes() -> dict[str, URLPattern]:
    return {name: one for name, one in routes() if one.name and not name.startswith((*FOREIGN, "api"))}


def operations() -> dict[str, dict[str, Any]]:
    """Return every REST operation by ``METHOD /path``."""
    schema = api.get_openapi_schema()
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_the_table_names_everything_that_exists_and_nothing_else() -> None:
    assert set(DECLARED["pages"]) == set(own_routes())
    assert set(DECLARED["api"]) == set(operations())
    assert set(DECLARED["tools"]) == {one.name for one in tools()}


def may(who: str, asked: str) -> bool:
    if asked == "anybody":
        return True
    if who == "nobody":
        return False
    if asked == "signed_in":
        return True
    if asked in ("own", "absent"):
        # The thing belongs to somebody else, or is not there in this walk; the tests of its page reach it.
        return False
    if asked.startswith("role:"):
        return who in asked.removeprefix("role:").split()
    return who in roles() and any(code in roles()[who].permissions for code in asked.split(" or "))


def client_of(company: Company, who: str) -> Client:
    if who == "nobody":
        return Client(headers={"Accept-Language": "en"})
    if who == "without_role":
        client = Client(headers={"Accept-Language": "en"})
        user = company.person("Nora").user
        assert user is not None
        client.force_login(user)
        return client
    return company.client(who)


def body_of(operation: Mapping[str, Any], schema: Mapping[str, Any], things: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body that the schema of an operation accepts, about the things that are there."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return {} if content is None else sample(content["schema"], schema, things, "")


def sample(one: Mapping[str, Any], schema: Mapping[str, Any], things: Mapping[str, Any], name: str) -> Any:
    """Return a value of a type; one that is named like a thing is that thing."""
    if "$ref" in one:
        return sample(schema["components"]["schemas"][one["$ref"].rsplit("/", 1)[1]], schema, things, name)
    if "anyOf" in one:
        return sample(one["anyOf"][0], schema, things, name)
    if "enum" in one:
        return one["enum"][0]
    if one.get("type") == "object":
        return {
            key: sample(value, schema, things, key)
            for key, value in one.get("properties", {}).items()
            if key in one.get("required", ()) or key in ("unit_id", "area")
        }
    if name in NAMED:
        return NAMED[name]
    if one.get("format") == "uuid":
        return str(things.get(name, things["unit_id" if "unit" in name or "parent" in name else "person_id"]))
    if one.get("format") in ("date", "date-time"):
        return "2026-04-01" if one["format"] == "date" else "2026-04-01T00:00:00Z"
    if one.get("type") == "array":
        return []
    return {"integer": 1, "number": 1, "boolean": False}.get(one.get("type", ""), "sample")


def outcome(client: Client, method: str, address: str, body: Mapping[str, Any] | None = None) -> str:
    """Return how a request ends; whatever it did is taken back."""
    with transaction.atomic():
        if address.startswith("/api/") and method != "GET":
            answer = client.generic(method, address, json.dumps(body or {}), content_type="application/json")
        elif method == "POST":
            answer = client.post(address, body or {})
        else:
            answer = client.generic(method, address)
        transaction.set_rollback(True)
    if answer.status_code == 401 or (answer.status_code == 302 and "/account/login/" in answer["Location"]):
        return "refused"
    if answer.status_code in REFUSED:
        return "refused"
    return "reached" if answer.status_code in REACHED else f"status {answer.status_code}"


def expected(who: str, asked: str) -> str:
    return "reached" if may(who, asked) else "refused"


def values_of(name: str, pattern: URLPattern, things: Mapping[str, Any]) -> dict[str, Any]:
    known = {**things, "kind": KINDS.get(name, "")}
    return {key: known[key] for key in pattern.pattern.converters}


@pytest.mark.parametrize("who", WHO)
def test_pages(company: Company, who: str) -> None:
    things = things_of(company)
    client = client_of(company, who)
    wrong = []
    for name, pattern in own_routes().items():
        declared = DECLARED["pages"][name]
        query = "&".join(f"{key}={str(value).format(**things)}" for key, value in declared.get("query", {}).items())
        address = reverse(name, kwargs=values_of(name, pattern, things)) + ("?" + query if query else "")
        for method, asked in declared.items():
            if method in ("query", "form"):
                continue
            found = outcome(client, method.upper(), address, declared.get("form"))
            if found != expected(who, asked):
                wrong.append(f"{method} {address} as {who}: {found}, declared {expected(who, asked)} ({asked})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", WHO)
def test_endpoints(company: Company, who: str) -> None:
    things = things_of(company)
    client = client_of(company, who)
    wrong = []
    schema, known = api.get_openapi_schema(), operations()
    for operation, asked in DECLARED["api"].items():
        if "multipart/form-data" in known[operation].get("requestBody", {}).get("content", {}):
            continue  # files: refused and taken in the tests of the import
        method, path = operation.split(" ", 1)
        address = "/api/v1" + path.format(**{key: str(value) for key, value in things.items()}, kind="access_log")
        found = outcome(client, method, address, body_of(known[operation], schema, things))
        if found != expected(who, asked):
            wrong.append(f"{operation} as {who}: {found}, declared {expected(who, asked)} ({asked})")
    assert not wrong, "\n".join(wrong)


def test_a_right_in_one_department_opens_nothing_in_another(company: Company) -> None:
    """Walk every address of a thing in Claims with everything that can be had in Sales."""
    things = things_of(company)
    wrong = []
    for role in roles():
        client = company.client(role, "S")
        for name, pattern in own_routes().items():
            scoped = set(pattern.pattern.converters) & set(things)
            if not scoped:
                continue
            values = values_of(name, pattern, things)
            for method, asked in DECLARED["pages"][name].items():
                if method in ("query", "form") or asked in ("anybody", "signed_in"):
                    continue
                wide = any(code in roles()[role].wide for code in asked.split(" or "))
                if not wide and outcome(client, method.upper(), reverse(name, kwargs=values)) == "reached":
                    wrong.append(f"{method} {name} as {role} of another department")
    assert not wrong, "\n".join(wrong)


def test_rights_end_with_their_date(company: Company) -> None:
    client = company.client("administrator")
    assert outcome(client, "GET", "/organisation/") == "reached"
    person = company.people["administrator-C"]
    person.roles.everything(because="test").update(valid_until=(AT - timedelta(days=1)).date())
    assert outcome(client, "GET", "/organisation/") == "refused"
