"""Error pages: what happened, what to do, and the request id by which it is found in the logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from pegel.errors import PegelError
from pegel.words.catalogue import has
from pegel_web.core.errors import http_status
from pegel_web.ui.preferences import theme_of

#: These interfaces have error forms of their own.
PROGRAMS: Final = ("/api/", "/mcp")

_log = logging.getLogger(__name__)


class ErrorMiddleware:
    """Turns an error of Pegel into a page with its words; programs get theirs elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an error of Pegel, None for any other."""
        if not isinstance(error, PegelError) or request.path.startswith(PROGRAMS):
            return None
        status = http_status(error)
        if status >= 500:
            _log.error("request failed: %s", error.code, exc_info=error)
        code, values = (error.code, dict(error.values)) if has(f"error.{error.code}") else ("page_failed", {})
        return error_page(request, status, code, **values)


def error_page(request: HttpRequest, status: int, code: str, **values: object) -> HttpResponse:
    """Return the page of ``error.CODE``. Only where the whole page cannot be drawn it is a plain one."""
    known = {
        "status": status,
        "code": f"error.{code}",
        "values": values,
        "request_id": getattr(request, "request_id", None),
    }
    if status < 500:
        return HttpResponse(render_to_string("ui/error.html", known, request), status=status)
    # What failed may be what the shell needs, such as the database: this page asks for nothing.
    plain = {**known, "language": (get_language() or "de")[:2], "theme": theme_of(request), "plain": True}
    return HttpResponse(render_to_string("ui/error.html", plain), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that makes no sense."""
    return error_page(request, 400, "page_bad_request")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is not allowed."""
    return error_page(request, 403, "page_refused")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of Pegel, or came too late."""
    return error_page(request, 403, "page_csrf")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return error_page(request, 404, "page_not_found")


def failed(request: HttpRequest) -> HttpResponse:
    """Answer when something of ours is broken."""
    return error_page(request, 500, "page_failed")
