"""What every page knows: language, actor, navigation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from pegel_web.ui.navigation import navigation_of


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page."""
    actor = getattr(request, "actor", None)
    signed_in = actor is not None and request.user.is_authenticated
    return {
        "language": get_language() or "de",
        "actor": actor if signed_in else None,
        "navigation": navigation_of(actor) if actor is not None and signed_in else [],
    }
