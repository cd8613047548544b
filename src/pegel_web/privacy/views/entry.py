"""What every view of this app begins and ends with: the actor, what the address asks for, errors in a form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import get_current_timezone, make_aware

from pegel.errors import UserError
from pegel.words.catalogue import has, say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.ui.components import Component, Tab, Tabs
from pegel_web.ui.worded import language_now, worded

T = TypeVar("T")

_TABS: Sequence[tuple[str, str]] = (
    ("privacy_rules", "privacy.settings.view"),
    ("retention_preview", "privacy.settings.view"),
    ("access_log", "privacy.access_log.view"),
    ("processing_record", "privacy.record.view"),
    ("erasure", "privacy.erasure.run"),
)
#: Beyond these no database computes with time zones.
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)


def asked(request: HttpRequest, name: str) -> str:
    """Return a short text from the address; what no database could hold is left out."""
    return request.GET.get(name, "").replace("\0", "").encode("utf-8", "ignore").decode()[:200].strip()


def asked_id(request: HttpRequest, name: str) -> UUID | None:
    """Return an id from the address; None where there is none or it is not one."""
    try:
        return UUID(asked(request, name))
    except ValueError:
        return None


def asked_day(request: HttpRequest, name: str, *, end: bool = False) -> datetime | None:
    """Return the beginning (or the end) of a day from the address, in the time zone of the installation."""
    try:
        day = date.fromisoformat(asked(request, name))
        if not _FIRST_DAY <= day <= _LAST_DAY:
            return None
        return make_aware(datetime.combine(day + timedelta(days=int(end)), time()), get_current_timezone())
    except ValueError:
        return None


def asked_number(request: HttpRequest, name: str, default: int) -> int:
    """Return a whole number from the address."""
    text = asked(request, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else default


def answered(form: forms.Form, act: Callable[..., T], **known: Any) -> T | None:
    """Call a service with what was entered; what cannot be done stands in the form: None."""
    if not form.is_valid():
        return None
    try:
        return act(**known, **form.cleaned_data)
    except UserError as error:
        words = explain(error, language_now())
        field = str(error.values.get("field", ""))
        form.add_error(field if field in form.fields else None, f"{words.says} {words.do}")
        return None


def status_of(form: forms.Form) -> int:
    """Return the status of a page that shows a form: 422 where what was entered cannot be used."""
    return 422 if form.is_bound and form.errors else 200


def privacy_tabs(request: HttpRequest) -> Component | None:
    """Return the pages of privacy that the reader may open."""
    actor, here = acting(request), request.resolver_match
    items = [
        Tab(label=worded(f"privacy.tab.{name}"), href=reverse(name), current=here is not None and here.url_name == name)
        for name, permission in _TABS
        if actor.has(permission)
    ]
    return Tabs(items=items, label=worded("privacy.tab.label")) if len(items) > 1 else None


def wording(code: str, instead: str) -> str:
    """Return the words for a code, or what stands instead where nobody has worded it."""
    return say(code, language_now()) if has(code) else instead


def what_looked_at(code: str) -> str:
    """Return the words for what was looked at."""
    return wording(f"privacy.access.what.{code}", code)


def roles_worded(roles: Sequence[str]) -> str:
    """Return roles in words."""
    return ", ".join(wording(f"role.{name}", name) for name in roles)


def through_worded(through: str) -> str:
    """Return the way by which something came in, in words."""
    return wording(f"privacy.through.{through}", through)
