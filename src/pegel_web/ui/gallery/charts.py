"""Specimens of charts."""

from __future__ import annotations

from django.http import HttpRequest

from pegel_web.ui.components import Chart, Column, EmptyState, table_of
from pegel_web.ui.gallery.words import sample

_FINISHED = (14, 15, 13, 17, 19, 18, 22, 23)


def charts(request: HttpRequest) -> list[Chart]:
    """Return the charts."""
    rows = [{"week": week, "items": items} for week, items in enumerate(_FINISHED, start=1)]
    table = table_of(
        request,
        identity="throughput",
        caption=sample("chart"),
        columns=[
            Column(key="week", label=sample("week"), kind="number"),
            Column(key="items", label=sample("items"), kind="number"),
        ],
        rows=rows,
        empty=EmptyState(title=sample("empty_title"), text=sample("empty_text")),
    )
    specification = {
        "data": {"values": rows},
        "mark": {"type": "bar", "color": "#12608f"},
        "width": "container",
        "height": 200,
        "encoding": {
            "x": {"field": "week", "type": "ordinal", "title": sample("week"), "axis": {"labelAngle": 0}},
            "y": {"field": "items", "type": "quantitative", "title": sample("items")},
            "tooltip": [
                {"field": "week", "type": "ordinal", "title": sample("week")},
                {"field": "items", "type": "quantitative", "title": sample("items")},
            ],
        },
        "config": {
            "background": None,
            "font": "system-ui, sans-serif",
            "view": {"stroke": None},
            "axis": {
                "labelColor": "#55616d",
                "titleColor": "#55616d",
                "gridColor": "#e6eaee",
                "domainColor": "#c9d0d7",
                "tickColor": "#c9d0d7",
            },
        },
    }
    return [
        Chart(
            identity="throughput-chart",
            specification=specification,
            title=sample("chart"),
            summary=sample("chart_summary"),
            table=table,
        ),
        Chart(identity="plain-chart", specification=specification, summary=sample("chart_summary")),
    ]
