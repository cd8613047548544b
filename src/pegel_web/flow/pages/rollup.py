"""The page of streams added up by unit or product."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.rollup import RollUp, RollUpLine
from pegel_web.flow.pages.overview import choice_tabs
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.ui.components import Column, EmptyState, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now


def rollup_page(request: HttpRequest, found: RollUp) -> dict[str, Any]:
    """Return the context of the page."""
    language = language_now()
    title = say("flow.rollup.title", language)
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("flow.rollup.lead", language)),
        "tabs": section_tabs(request, "stream_rollup"),
        "ways": choice_tabs(request, found.ways, "by", say("flow.rollup.ways", language)),
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "proof": found.proof if found.lines else "",
        "table": rollup_table(request, found, language),
    }


def rollup_table(request: HttpRequest, found: RollUp, language: Language) -> Table:
    """Return a line per unit or product, and one of all together."""
    return table_of(
        request,
        identity="rollup",
        caption=say("flow.rollup.title", language),
        columns=(
            Column(key="name", label=say(f"flow.rollup.by.{found.by}", language)),
            Column(key="streams", label=say("flow.rollup.streams", language), kind="number"),
            Column(key="withheld", label=say("flow.rollup.withheld", language), kind="number"),
            Column(key="finished", label=say("flow.overview.velocity", language), kind="number"),
            Column(key="open", label=say("metric.flow_load.label", language), kind="number"),
            Column(key="late", label=say("flow.overview.late", language), kind="number"),
            Column(key="fastest", label=say("flow.rollup.fastest", language), kind="days"),
            Column(key="slowest", label=say("flow.rollup.slowest", language), kind="days"),
            Column(key="items", label=say("flow.rollup.items", language), kind="number"),
            Column(key="left_out", label=say("flow.rollup.left_out_items", language), kind="number"),
            Column(key="nested", label=say("flow.rollup.nested_items", language), kind="number"),
        ),
        rows=[_row(one) for one in (*found.lines, *((found.together,) if len(found.lines) > 1 else ()))],
        empty=EmptyState(
            title=say("flow.overview.none_title", language),
            text=say("flow.rollup.none", language),
            action_label=say("flow.overview.title", language),
            action_href=reverse("streams"),
        ),
    )


def _row(one: RollUpLine) -> dict[str, object]:
    return {
        "name": one.name,
        "streams": one.streams,
        "withheld": one.withheld,
        "finished": one.finished_per_week,
        "open": one.open,
        "late": one.late,
        "fastest": one.fastest,
        "slowest": one.slowest,
        "items": one.items,
        "left_out": one.left_out_by_filter,
        "nested": one.nested,
    }
