"""Who reaches what: each address, endpoint and tool with every role, compared with the declared table (access.yaml).

What is not declared fails the test; so does what is declared and does not exist. "Reached" means that the answer came
from behind the check of rights (200, a redirect elsewhere, a complaint about the form); "refused" is 403 or 404. Tools
are called with arguments that hold, so that one either answers or refuses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from pegel.errors import PegelError
from pegel_web.config.api import api
from pegel_web.core.actor import Actor, Through
from pegel_web.core.tools import Tool, tool_named, tools, tools_for
from pegel_web.jobs.models import Job
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.tokens import BROAD_SCOPES
from pegel_web.organisation.roles import roles
from tests.pegel_web.company import AT, Company
from tests.pegel_web.things import things_of
from tests.pegel_web.tool_arguments import tool_arguments
from tests.pegel_web.walk import DECLARED, endpoint_address, may, operations, own_routes, page_address, values_of

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
REACHED = (200, 201, 202, 204, 302, 400, 409, 422, 428)


def test_the_table_names_everything_that_exists_and_nothing_else() -> None:
    assert set(DECLARED["pages"]) == set(own_routes())
    assert set(DECLARED["api"]) == set(operations())
    assert {name: asked["offered"] for name, asked in declared_tools().items()} == {
        one.name: " or ".join(one.permissions) for one in tools()
    }


def declared_tools() -> dict[str, dict[str, str]]:
    return {name: {"offered": one} if isinstance(one, str) else one for name, one in DECLARED["tools"].items()}


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


@pytest.mark.parametrize("who", WHO)
def test_pages(company: Company, who: str) -> None:
    things = things_of(company)
    client = client_of(company, who)
    wrong = []
    for name, pattern in own_routes().items():
        declared = DECLARED["pages"][name]
        address = page_address(name, pattern, things)
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
        method, address = operation.split(" ", 1)[0], endpoint_address(operation, things)
        found = outcome(client, method, address, body_of(known[operation], schema, things))
        if found != expected(who, asked):
            wrong.append(f"{operation} as {who}: {found}, declared {expected(who, asked)} ({asked})")
    assert not wrong, "\n".join(wrong)


def program_of(company: Company, who: str, unit: str = "C") -> Actor:
    """Return somebody as the MCP server knows them: behind a token that permits everything they may."""
    name = "Nora" if who == "without_role" else f"{who}-{unit}"
    known = who == "without_role" or name in company.people
    return actor_of(
        company.person(name, None if known else who, unit),
        at=AT,
        through=Through.MCP,
        request_id="test-request",
        scopes=frozenset(BROAD_SCOPES),
        language="en",
    )


def job_of(actor: Actor) -> UUID:
    job = Job.objects.create(
        kind="flow.refresh", label_code="flow.job.all", language="en", created_at=AT, person_id=actor.person_id
    )
    return job.id


def called(actor: Actor, tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Return how the call of a tool ends: the class and the code of an error, or the answer; it is taken back."""
    with transaction.atomic():
        try:
            return f"answered {json.dumps(tool.call(actor, arguments))}"
        except PegelError as error:
            return f"{type(error).__name__} {error.code}"
        finally:
            transaction.set_rollback(True)


def expected_call(who: str, asked: Mapping[str, str]) -> str:
    """Return how a call should end; who is not offered a tool is refused it, whatever they sent."""
    if may(who, asked["offered"]) and "see" in asked and not may(who, asked["see"]):
        return "NotFoundError"
    if not may(who, asked["offered"]) or not may(who, asked.get("may", asked["offered"])):
        return "NotAllowedError not_allowed"
    return asked.get("ends", "answered")


@pytest.mark.parametrize("who", WHO[1:])
def test_tools(company: Company, who: str) -> None:
    things = things_of(company)
    actor = program_of(company, who)
    things["own_job_id"] = job_of(actor)
    arguments = tool_arguments(company, things)
    assert set(arguments) == set(declared_tools()), "tool_arguments.py names every tool"
    wrong = []
    for name, asked in declared_tools().items():
        found, should = called(actor, tool_named(name), arguments[name]), expected_call(who, asked)
        if not found.startswith(should):
            wrong.append(f"{name} as {who}: {found[:200]}, declared {should} ({asked})")
    assert not wrong, "\n".join(wrong)
    assert {one.name for one in tools_for(actor)} == {
        name for name, asked in declared_tools().items() if may(who, asked["offered"])
    }


def test_changes_are_refused_by_their_service_whatever_the_tool_says(company: Company) -> None:
    """Call every changing tool that a role may not use as if its list of tools had offered it."""
    things = things_of(company)
    wrong = []
    for who in roles():
        actor = program_of(company, who)
        arguments = tool_arguments(company, {**things, "own_job_id": job_of(actor)})
        for name, asked in declared_tools().items():
            permitted = asked.get("may", asked["offered"])
            if tool_named(name).reads or may(who, permitted):
                continue
            offered = replace(tool_named(name), permissions=("jobs.own.view",))
            found = called(actor, offered, arguments[name])
            if not found.startswith(("NotAllowedError", "NotFoundError")):
                wrong.append(f"{name} as {who}: {found[:200]}")
    assert not wrong, "\n".join(wrong)


def test_a_right_in_one_department_opens_no_tool_in_another(company: Company) -> None:
    """Call every tool that is about a thing in Claims with everything that can be had in Sales: lists may be empty."""
    things = things_of(company)
    arguments = tool_arguments(company, {**things, "own_job_id": things["job_id"]})
    about = {str(one) for name, one in things.items() if name.endswith("_id")}
    wrong = []
    for role in roles():
        actor = program_of(company, role, "S")
        for name, asked in declared_tools().items():
            needed = asked.get("may", asked["offered"])
            if set(needed.split(" or ")) & set(roles()[role].wide) or not about & set(
                map(str, arguments[name].values())
            ):
                continue
            tool = tool_named(name)
            found = called(actor, tool, arguments[name])
            empty = tool.reads and found.startswith("answered") and not any(one in found for one in about)
            if not empty and not found.startswith(("NotAllowedError", "NotFoundError")):
                wrong.append(f"{name} as {role} of another department: {found[:200]}")
    assert not wrong, "\n".join(wrong)


def test_a_right_in_one_department_opens_nothing_in_another(company: Company) -> None:
    """Walk every address of a thing in Claims with everything that can be had in Sales."""
    things = things_of(company)
    wrong = []
    for role in roles():
        client = company.client(role, "S")
        for name, pattern in own_routes().items():
            # What is no id names no thing in Claims: a metric, a template, a rule of the whole installation.
            if not any(one.endswith("_id") for one in set(pattern.pattern.converters) & set(things)):
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
