"""The log: useful, and nothing in it that is about a person or opens a door."""

import json
import logging
import re
import sys
from collections.abc import Iterator

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from pegel.errors import UserError
from pegel_web.config.logging import configure

SECRETS = (
    "erika.mustermann@example.org", "Mustermann", "pegel_s3cr3tt0ken", "hunter2hunter2", "sessionid-abcdef",
    "geheimer-suchbegriff", "DE89370400440532013000",
)  # fmt: skip


def breaks(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("name", "Erika Mustermann")
    try:
        raise KeyError(name)
    except KeyError as error:
        raise ValueError(f"{name} <{request.GET.get('email')}> {request.headers.get('Authorization')}") from error


def fine(request: HttpRequest, *, word: str) -> HttpResponse:
    structlog.get_logger("pegel.test").info(
        "looked", person=request.GET.get("email"), error=request.GET.get("email"), n=3, kind="flow.refresh"
    )
    logging.getLogger("some.package").warning("user %s has token %s", "Erika Mustermann", "pegel_s3cr3tt0ken")
    logging.getLogger("some.package").warning(f"user {word} of {request.GET.get('email')}")
    return HttpResponse("ok")


urlpatterns = [path("breaks/", breaks, name="breaks"), path("fine/<str:word>/", fine, name="fine")]
handler500 = "django.views.defaults.server_error"


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    configure({"level": "DEBUG", "format": "json"})
    yield
    configure({"level": "INFO", "format": "json"})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    text = capsys.readouterr().err
    for secret in SECRETS:
        assert secret not in text
    return [json.loads(line) for line in text.splitlines()]


class LoggedClient(Client):
    def request(self, **request: object) -> HttpResponse:
        # The stream of the handler is that of the moment in which it is made.
        configure({"level": "DEBUG", "format": "json"})
        return super().request(**request)


@pytest.fixture
def client(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["pegel_web.config.metrics.RequestMiddleware"]
    client = LoggedClient(raise_request_exception=False)
    client.cookies["sessionid"] = "sessionid-abcdef"
    return client


def test_a_request_is_one_line_with_its_route(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    sent = {"Authorization": "Bearer pegel_s3cr3tt0ken", "X-Anything": "hunter2hunter2"}
    client.get("/fine/Mustermann/?email=erika.mustermann@example.org&q=geheimer-suchbegriff", headers=sent)
    found = lines(capsys)
    (request,) = [line for line in found if line["event"] == "request"]
    assert (request["method"], request["route"], request["status"]) == ("GET", "fine", 200)
    assert isinstance(request["ms"], float)
    assert set(request) == {"event", "level", "logger", "timestamp", "method", "route", "status", "ms", "request_id"}


def test_of_own_events_only_codes_and_numbers_are_kept(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/fine/x/?email=erika.mustermann@example.org")
    (looked,) = [line for line in lines(capsys) if line["event"] == "looked"]
    assert (looked["n"], looked["kind"]) == (3, "flow.refresh")
    assert looked["person"] == looked["error"] == "left out"


def test_of_foreign_messages_only_the_pattern_is_kept(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/fine/Mustermann/?email=erika.mustermann@example.org")
    found = [line["event"] for line in lines(capsys) if line["logger"] == "some.package"]
    assert found[0] == "user %s has token %s"
    assert re.fullmatch(r"test_logging:\d+", str(found[1]))


def test_an_error_tells_kinds_and_places_and_quotes_nothing(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    form = {"name": "Erika Mustermann", "password": "hunter2hunter2", "iban": "DE89370400440532013000"}
    sent = {"Authorization": "Bearer pegel_s3cr3tt0ken"}
    client.post("/breaks/?email=erika.mustermann@example.org", form, headers=sent)
    found = lines(capsys)
    (failed,) = [line for line in found if line.get("raised")]
    assert failed["raised"] == "ValueError from KeyError"
    assert any(str(one).endswith(" breaks") for one in failed["at"])
    (request,) = [line for line in found if line["event"] == "request"]
    assert (request["route"], request["status"]) == ("breaks", 500)


def test_of_our_own_errors_the_code_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configure({"level": "DEBUG", "format": "json"})
    try:
        raise UserError("name_missing", name="Erika Mustermann")
    except UserError:
        structlog.get_logger("pegel.test").exception("failed")
    (line,) = lines(capsys)
    assert line["raised"] == "UserError(name_missing)"


@pytest.mark.parametrize("text", ["a\nb", "x" * 300, "\u202egnp", "{}", "\ud800", "a@b", "a" * 80])
def test_texts_that_are_no_codes_are_left_out(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure({"level": "DEBUG", "format": "json"})
    structlog.get_logger("pegel.test").info("seen", code=text)
    (line,) = lines(capsys)
    assert line["code"] == ("a b" if text == "a\nb" else "left out")


def test_a_library_that_logs_objects_and_wrong_patterns_does_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    configure({"level": "DEBUG", "format": "json"})
    logger = logging.getLogger("some.package")
    # Not through pytest's own handler, which formats what is logged.
    logger.handlers = [one for one in logging.getLogger().handlers if one.get_name() == "pegel"]
    logger.propagate = False
    logger.warning({"name": "Erika Mustermann"})
    logger.warning("%d of them", "Erika Mustermann")
    logger.warning("named %s", "x", extra={"email": "erika.mustermann@example.org"})
    logger.propagate, logger.handlers = True, []
    found = [str(line["event"]) for line in lines(capsys)]
    assert found[0].startswith("test_logging:")
    assert found[1:] == ["%d of them", "named %s"]


def test_the_console_form_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure({"level": "INFO", "format": "console"})
    structlog.get_logger("pegel.test").info("seen", n=3)
    text = capsys.readouterr().err
    assert "seen" in text
    assert "n=3" in text
    assert sys.stderr is not None
