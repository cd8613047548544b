"""The pages under an ASGI server: Django's synchronous code in a few threads that stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from tempfile import SpooledTemporaryFile
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse, set_script_prefix

from pegel_web.config import bodies

#: More requests than this wait for a thread. Python computes in one of them at a time; the others wait for the database
#: or the disk. With MCP's threads they stay within the pool of connections (`DATABASES`).
THREADS: Final = 4

Scope = Mapping[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class PagesHandler(ASGIHandler):
    """Reads a request's body without a thread, answers it in one, and sends the answer without one.

    Django's own handler changes threads at every middleware that is written for one world only, and takes a new thread
    for every request and with it a new connection to the database. Pegel's pages are synchronous throughout.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pages")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Somebody who leaves while sending gets none, and nothing has happened."""
        if scope["type"] != "http":
            raise ValueError(f"pages answer HTTP only, not {scope['type']}")
        try:
            scope, body = await self._arrived(scope, receive)
        except RequestAborted:
            return
        with body:
            response = await self._in_thread(self._answered, scope, body)
            if not isinstance(response, StreamingHttpResponse):
                await self.send_response(response, send)
                return
            if isinstance(response, FileResponse):
                response.block_size = self.chunk_size
            response.streaming_content = self._parts(iter(response))
            try:
                await self.send_response(response, send)
            finally:
                await self._in_thread(response.close)

    async def _arrived(self, scope: Scope, receive: Receive) -> tuple[Scope, SpooledTemporaryFile[bytes]]:
        """Return the request with its body, which is on the disk where it is long; what is too long is left unread."""
        body: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115 (closed by the caller)
        asked, _ = self.create_request(scope, body)
        if asked is None:
            return scope, body
        declared, read, more = bodies.declared_length(asked), 0, True
        most, known = bodies.least_bytes(), False
        while more:
            if max(read, declared or 0) > most and not known:
                # Nobody's files reach the disk before it is known whether the person may send any.
                most, known = await self._in_thread(_most_bytes, asked), True
            if max(read, declared or 0) > most:
                body.close()
                return {**scope, bodies.LEFT_UNREAD: most}, SpooledTemporaryFile()
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            read += len(message.get("body", b""))
            body.write(message.get("body", b""))
            more = message.get("more_body", False)
        if declared is None:
            # In parts, without a length: Django reads a form only where it is told how long it is.
            others = [one for one in scope["headers"] if one[0] != b"content-length"]
            scope = {**scope, "headers": [*others, (b"content-length", str(read).encode())]}
        body.seek(0)
        return scope, body

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        # A copy, so that what one request sets (language, log fields) never reaches the next one in the same thread.
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work, *arguments)

    def _answered(self, scope: Scope, body: SpooledTemporaryFile[bytes]) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, body)
        if request is not None and bodies.LEFT_UNREAD in scope:
            request.META[bodies.LEFT_UNREAD] = scope[bodies.LEFT_UNREAD]
        response: HttpResponseBase = cast("HttpResponse", refused) if request is None else self.get_response(request)
        if not isinstance(response, StreamingHttpResponse):
            # The text stays; the connection goes back in the thread that took it.
            response.close()
        return response

    async def _parts(self, content: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Give the parts of a file, each read in a thread. Nothing in them may need the database."""
        while (part := await self._in_thread(next, content, None)) is not None:
            yield part


def _most_bytes(request: HttpRequest) -> int:
    try:
        return bodies.most_bytes(request)
    finally:
        # As at the end of a request: the connection goes back in the thread that took it.
        close_old_connections()


def load_pages() -> None:
    """Load every view now; Django does it with the first request, which would wait for it."""
    reverse("home")
