"""The page on which people ask when work will be done: the form, the answer, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.names import policy_name
from pegel_web.flow.contracts.forecast import DrawnForecast, ItemsForecast
from pegel_web.flow.pages.addresses import definition_href
from pegel_web.flow.pages.overview import OLD_DAYS
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.queries.forecast import MOST_ITEMS, MOST_SPLIT
from pegel_web.ui.components import Chart, Column, EmptyState, Missing, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now

#: As far as the slider goes; larger numbers are written into the field beside it.
SLIDER_ITEMS = 200


def forecast_page(
    request: HttpRequest, drawn: DrawnForecast, asked: Mapping[str, str], *, wrong: str = ""
) -> dict[str, Any]:
    """Return the context of the page. ``asked``: the fields of the form as they were sent; ``wrong``: why there is no
    answer to them, so that ``drawn`` answers what is asked where nobody says anything.
    """
    language, found = language_now(), drawn.found
    stream = found.stream
    title = say("flow.ahead.title", language, name=stream.name)
    has = found.status == "value"
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.ahead.lead", language),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (stream.name, reverse("stream", args=[stream.id])),
                (say("flow.tabs.stream_forecast", language), None),
            ),
        ),
        "tabs": stream_tabs(request, stream, "stream_forecast"),
        "notices": _notices(found, language),
        "wrong": Notice(kind="bad", text=wrong) if wrong else None,
        "found": found,
        "form": None if found.first_day is None else _form(found, asked, failed=bool(wrong)),
        "sentences": () if wrong else found.sentences,
        "table": _table(request, found, language) if has and not wrong else None,
        "chart": _chart(drawn, language) if not wrong else None,
        "policy": policy_name(found.policy, language) if found.policy else "",
        "stream_href": reverse("stream", args=[stream.id]),
        "definition_href": definition_href("forecast"),
        "backtest_href": definition_href("backtest"),
    }


def _form(found: ItemsForecast, asked: Mapping[str, str], *, failed: bool) -> dict[str, Any]:
    """Return the fields: as they were sent where that could not be answered, else as they were understood."""
    mine = {
        "items": "" if found.items is None else str(found.items),
        "until": "" if found.until is None else found.until.isoformat(),
        "split": f"{found.split_rate:g}",
    }
    return {
        **(dict(asked) if failed else mine),
        "most_items": MOST_ITEMS,
        "slider_items": SLIDER_ITEMS,
        "most_split": f"{MOST_SPLIT:g}",
        "first_day": _iso(found.first_day),
        "last_day": _iso(found.last_day),
        "policy": asked.get("policy", ""),
    }


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _notices(found: ItemsForecast, language: Language) -> list[Notice]:
    fresh = found.freshness
    if fresh is None:
        return []
    notices = []
    if fresh.stale:
        notices.append(Notice(kind="warning", text=say("flow.fresh.stale", language)))
    if fresh.data_days > OLD_DAYS:
        notices.append(Notice(kind="warning", text=say("flow.fresh.old_text", language, n=fresh.data_days)))
    return notices


def _chart(drawn: DrawnForecast, language: Language) -> Chart | None:
    if drawn.specification is None:
        return None
    return Chart(
        identity="chart-forecast",
        specification=drawn.specification,
        summary=drawn.sentence,
        title=say("flow.ahead.chart", language),
    )


def _table(request: HttpRequest, found: ItemsForecast, language: Language) -> Table:
    rows = [
        {
            "confidence": one.confidence,
            "day": one.day or Missing.UNDEFINED,
            "days": Missing.UNDEFINED if one.days is None else one.days,
            "items": Missing.UNDEFINED if one.items is None else one.items,
            "answer": one.answer,
        }
        for one in found.lines
    ]
    when, until = found.items is not None, found.until is not None
    return table_of(
        request,
        identity="levels",
        caption=say("flow.ahead.caption", language),
        columns=(
            Column(key="confidence", label=say("flow.stream.confidence", language), kind="percent"),
            *((Column(key="day", label=say("flow.ahead.day", language), kind="date"),) if when else ()),
            *((Column(key="days", label=say("flow.ahead.days", language), kind="number"),) if when else ()),
            *((Column(key="items", label=say("flow.ahead.at_least", language), kind="number"),) if until else ()),
            *(
                (Column(key="answer", label=say("flow.ahead.why", language)),)
                if any(row["answer"] for row in rows)
                else ()
            ),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=" ".join(found.sentences)),
    )
