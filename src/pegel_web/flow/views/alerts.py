"""Alerts: looking, acknowledging, letting them be quiet, and from when on there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.flow.contracts.alerts import AlertStatus
from pegel_web.flow.forms import AcknowledgeForm, SnoozeForm, ThresholdsForm
from pegel_web.flow.pages.alerts import alert_page, alerts_page, stream_alerts_page
from pegel_web.flow.queries import alerts as queries
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.flow.services import alerts as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Show what calls for a look in every stream that the person may see."""
    actor = acting(request)
    status = cast("AlertStatus", request.GET.get("status") or "open")
    page = alerts_page(request, queries.alert_overview(actor=actor, status=status), status)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/alerts.html", page)


@require_GET
def stream_alerts(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show the rules of a stream, and its alerts."""
    page = stream_alerts_page(request, queries.stream_alerts(actor=acting(request), stream_id=stream_id))
    for name in ("table", "closed"):
        if (file := exported(request, page[name])) is not None:
            return file
    return render(request, "flow/stream_alerts.html", page)


@require_GET
def stream_alert(request: HttpRequest, *, alert_id: UUID) -> HttpResponse:
    """Show one alert, with what can be said to it."""
    found = queries.stream_alert(actor=acting(request), alert_id=alert_id)
    return render(request, "flow/stream_alert.html", alert_page(found))


@require_POST
def acknowledge_alert(request: HttpRequest, *, alert_id: UUID) -> HttpResponse:
    """Say that somebody has looked."""
    form = AcknowledgeForm(request.POST)

    def done() -> None:
        services.acknowledge_alert(actor=acting(request), alert_id=alert_id, reason=form.cleaned_data["reason"])

    return _said(request, alert_id, form, done, "acknowledged")


@require_POST
def snooze_alert(request: HttpRequest, *, alert_id: UUID) -> HttpResponse:
    """Let an alert be quiet until a day."""
    form = SnoozeForm(request.POST)

    def done() -> None:
        services.snooze_alert(actor=acting(request), alert_id=alert_id, until=form.cleaned_data["until"])

    return _said(request, alert_id, form, done, "snoozed")


@require_POST
def change_alert_thresholds(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Say from when on there is an alert."""
    actor = acting(request)
    form = ThresholdsForm(request.POST)
    found = queries.stream_alerts(actor=actor, stream_id=stream_id)
    actor.require(CHANGE, unit=found.stream.unit_id)
    if form.is_valid():
        try:
            services.change_alert_thresholds(actor=actor, stream_id=stream_id, **form.cleaned_data)
        except UserError as error:
            _complain(form, error)
        else:
            messages.success(request, say("flow.alert.done.thresholds", language_now()))
            return redirect("stream_alerts", stream_id=stream_id)
    return render(request, "flow/stream_alerts.html", stream_alerts_page(request, found, form=form), status=422)


def _said(request: HttpRequest, alert_id: UUID, form: forms.Form, done: Callable[[], None], code: str) -> HttpResponse:
    found = queries.stream_alert(actor=acting(request), alert_id=alert_id)
    acting(request).require(CHANGE, unit=found.stream.unit_id)
    if form.is_valid():
        try:
            done()
        except UserError as error:
            _complain(form, error)
        else:
            messages.success(request, say(f"flow.alert.done.{code}", language_now()))
            return redirect(reverse("stream_alerts", args=[found.stream.id]))
    return render(request, "flow/stream_alert.html", alert_page(found, form=form), status=422)


def _complain(form: forms.Form, error: UserError) -> None:
    told = explain(error, language_now())
    form.add_error(None, f"{told.says} {told.do}".strip())
