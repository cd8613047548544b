"""What a request reads once: within it, never beyond it, and never where something is changed."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from pegel_web.config.urls import urlpatterns as pages
from pegel_web.core.reading import once, reading
from pegel_web.organisation.models import UnitPeriod
from pegel_web.organisation.queries.structure import structure_on
from tests.pegel_web.company import AT, Company


def counted(answers: list[object]) -> Callable[[], int]:
    """Return a question whose answer is how often it was asked."""

    def asked() -> int:
        answers.append(None)
        return len(answers)

    return asked


def test_within_a_block_the_first_answer_holds() -> None:
    ask = counted([])
    with reading():
        assert [once("a", ask), once("a", ask), once("b", ask), once("a", ask)] == [1, 1, 2, 1]


def test_outside_a_block_every_question_is_asked() -> None:
    ask = counted([])
    assert [once("a", ask), once("a", ask)] == [1, 2]


def test_the_next_block_begins_with_nothing() -> None:
    ask = counted([])
    with reading():
        once("a", ask)
    assert once("a", ask) == 2
    with reading():
        assert [once("a", ask), once("a", ask)] == [3, 3]


def test_a_block_that_fails_is_over() -> None:
    ask = counted([])

    def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), reading():
        broken()
    assert [once("a", ask), once("a", ask)] == [1, 2]


def test_nothing_is_an_answer_and_a_failure_is_none() -> None:
    answers: list[object] = []

    def nothing() -> None:
        answers.append(None)

    def failing() -> None:
        answers.append(None)
        raise ValueError("not now")

    with reading():
        assert (once("a", nothing), once("a", nothing), len(answers)) == (None, None, 1)
        for expected in (2, 3):
            with pytest.raises(ValueError, match="not now"):
                once("b", failing)
            assert len(answers) == expected


def test_a_thread_does_not_see_what_another_one_read() -> None:
    ask, found = counted([]), []
    with reading():
        once("a", ask)
        thread = Thread(target=lambda: found.extend([once("a", ask), once("a", ask)]))
        thread.start()
        thread.join()
        assert once("a", ask) == 1
    assert found == [2, 3]


def test_the_structure_is_read_once_and_again_by_the_next_block(company: Company) -> None:
    day = AT.date()
    with CaptureQueriesContext(connection) as captured, reading():
        first = structure_on(day)
        assert structure_on(day) is first
        assert structure_on(AT.date().replace(year=2025)) is not first
    assert len(captured) == 2
    UnitPeriod.objects.filter(unit=company.units["K1"]).update(name="Cars")
    with reading():
        assert structure_on(day).nodes[company.unit("K1")].name == "Cars"


def test_a_page_reads_the_structure_once(company: Company) -> None:
    client = company.client("programme_lead")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("unit_report", args=[company.unit("K1")])).status_code == 200
    asked = [
        one["sql"] for one in captured if 'INNER JOIN "organisation_unit"' in one["sql"] and '"parent_id"' in one["sql"]
    ]
    assert len(asked) == 1


def renaming(request: HttpRequest) -> JsonResponse:
    """Read a name, change it, and read it again, as no page does and each could."""

    def name() -> str:
        return next(one.name for one in structure_on(AT.date()).nodes.values() if one.code == "K1")

    before = name()
    UnitPeriod.objects.filter(unit__code="K1").update(name="Cars")
    return JsonResponse([before, name()], safe=False)


urlpatterns = [path("renaming/", login_not_required(renaming)), *pages]


@pytest.mark.parametrize(("method", "names"), [("POST", ["Motor", "Cars"]), ("GET", ["Motor", "Motor"])])
def test_a_request_that_changes_the_structure_sees_its_own_change(
    company: Company, settings: Any, method: str, names: list[str]
) -> None:
    settings.ROOT_URLCONF = __name__
    assert Client().generic(method, "/renaming/").json() == names


def test_what_was_changed_is_on_the_next_page(company: Company) -> None:
    client, motor = company.client("programme_lead"), company.unit("K1")
    assert "Motor" in client.get(reverse("organisation_tree")).content.decode()
    named = {"name": "Cars", "kind": "team", "on": "2026-02-01"}
    renamed = client.post(f"/api/v1/units/{motor}/rename", named, content_type="application/json")
    assert renamed.status_code == 200, renamed.content
    page = client.get(reverse("organisation_tree")).content.decode()
    assert "Cars" in page
    assert "Motor" not in page
