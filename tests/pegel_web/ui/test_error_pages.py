"""Error pages say what happened and what to do, carry the request number, and never an inside."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from pegel.errors import BusyError, InputError, InternalError, NotFoundError, PegelError
from pegel_web.config import urls
from pegel_web.core.errors import ConflictError, LimitedError, NotAllowedError
from pegel_web.ui.errors import ErrorMiddleware
from tests.pegel_web.company import Company

_RAISED: dict[str, Exception] = {
    "missing": NotFoundError("unknown_stream", name="<script>alert(1)</script>", known=["a"]),
    "refused": NotAllowedError("not_allowed", permission="core.audit.view"),
    "conflict": ConflictError("lake_busy", lake="x"),
    "input": InputError("unknown_format", name="x", known=[]),
    "limited": LimitedError("lake_busy", lake="x"),
    "busy": BusyError("lake_busy", lake="x"),
    "internal": InternalError("words_missing", name="x", language="de"),
    "wordless": InternalError("no_words_for_this", secret="hunter2"),
    "broken": ZeroDivisionError("hunter2"),
}


def _fail(request: HttpRequest, name: str) -> HttpResponse:
    raise _RAISED[name]


urlpatterns = [path("fail/<str:name>", _fail), path("api/fail/<str:name>", _fail), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def client(company: Company, settings) -> Client:
    """Return a signed-in browser that shows what a person sees when something breaks."""
    settings.ROOT_URLCONF = __name__
    found = company.client("employee")
    found.raise_request_exception = False
    return found


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("missing", 404, "There is no value stream named"),
        ("refused", 403, "Not allowed"),
        ("conflict", 409, "Another process is writing"),
        ("input", 422, "There is no format named"),
        ("limited", 429, "Another process is writing"),
        ("busy", 503, "Another process is writing"),
        ("internal", 500, "There are no words for"),
        ("wordless", 500, "Something is broken in Pegel"),
        ("broken", 500, "Something is broken in Pegel"),
    ],
)
def test_an_error_becomes_a_page_with_words_status_and_request_number(client, name, status, words):
    answer = client.get(f"/fail/{name}", headers={"X-Request-ID": "request-4711"})
    html = answer.content.decode()

    assert answer.status_code == status
    assert words in html
    assert "request-4711" in html
    assert "<script>alert" not in html
    assert "hunter2" not in html
    assert "Traceback" not in html


def test_an_error_page_speaks_the_language_of_the_person(client):
    client.post("/ui/language", {"language": "de"})

    html = client.get("/fail/missing").content.decode()

    assert "Es gibt keinen Wertstrom namens" in html
    assert "Nicht gefunden" in html


def test_an_address_that_leads_nowhere_has_the_same_page(client):
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "There is no such page, or you may not see it." in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_in_words(company: Company):
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "de"})

    answer = client.post("/account/login/", {"login": "a"})

    assert answer.status_code == 403
    assert "Geändert wurde nichts." in answer.content.decode()


def test_programs_never_get_a_page(client):
    answer = client.get("/api/fail/missing")

    assert "text/html" not in answer["Content-Type"]


@pytest.mark.parametrize("path_", ["/api/v1/x", "/mcp", "/mcp/x"])
def test_the_middleware_leaves_programs_to_their_own_answers(path_):
    middleware = ErrorMiddleware(lambda request: HttpResponse())

    assert middleware.process_exception(RequestFactory().get(path_), PegelError("x")) is None


def test_a_page_about_something_broken_asks_the_database_nothing(client, django_assert_num_queries):
    client.get("/ui/")

    # The session, the account: asked before anything broke.
    with django_assert_num_queries(2):
        client.get("/fail/wordless")
