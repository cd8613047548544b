"""The pages under an ASGI server: what arrives, what is sent, and what stays in a thread."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings as installed
from django.contrib.auth.decorators import login_not_required
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import activate, get_language
from django.views.decorators.csrf import csrf_exempt

from pegel_web.config import pages as pages_module
from pegel_web.config.pages import PagesHandler
from pegel_web.config.urls import handler400, handler403, handler404, handler500  # noqa: F401  (Django looks here)
from pegel_web.config.urls import urlpatterns as pages_of_pegel

Message = dict[str, Any]
GONE: Message = {"type": "http.disconnect"}
BOUNDARY = "part"
_MARK: ContextVar[str] = ContextVar("test_mark", default="clean")
_reached: list[str] = []


@csrf_exempt
@login_not_required
def echo(request: HttpRequest) -> HttpResponse:
    _reached.append(request.path)
    return HttpResponse(request.body, content_type="application/octet-stream")


@csrf_exempt
@login_not_required
def uploaded(request: HttpRequest) -> JsonResponse:
    content = request.FILES["file"].read()
    return JsonResponse({"name": request.POST["name"], "size": len(content), "last": content[-3:].decode()})


@login_not_required
def marking(request: HttpRequest) -> JsonResponse:
    found = [_MARK.get(), get_language()]
    _MARK.set("marked")
    activate("de")
    return JsonResponse(found, safe=False)


@login_not_required
def connected(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse(id(connection.connection), safe=False)


urlpatterns = [
    path("echo/", echo), path("uploaded/", uploaded), path("marking/", marking), path("connected/", connected),
    *pages_of_pegel,
]  # fmt: skip


@pytest.fixture
def pages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PagesHandler]:
    """Return the handler with one thread, which every request of a test then shares."""
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(pages_module, "THREADS", 1)
    _reached.clear()
    handler = PagesHandler()
    yield handler
    in_its_thread(handler, connections.close_all)
    handler._threads.shutdown()


def in_its_thread(handler: PagesHandler, work: Callable[[], Any]) -> Any:
    return handler._threads.submit(work).result()


def sent(
    handler: PagesHandler, method: str, address: str, *messages: Message, query: bytes = b"", **headers: str
) -> list[Message]:
    """Return what the handler sends; ``messages``: what it receives, an empty body where there are none.

    ``address``: as it stands in the request; the server decodes it, and what is no UTF-8 becomes a sign of its own.
    """
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
        "path": unquote(address), "raw_path": address.encode(), "query_string": query,
        "client": ("127.0.0.1", 4711), "server": ("127.0.0.1", 8000),
        "headers": [(b"host", b"127.0.0.1:8000"), (b"accept-language", b"en")]
        + [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    waiting = iter(messages or [{"type": "http.request", "body": b"", "more_body": False}])
    found: list[Message] = []

    async def receive() -> Message:
        return next(waiting)

    async def send(message: Message) -> None:
        found.append(message)

    asyncio.run(handler(scope, receive, send))
    return found


def status_of(messages: Sequence[Message]) -> int:
    return int(messages[0]["status"])


def body_of(messages: Sequence[Message]) -> bytes:
    """Return the whole body; the last part says that it is the last."""
    assert [one.get("more_body", False) for one in messages[1:]] == [True] * (len(messages) - 2) + [False]
    return b"".join(one.get("body", b"") for one in messages[1:])


def parts(*contents: bytes) -> list[Message]:
    last = len(contents) - 1
    return [{"type": "http.request", "body": one, "more_body": number < last} for number, one in enumerate(contents)]


def test_a_page_is_answered(pages: PagesHandler, db: None) -> None:
    answer = sent(pages, "GET", "/account/login/")
    assert status_of(answer) == 200
    content = body_of(answer)
    assert b"<html" in content
    assert dict(answer[0]["headers"])[b"Content-Length"] == str(len(content)).encode()


def test_a_body_in_several_parts_arrives_whole(pages: PagesHandler) -> None:
    answer = sent(pages, "POST", "/echo/", *parts(b"one, ", b"", b"two, ", b"three"))
    assert (status_of(answer), body_of(answer)) == (200, b"one, two, three")


def test_a_file_that_is_larger_than_the_memory_for_it_arrives_whole(pages: PagesHandler) -> None:
    size = installed.FILE_UPLOAD_MAX_MEMORY_SIZE + 1
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="name"\r\n\r\nunits\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    )
    content = b"x" * (size - 3) + b"end"
    half = size // 2
    whole = [head.encode(), content[:half], content[half:], f"\r\n--{BOUNDARY}--\r\n".encode()]
    answer = sent(
        pages, "POST", "/uploaded/", *parts(*whole), content_length=str(sum(map(len, whole))),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
    )  # fmt: skip
    assert body_of(answer) == b'{"name": "units", "size": %d, "last": "end"}' % size


def test_a_body_that_breaks_off_reaches_no_view(pages: PagesHandler) -> None:
    assert sent(pages, "POST", "/echo/", {"type": "http.request", "body": b"half", "more_body": True}, GONE) == []
    assert sent(pages, "POST", "/echo/", GONE) == []
    assert _reached == []
    assert status_of(sent(pages, "POST", "/echo/", *parts(b"whole"))) == 200
    assert _reached == ["/echo/"]


def test_a_file_is_sent_in_parts(pages: PagesHandler, settings: Any, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "figures.bin").write_bytes(content)
    settings.STATIC_ROOT = tmp_path
    handler = PagesHandler()
    try:
        answer = sent(handler, "GET", "/static/figures.bin")
        assert status_of(answer) == 200
        assert body_of(answer) == content
        # 256,000 bytes in parts of 65,536, then the sign of the end.
        assert [len(one.get("body", b"")) for one in answer[1:]] == [65_536, 65_536, 65_536, 59_392, 0]
        assert dict(answer[0]["headers"])[b"Content-Length"] == b"256000"
        assert status_of(sent(handler, "GET", "/static/other.bin")) == 404
    finally:
        in_its_thread(handler, connections.close_all)
        handler._threads.shutdown()


def test_nothing_of_a_request_stays_in_its_thread(pages: PagesHandler) -> None:
    first, second = (body_of(sent(pages, "GET", "/marking/")) for _ in range(2))
    assert first == second == b'["clean", "en"]'
    assert in_its_thread(pages, _MARK.get) == "clean"
    assert in_its_thread(pages, get_language) == installed.LANGUAGE_CODE == "en"


def test_the_language_of_one_request_is_not_that_of_the_next(pages: PagesHandler, db: None) -> None:
    german = body_of(sent(pages, "GET", "/account/login/", accept_language="de"))
    english = body_of(sent(pages, "GET", "/account/login/"))
    assert b'lang="de"' in german
    assert b'lang="en"' in english


@pytest.mark.parametrize(
    ("query", "status"),
    [(b"q=%C3%A4", 200), ("q=ä".encode(), 200), (b"q=\xff\xfe", 400), (b"\xe4", 400), (b"q=%FF", 200), (b"%", 200)],
)
def test_a_strange_query_is_answered_or_refused(pages: PagesHandler, query: bytes, status: int) -> None:
    assert status_of(sent(pages, "POST", "/echo/", query=query)) == status


@pytest.mark.parametrize(
    "address", ["/%ff", "/%ed%a0%80/", "/%C3%A4/", "/%00", "/%E2%80%AE/", "//", "/%", "/echo/%ff", "/echo/%00/"]
)
def test_a_strange_path_is_not_there(pages: PagesHandler, db: None, address: str) -> None:
    assert status_of(sent(pages, "GET", address)) in (400, 404)


def test_other_protocols_are_not_spoken(pages: PagesHandler) -> None:
    async def called() -> None:
        await pages({"type": "websocket"}, None, None)  # type: ignore[arg-type]  # never used

    with pytest.raises(ValueError, match="websocket"):
        asyncio.run(called())


@pytest.mark.skipif("sqlite3" not in installed.DATABASES["default"]["ENGINE"], reason="PostgreSQL has a pool instead")
def test_the_connection_of_a_thread_stays(pages: PagesHandler, transactional_db: None) -> None:
    first, second = (body_of(sent(pages, "GET", "/connected/")) for _ in range(2))
    assert first == second
    assert first == str(in_its_thread(pages, lambda: id(connection.connection))).encode()
