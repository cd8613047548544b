"""Who needs a second factor is led to setting it up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError

#: Rights whose misuse would reach everybody.
PRIVILEGED: Final = ("organisation.role.assign", "privacy.settings.change", "privacy.erasure.run")
_OPEN: Final = ("/account/", "/static/", "/health/", "/language/")


def needs_second_factor(actor: Actor) -> bool:
    """Tell whether the installation asks this person for a second factor."""
    asked: str = settings.PEGEL_TWO_FACTOR
    return asked == "required" or (asked == "privileged" and any(actor.has(code) for code in PRIVILEGED))


class TwoFactorMiddleware:
    """Leads a signed-in person who needs a second factor and has none to the page where it is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        if settings.PEGEL_TWO_FACTOR == "optional" or request.path.startswith(_OPEN):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        actor = acting(request)
        if needs_second_factor(actor) and not is_mfa_enabled(request.user):
            if request.path.startswith(("/api/", "/mcp")):
                raise NotAllowedError("second_factor_missing")
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
