"""What every page begins with: who asks."""

from __future__ import annotations

from django.http import HttpRequest

from pegel_web.core.actor import Actor


def acting(request: HttpRequest) -> Actor:
    """Return who asks; the middleware has put them on the request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor
