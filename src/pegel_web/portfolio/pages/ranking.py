"""The ranking with its cut line, and promised against realised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.scoring import CaseRanking, PromisedLine, PromisedRealised, RankedCase, Weights
from pegel_web.portfolio.pages.portfolio_tabs import CaseFilter, filter_context, view_tabs
from pegel_web.portfolio.pages.use_cases import state_badge
from pegel_web.portfolio.scoring import Method
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Kind,
    Missing,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.values import money, written
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.ranking"
_SIDES: Final[dict[str, Tone]] = {"above": "good", "below": "neutral", "unknown": "warning"}


def ranking_page(
    request: HttpRequest, found: CaseRanking, asked: CaseFilter, weights: Weights, typed: str
) -> dict[str, Any]:
    """Return the ranking; ``typed``: the budget as it was entered."""
    language = language_now()
    table = _table(request, found, found.lines, language, identity="ranking", caption=say(f"{_W}.title", language))
    below = [one for one in found.lines if one.running_below]
    running = _table(
        request, found, below, language, identity="running-below", caption=say(f"{_W}.running", language)
    )  # fmt: skip
    weighs = Action(label=say(f"{_W}.weigh", language), href=reverse("set_weights"))
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language),
            lead=say(f"{_W}.lead", language),
            actions=[weighs] if weights.may_change else [],
        ),
        "tabs": view_tabs("use_case_ranking", language),
        **filter_context(asked, language),
        "methods": [(one.value, say(f"portfolio.score.method.{one}", language), one == found.method) for one in Method],
        "typed": typed,
        "sentence": _sentence(found, language),
        "definition": say(f"portfolio.score.definition.{found.method}", language),
        "weights": _weights(weights, language) if found.method == "criteria" else "",
        "notice": None
        if found.budget is None
        else Notice(kind="info", text=say(f"{_W}.no_optimum", language)),
        "running": running if below else None,
        "table": table,
        "tables": [table, running],
    }  # fmt: skip


def _sentence(found: CaseRanking, language: Language) -> str:
    method = say(f"portfolio.score.method.{found.method}", language)
    said = say(f"{_W}.sentence", language, method=method, scored=found.scored, total=found.total)
    if found.budget is None:
        return said
    budget = money(found.budget, language)
    cut = say(f"{_W}.cut", language, budget=budget, above=found.above)
    runs = say(f"{_W}.runs_below", language, n=found.running_below) if found.running_below else ""
    return " ".join(part for part in (said, cut, runs) if part)


def _weights(weights: Weights, language: Language) -> str:
    parts = ", ".join(
        f"{say(f'portfolio.score.criteria.{one.criterion}.label', language)} {one.weight}" for one in weights.lines
    )
    if weights.set_at is None:
        return say(f"{_W}.weights_equal", language, weights=parts)
    return say(f"{_W}.weights_set", language, weights=parts, version=weights.version, day=weights.set_at.date())


def _table(
    request: HttpRequest,
    found: CaseRanking,
    lines: Sequence[RankedCase],
    language: Language,
    *,
    identity: str,
    caption: str,
) -> Table:
    address = addresses("use_case")
    kind: Kind = "money" if found.method == "net" else "number"
    badges = {one.state: state_badge(one.state, language) for one in lines}
    sides = {side: Badge(text=say(f"{_W}.side.{side}", language), tone=tone) for side, tone in _SIDES.items()}
    alone = say(f"{_W}.one_voice", language)
    runs = Badge(text=say(f"{_W}.side.running_below", language), tone="bad")
    columns = [
        Column(key="place", label=say(f"{_W}.column.place", language), kind="number"),
        Column(key="title", label=say("portfolio.column.title", language), href_key="href"),
        Column(key="state", label=say("portfolio.column.state", language), kind="badge"),
        Column(key="unit", label=say("portfolio.column.unit", language)),
        Column(key="score", label=say(f"{_W}.column.score", language), kind=kind),
        Column(key="spread", label=say(f"{_W}.column.spread", language)),
        Column(key="people", label=say(f"{_W}.column.people", language), kind="number"),
        Column(key="effort", label=say("portfolio.column.effort", language), kind="money"),
        Column(key="so_far", label=say(f"{_W}.column.so_far", language), kind="money"),
    ]
    if found.budget is not None:
        columns.insert(2, Column(key="side", label=say(f"{_W}.column.side", language), kind="badge"))
    return table_of(
        request,
        identity=identity,
        caption=caption,
        columns=columns,
        rows=[
            {
                "place": Missing.NO_DATA if one.place is None else one.place,
                "title": f"UC-{one.number} {one.title}",
                "href": address(one.use_case_id),
                "state": badges[one.state],
                "unit": one.unit_name,
                "score": _score(one, kind),
                "spread": _spread(one, kind, language, alone),
                "people": one.people,
                "effort": Missing.NO_DATA if one.effort is None else one.effort,
                "so_far": Missing.NO_DATA if one.effort_so_far is None else one.effort_so_far,
                "side": runs if one.running_below else sides.get(one.side),
            }
            for one in lines
        ],
        empty=EmptyState(title=say(f"{_W}.empty.title", language), text=say(f"{_W}.empty.text", language)),
    )


def _score(one: RankedCase, kind: Kind) -> object:
    if one.standing == "undefined":
        return Missing.UNDEFINED
    if one.score is None:
        return Missing.NO_DATA
    # Cents of a mean of guesses tell nothing.
    return float(round(one.score)) if kind == "money" else one.score


def _spread(one: RankedCase, kind: Kind, language: Language, alone: str) -> object:
    """Return from where to where people disagree; one person cannot: ``alone``."""
    if one.low is None or one.high is None:
        return Missing.NO_DATA
    if one.people < 2:
        return alone
    return say(
        f"{_W}.from_to", language, low=written(one.low, kind, language), high=written(one.high, kind, language)
    )  # fmt: skip


def promised_page(request: HttpRequest, found: PromisedRealised, asked: CaseFilter) -> dict[str, Any]:
    """Return what was promised against what was declared to have come of it."""
    language = language_now()
    groups = table_of(
        request,
        identity="promised",
        caption=say("portfolio.promised.table", language),
        columns=[
            Column(key="group", label=say("portfolio.promised.column.group", language)),
            Column(key="cases", label=say("portfolio.promised.column.cases", language), kind="number"),
            Column(key="ratio", label=say("portfolio.promised.column.ratio", language), kind="percent"),
            Column(key="promised", label=say("portfolio.promised.column.promised", language), kind="money"),
            Column(key="realised", label=say("portfolio.promised.column.realised", language), kind="money"),
        ],
        rows=[_promised_row(one, language) for one in found.lines],
        empty=EmptyState(
            title=say("portfolio.promised.empty.title", language), text=say("portfolio.promised.empty.text", language)
        ),
    )
    address = addresses("use_case")
    cases = table_of(
        request,
        identity="realised",
        caption=say("portfolio.promised.cases", language),
        columns=[
            Column(key="title", label=say("portfolio.column.title", language), href_key="href"),
            Column(key="unit", label=say("portfolio.column.unit", language)),
            Column(key="amount", label=say("portfolio.promised.column.amount", language), kind="money"),
            Column(key="seen_on", label=say("portfolio.promised.column.seen_on", language), kind="date"),
            Column(key="document", label=say("portfolio.column.document", language)),
        ],
        rows=[
            {
                "title": f"UC-{one.number} {one.title}",
                "href": address(one.use_case_id),
                "unit": one.unit_name,
                "amount": one.amount,
                "seen_on": one.seen_on,
                "document": one.document,
            }
            for one in found.cases
        ],
        empty=EmptyState(title="", text=""),
    )
    return {
        "header": PageHeader(
            title=say("portfolio.promised.title", language), lead=say("portfolio.promised.lead", language)
        ),
        "tabs": view_tabs("promised_realised", language),
        "sentence": _promised_sentence(found, language),
        "notice": Notice(kind="info", text=say("portfolio.promised.floor", language, least=found.least)),
        "unit_only": True,
        "table": groups,
        "cases": cases if found.cases else None,
        "tables": [groups, cases],
    }


def _promised_sentence(found: PromisedRealised, language: Language) -> str:
    whole = next((one for one in found.lines if one.function is None and one.ratio is not None), None)
    if whole is None or whole.ratio is None:
        return say("portfolio.promised.none", language, declared=found.declared, compared=found.compared)
    return say(
        "portfolio.promised.sentence", language, n=found.compared, ratio=written(whole.ratio, "percent", language)
    )


def _promised_row(one: PromisedLine, language: Language) -> dict[str, object]:
    if one.function is None:
        group = say("portfolio.promised.all", language)
    else:
        code = f"portfolio.function.{one.function}" if one.function else "portfolio.promised.no_function"
        group = say(code, language)
    figures = {"cases": one.cases, "ratio": one.ratio, "promised": one.promised, "realised": one.realised}
    return {"group": group} | {
        name: Missing.TOO_FEW if value is None else value for name, value in figures.items()
    }  # fmt: skip
