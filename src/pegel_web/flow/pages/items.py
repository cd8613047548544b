"""The page of the items behind a figure, and those of definitions and adoption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel.words.names import state_name, term
from pegel_web.flow.contracts.definitions import MetricDefinition
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.streams import LakeView
from pegel_web.flow.pages.item import item_href
from pegel_web.flow.pages.overview import choice_tabs
from pegel_web.flow.pages.selection import selection_sentence
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.queries.overview import period_choices
from pegel_web.flow.selection_form import address_of
from pegel_web.ui.components import Column, EmptyState, Facts, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now


def items_page(request: HttpRequest, found: ItemList) -> dict[str, Any]:
    """Return the context of the items behind a figure."""
    language = language_now()
    figure = say(f"flow.items.of.{found.metric}", language)
    if found.state is not None:
        figure = f"{figure}: {state_name(found.state, language)}"
    title = say("flow.items.title", language, figure=figure)
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (found.stream.name, reverse("stream", args=[found.stream.id])),
        (figure, None),
    )
    cut = len(found.rows) < found.total
    said = say("flow.items.cut", language, shown=len(found.rows), total=found.total)
    own = found.selection
    back = reverse("stream", args=[found.stream.id])
    return {
        "title": title,
        "own_sentence": "" if own is None else selection_sentence(own, language),
        "own_href": "" if own is None else f"{back}?{address_of(own)}",
        "tabs": stream_tabs(request, found.stream, "stream_items"),
        "header": PageHeader(
            title=title,
            lead=say("flow.items.lead", language, n=found.total, stream=found.stream.name),
            breadcrumbs=trail,
        ),
        "metrics": choice_tabs(request, found.metrics, "metric", say("flow.items.which", language)),
        "periods": None
        if own is not None
        else choice_tabs(request, period_choices(found.period, language), "period", say("flow.period.label", language)),
        "notice": Notice(kind="info", text=said) if cut else None,
        "table": _table(request, found),
    }


def definition_page(found: MetricDefinition) -> dict[str, Any]:
    """Return the context of one definition."""
    language = language_now()
    trail = ((say("flow.definitions.title", language), reverse("metric_definitions")), (found.name, None))
    return {
        "title": found.name,
        "header": PageHeader(title=found.name, lead=found.question, breadcrumbs=trail),
        "definition": found,
        "facts": Facts(
            pairs=[
                (say(f"flow.definitions.{name}", language), value)
                for name, value in (
                    ("id", found.id), ("unit", found.unit), ("clock", found.clock), ("source", found.source),
                )
            ]
        ),
    }  # fmt: skip


def definitions_page(found: Sequence[MetricDefinition]) -> dict[str, Any]:
    """Return the context of all definitions."""
    title = say("flow.definitions.title", language_now())
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("flow.definitions.lead", language_now())),
        "definitions": found,
    }


def adopt_page(request: HttpRequest, lake: LakeView) -> dict[str, Any]:
    """Return the context of the list of streams that nobody answers for."""
    language = language_now()
    title = say("flow.adopt.title", language)
    trail = ((say("flow.overview.title", language), reverse("streams")), (title, None))
    rows = [
        {
            "name": one.lake_name, "items": one.items, "latest": one.latest_at,
            "href": adopt_href(one.lake_name),
        }
        for one in lake.unclaimed
    ]  # fmt: skip
    table = table_of(
        request,
        identity="adopt",
        caption=say("flow.adopt.caption", language),
        columns=(
            Column(key="name", label=say("flow.adopt.lake_name", language), href_key="href"),
            Column(key="items", label=say("flow.adopt.items", language), kind="number"),
            Column(key="latest", label=say("flow.adopt.latest", language), kind="date"),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.adopt.none_title", language),
            text=say("flow.adopt.none_text", language),
            action_label=say("flow.home.all", language),
            action_href=reverse("streams"),
        ),
    )
    lead = say("flow.adopt.lead", language)
    return {"title": title, "header": PageHeader(title=title, lead=lead, breadcrumbs=trail), "table": table}


def adopt_href(lake_name: str) -> str:
    """Return the address of the form that adopts one stream."""
    return f"{reverse('adopt_stream')}?{urlencode({'lake_name': lake_name}, errors='replace')}"


def _table(request: HttpRequest, found: ItemList) -> Table:
    language = language_now()
    in_state = found.metric == "time_in_state" and found.state is not None
    days = (
        say("flow.items.days_in_state", language, state=state_name(found.state or "", language))
        if in_state
        else say("flow.items.days", language)
    )
    rows = [
        {
            "item": one.item,
            "href": item_href(found.stream.id, one.item),
            "type": one.type,
            "kind": term("kind", one.kind, language) if one.kind else None,
            "state": None if one.state is None else state_name(one.state, language),
            "ending": term("ending", one.ending, language),
            "started": one.started_at,
            "ended": one.ended_at,
            "days": one.days,
            "active": one.active_days,
            "reopened": say("yes" if one.reopened else "no", language),
            "pace": term("pace", one.pace, language) if one.pace else None,
        }
        for one in found.rows
    ]
    held = [name for name in ("type", "kind", "state", "pace") if any(row[name] is not None for row in rows)]
    heads = {"type": "column.type", "kind": "column.kind", "state": "column.state", "pace": "column.pace"}
    return table_of(
        request,
        identity="items",
        caption=say("flow.items.caption", language),
        columns=(
            Column(key="item", label=say("column.item", language), href_key="href"),
            *(Column(key=name, label=say(heads[name], language)) for name in held),
            Column(key="ending", label=say("flow.items.ending", language)),
            Column(key="started", label=say("flow.items.started", language), kind="date"),
            Column(key="ended", label=say("flow.items.ended", language), kind="date"),
            Column(key="days", label=days, kind="days"),
            *((Column(key="active", label=say("flow.items.active", language), kind="days"),) if not in_state else ()),
            Column(key="reopened", label=say("flow.items.reopened", language)),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.items.none_title", language),
            text=say("flow.items.none_text", language),
            action_label=found.stream.name,
            action_href=reverse("stream", args=[found.stream.id]),
        ),
    )
