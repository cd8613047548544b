"""The list of use cases, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.use_cases import CaseLine, CaseReport, Range3
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.pages.portfolio_tabs import view_tabs
from pegel_web.portfolio.queries.case_pages import CasePages
from pegel_web.portfolio.queries.use_cases import CHANGE, REGISTER
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Missing,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.lazily import Lazily
from pegel_web.ui.values import money
from pegel_web.ui.worded import language_now

_W: Final = "portfolio"
TONES: Final[dict[str, Tone]] = {
    "pilot": "info",
    "production": "good",
    "scaled": "good",
    "rejected": "neutral",
    "parked": "warning",
    "killed": "bad",
}


def list_page(request: HttpRequest, found: CasePages, *, actor: Actor, chosen: dict[str, str]) -> dict[str, Any]:
    """Return the list with its filters; where there is nothing, the first idea."""
    language = language_now()
    actions = [Action(label=say(f"{_W}.list.register", language), href=reverse("register_idea"), kind="primary")]
    if actor.has(REGISTER):
        actions.append(Action(label=say(f"{_W}.template.page_title", language), href=reverse("case_templates")))
    if actor.has(CHANGE):
        actions.append(Action(label=say(f"{_W}.import.open", language), href=reverse("case_imports")))
    table = case_table(request, found.lines, language, may_register=actor.has(REGISTER))
    return {
        "header": PageHeader(
            title=say(f"{_W}.list.title", language),
            lead=say(f"{_W}.list.lead", language),
            actions=actions if actor.has(REGISTER) else [],
        ),
        "tabs": view_tabs("use_case_list", language),
        "sentence": _sentence(found, language),
        "states": [
            (state, say(f"{_W}.state.{state}", language), found.by_state[state], chosen["state"] == state)
            for state in map(str, CaseState)
        ],
        "chosen": chosen,
        "table": table,
        "tables": [table],
        "files": [
            (form.upper(), f"{reverse('case_inventory')}?{urlencode({'form': form, **chosen})}")
            for form in ("csv", "xlsx", "json")
        ],
    }


def case_table(
    request: HttpRequest, lines: Sequence[CaseLine], language: Language, *, may_register: bool, identity: str = "cases"
) -> Table:
    """Return use cases as a table."""
    address = addresses("use_case")
    return table_of(
        request,
        identity=identity,
        caption=say(f"{_W}.list.title", language),
        columns=[
            Column(key="title", label=say(f"{_W}.column.title", language), href_key="href"),
            Column(key="state", label=say(f"{_W}.column.state", language), kind="badge"),
            Column(key="days", label=say(f"{_W}.column.days", language), kind="number"),
            Column(key="unit", label=say(f"{_W}.column.unit", language)),
            Column(key="owner", label=say(f"{_W}.column.owner", language)),
            Column(key="benefit", label=say(f"{_W}.column.benefit", language), kind="money"),
            Column(key="effort", label=say(f"{_W}.column.effort", language), kind="money"),
            Column(key="risk", label=say(f"{_W}.column.risk", language)),
            Column(key="horizon", label=say(f"{_W}.column.horizon", language), kind="number"),
            Column(key="number", label=say(f"{_W}.column.number", language), kind="number"),
        ],
        rows=Lazily(
            lines,
            lambda one: {
                "number": one.number,
                "title": f"UC-{one.number} {one.title}",
                "href": address(one.use_case_id),
                "state": state_badge(one.state, language),
                "days": one.days,
                "unit": one.unit_name,
                "owner": one.result_owner or say(f"{_W}.nobody", language),
                "benefit": Missing.NO_DATA if one.benefit is None else one.benefit.likely,
                "effort": Missing.NO_DATA if one.effort is None else one.effort.likely,
                "risk": say(f"{_W}.not_declared", language)
                if one.risk_class is None
                else say(f"{_W}.value.{one.risk_class}", language),
                "horizon": Missing.NOT_CONFIGURED if one.horizon is None else one.horizon,
            },
        ),
        empty=EmptyState(
            title=say(f"{_W}.list.empty.title", language),
            text=say(f"{_W}.list.empty.text", language),
            action_label=say(f"{_W}.list.register", language) if may_register else None,
            action_href=reverse("register_idea") if may_register else None,
        ),
    )


def state_badge(state: str, language: Language) -> Badge:
    """Return where a use case stands."""
    return Badge(text=say(f"{_W}.state.{state}", language), tone=TONES.get(state, "neutral"))


def range_words(found: Range3 | None, language: Language) -> object:
    """Return low, likely and high in one cell; missing where nobody estimated."""
    if found is None:
        return Missing.NO_DATA
    low, likely, high = (money(one, language) for one in (found.low, found.likely, found.high))
    return say(f"{_W}.range", language, low=low, likely=likely, high=high)


def case_title(found: CaseReport) -> str:
    """Return number and title."""
    return f"UC-{found.line.number} {found.line.title}"


def trail(found: CaseReport | None = None) -> list[tuple[str, str | None]]:
    """Return the way to a page about a use case, or about all."""
    language = language_now()
    way: list[tuple[str, str | None]] = [(say(f"{_W}.list.title", language), reverse("use_case_list"))]
    return way if found is None else [*way, (case_title(found), reverse("use_case", args=[found.line.use_case_id]))]


def _sentence(found: CasePages, language: Language) -> str:
    if not found.total:
        return say(f"{_W}.list.none", language)
    live = found.by_state["production"] + found.by_state["scaled"]
    return say(f"{_W}.list.sentence", language, n=found.total, pilots=found.by_state["pilot"], live=live)
