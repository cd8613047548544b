"""What every view of this app begins and ends with: the actor, what the address asks for, and errors in a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.http import HttpRequest

from pegel.errors import NotFoundError, UserError
from pegel.words.explanation import explain
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.ui.worded import language_now

T = TypeVar("T")


def asked_id(request: HttpRequest, name: str) -> UUID | None:
    """Return an id from the address; None where there is none or it is not one."""
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def answered(
    form: forms.Form, act: Callable[..., T], *, shown: tuple[type[UserError], ...] = (), **known: Any
) -> T | None:
    """Call a service with what was entered; what cannot be used stands beside the field it is about: None.

    ``shown``: refusals that stand in the form as well. All others are a page of their own, because the form may not be
    there any more.
    """
    if not form.is_valid():
        return None
    try:
        return act(**known, **form.cleaned_data)
    except UserError as error:
        if isinstance(error, ConflictError | NotAllowedError | NotFoundError) and not isinstance(error, shown):
            raise
        words = explain(error, language_now())
        field = error.values.get("field")
        form.add_error(str(field) if field in form.fields else None, f"{words.says} {words.do}")
        return None


def status_of(form: forms.Form) -> int:
    """Return the status of a page that shows a form: 422 where what was entered cannot be used."""
    return 422 if form.is_bound and form.errors else 200
