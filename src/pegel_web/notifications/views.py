"""The pages of webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.notifications import queries, services
from pegel_web.notifications.forms import EndpointForm
from pegel_web.notifications.pages import made_page, webhook_page, webhooks_page
from pegel_web.notifications.place import outbound_rules
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.worded import language_now


@require_GET
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the places to which events are sent."""
    actor = acting(request)
    page = webhooks_page(request, queries.webhooks(actor=actor), may_change=actor.allows(queries.CHANGE))
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "notifications/webhooks.html", page)


@never_cache
def make_webhook(request: HttpRequest) -> HttpResponse:
    """Ask for name, address and events; then show the secret, once."""
    actor = acting(request)
    actor.require(queries.CHANGE)
    form = EndpointForm(request.POST if request.method == "POST" else None, changing=False)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_webhook(actor=actor, rules=outbound_rules(), **form.cleaned_data)
        except UserError as error:
            _complain(form, error)
        else:
            return render(request, "notifications/secret.html", made_page(made))
    title = say("notifications.new", language_now())
    return _form_page(request, form, title, reverse("webhooks"), ((title, None),))


@require_GET
def webhook_report(request: HttpRequest, *, endpoint_id: UUID) -> HttpResponse:
    """Show an endpoint and what became of its messages."""
    found = queries.webhook_report(actor=acting(request), endpoint_id=endpoint_id)
    page = webhook_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "notifications/webhook.html", page)


def change_webhook(request: HttpRequest, *, endpoint_id: UUID) -> HttpResponse:
    """Ask what is to be different, and change it."""
    actor = acting(request)
    actor.require(queries.CHANGE)
    found = queries.webhook_report(actor=actor, endpoint_id=endpoint_id).endpoint
    initial = {"name": found.name, "url": found.url, "event_kinds": found.kinds, "active": found.active}
    form = EndpointForm(request.POST if request.method == "POST" else None, changing=True, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(actor=actor, endpoint_id=endpoint_id, rules=outbound_rules(), **form.cleaned_data)
        except UserError as error:
            _complain(form, error)
        else:
            messages.success(request, say("notifications.saved", language_now()))
            return redirect("webhook_report", endpoint_id=endpoint_id)
    back = reverse("webhook_report", args=[endpoint_id])
    title = say("notifications.change", language_now())
    ways = {
        "renew_href": reverse("renew_webhook_secret", args=[endpoint_id]),
        "remove_href": reverse("remove_webhook", args=[endpoint_id]),
    }
    return _form_page(request, form, title, back, ((found.name, back), (title, None)), ways)


@require_POST
def check_webhook(request: HttpRequest, *, endpoint_id: UUID) -> HttpResponse:
    """Send a test and go on to where its fate is shown."""
    return _done(request, endpoint_id, "tested", partial(services.check_webhook, endpoint_id=endpoint_id))


@require_POST
@never_cache
def renew_webhook_secret(request: HttpRequest, *, endpoint_id: UUID) -> HttpResponse:
    """Give an endpoint another secret and show it, once."""
    made = services.renew_webhook_secret(actor=acting(request), endpoint_id=endpoint_id)
    return render(request, "notifications/secret.html", made_page(made))


@require_POST
def remove_webhook(request: HttpRequest, *, endpoint_id: UUID) -> HttpResponse:
    """Remove an endpoint."""
    services.remove_webhook(actor=acting(request), endpoint_id=endpoint_id)
    messages.success(request, say("notifications.removed", language_now()))
    return redirect("webhooks")


@require_POST
def retry_delivery(request: HttpRequest, *, delivery_id: UUID) -> HttpResponse:
    """Send a message once more."""
    endpoint_id = queries.endpoint_of_delivery(actor=acting(request), delivery_id=delivery_id)
    return _done(request, endpoint_id, "retried", partial(services.retry_delivery, delivery_id=delivery_id))


def _done(request: HttpRequest, endpoint_id: UUID, code: str, service: Callable[..., object]) -> HttpResponse:
    try:
        service(actor=acting(request))
    except ConflictError as error:
        messages.warning(request, explain(error, language_now()).says)
    else:
        messages.success(request, say(f"notifications.{code}", language_now()))
    return redirect("webhook_report", endpoint_id=endpoint_id)


def _complain(form: EndpointForm, error: UserError) -> None:
    told = explain(error, language_now())
    form.add_error("url" if error.code.startswith("webhook_url") else None, f"{told.says} {told.do}".strip())


def _form_page(
    request: HttpRequest,
    form: EndpointForm,
    title: str,
    back: str,
    trail: tuple[tuple[str, str | None], ...],
    ways: Mapping[str, str] = MappingProxyType({}),
) -> HttpResponse:
    way = ((say("notifications.title", language_now()), reverse("webhooks")), *trail)
    page = {
        "title": title,
        "header": PageHeader(title=title, breadcrumbs=way),
        "form": FormCard(form=form, submit_label=say("notifications.form.submit", language_now()), cancel_href=back),
        **ways,
    }
    return render(request, "notifications/form.html", page, status=422 if form.is_bound else 200)
