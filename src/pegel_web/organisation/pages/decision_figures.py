"""How the organisation decides: how long questions wait, and at which level they are answered."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.decisions import DecisionSummary, Latency, LevelFigures
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.pages.decision_words import decisions_header, decisions_tabs
from pegel_web.organisation.pages.shared import unit_choice
from pegel_web.organisation.queries.decision_summary import MONTHS
from pegel_web.organisation.queries.decisions import RAISE, VIEW
from pegel_web.ui.components import Column, Definition, EmptyState, Figure, FigureRow, Missing, Tab, Tabs, table_of
from pegel_web.ui.worded import language_now

_W: Final = "organisation.decisions"


def figures_page(
    request: HttpRequest, found: DecisionSummary, *, actor: Actor, months: int, unit_id: UUID | None
) -> dict[str, Any]:
    """Return how the organisation decides."""
    language = language_now()
    overall = found.overall
    figures = FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.median", language),
                value=latency(overall.median, language),
                kind="days",
                note=say(f"{_W}.figure.median_note", language, n=overall.raised, open=overall.open),
            ),
            Figure(label=say(f"{_W}.figure.p85", language), value=latency(overall.p85, language), kind="days"),
            Figure(
                label=say(f"{_W}.figure.team_share", language),
                value=_share(found),
                kind="percent",
                note=say(f"{_W}.figure.team_share_note", language, n=overall.decided),
            ),
            Figure(
                label=say(f"{_W}.figure.above", language),
                value=found.above_its_level,
                note=say(f"{_W}.figure.above_note", language),
            ),
            Figure(
                label=say(f"{_W}.figure.open", language),
                value=overall.open,
                rows_href=f"{reverse('decisions')}?state=open",
            ),
        ]
    )
    levels = table_of(
        request,
        identity="levels",
        caption=say(f"{_W}.by_level", language),
        columns=[
            Column(key="level", label=say("organisation.word.level", language), href_key="href"),
            *(
                Column(key=name, label=say(f"{_W}.column.{name}", language), kind="number")
                for name in ("n", "decided", "open", "withdrawn")
            ),
            Column(key="median", label=say(f"{_W}.column.median", language), kind="days"),
            Column(key="p85", label=say(f"{_W}.column.p85", language), kind="days"),
        ],
        rows=[_level(one, language) for one in found.levels if one.raised],
        empty=EmptyState(
            title=say(f"{_W}.no_figures.title", language),
            text=say(f"{_W}.no_figures.text", language),
            action_label=say(f"{_W}.raise", language) if actor.has(RAISE) else None,
            action_href=reverse("raise_decision") if actor.has(RAISE) else None,
        ),
    )
    ages = table_of(
        request,
        identity="ages",
        caption=say(f"{_W}.open_by_age", language),
        columns=[
            Column(key="age", label=say(f"{_W}.column.age", language), sortable=False),
            Column(key="count", label=say(f"{_W}.column.open", language), kind="number", sortable=False),
        ],
        rows=[
            {
                "age": say(f"{_W}.age_more", language, low=one.from_days)
                if one.until_days is None
                else say(f"{_W}.age", language, low=one.from_days, high=one.until_days),
                "count": one.count,
            }
            for one in found.open_by_age
        ],
        empty=EmptyState(title="", text=""),
    )
    periods = Tabs(
        label=say(f"{_W}.period", language),
        items=[
            Tab(
                label=say(f"{_W}.months", language, n=one),
                href="?" + urlencode({"months": one, **({} if unit_id is None else {"unit": str(unit_id)})}),
                current=one == months,
            )
            for one in MONTHS
        ],
    )
    definition = Definition(
        term=say(f"{_W}.figure.term", language),
        text=say(f"{_W}.figure.definition", language, least=group_floor()),
    )
    return {
        "header": decisions_header(language, actor),
        "tabs": decisions_tabs("figures", language),
        "choice": {**unit_choice(actor, VIEW, unit_id), "kept": [("months", str(months))]} if actor.has(VIEW) else None,
        "parts": [periods, figures, levels, ages],
        "definition": definition,
        "source": say(f"{_W}.figure.source", language),
        "tables": [levels, ages],
    }


def latency(one: Latency, language: Language) -> float | Missing | str:
    """Return a time as a figure shows it."""
    if one.status == "not_reached":
        return say(f"{_W}.not_reached", language)
    return {"no_data": Missing.NO_DATA, "too_few": Missing.TOO_FEW}.get(one.status) or one.days or 0.0


def _share(found: DecisionSummary) -> float | Missing:
    if found.team_share is not None:
        return found.team_share
    return Missing.TOO_FEW if found.overall.decided else Missing.NO_DATA


def _level(one: LevelFigures, language: Language) -> dict[str, object]:
    return {
        "level": say(f"organisation.level.{one.level}", language),
        "href": f"{reverse('decisions')}?{urlencode({'level': one.level})}",
        "n": one.raised,
        "decided": one.decided,
        "open": one.open,
        "withdrawn": one.withdrawn,
        "median": latency(one.median, language),
        "p85": latency(one.p85, language),
    }
