"""``pegel call`` and ``pegel mcp``: the same tools from the command line and over standard input and output."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.cache import cache

from pegel.errors import InputError, NotFoundError, UserError
from pegel_web.commands.call import call
from pegel_web.core.errors import NotAllowedError, NotSignedInError
from pegel_web.organisation.services.tokens import issue_token
from tests.pegel_web.company import Company
from tests.pegel_web.interfaces.example_tools import example_tools

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _examples(db: None) -> Iterator[None]:
    cache.clear()
    with example_tools():
        yield


def token_of(company: Company, role: str, unit: str = "C", scopes: tuple[str, ...] = ("read", "write")) -> str:
    actor = replace(company.actor(role, unit), at=datetime.now(UTC))
    return issue_token(actor=actor, name="x", scopes=scopes, days=9).secret


def run(token: str, *arguments: str) -> str:
    environment = {"PEGEL_TOKEN": token, "PEGEL_LANGUAGE": "en", "LANG": "en_GB.UTF-8"}
    done = CliRunner().invoke(call, list(arguments), env=environment, catch_exceptions=False)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_without_a_name_it_lists_what_the_token_permits(company: Company) -> None:
    listed = run(token_of(company, "employee"))
    assert "example_look" in listed
    assert "Look at something." in listed
    assert "example_change" not in listed
    names = [one["name"] for one in json.loads(run(token_of(company, "employee"), "--json"))]
    assert names == ["example_break", "example_list", "example_look"]


@pytest.mark.parametrize("written", [["--name", "x", "--limit", "2"], ["--name=x", "--limit=2"]])
def test_it_calls_a_tool_with_named_values(company: Company, written: list[str]) -> None:
    answer = json.loads(run(token_of(company, "employee", "K"), "example_look", *written, "--json"))
    assert (answer["name"], answer["amount"], answer["codes"]) == ("x", "1.50", ["C", "K"])


def test_a_text_stays_a_text_even_if_it_looks_like_a_number(company: Company) -> None:
    answer = json.loads(run(token_of(company, "employee"), "example_look", "--name", "12", "--json"))
    assert answer["name"] == "12"


def test_people_see_tables(company: Company) -> None:
    shown = run(token_of(company, "employee"), "example_list")
    assert "result" in shown
    assert "1.50" in shown


def test_help_after_a_name_explains_its_arguments(company: Company) -> None:
    shown = run(token_of(company, "employee"), "example_look", "--help")
    assert "--name string" in shown
    assert "--limit integer (= 3)" in shown


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        (["no_such"], NotFoundError, "tool_unknown"),
        (["example_look"], InputError, "tool_arguments_invalid"),
        (["example_look", "--name", "x", "--limit", "99"], InputError, "tool_arguments_invalid"),
        (["example_look", "x"], UserError, "call_argument_misplaced"),
        (["example_look", "--name", "a\0b"], InputError, "request_malformed"),
        (["example_change", "--unit-id", "5b0c0000-0000-4000-8000-000000000000"], NotAllowedError, "not_allowed"),
    ],
)
def test_what_goes_wrong_has_its_code(
    company: Company, arguments: list[str], error: type[UserError], code: str
) -> None:
    with pytest.raises(error) as refused:
        run(token_of(company, "employee"), *arguments)
    assert refused.value.code == code


def test_without_a_token_it_says_so(db: None) -> None:
    with pytest.raises(UserError) as refused:
        run("", "example_look")
    assert refused.value.code == "token_variable_missing"
    with pytest.raises(NotSignedInError):
        run("pegel_wrong")


def test_an_agent_on_the_same_machine_speaks_over_standard_input_and_output(tmp_path: Path) -> None:
    """A process of its own with a data folder of its own: migrated, one person, one token, one conversation."""
    environment = {**os.environ, "PEGEL_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "pegel_web.config.settings"}
    environment.pop("PEGEL_DATABASE_URL", None)
    prepared = subprocess.run(
        [sys.executable, "-c", _PREPARE], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    environment["PEGEL_TOKEN"] = prepared.stdout.strip().splitlines()[-1]
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from pegel_web.commands.mcp import mcp; mcp(standalone_mode=False)"],
        env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip

    def asked(method: str, **params: object) -> dict:
        request = {"jsonrpc": "2.0", "id": method, "method": method, "params": {**params, "_meta": meta}}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        assert asked("server/discover")["result"]["supportedVersions"] == ["2026-07-28"]
        assert "stream_overview" in [one["name"] for one in asked("tools/list")["result"]["tools"]]
        assert asked("tools/call", name="no_such", arguments={})["error"]["code"] == -32602
        found = asked("tools/call", name="stream_overview", arguments={})["result"]
        assert (found["isError"], set(found["structuredContent"])) != (True, set())
    finally:
        process.stdin.close()
        process.stdout.close()
        assert process.wait(timeout=30) == 0


_PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("createcachetable", verbosity=0)
from datetime import UTC, datetime
from dataclasses import replace
from pegel_web.core.actor import Through
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.services.tokens import issue_token
from tests.pegel_web.company import make_company
company = make_company()
person = company.person("Agent", "executive")
actor = actor_of(person, at=datetime.now(UTC), through=Through.WEB, request_id="test-request")
print(issue_token(actor=actor, name="x", scopes=["read"], days=1).secret)
"""
