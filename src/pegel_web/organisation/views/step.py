"""A page with one form on it: what to do, where one comes from, and what happens when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.views.entry import answered, status_of
from pegel_web.ui.components import FormCard, PageHeader

T = TypeVar("T")


def step(
    request: HttpRequest,
    form: Form,
    act: Callable[..., T],
    *,
    title: str,
    trail: Sequence[tuple[str, str | None]],
    done: Callable[[T], tuple[str, str]],
    lead: str | None = None,
    submit: str | None = None,
    danger: bool = False,
    **known: Any,
) -> HttpResponse:
    """Show a form, or send it to a service; a rule that stands in the way is told in the form.

    ``trail``: the way here; its last address is where "cancel" leads. ``done``: from the answer of the service to the
    message and the address to go on to.
    """
    if request.method == "POST":
        made = answered(form, act, shown=(ConflictError, NotAllowedError), **known)
        if form.is_valid():
            message, address = done(made)  # type: ignore[arg-type]  # a service that answers nothing answers None
            messages.success(request, message)
            return redirect(address)
    header = PageHeader(title=title, lead=lead, breadcrumbs=[*trail, (title, None)])
    back = next((address for _, address in reversed(trail) if address), None)
    card = FormCard(form=form, submit_label=submit or title, cancel_href=back, danger=danger)
    return render(
        request, "organisation/parts.html", {"header": header, "tabs": None, "parts": [card]}, status=status_of(form)
    )
