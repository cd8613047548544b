"""The pages under an ASGI server: what arrives, what is sent, and what stays in a thread."""

import asyncio
import json
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
from django.urls import path, resolve
from django.utils.translation import activate, get_language
from django.views.decorators.csrf import csrf_exempt

import pegel_web
from pegel_web.config import pages as pages_module
from pegel_web.config.api import api
from pegel_web.config.bodies import UPLOADS
from pegel_web.config.pages import PagesHandler
from pegel_web.config.urls import handler400, handler403, handler404, handler500  # noqa: F401  (Django looks here)
from pegel_web.config.urls import urlpatterns as pages_of_pegel
from tests.pegel_web.company import Company

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
    handler: PagesHandler,
    method: str,
    address: str,
    *messages: Message,
    query: bytes = b"",
    arriving: Iterator[Message] | None = None,
    **headers: str,
) -> list[Message]:
    """Return what the handler sends; ``messages``: what it receives, an empty body where there are none.

    ``address``: as it stands in the request; the server decodes it, and what is no UTF-8 becomes a sign of its own.
    """
    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
        "path": unquote(address), "raw_path": address.encode(), "query_string": query,
        "client": ("127.0.0.1", 4711), "server": ("127.0.0.1", 8000),
        "headers": [(b"host", b"127.0.0.1:8000")],
    }  # fmt: skip
    headers = {"accept_language": "en"} | headers
    scope["headers"] += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    waiting = arriving or iter(messages or [{"type": "http.request", "body": b"", "more_body": False}])
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


def test_a_file_that_is_larger_than_the_memory_for_it_arrives_whole(pages: PagesHandler, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100_000
    size = settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1
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


FORM = f"multipart/form-data; boundary={BOUNDARY}"
LEAST = 2_500_000
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'.encode()
PART = 100_000


def upload(
    handler: PagesHandler, address: str, size: int, *, declared: bool = True, **headers: str
) -> tuple[int, str, int]:
    """Return status and text of the answer to a large form, and how many bytes of it were asked for."""
    seen = [0]

    def arriving() -> Iterator[Message]:
        yield {"type": "http.request", "body": HEAD, "more_body": True}
        for left in range(size, 0, -PART):
            seen[0] += min(left, PART)
            yield {"type": "http.request", "body": b"x" * min(left, PART), "more_body": left > PART}

    length = {"content_length": str(len(HEAD) + size)} if declared else {"transfer_encoding": "chunked"}
    found = sent(handler, "POST", address, content_type=FORM, arriving=arriving(), **length, **headers)
    return status_of(found), body_of(found).decode(), seen[0]


@pytest.mark.parametrize(("declared", "taken"), [(True, 0), (False, LEAST)])
def test_strangers_bring_little_and_are_told_so_in_their_language(
    pages: PagesHandler, db: None, declared: bool, taken: int
) -> None:
    for address in ("/streams/files/", "/organisation/import/", "/account/login/", "/echo/", "/nowhere/"):
        status, text, read = upload(pages, address, 5_000_000, declared=declared)
        assert (status, "At most 2.5 MB are taken here" in text) == (413, True), address
        assert read == taken, "what is declared as too long is not read at all, otherwise no part after the limit"
    status, text, _ = upload(pages, "/streams/files/", 5_000_000, declared=declared, accept_language="de")
    assert (status, "höchstens 2,5 MB" in text) == (413, True)
    for headers in ({}, {"cookie": "sessionid=invented"}, {"authorization": "Bearer pegel_" + "x" * 43}):
        status, text, read = upload(pages, "/api/v1/imports/files", 5_000_000, declared=declared, **headers)
        assert (status, read, json.loads(text)["code"]) == (413, taken, "body_too_large")
        assert json.loads(text)["values"] == {"most": LEAST, "megabytes": 2.5}
    assert _reached == []


@pytest.mark.django_db(transaction=True)  # the handler looks for the session in a thread of its own
@pytest.mark.parametrize("declared", [True, False])
def test_the_signed_in_bring_files_where_files_are_taken_and_nowhere_else(
    pages: PagesHandler, company: Company, settings: Any, declared: bool
) -> None:
    settings.PEGEL_MOST_UPLOAD_BYTES = 4_000_000
    cookie = f"sessionid={company.client('administrator').cookies['sessionid'].value}"
    # The file is 1 MB longer than the setting, which is left for what stands around it.
    status, text, read = upload(pages, "/streams/files/", 4_500_000, declared=declared, cookie=cookie)
    assert (status, read) == (403, 4_500_000), "read whole, then refused, because the form carries no token"
    status, text, read = upload(pages, "/streams/files/", 9_000_000, declared=declared, cookie=cookie)
    assert (status, "At most 5 MB" in text) == (413, True)
    assert read == (0 if declared else 5_000_000)
    status, text, read = upload(pages, "/echo/", 4_000_000, declared=declared, cookie=cookie)
    assert (status, "At most 2.5 MB" in text) == (413, True)


def test_a_form_without_a_length_arrives_whole(pages: PagesHandler) -> None:
    form = HEAD.replace(b"a.csv", b"b.csv") + b"12345end\r\n"
    name = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="name"\r\n\r\nunits\r\n--{BOUNDARY}--\r\n'.encode()
    answer = sent(
        pages, "POST", "/uploaded/", *parts(form[:30], form[30:], name), content_type=FORM, transfer_encoding="chunked"
    )
    assert body_of(answer) == b'{"name": "units", "size": 8, "last": "end"}'


def test_every_address_that_takes_files_is_named() -> None:
    description = api.get_openapi_schema()["paths"]
    takes = {
        f"api:{resolve(address.replace('{', '0').replace('}', '')).url_name}"
        for address, operations in description.items()
        if "multipart/form-data" in operations.get("post", {}).get("requestBody", {}).get("content", {})
    }
    for source in Path(pegel_web.__file__).parent.rglob("*.py"):
        for function in source.read_text().split("\ndef "):
            if "request.FILES" in function:
                takes.add(function.partition("(")[0])
    assert takes == UPLOADS
