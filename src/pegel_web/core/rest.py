"""What every REST interface shares: problems instead of exceptions, bodies read strictly, lists in pages.

An app writes ``router = ninja.Router(tags=[…])`` and operations that make one call to its queries or services; the rest
is here. ``config/api.py`` puts the routers together.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn, get_type_hints

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.datastructures import MultiValueDict
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.pagination import LimitOffsetPagination
from ninja.pagination import paginate as ninja_paginate
from ninja.parser import Parser

from pegel.errors import InputError, NotFoundError, PegelError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import LimitedError, NotAllowedError, NotSignedInError
from pegel_web.core.keepable import UnkeepableError, require_keepable
from pegel_web.core.problems import MEDIA_TYPE, body_too_large, problem

DEFAULT_LIMIT: Final = 50
MOST_LIMIT: Final = 500
_MOST_OFFSET: Final = 1_000_000


class ApiRequest(HttpRequest):
    """A request as operations get it: somebody is behind it."""

    actor: Actor
    request_id: str


class Pages(LimitOffsetPagination):
    """Pages of a list: ``?limit=…&offset=…``; answered with ``items`` and ``count``, the length of the whole list."""

    class Input(Schema):
        """Which part of the list."""

        limit: int = Field(DEFAULT_LIMIT, ge=1, le=MOST_LIMIT, description="How many at most.")
        offset: int = Field(0, ge=0, le=_MOST_OFFSET, description="How many to pass over.")

    def __init__(self, **options: Any) -> None:
        super().__init__(max_limit=MOST_LIMIT, **options)


def paginate(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Let an operation that returns a list answer in :class:`Pages`; stands below ``@router.get(…)``.

    ninja looks up the names in annotations where its own wrapper was written, so they are resolved before it wraps.
    """
    operation.__annotations__ = get_type_hints(operation, include_extras=True)
    paged: Callable[..., Any] = ninja_paginate(Pages)(operation)
    return paged


class StrictParser(Parser):
    """Reads bodies and query strings, and refuses what no record could keep.

    NUL signs, halves of characters, numbers beyond 64 bits, NaN and infinity.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body as plain values.

        Raises
        ------
        ValueError: it is no JSON in UTF-8, or one of the above.
        """
        found = json.loads(request.body.decode("utf-8"))
        require_keepable(found)
        return found

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return a query string or form as plain values."""
        found = super().parse_querydict(data, list_fields, request)
        require_keepable(found)
        return found


class PegelApi(NinjaAPI):
    """The REST interface: every error is a problem, operations are named like the function that answers them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parser=StrictParser(), docs_url=None, **options)

    def set_default_exception_handlers(self) -> None:
        """Map every kind of error once."""
        super().set_default_exception_handlers()
        handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
            PegelError: problem,
            ValidationError: _invalid,
            HttpError: _http_error,
            Http404: lambda request, _: problem(request, NotFoundError("address_unknown")),
            RequestDataTooBig: lambda request, _: problem(
                request, body_too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE), status=413
            ),
            UnreadablePostError: lambda request, _: _malformed(request),
            UnkeepableError: lambda request, _: _malformed(request),
            # Django logs it, and the middleware answers with a problem.
            Exception: _raise,
        }
        for kind, handler in handlers.items():
            self.add_exception_handler(kind, handler)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function, which is the name of the query or service it calls."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Return the description of the interface, with the one shape that all errors have."""
        schema = super().get_openapi_schema(**where)
        schema["components"].setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
        shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["4XX"] = {"description": "Problem", "content": {MEDIA_TYPE: shape}}
        return schema


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say which fields cannot be used, without repeating what was sent."""
    fields = [
        {"at": ".".join(str(part) for part in one["loc"]), "rule": one["type"], "says": one["msg"]}
        for one in error.errors
    ]
    return problem(request, InputError("request_invalid", fields=fields, places=[one["at"] for one in fields]))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        return problem(request, NotSignedInError("not_signed_in"))
    if isinstance(error, Throttled):
        return problem(request, LimitedError("too_many_requests", seconds=error.wait or 60))
    if error.status_code == 403:
        # The only one that ninja raises: a session without the token against forged requests.
        return problem(request, NotAllowedError("csrf_missing"))
    return _malformed(request)


def _malformed(request: HttpRequest) -> HttpResponse:
    return problem(request, InputError("request_malformed"), status=400)


def _raise(request: HttpRequest, error: Exception) -> NoReturn:
    del request
    raise error


_TEXT: Final = {"type": "string"}
_PROBLEM_SCHEMA: Final = {
    "title": "Problem",
    "description": "An error (RFC 9457), in the language of the request.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "hint", "code", "values", "request_id"],
    "properties": {
        "type": {**_TEXT, "description": "urn:pegel:error:CODE"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {**_TEXT, "description": "What happened."},
        "hint": {**_TEXT, "description": "What to do about it."},
        "code": {**_TEXT, "description": "Stable; never renamed."},
        "values": {"type": "object", "additionalProperties": True},
        "request_id": _TEXT,
    },
}
