"""The description of the REST interface: stable, committed, and kept by every answer.

After a change that is meant: ``PEGEL_WRITE=1 .venv/bin/pytest tests/pegel_web/interfaces/test_openapi.py``.
"""

import json
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import schemathesis
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.pegel_web.company import Company, make_company

KEPT = Path(__file__).parents[3] / "docs/reference/openapi.json"
HOSTILE = [
    "\x00", "\ud800", "=cmd()", "<script>alert(1)</script>", "\u202ex", "../../etc/passwd", "'; DROP TABLE x; --",
    "9" * 400, "-1", "NaN", "1e999", "😀" * 100, "%00", "null",
]  # fmt: skip


def described() -> dict:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    return json.loads(response.content)


def test_the_description_is_the_one_that_is_committed(db: None) -> None:
    found = json.dumps(described(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("PEGEL_WRITE"):
        KEPT.write_text(found, encoding="utf-8")
    assert found == KEPT.read_text(encoding="utf-8")


def test_every_operation_is_named_explained_and_closed(db: None) -> None:
    names = []
    for path, operations in described()["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["description"], (method, path)
            assert operation["tags"], (method, path)
            assert {next(iter(one)) for one in operation["security"]} == {"TokenAuth", "SignedIn"}, (method, path)
            answered = {status for status, answer in operation["responses"].items() if "content" in answer}
            assert answered - {"4XX"} or "204" in operation["responses"], (method, path)
    assert sorted(names) == sorted(set(names))


def test_nothing_is_answered_to_nobody(db: None) -> None:
    for path, operations in described()["paths"].items():
        for method in operations:
            address = path.replace("{", "").replace("}", "")
            for name in ("unit_id", "token_id", "job_id"):
                address = address.replace(name, "5b0c0000-0000-4000-8000-000000000000")
            response = Client().generic(method.upper(), address, b"{}", content_type="application/json")
            assert response.status_code in (401, 404), (method, path)


@pytest.mark.django_db(transaction=True)
def test_no_input_breaks_an_operation() -> None:
    """schemathesis: what the description permits, and what it does not, as an administrator; never a 5xx."""
    cache.clear()
    company = make_company()
    browser = company.client("administrator")
    cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": "c" * 32}
    headers = {"X-CSRFToken": "c" * 32, "Accept-Language": "en"}
    # Without the ways to sign in, which it would fill with inventions of its own.
    known = described()
    del known["components"]["securitySchemes"]
    for operation in (one for found in known["paths"].values() for one in found.values()):
        del operation["security"]
    schema = schemathesis.openapi.from_dict(known)
    schema.app = get_wsgi_application()
    operations = [one.ok() for one in schema.get_all_operations()]
    statuses: Counter[int] = Counter()

    for operation in operations:
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @settings(
                max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @hypothesis_given(case=operation.as_strategy(generation_mode=mode))
            def kept(case: schemathesis.Case) -> None:
                response = case.call(headers=headers, cookies=cookies)
                statuses[response.status_code] += 1
                case.validate_response(
                    response, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
                )

            # Where nothing can be sent, nothing can be sent wrongly.
            with suppress(Unsatisfiable):
                kept()
    assert statuses[200] >= len(operations) // 3, statuses
    assert statuses[422] >= len(operations) // 3, statuses


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@hypothesis_given(text=st.sampled_from(HOSTILE) | st.text(max_size=50), place=st.integers(0, 500))
def _hostile(browser: Client, paths: list[tuple[str, str]], text: str, place: int) -> None:
    method, path = paths[place % len(paths)]
    body = json.dumps({"name": text, "text": text, "scopes": [text], "title": text})
    response = browser.generic(
        method.upper(), path.replace("{", "").replace("}", ""), body, content_type="application/json",
        QUERY_STRING="q=" + "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass")),
    )  # fmt: skip
    assert response.status_code < 500


def test_hostile_texts_break_nothing(company: Company) -> None:
    paths = [(method, path) for path, found in described()["paths"].items() for method in found]
    _hostile(company.client("administrator"), paths)


def test_lists_are_paged_by_our_own_decorator() -> None:
    """ninja's own looks up the names in annotations in its own module and fails for all but built-in ones."""
    sources = (Path(__file__).parents[3] / "src/pegel_web").rglob("*.py")
    using = [
        str(one) for one in sources if "from ninja.pagination import paginate\n" in one.read_text(encoding="utf-8")
    ]
    assert using == []
