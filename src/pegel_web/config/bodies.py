"""How much a request may bring: files at the addresses that take them, after signing in; everywhere else little.

What is too much is refused before it is read where its length is declared, and otherwise as soon as it is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from pegel.errors import UserError
from pegel_web.core.actor import Through
from pegel_web.core.address import client_address
from pegel_web.core.problems import API_PREFIX, body_too_large, problem
from pegel_web.organisation.services.token_use import actor_of_token
from pegel_web.ui.errors import error_page

#: The addresses that take files. A test finds every form and operation that does.
UPLOADS: Final = frozenset(
    f"{way}{name}" for way in ("", "api:") for name in ("structure_imports", "brought_files", "case_imports")
)
#: What stands around the file in the body.
_AROUND: Final = 1_000_000
#: In ``META``: the body was not kept, because it was longer than this (bytes).
LEFT_UNREAD: Final = "pegel.left_unread"


class BodyMiddleware:
    """Answers 413 in words to what brings too much, with everything around it that any other answer has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Handle one request."""
        most = request.META.get(LEFT_UNREAD)
        if most is None and (declared_length(request) or 0) > least_bytes():
            most = most_bytes(request) if (declared_length(request) or 0) > most_bytes(request) else None
        if most is None:
            return self.get_response(request)
        error = body_too_large(int(most))
        if request.path_info.startswith(API_PREFIX):
            return problem(request, error, status=413)
        return error_page(request, 413, error.code, **error.values)


def least_bytes() -> int:
    """Return how much everybody may send anywhere."""
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return most


def most_bytes(request: HttpRequest) -> int:
    """Return how much this request may bring. It looks into the database only where a file may come."""
    if not str(request.META.get("CONTENT_TYPE", "")).startswith("multipart/form-data"):
        return least_bytes()
    try:
        route = resolve(request.path_info).view_name
    except Resolver404:
        return least_bytes()
    if route not in UPLOADS or not _signed_in(request):
        return least_bytes()
    upload: int = settings.PEGEL_MOST_UPLOAD_BYTES
    return upload + _AROUND


def declared_length(request: HttpRequest) -> int | None:
    """Return how long a body says it is; None: it does not say, or nothing sensible."""
    sent = str(request.META.get("CONTENT_LENGTH") or "")
    return int(sent) if sent.isascii() and sent.isdigit() else None


def _signed_in(request: HttpRequest) -> bool:
    """Tell whether a session or a token stands behind a request; no middleware has seen it yet."""
    if hasattr(request, "user"):
        if request.user.is_authenticated:
            return True
    elif key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        if get_user(request).is_authenticated:
            return True
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not request.path_info.startswith(API_PREFIX):
        return False
    address = client_address(request.META, settings.ALLAUTH_TRUSTED_PROXY_COUNT)
    try:
        actor_of_token(
            secret=secret.strip(), address=address, at=datetime.now(UTC), through=Through.API, request_id="body"
        )
    except UserError:
        return False
    return True
