"""The map of effort and benefit: drawing, table, and what nobody has estimated."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.charts import effort_benefit as drawing
from pegel.charts.drawing import specification
from pegel.words import Language, say
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.scoring import EffortBenefitMap, Span
from pegel_web.portfolio.lifecycle import MAIN
from pegel_web.portfolio.pages.portfolio_tabs import CaseFilter, filter_context, view_tabs
from pegel_web.portfolio.pages.use_cases import state_badge
from pegel_web.ui.components import Chart, ChartAddress, Column, EmptyState, PageHeader, Table, table_of
from pegel_web.ui.values import money
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.map"


def map_page(request: HttpRequest, found: EffortBenefitMap, asked: CaseFilter) -> dict[str, Any]:
    """Return the map with its table, and those that nobody has estimated."""
    language = language_now()
    points, open_ = _points(request, found, language), _open(request, found, language)
    where = reverse("use_case_map_chart")
    forms = {form: f"{where}?{urlencode({'form': form, **asked.address})}" for form in ("json", "svg", "png")}
    chart = Chart(
        identity="map",
        title=say(f"{_W}.chart", language),
        address=ChartAddress(specification=forms["json"], svg=forms["svg"], png=forms["png"]),
        summary=found.sentence,
    )
    return {
        "header": PageHeader(title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language)),
        "tabs": view_tabs("use_case_map", language),
        **filter_context(asked, language),
        "sentence": say(f"{_W}.coverage", language, scored=len(found.points), total=found.total),
        "chart": chart if found.points else None,
        "empty": EmptyState(title=say(f"{_W}.empty.title", language), text=say(f"{_W}.empty.text", language)),
        "table": points,
        "open": open_ if found.not_estimated else None,
        "tables": [points, open_],
    }


def map_drawing(found: EffortBenefitMap, language: Language) -> str:
    """Return the map as a Vega-Lite specification, as JSON."""
    address = addresses("use_case")
    on_the_way = {str(one) for one in MAIN}
    points = [
        drawing.Estimated(
            name=f"UC-{one.number} {one.title}",
            group=one.state if one.state in on_the_way else "aside",
            state=say(f"portfolio.state.{one.state}" if one.state in on_the_way else f"{_W}.aside", language),
            benefit=(one.benefit.low, one.benefit.likely, one.benefit.high),
            effort=(one.effort.low, one.effort.likely, one.effort.high),
            said_benefit=_range(one.benefit, language),
            said_effort=_range(one.effort, language),
            href=address(one.use_case_id),
        )
        for one in found.points
        if one.drawn
    ]
    drawn = specification(lambda: drawing.chart(points, language, title=found.sentence))
    return json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))


def _range(span: Span, language: Language) -> str:
    low, likely, high = (money(one, language) for one in (span.low, span.likely, span.high))
    return say("portfolio.range", language, low=low, likely=likely, high=high)


def _points(request: HttpRequest, found: EffortBenefitMap, language: Language) -> Table:
    address = addresses("use_case")
    badges = {one.state: state_badge(one.state, language) for one in found.points}
    money_columns = [
        Column(key=f"{kind}_{part}", label=say(f"{_W}.column.{kind}_{part}", language), kind="money")
        for kind in ("benefit", "effort")
        for part in ("likely", "low", "high")
    ]
    return table_of(
        request,
        identity="map-cases",
        caption=say(f"{_W}.table", language),
        columns=[
            Column(key="number", label=say("portfolio.column.number", language), kind="number"),
            Column(key="title", label=say("portfolio.column.title", language), href_key="href"),
            Column(key="state", label=say("portfolio.column.state", language), kind="badge"),
            Column(key="unit", label=say("portfolio.column.unit", language)),
            *money_columns,
            Column(key="authors", label=say(f"{_W}.column.authors", language), kind="number"),
        ],
        rows=[
            {
                "number": one.number,
                "title": one.title,
                "href": address(one.use_case_id),
                "state": badges[one.state],
                "unit": one.unit_name,
                "benefit_likely": one.benefit.likely,
                "benefit_low": one.benefit.low,
                "benefit_high": one.benefit.high,
                "effort_likely": one.effort.likely,
                "effort_low": one.effort.low,
                "effort_high": one.effort.high,
                "authors": one.authors,
            }
            for one in found.points
        ],
        empty=EmptyState(title=say(f"{_W}.empty.title", language), text=say(f"{_W}.empty.text", language)),
        page_size=25,
    )


def _open(request: HttpRequest, found: EffortBenefitMap, language: Language) -> Table:
    case, estimate = addresses("use_case"), addresses("give_estimate")
    badges = {one.state: state_badge(one.state, language) for one in found.not_estimated}
    words = say("portfolio.case.estimate", language)
    return table_of(
        request,
        identity="not-estimated",
        caption=say(f"{_W}.not_estimated", language),
        columns=[
            Column(key="number", label=say("portfolio.column.number", language), kind="number"),
            Column(key="title", label=say("portfolio.column.title", language), href_key="href"),
            Column(key="state", label=say("portfolio.column.state", language), kind="badge"),
            Column(key="unit", label=say("portfolio.column.unit", language)),
            Column(key="step", label=say("portfolio.column.step", language), href_key="step_href"),
        ],
        rows=[
            {
                "number": one.number,
                "title": one.title,
                "href": case(one.use_case_id),
                "state": badges[one.state],
                "unit": one.unit_name,
                "step": words if one.may_estimate else "",
                "step_href": estimate(one.use_case_id) if one.may_estimate else None,
            }
            for one in found.not_estimated
        ],
        empty=EmptyState(title="", text=""),
        page_size=25,
    )
