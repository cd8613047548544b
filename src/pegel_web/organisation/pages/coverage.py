"""Functions of the line organisation against products: one sentence, the figures, the matrix."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.coverage import CoverageState, FunctionCoverage, FunctionPresence
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.organisation.queries.coverage import CHANGE
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    Component,
    Definition,
    EmptyState,
    Figure,
    FigureRow,
    Missing,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "organisation.coverage"
_TONES: Final[dict[CoverageState, Tone]] = {
    CoverageState.COVERED: "good",
    CoverageState.INCOMPLETE: "warning",
    CoverageState.NOBODY: "bad",
    CoverageState.NOT_CONFIGURED: "neutral",
}


def coverage_page(request: HttpRequest, found: FunctionCoverage, *, actor: Actor) -> dict[str, Any]:
    """Return what takes part in what; where there is nothing to show, what to do first."""
    language = language_now()
    today = found.on == actor.at.date()
    matrix = _matrix(request, found, language, today=today, actor=actor)
    notices: list[Component] = []
    if found.products and not found.configured:
        notices.append(Notice(text=say(f"{_W}.not_configured", language)))
    if found.wanted_by_all:
        names = ", ".join(one.name for one in found.wanted_by_all)
        notices.append(Notice(text=say(f"{_W}.wanted_by_all", language, names=names)))
    title = say(f"{_W}.title", language)
    return {
        "header": PageHeader(
            title=title,
            lead=say(f"{_W}.lead", language),
            actions=[
                Action(label=say(f"{_W}.declare_all", language), href=reverse("set_wanted_functions"), kind="primary")
            ]
            if found.may_change_all and today
            else [],
        ),
        "on": found.on,
        "today": today,
        "sentence": sentence(found, language),
        "parts": [*([_figures(found, language)] if found.products else []), *notices, matrix],
        "definition": Definition(term=title, text=say(f"{_W}.definition", language, least=group_floor())),
        "tables": [matrix],
    }


def sentence(found: FunctionCoverage, language: Language) -> str:
    """Return the page in one sentence."""
    if not found.products:
        return say(f"{_W}.sentence.no_products", language)
    if not found.configured:
        return say(f"{_W}.sentence.not_configured", language, n=len(found.products))
    incomplete = [one for one in found.products if one.missing]
    told = say(f"{_W}.sentence.covered", language, covered=found.covered, total=found.configured)
    if not incomplete:
        return told
    often: dict[str, int] = {}
    for product in incomplete:
        for function in product.missing:
            often[function.name] = often.get(function.name, 0) + 1
    name = max(sorted(often), key=lambda one: often[one])
    return f"{told} {say(f'{_W}.sentence.missing', language, name=name, n=often[name])}"


def _figures(found: FunctionCoverage, language: Language) -> FigureRow:
    line_only = Missing.NO_DATA if found.people == 0 else Missing.TOO_FEW
    return FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.covered", language),
                value=Missing.NOT_CONFIGURED if found.covered_share is None else found.covered_share,
                kind="percent",
                note=say(f"{_W}.figure.covered_note", language, n=found.configured, total=len(found.products)),
                definition_href="#definition",
            ),
            Figure(
                label=say(f"{_W}.figure.line_only", language),
                value=line_only if found.line_only_share is None else found.line_only_share,
                kind="percent",
                note=say(f"{_W}.figure.line_only_note", language, people=_people(found.people, language)),
                definition_href="#definition",
            ),
        ]
    )


def _matrix(request: HttpRequest, found: FunctionCoverage, language: Language, *, today: bool, actor: Actor) -> Table:
    product = addresses("product_report")
    taking_part = {one.unit_id for line in found.products for one in line.functions}
    functions = [one for one in found.functions if one.unit_id in taking_part]
    may = today and any(one.may_change for one in found.products)
    return table_of(
        request,
        identity="coverage",
        caption=say(f"{_W}.matrix", language),
        columns=[
            Column(key="product", label=say(f"{_W}.column.product", language), href_key="href"),
            Column(key="state", label=say("organisation.word.state", language), kind="badge"),
            Column(key="missing", label=say(f"{_W}.column.missing", language), kind="number"),
            Column(key="people", label=say("organisation.units.people_below", language), kind="number"),
            *(Column(key=str(one.unit_id), label=one.name, kind="number") for one in functions),
            Column(key="owner", label=say("organisation.products.owner", language)),
            *(
                (Column(key="declare", label=say(f"{_W}.column.declare", language), href_key="declare_href"),)
                if may
                else ()
            ),
        ],
        rows=[
            {
                "product": one.name,
                "href": product(one.product_id),
                "state": Badge(text=say(f"{_W}.state.{one.state}", language), tone=_TONES[one.state]),
                "missing": None if one.state == CoverageState.NOT_CONFIGURED else len(one.missing),
                "people": _people(one.people, language),
                "owner": one.owner_unit_name,
                **{str(each.unit_id): "–" for each in functions},
                **{str(each.unit_id): _cell(each, language) for each in one.functions},
                "declare": say(f"{_W}.declare", language) if one.may_change else "",
                "declare_href": f"{reverse('set_wanted_functions')}?{urlencode({'product': str(one.product_id)})}"
                if one.may_change
                else None,
            }
            for one in found.products
        ],
        empty=_nothing(actor, language),
    )  # fmt: skip


def _cell(one: FunctionPresence, language: Language) -> object:
    # A word, not a zero among numbers: it is what the page is for.
    if not one.present:
        return say(f"{_W}.cell.missing", language)
    return say(f"{_W}.cell.present", language) if one.people is None else one.people


def _people(people: int | None, language: Language) -> object:
    return say("organisation.units.few", language, n=group_floor()) if people is None else people


def _nothing(actor: Actor, language: Language) -> EmptyState:
    may = actor.has(CHANGE)
    return EmptyState(
        title=say("organisation.products.none", language),
        text=say(f"{_W}.none_text", language),
        action_label=say("organisation.products.add", language) if may else None,
        action_href=reverse("create_product") if may else None,
    )
