"""The entry of web requests: a request id, and the actor behind the session."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from pegel_web.core.actor import Actor, Through
from pegel_web.core.reading import reading
from pegel_web.organisation.models import Person
from pegel_web.organisation.queries.actors import actor_of

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class ActorMiddleware:
    """Gives every request its id and its actor; the actor is built when first needed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by the interfaces
        request.actor = SimpleLazyObject(lambda: session_actor(request))  # type: ignore[attr-defined]  # the same
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with reading() if request.method in ("GET", "HEAD") else nullcontext():
                response = self.get_response(request)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request_id
        return response


def session_actor(request: HttpRequest) -> Actor:
    """Return the actor of a session; somebody who has signed in but is no person here has no grants."""
    at = datetime.now(UTC)
    request_id: str = request.request_id  # type: ignore[attr-defined]  # set by the middleware
    language = get_language() or "de"
    person = Person.objects.filter(user_id=request.user.pk).first() if request.user.is_authenticated else None
    if person is None:
        return Actor(person_id=None, at=at, through=Through.WEB, request_id=request_id, language=language)
    return actor_of(person, at=at, through=Through.WEB, request_id=request_id, language=language)
