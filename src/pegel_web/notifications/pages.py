"""What the pages of webhooks are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.notifications.contracts import Delivery, Endpoint, EndpointReport, MadeEndpoint
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    Notice,
    PageHeader,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_TONES: Final[Mapping[str, Tone]] = {"waiting": "neutral", "delivered": "good", "given_up": "bad"}


def webhooks_page(request: HttpRequest, found: Sequence[Endpoint], *, may_change: bool) -> dict[str, Any]:
    """Return the context of the list."""
    language = language_now()
    title, new = say("notifications.title", language), say("notifications.new", language)
    table = table_of(
        request,
        identity="webhooks",
        caption=title,
        columns=(
            Column(key="name", label=say("notifications.column.name", language), href_key="href"),
            Column(key="url", label=say("notifications.column.url", language)),
            Column(key="kinds", label=say("notifications.column.kinds", language)),
            Column(key="state", label=say("notifications.column.state", language), kind="badge"),
            Column(key="waiting", label=say("notifications.column.waiting", language), kind="number"),
            Column(key="given_up", label=say("notifications.column.given_up", language), kind="number"),
            Column(key="last", label=say("notifications.column.last", language), kind="datetime"),
        ),
        rows=[_row(one, language) for one in found],
        empty=EmptyState(
            title=say("notifications.none_title", language),
            text=say("notifications.none_text", language),
            action_label=new if may_change else None,
            action_href=reverse("make_webhook") if may_change else None,
        ),
    )
    action = Action(label=new, href=reverse("make_webhook"), kind="primary")
    return {
        "title": title,
        "header": PageHeader(
            title=title, lead=say("notifications.lead", language), actions=(action,) if may_change and found else ()
        ),
        "table": table,
    }


def webhook_page(request: HttpRequest, found: EndpointReport) -> dict[str, Any]:
    """Return the context of one endpoint."""
    language, one = language_now(), found.endpoint
    trail = ((say("notifications.title", language), reverse("webhooks")), (one.name, None))
    columns = [
        Column(key="made_at", label=say("notifications.column.made_at", language), kind="datetime"),
        Column(key="kind", label=say("notifications.column.kind", language)),
        Column(key="state", label=say("notifications.column.delivery", language), kind="badge"),
        Column(key="status", label=say("notifications.column.status", language)),
        Column(key="problem", label=say("notifications.column.problem", language)),
        Column(key="attempts", label=say("notifications.column.attempts", language), kind="number"),
        Column(key="next_at", label=say("notifications.column.next_at", language), kind="datetime"),
    ]
    if request.GET.get("deliveries.export"):
        columns.append(Column(key="id", label=say("notifications.column.id", language)))
    return {
        "title": one.name,
        "found": found,
        "header": PageHeader(
            title=one.name, breadcrumbs=trail, actions=_actions(one, language) if found.may_change else ()
        ),
        "notice": _notice(one, language),
        "facts": Facts(
            pairs=(
                (say("notifications.column.url", language), one.url),
                (say("notifications.column.kinds", language), _kinds(one, language)),
                (say("notifications.column.state", language), _state(one, language)),
                (say("notifications.column.since", language), one.made_at),
            )
        ),
        "table": table_of(
            request,
            identity="deliveries",
            caption=say("notifications.deliveries", language),
            columns=columns,
            rows=[_delivery(each, language) for each in found.deliveries],
            empty=EmptyState(
                title=say("notifications.no_deliveries_title", language),
                text=say("notifications.no_deliveries_text", language),
            ),
        ),
        "retryable": [each for each in found.deliveries if each.state == "given_up"] if found.may_change else (),
    }


def made_page(made: MadeEndpoint) -> dict[str, Any]:
    """Return the context of the page that shows a secret."""
    language = language_now()
    title = say("notifications.secret.title", language)
    back = reverse("webhook_report", args=[made.endpoint.id])
    trail = (
        (say("notifications.title", language), reverse("webhooks")),
        (made.endpoint.name, back),
        (title, None),
    )
    return {
        "title": title,
        "header": PageHeader(title=title, breadcrumbs=trail),
        "notice": Notice(kind="warning", text=say("notifications.secret.once", language)),
        "secret": made.secret,
        "back": back,
    }


def _actions(one: Endpoint, language: Language) -> tuple[Action, ...]:
    def address(name: str) -> str:
        return reverse(name, args=[one.id])

    test = Action(
        label=say("notifications.test", language), href=address("check_webhook"), kind="primary", method="post"
    )
    change = Action(label=say("notifications.change", language), href=address("change_webhook"))
    return (*((test,) if one.active else ()), change)


def _notice(one: Endpoint, language: Language) -> Notice | None:
    if one.given_up:
        return Notice(kind="bad", text=say("notifications.given_up", language, n=one.given_up))
    if not one.active:
        return Notice(kind="info", text=say("notifications.inactive", language))
    return None


def _row(one: Endpoint, language: Language) -> dict[str, object]:
    return {
        "name": one.name,
        "href": reverse("webhook_report", args=[one.id]),
        "url": one.url,
        "kinds": _kinds(one, language),
        "state": _state(one, language),
        "waiting": one.waiting,
        "given_up": one.given_up,
        "last": None if one.last is None else one.last.made_at,
    }


def _delivery(one: Delivery, language: Language) -> dict[str, object]:
    return {
        "made_at": one.made_at,
        "kind": say(f"notifications.kind.{one.kind}", language),
        "state": Badge(text=say(f"notifications.state.{one.state}", language), tone=_TONES[one.state]),
        "status": None if one.status is None else str(one.status),
        "problem": say(f"notifications.problem.{one.problem}", language) if one.problem else "",
        "attempts": one.attempts,
        "next_at": one.next_at,
        "id": str(one.id),
    }


def _kinds(one: Endpoint, language: Language) -> str:
    return ", ".join(say(f"notifications.kind.{code}", language) for code in one.kinds)


def _state(one: Endpoint, language: Language) -> Badge:
    code = "failing" if one.given_up else "active" if one.active else "inactive"
    tones: Mapping[str, Tone] = {"failing": "bad", "active": "good", "inactive": "neutral"}
    return Badge(text=say(f"notifications.endpoint.{code}", language), tone=tones[code])
