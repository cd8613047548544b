"""What every page knows: language, theme, actor, navigation."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import get_language

from pegel_web.ui.navigation import sections_of
from pegel_web.ui.preferences import theme_of

_VERSION: Final = version("pegel")
_SHEETS: Final = tuple(f"ui/{name}.css" for name in ("tokens", "ground", "shell", "components", "charts", "print"))


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page."""
    actor = getattr(request, "actor", None)
    signed_in = actor is not None and request.user.is_authenticated
    sections = sections_of(actor, request.path) if actor is not None and signed_in else []
    return {
        "language": (get_language() or "de")[:2],
        "theme": theme_of(request),
        "actor": actor if signed_in else None,
        "sections": [section for section in sections if section.name != "account"],
        "account_places": [place for section in sections if section.name == "account" for place in section.places],
        "here": request.get_full_path() if request.method == "GET" else request.path,
        "version": _VERSION,
        "sheets": _SHEETS,
    }
