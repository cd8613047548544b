"""A person chooses language and theme. Plain POST forms; the page comes back as it was."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pegel.words import LANGUAGES
from pegel_web.ui.preferences import THEME_COOKIE, THEMES, keep


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language with the account where somebody is signed in, and with this browser in any case."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in LANGUAGES:
        if request.user.is_authenticated:
            get_user_model()._default_manager.filter(pk=request.user.pk).update(language=language)
        keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme with this browser: the same person may want light at the desk and dark on the phone."""
    response = _back(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        keep(response, THEME_COOKIE, theme)
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    following = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(following if known else "/")
