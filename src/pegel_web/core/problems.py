"""Errors as programs read them: ``application/problem+json`` (RFC 9457), the same for every way one can go wrong.

``type``: ``urn:pegel:error:CODE``. ``title``: the kind of error, by status. ``detail`` and ``hint``: what happened and
what to do, in the language of the request. ``code``, ``values``: the same for programs. ``request_id``: for the log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request

from pegel.errors import InternalError, NotFoundError, PegelError, UserError
from pegel.words import LANGUAGES, Language, say
from pegel.words.catalogue import shown_in
from pegel.words.explanation import explain
from pegel_web.core.errors import LimitedError, NotAllowedError, NotSignedInError, http_status

MEDIA_TYPE: Final = "application/problem+json"
#: Under this name stand the words of the application instead of the library's (``texts/in_application.yaml``).
IN_APPLICATION: Final = "in_application"
#: Where programs knock; what goes wrong there is never answered with a page.
API_PREFIX: Final = "/api/"
_LONGEST_VALUE: Final = 300
_MOST_VALUES: Final = 50

#: What Django itself answers with, before or outside any operation.
_OF_STATUS: Final[Mapping[int, type[PegelError]]] = {
    401: NotSignedInError,
    403: NotAllowedError,
    404: NotFoundError,
    429: LimitedError,
}
_CODES: Final[Mapping[int, str]] = {
    400: "request_malformed",
    401: "not_signed_in",
    403: "not_allowed",
    404: "address_unknown",
    405: "method_not_allowed",
    429: "too_many_requests",
}


def problem(
    request: HttpRequest, error: PegelError, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return an error as problem+json; a defect of Pegel says that it is one and nothing of its inside."""
    shown = InternalError("internal") if isinstance(error, InternalError) else error
    status = http_status(shown) if status is None else status
    language = language_of(request)
    words = explain(shown, language)
    request_id = getattr(request, "request_id", None) or uuid4().hex
    body = {
        "type": f"urn:pegel:error:{shown.code}",
        "title": say(f"core.problem.title.s{status}", language),
        "status": status,
        "detail": words.says,
        "hint": words.do,
        "code": shown.code,
        "values": plain_values(shown.values),
        "request_id": request_id,
    }
    content = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False).encode("utf-8", "replace")
    response = HttpResponse(content, status=status, content_type=MEDIA_TYPE, headers={"Content-Language": language})
    response["Cache-Control"] = "no-store"
    response["X-Request-ID"] = request_id
    patch_vary_headers(response, ("Accept-Language",))
    for name, value in (headers or {}).items():
        response[name] = value
    if status == 429 and "Retry-After" not in response:
        response["Retry-After"] = str(shown.values.get("seconds", 60))
    if status == 401 and "WWW-Authenticate" not in response:
        response["WWW-Authenticate"] = challenge(shown)
    return response


def challenge(error: PegelError) -> str:
    """Return what ``WWW-Authenticate`` says (RFC 6750): a token that was sent and not accepted is named as invalid."""
    sent = error.code != "not_signed_in"
    return 'Bearer realm="pegel", error="invalid_token"' if sent else 'Bearer realm="pegel"'


def language_of(request: HttpRequest) -> Language:
    """Return the language in which the program asked to be answered."""
    return known_language(get_language_from_request(request))


def known_language(tag: str) -> Language:
    """Return the language of a tag such as ``de-AT``; of an unknown one, that of the installation."""
    found = tag[:2]
    return found if found in LANGUAGES else settings.LANGUAGE_CODE


def plain_values(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of an error as JSON; what is long is cut, so that an answer never repeats a whole input.

    >>> plain_values({"name": "x" * 400, "known": ["a", "b"]})["known"]
    ['a', 'b']
    """
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in list(value.items())[:_MOST_VALUES]}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        listed = value if isinstance(value, Sequence) else sorted(value, key=str)
        return [_plain(one) for one in listed[:_MOST_VALUES]]
    text = str(value).encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def body_too_large(most: int) -> LimitedError:
    """Return the error of a body that is longer than ``most`` bytes."""
    whole, rest = divmod(most, 1_000_000)
    return LimitedError("body_too_large", most=most, megabytes=most / 1_000_000 if rest and whole < 10 else whole)


class WordsMiddleware:
    """Lets the library's hints name what a page or program of Pegel offers, instead of options of its command line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Handle one request."""
        with shown_in(IN_APPLICATION):
            return self.get_response(request)


class ProblemMiddleware:
    """Answers for ``/api/``: what Django would show as a page (no such address or method, …) is a problem, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Handle one request."""
        if not request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        if "\0" in request.path_info:
            return problem(request, NotFoundError("address_unknown"))
        response = self.get_response(request)
        if response.status_code < 400 or response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        return _instead_of(request, response)


def _instead_of(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    status = response.status_code
    kept = {name: value for name, value in response.headers.items() if not name.lower().startswith("content-")}
    if status >= 500:
        error: PegelError = InternalError("internal")
        status = status if status == 503 else 500
    else:
        status = status if status in _CODES else 400
        error = _OF_STATUS.get(status, UserError)(_CODES[status])
    answer = problem(request, error, status=status, headers=kept)
    answer.cookies = response.cookies
    return answer
