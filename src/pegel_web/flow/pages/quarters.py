"""The pages of what came unplanned, was changed or was cancelled in a quarter."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.numbers import signed
from pegel_web.flow.contracts.quarters import BetweenQuarters, QuarterFigure, QuarterItems, QuarterStream
from pegel_web.flow.pages.addresses import definition_href
from pegel_web.flow.pages.cells import missing_of
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.ui.components import Column, EmptyState, Figure, FigureRow, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now


def quarters_page(request: HttpRequest, found: BetweenQuarters) -> dict[str, Any]:
    """Return the context of the between-quarter review."""
    language = language_now()
    title = say("flow.quarters.title", language)
    notices = []
    if found.running:
        notices.append(Notice(kind="info", text=say("flow.quarters.running", language)))
    if found.left_out:
        notices.append(Notice(kind="info", text=say("flow.quarters.left_out", language, n=found.left_out)))
    return {
        "title": title,
        "header": PageHeader(
            title=f"{title}: {found.quarter_name}",
            lead=say("flow.quarters.lead", language),
            breadcrumbs=((say("flow.overview.title", language), reverse("streams")), (title, None)),
        ),
        "tabs": section_tabs(request, "between_quarters"),
        "quarters": found.quarters,
        "notices": notices,
        "figures": FigureRow(figures=[_figure(one, language) for one in found.total]),
        "lists": [
            {
                "name": one.name,
                "identity": one.list,
                "sentence": one.sentence,
                "definition_href": definition_href(one.list),
                "table": list_table(request, found, one.list, language),
            }
            for one in found.total
        ],
        "has_streams": bool(found.streams),
        "empty": EmptyState(
            title=say("flow.overview.none_title", language),
            text=say("flow.overview.none_seen", language),
            action_label=say("flow.network.to_streams", language),
            action_href=reverse("streams"),
        ),
    }


def list_table(request: HttpRequest, found: BetweenQuarters, name: str, language: Language) -> Table:
    """Return one list of every stream."""
    rows = [_row(line, found.quarter, name, language) for line in found.streams]
    cancelled = name == "cancelled_work"
    return table_of(
        request,
        identity=name,
        caption=say("flow.quarters.caption", language, name=say(f"metric.{name}.label", language)),
        columns=(
            Column(key="name", label=say("column.stream", language), href_key="href"),
            Column(key="n", label=say("column.items", language), kind="number", href_key="items_href"),
            Column(key="share", label=say("flow.quarters.share", language), kind="percent"),
            Column(key="days", label=say("flow.quarters.days", language), kind="days"),
            *(
                (Column(key="not_started", label=say("flow.quarters.not_started", language), kind="number"),)
                if cancelled
                else ()
            ),
            Column(key="before_n", label=say("flow.quarters.before_n", language), kind="number"),
            Column(key="before", label=say("flow.quarters.before_share", language), kind="percent"),
            Column(key="points", label=say("flow.quarters.points", language)),
            *((Column(key="why", label=say("flow.quarters.why", language)),) if any(r["why"] for r in rows) else ()),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.overview.none_title", language), text=say("flow.overview.none_seen", language)
        ),
    )


def quarter_items_page(request: HttpRequest, found: QuarterItems) -> dict[str, Any]:
    """Return the context of the items behind a list."""
    language = language_now()
    title = f"{found.name}: {found.stream.name}, {found.quarter_name}"
    cut = len(found.rows) < found.total
    said = say("flow.items.cut", language, shown=len(found.rows), total=found.total)
    back = f"{reverse('between_quarters')}?{urlencode({'quarter': found.quarter})}"
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.quarters.items_lead", language, n=found.total),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (say("flow.quarters.title", language), back),
                (title, None),
            ),
        ),
        "notice": Notice(kind="info", text=said) if cut else None,
        "table": _items(request, found, back, language),
    }


def _figure(one: QuarterFigure, language: Language) -> Figure:
    note = ""
    if one.n is not None and one.of is not None:
        note = say("flow.quarters.of", language, n=one.n, of=one.of)
    return Figure(
        label=one.name,
        value=one.share if one.share is not None else missing_of(one.status),
        kind="percent",
        change=_points(one, language),
        note=note,
        definition_href=definition_href(one.list),
    )


def _row(line: QuarterStream, quarter: str, name: str, language: Language) -> dict[str, object]:
    row: dict[str, object] = {"name": line.stream.name, "href": reverse("stream", args=[line.stream.id])}
    one = next((figure for figure in line.figures if figure.list == name), None)
    if one is None:
        code = "outside" if line.freshness is not None else "not_computed"
        return {**row, "n": missing_of("no_data"), "why": say(f"flow.quarters.{code}", language)}
    if one.status != "value":
        return {**row, "n": missing_of(one.status), "why": one.sentence}
    wanted = {"stream": line.stream.id, "quarter": quarter, "list": name}
    behind = bool((one.n or 0) + (one.not_started or 0)) and line.may_see_items
    return {
        **row,
        "n": one.n,
        "items_href": f"{reverse('quarter_items')}?{urlencode(wanted)}" if behind else None,
        "share": one.share if one.share is not None else missing_of("undefined"),
        "days": one.days,
        "not_started": one.not_started,
        "before_n": one.before_n if one.before_n is not None else missing_of("no_data"),
        "before": one.before_share if one.before_share is not None else missing_of("no_data"),
        "points": _points(one, language),
        "why": "",
    }


def _points(one: QuarterFigure, language: Language) -> str | None:
    if one.share_change is None:
        return None
    points = round(100 * one.share_change)
    return (
        say("flow.change.points", language, points=signed(points, language))
        if points
        else say("flow.change.same", language)
    )


def _items(request: HttpRequest, found: QuarterItems, back: str, language: Language) -> Table:
    rows = [
        {
            "item": one.item,
            "type": one.type,
            "what": one.what,
            "at": one.at,
            "started": say("yes" if one.started else "no", language),
            "days": one.days,
        }
        for one in found.rows
    ]
    return table_of(
        request,
        identity="items",
        caption=say("flow.quarters.caption", language, name=found.name),
        columns=(
            Column(key="item", label=say("column.item", language)),
            *((Column(key="type", label=say("column.type", language)),) if any(r["type"] for r in rows) else ()),
            *((Column(key="what", label=say("flow.quarters.what", language)),) if any(r["what"] for r in rows) else ()),
            Column(key="at", label=say(f"flow.quarters.at.{found.list}", language), kind="date"),
            *(
                (Column(key="started", label=say("flow.quarters.started", language)),)
                if found.list == "cancelled_work"
                else ()
            ),
            Column(key="days", label=say("flow.quarters.days", language), kind="days"),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.items.none_title", language),
            text=say("flow.quarters.none.items", language),
            action_label=say("flow.quarters.title", language),
            action_href=back,
        ),
    )
