"""The page of all streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.overview import StreamLine, StreamOverview
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Freshness
from pegel_web.flow.pages.cells import cell_of, missing_of, verdict_text
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    PageHeader,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

#: The figures of a line, in the order of the columns; the distribution is words, not a number.
FIGURES = ("flow_time", "flow_velocity", "flow_efficiency", "flow_load")
#: Days after which the data of a stream is marked as old.
OLD_DAYS = 14


def overview_page(request: HttpRequest, found: StreamOverview) -> dict[str, Any]:
    """Return the context of the overview."""
    language = language_now()
    title = say("flow.overview.title", language)
    actions = []
    if found.may_adopt and found.lake.unclaimed:
        label = say("flow.overview.adopt", language, n=len(found.lake.unclaimed))
        actions.append(
            Action(label=label, href=reverse("streams_to_adopt"), kind="primary" if not found.lines else "secondary")
        )
    if found.may_adopt:
        label = say("flow.overview.bring", language)
        actions.append(Action(label=label, href=reverse("brought_files"), kind="secondary" if actions else "primary"))
    if found.may_refresh_all and found.lines:
        actions.append(
            Action(label=say("flow.overview.refresh", language), href=reverse("refresh_streams"), method="post")
        )
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("flow.overview.lead", language), actions=actions),
        "tabs": section_tabs(request, "streams"),
        "first": found.first,
        "first_href": None if found.first_stream is None else reverse("stream", args=[found.first_stream.id]),
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "table": stream_table(request, found, language),
        "has_lines": bool(found.lines),
    }


def stream_table(request: HttpRequest, found: StreamOverview, language: Language) -> Table:
    """Return the table of streams; for a file with each change in a column of its own."""
    wide = bool(request.GET.get("streams.export"))
    columns = [
        Column(key="name", label=say("column.stream", language), href_key="href"),
        Column(key="unit", label=say("flow.overview.unit", language)),
        Column(key="stall", label=say("column.stall", language)),
    ]
    for metric in FIGURES:
        columns.append(Column(key=metric, label=_head(metric, language), kind=_kind(metric)))
        if wide:
            columns.append(Column(key=f"{metric}_change", label=say("flow.overview.change", language), kind="text"))
            columns.append(Column(key=f"{metric}_verdict", label=say("flow.overview.verdict", language)))
    columns += [
        Column(key="late", label=say("flow.overview.late", language), kind="number", href_key="late_href"),
        Column(key="alerts", label=say("flow.overview.alerts", language), kind="number", href_key="alerts_href"),
        Column(key="flow_distribution", label=say("metric.flow_distribution.label", language)),
        Column(key="data", label=say("flow.overview.data", language), kind="date"),
        Column(key="fresh", label=say("flow.overview.fresh", language), kind="badge"),
    ]
    return table_of(
        request,
        identity="streams",
        caption=say("flow.overview.caption", language),
        columns=columns,
        rows=[_row(line, language, wide=wide) for line in found.lines],
        empty=_empty(found, language),
        page_size=100,
    )


def choice_tabs(request: HttpRequest, choices: Sequence[Choice], name: str, label: str) -> Tabs | None:
    """Return choices as links that keep everything else of the address."""
    if len(choices) < 2:
        return None
    items = []
    for one in choices:
        parameters = request.GET.copy()
        for gone in ("job", "items.page", *(("state",) if name == "metric" else ())):
            parameters.pop(gone, None)
        parameters[name] = one.code
        items.append(Tab(label=one.name, href=f"?{parameters.urlencode()}", current=one.chosen))
    return Tabs(items=items, label=label)


def _head(metric: str, language: Language) -> str:
    own = {"flow_time": "flow.overview.time", "flow_velocity": "flow.overview.velocity"}
    return say(own.get(metric, f"metric.{metric}.label"), language)


def _kind(metric: str) -> Any:
    return {"flow_time": "days", "flow_efficiency": "percent"}.get(metric, "number")


def _row(line: StreamLine, language: Language, *, wide: bool) -> dict[str, object]:
    stream, content = line.stream, line.content
    href = reverse("stream", args=[stream.id])
    row: dict[str, object] = {"name": stream.name, "href": href, "unit": stream.unit_name}
    if content is None or line.freshness is None:
        return {**row, "stall": Badge(text=say("flow.overview.not_computed", language), tone="warning")}
    figures: dict[str, StreamFigure] = {one.metric: one for one in content.figures}
    for metric in FIGURES:
        one = figures[metric]
        row[metric] = one.value if wide and one.value is not None else cell_of(one)
        row[f"{metric}_change"] = one.change_text
        row[f"{metric}_verdict"] = verdict_text(one, language)
    kinds = figures["flow_distribution"]
    shown = missing_of(kinds.status) if kinds.value is None else f"{kinds.meaning} {kinds.text}"
    return {
        **row,
        "flow_distribution": shown,
        "stall": content.stall,
        "late": content.late,
        "late_href": f"{reverse('stream_items', args=[stream.id])}?metric=late" if content.late else None,
        "alerts": line.alerts,
        "alerts_href": reverse("stream_alerts", args=[stream.id]) if line.alerts else None,
        "data": line.freshness.data_at,
        "fresh": _fresh(line.freshness, language),
    }


def _fresh(fresh: Freshness, language: Language) -> Badge:
    if fresh.stale:
        return Badge(text=say("flow.fresh.stale_short", language), tone="warning")
    tone: Tone = "warning" if fresh.data_days > OLD_DAYS else "neutral"
    return Badge(text=say("flow.fresh.old_days", language, n=fresh.data_days), tone=tone)


def _empty(found: StreamOverview, language: Language) -> EmptyState:
    """Return what stands there instead of streams, with the next sensible step for this person."""
    title = say("flow.overview.none_title", language)
    if found.may_adopt and found.lake.unclaimed:
        label = say("flow.overview.adopt", language, n=len(found.lake.unclaimed))
        text = say("flow.overview.none_adopted", language)
        return EmptyState(title=title, text=text, action_label=label, action_href=reverse("streams_to_adopt"))
    if found.may_adopt:
        code = "none_own" if found.lake.imports else "none_lake"
        label, text = say("flow.overview.bring", language), say(f"flow.overview.{code}", language)
        return EmptyState(title=title, text=text, action_label=label, action_href=reverse("brought_files"))
    return EmptyState(title=title, text=say("flow.overview.none_seen", language))
