"""What a person chooses about pages: language and theme. Both work before signing in, by cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from pegel.words import LANGUAGES

THEMES: Final = ("system", "light", "dark")
THEME_COOKIE: Final = "pegel_theme"
YEAR_S: Final = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """Return the theme that a browser chose."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"


class LanguageMiddleware:
    """Answers in the language that the person chose; without one, in that of the cookie or the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        chosen = ""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            chosen = str(getattr(request.user, "language", ""))
        if chosen in LANGUAGES:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        response = self.get_response(request)
        if chosen:
            patch_vary_headers(response, ("Cookie",))
            response.headers["Content-Language"] = chosen
        return response


def keep(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice in a cookie of this browser for a year."""
    response.set_cookie(
        name, value, max_age=YEAR_S, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
