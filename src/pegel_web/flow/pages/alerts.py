"""The pages of alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.names import state_name
from pegel_web.core.entry import acting
from pegel_web.flow.contracts.alerts import AlertReport, AlertStatus, RuleLine, RuleStatus, StreamAlert
from pegel_web.flow.forms import AcknowledgeForm, SnoozeForm, ThresholdsForm
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.queries.streams import ITEMS
from pegel_web.ui.components import (
    Badge,
    Column,
    EmptyState,
    Facts,
    FormCard,
    Notice,
    PageHeader,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_STATUSES: Final[tuple[AlertStatus, ...]] = ("open", "quiet", "closed")
_TONES: Final[Mapping[AlertStatus, Tone]] = {"open": "warning", "quiet": "neutral", "closed": "good"}
_RULE_TONES: Final[Mapping[RuleStatus, Tone]] = {
    "alert": "warning", "fine": "good", "not_configured": "neutral", "no_data": "neutral", "withheld": "neutral",
}  # fmt: skip
#: Items behind an alert: which figure lists them. What is stalled and how old data is has no list of its own yet.
_LISTED: Final = {"ageing": "late", "load": "flow_load", "state_load": "flow_load"}


def alerts_page(request: HttpRequest, found: Sequence[StreamAlert], status: AlertStatus) -> dict[str, Any]:
    """Return the context of the list over all streams."""
    language = language_now()
    title = say("flow.alert.title", language)
    tabs = [
        Tab(label=say(f"flow.alert.status.{one}", language), href=f"?status={one}", current=one == status)
        for one in _STATUSES
    ]
    empty = EmptyState(
        title=say(f"flow.alert.none.{status}", language),
        text=say("flow.alert.none.text", language),
        action_label=say("flow.overview.title", language),
        action_href=reverse("streams"),
    )
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("flow.alert.lead", language)),
        "tabs": Tabs(items=tabs, label=title),
        "table": _table(request, "alerts", found, language, empty, with_stream=True),
    }


def stream_alerts_page(
    request: HttpRequest, found: AlertReport, *, form: ThresholdsForm | None = None
) -> dict[str, Any]:
    """Return the context of the alerts of one stream. ``form``: with what somebody entered wrongly."""
    language, stream = language_now(), found.stream
    trail = ((say("flow.overview.title", language), reverse("streams")), (stream.name, None))
    thresholds = found.thresholds
    initial = {
        "late_from": thresholds.late_from,
        "stalled_after_days": thresholds.stalled_after_days,
        "stale_after_days": thresholds.stale_after_days,
    }
    empty = EmptyState(title=say("flow.alert.none.open", language), text=say("flow.alert.none.stream_text", language))
    none_closed = EmptyState(title=say("flow.alert.none.closed", language), text=say("flow.alert.none.text", language))
    return {
        "title": say("flow.alert.of_stream", language, name=stream.name),
        "header": PageHeader(title=stream.name, lead=say("flow.alert.stream_lead", language), breadcrumbs=trail),
        "tabs": stream_tabs(request, stream, "stream_alerts"),
        "notice": Notice(text=say("flow.alert.withheld", language)) if found.withheld else None,
        "rules": _rules(request, found, language),
        "table": _table(request, "alerts", found.alerts, language, empty, with_stream=False),
        "closed": _table(request, "closed", found.closed, language, none_closed, with_stream=False),
        "form": FormCard(
            form=form or ThresholdsForm(initial=initial),
            title=say("flow.alert.form.thresholds", language),
            lead=say("flow.alert.form.thresholds_lead", language),
            submit_label=say("flow.alert.form.save", language),
            action=reverse("change_alert_thresholds", args=[stream.id]),
        )
        if found.may_change
        else None,
    }


def alert_page(found: StreamAlert, *, form: forms.Form | None = None) -> dict[str, Any]:
    """Return the context of one alert. ``form``: with what somebody entered wrongly."""
    language, stream = language_now(), found.stream
    back = reverse("stream_alerts", args=[stream.id])
    trail = ((say("flow.alert.title", language), reverse("alerts")), (stream.name, back), (found.kind_name, None))
    pairs: list[tuple[str, object]] = [
        (say("flow.alert.column.status", language), _badge(found, language)),
        (say("flow.alert.column.opened_at", language), found.opened_at),
        (say("flow.alert.column.last_seen_at", language), found.last_seen_at),
    ]
    if found.closed_at is not None:
        pairs.append((say("flow.alert.column.closed_at", language), found.closed_at))
    if found.new is not None:
        pairs.append((say("flow.alert.column.new", language), found.new))
    if found.acknowledged_at is not None:
        pairs.append((say("flow.alert.column.acknowledged_at", language), found.acknowledged_at))
    if found.acknowledged_by:
        pairs.append((say("flow.alert.column.acknowledged_by", language), found.acknowledged_by))
    if found.reason:
        pairs.append((say("flow.alert.column.reason", language), found.reason))
    if found.snoozed_until is not None:
        pairs.append((say("flow.alert.column.snoozed_until", language), found.snoozed_until))
    cards = []
    if found.may_change and found.status != "closed":
        cards = [
            FormCard(
                form=form if isinstance(form, AcknowledgeForm) else AcknowledgeForm(),
                title=say("flow.alert.form.acknowledge", language),
                lead=say("flow.alert.form.acknowledge_lead", language),
                submit_label=say("flow.alert.form.acknowledge", language),
                action=reverse("acknowledge_alert", args=[found.id]),
            ),
            FormCard(
                form=form if isinstance(form, SnoozeForm) else SnoozeForm(),
                title=say("flow.alert.form.snooze", language),
                lead=say("flow.alert.form.snooze_lead", language),
                submit_label=say("flow.alert.form.snooze", language),
                action=reverse("snooze_alert", args=[found.id]),
            ),
        ]
    title = say("flow.alert.of_stream", language, name=stream.name)
    return {
        "title": title,
        "header": PageHeader(title=found.kind_name, lead=found.sentence, breadcrumbs=trail),
        "facts": Facts(pairs=tuple(pairs)),
        "cards": cards,
        "back": back,
    }


def _table(
    request: HttpRequest,
    identity: str,
    found: Sequence[StreamAlert],
    language: Language,
    empty: EmptyState,
    *,
    with_stream: bool,
) -> Table:
    columns = [
        Column(key="kind", label=say("flow.alert.column.kind", language), href_key="href"),
        *((Column(key="stream", label=say("column.stream", language), href_key="stream_href"),) if with_stream else ()),
        Column(key="sentence", label=say("flow.alert.column.sentence", language), href_key="items_href"),
        Column(key="count", label=say("flow.alert.column.count", language), kind="number"),
        Column(key="new", label=say("flow.alert.column.new", language), kind="number"),
        Column(key="opened_at", label=say("flow.alert.column.opened_at", language), kind="date"),
        Column(key="closed_at", label=say("flow.alert.column.closed_at", language), kind="date"),
        Column(key="status", label=say("flow.alert.column.status", language), kind="badge"),
    ]
    if all(one.closed_at is None for one in found):
        columns = [one for one in columns if one.key != "closed_at"]
    return table_of(
        request,
        identity=identity,
        caption=say(f"flow.alert.caption.{identity}", language),
        columns=columns,
        rows=[_row(request, one, language) for one in found],
        empty=empty,
    )


def _row(request: HttpRequest, one: StreamAlert, language: Language) -> dict[str, object]:
    listed = _LISTED.get(one.kind) if acting(request).allows(ITEMS, unit=one.stream.unit_id) else None
    return {
        "kind": one.kind_name,
        "href": reverse("stream_alert", args=[one.id]),
        "stream": one.stream.name,
        "stream_href": reverse("stream_alerts", args=[one.stream.id]),
        "sentence": one.sentence,
        "items_href": f"{reverse('stream_items', args=[one.stream.id])}?metric={listed}" if listed else None,
        "count": one.count,
        "new": one.new,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "status": _badge(one, language),
    }


def _badge(one: StreamAlert, language: Language) -> Badge:
    if one.status == "quiet":
        code = "acknowledged" if one.acknowledged_at is not None else "snoozed"
        return Badge(text=say(f"flow.alert.quiet.{code}", language), tone="neutral")
    return Badge(text=say(f"flow.alert.status.{one.status}", language), tone=_TONES[one.status])


def _rules(request: HttpRequest, found: AlertReport, language: Language) -> Table:
    return table_of(
        request,
        identity="rules",
        caption=say("flow.alert.caption.rules", language),
        columns=(
            Column(key="rule", label=say("flow.alert.column.rule", language), sortable=False),
            Column(key="limit", label=say("flow.alert.column.limit", language), sortable=False),
            Column(key="value", label=say("flow.alert.column.value", language), sortable=False),
            Column(key="status", label=say("flow.alert.column.status", language), kind="badge", sortable=False),
        ),
        rows=[_rule(one, language) for one in found.rules],
        empty=EmptyState(title="", text=""),
    )


def _rule(one: RuleLine, language: Language) -> dict[str, object]:
    name = say(f"flow.alert.kind.{one.kind}", language)
    status = say(f"flow.alert.rule.{one.status}", language)
    return {
        "rule": f"{name}: {state_name(one.state, language)}" if one.state else name,
        "limit": "" if one.limit is None else say(f"flow.alert.limit.{one.kind}", language, n=one.limit),
        "value": "" if one.value is None else say(f"flow.alert.value.{one.kind}", language, n=one.value),
        "status": Badge(text=status, tone=_RULE_TONES[one.status]),
    }
