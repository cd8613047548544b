"""How many database queries each page and each reading endpoint needs: never more than queries.yaml says, and never
more because there are more rows.

After a change that is meant: ``PEGEL_WRITE=1 .venv/bin/pytest tests/pegel_web/test_queries.py -n0``.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from pegel_web.core.actor import Actor
from pegel_web.organisation.roles import roles
from tests.pegel_web.company import Company
from tests.pegel_web.crowd import NAME, crowd
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.things import things_of
from tests.pegel_web.walk import DECLARED, endpoint_address, may, own_routes, page_address

TABLE: Final = Path(__file__).parent / "queries.yaml"
KNOWN: Final[Mapping[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
#: So much cheaper than the table says is still the same; beyond it the table is wrong.
SLACK: Final = 2
#: Who looks, and where their role does not reach, the first one whose role does.
READER: Final = "programme_lead"
#: What the computed stream of this test makes reachable. What else is declared as absent is not opened: there is
#: nothing behind the address without steps that the tests of the page take.
COMPUTED: Final = {"stream_items": "flow.item.view", "GET /streams/{stream_id}/items": "flow.item.view"}
#: What is asked for where an address without it shows nothing.
ASKED: Final = {"search": f"?q={NAME}", "GET /search": f"?q={NAME}"}
_VALUE: Final = re.compile(r"'(?:[^']|'')*'|\b[0-9a-f]{32}\b|\b\d+(?:\.\d+)?\b")
_LIST: Final = re.compile(r"IN \((?:\?(?:, )?)+\)")
_CONTROL: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")

Statements = dict[str, list[str]]


@pytest.fixture
def place(company: Company, tmp_path: Path) -> object:
    """Return a small organisation with one of everything and some more, and a stream that was computed."""
    with override_settings(DATA_DIR=tmp_path / "data"):
        boss = company.actor(READER)
        make_lake(tmp_path, {"Claims": rows_of_weeks()})
        stream = adopted(boss, "Claims", company.unit("K1"))
        things = {**things_of(company), "stream_id": stream.id}
        crowd(company, company.people[f"{READER}-C"], stream.id, 1)
        yield company, things, boss


def test_no_page_needs_more_queries_than_the_table_says(place: tuple[Company, dict[str, Any], Actor]) -> None:
    company, things, _ = place
    found = walked(company, things)
    counted = {name: len(statements) for name, statements in found.items()}
    if os.environ.get("PEGEL_WRITE"):
        write(counted)
        return
    known = KNOWN["queries"]
    assert set(known) == set(counted)
    dearer = [
        f"{name}: {counted[name]} queries, the table says {known[name]}\n{repeated(found[name])}"
        for name in counted
        if counted[name] > known[name]
    ]
    assert not dearer, "\n".join(dearer)
    cheaper = [f"{name}: {counted[name]} queries, the table says {most}" for name, most in known.items()
               if counted[name] < most - SLACK]  # fmt: skip
    assert not cheaper, "\n".join(["The table is out of date (see the docstring).", *cheaper])


def test_no_page_needs_more_queries_because_there_is_more(place: tuple[Company, dict[str, Any], Actor]) -> None:
    company, things, _ = place
    few = walked(company, things)
    crowd(company, company.people[f"{READER}-C"], things["stream_id"], 4)
    many = walked(company, things)
    other = {name for name in few if len(few[name]) != len(many[name])}
    wrong = [
        f"{name}: {len(few[name])} queries, {len(many[name])} with five times as many rows\n"
        f"{repeated(many[name], than=few[name])}"
        for name in few
        if name in other and name not in KNOWN["grows"]
    ]
    assert not wrong, "\n".join(wrong)
    assert set(KNOWN["grows"]) == other


def walked(company: Company, things: Mapping[str, Any]) -> Statements:
    """Return the statements of every page and reading endpoint, by its name."""
    pages = {
        name: (declared["get"], page_address(name, pattern, things))
        for name, pattern in own_routes().items()
        if "get" in (declared := DECLARED["pages"][name])
    }
    endpoints = {
        operation: (asked, endpoint_address(operation, things))
        for operation, asked in DECLARED["api"].items()
        if operation.startswith("GET ")
    }
    clients: dict[str, Client] = {}
    found = {}
    for name, (declared, address) in {**pages, **endpoints}.items():
        if (asked := COMPUTED.get(name, declared)) == "absent":
            continue
        who = next(one for one in (READER, *roles()) if may(one, asked))
        client = clients.setdefault(who, company.client(who))
        found[name] = statements_of(client, address + ASKED.get(name, ""))
    return found


def statements_of(client: Client, address: str) -> list[str]:
    """Return the statements of a page without the values in them; what is kept in the process is filled before."""
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return [_VALUE.sub("?", one["sql"]) for one in captured.captured_queries if not one["sql"].startswith(_CONTROL)]


def repeated(statements: list[str], *, than: list[str] | None = None) -> str:
    """Return the statements that are sent several times, or more often than elsewhere."""
    often = Counter(statements)
    before = Counter(statements if than is None else than)
    shown = [one for one in often if (often[one] > 1 if than is None else often[one] > before[one])]
    return "\n".join(f"    {often[one]} times: {one[:400]}" for one in shown)


def write(counted: Mapping[str, int]) -> None:
    """Write the table; the reasons stay."""
    head = TABLE.read_text(encoding="utf-8").split("queries:\n")[0]
    lines = "".join(f"  {name}: {most}\n" for name, most in counted.items())
    TABLE.write_text(f"{head}queries:\n{lines}", encoding="utf-8")
