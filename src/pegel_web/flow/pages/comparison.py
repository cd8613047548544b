"""The page of some streams side by side."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.comparison import StreamComparison
from pegel_web.flow.contracts.overview import StreamLine
from pegel_web.flow.pages.cells import cell_of, missing_of
from pegel_web.flow.pages.overview import FIGURES, choice_tabs
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.ui.components import Column, EmptyState, PageHeader, Table, table_of
from pegel_web.ui.values import Missing
from pegel_web.ui.worded import language_now


def comparison_page(request: HttpRequest, found: StreamComparison) -> dict[str, Any]:
    """Return the context of the page."""
    language = language_now()
    title = say("flow.compare.title", language)
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("flow.compare.lead", language, most=found.most)),
        "tabs": section_tabs(request, "stream_comparison"),
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "found": found,
        "table": comparison_table(request, found, language),
    }


def comparison_table(request: HttpRequest, found: StreamComparison, language: Language) -> Table:
    """Return a column per stream and a line per figure."""
    columns = [Column(key="figure", label=say("flow.compare.figure", language), sortable=False, href_key="href")]
    columns += [
        Column(key=f"stream{number}", label=line.stream.name, sortable=False) for number, line in enumerate(found.lines)
    ]
    rows = [] if not found.lines else [_figure_row(metric, found, language) for metric in FIGURES]
    if found.lines:
        rows += [
            _row("flow_distribution", found, language, _distribution),
            _row("work_item_age", found, language, _late, label="flow.overview.late"),
            _row("time_in_state", found, language, _stall, label="column.stall"),
        ]
    return table_of(
        request,
        identity="comparison",
        caption=say("flow.compare.title", language),
        columns=columns,
        rows=rows,
        empty=EmptyState(title=say("flow.compare.none_title", language), text=say("flow.compare.none", language)),
    )


def _figure_row(metric: str, found: StreamComparison, language: Language) -> dict[str, object]:
    def cell(line: StreamLine) -> object:
        one = next(each for each in line.content.figures if each.metric == metric) if line.content else None
        return Missing.NO_DATA if one is None else cell_of(one)

    return _row(metric, found, language, cell)


def _row(metric: str, found: StreamComparison, language: Language, cell: Any, *, label: str = "") -> dict[str, object]:
    said = say(label or f"metric.{metric}.label", language)
    cells = {f"stream{number}": cell(line) for number, line in enumerate(found.lines)}
    return {"figure": said, "href": reverse("metric_definition", args=[metric]), **cells}


def _distribution(line: StreamLine) -> object:
    if line.content is None:
        return Missing.NO_DATA
    one = next(each for each in line.content.figures if each.metric == "flow_distribution")
    return missing_of(one.status) if one.value is None else f"{one.meaning} {one.text}"


def _late(line: StreamLine) -> object:
    return Missing.NO_DATA if line.content is None else line.content.late


def _stall(line: StreamLine) -> object:
    return Missing.NO_DATA if line.content is None else line.content.stall
