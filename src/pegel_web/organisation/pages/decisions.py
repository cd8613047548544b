"""The decision log: questions as a table, by state, level and unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState
from pegel_web.organisation.pages.decision_words import (
    decisions_header,
    decisions_tabs,
    level_words,
    outcome_badge,
    who_decides,
)
from pegel_web.organisation.pages.shared import risk_words, unit_choice
from pegel_web.organisation.queries.decisions import LEVELS, MOST, RAISE, VIEW
from pegel_web.ui.components import Column, EmptyState, Notice, Table, table_of
from pegel_web.ui.worded import language_now

_W: Final = "organisation.decisions"


def decisions_page(
    request: HttpRequest,
    found: Sequence[DecisionRecord],
    *,
    actor: Actor,
    state: DecisionState | None,
    level: str | None,
    unit_id: UUID | None,
) -> dict[str, Any]:
    """Return the log, or one state or level of it."""
    language = language_now()
    table = decision_table(
        request, found, language=language, identity="decisions", caption=say(f"{_W}.list", language),
        empty=_nothing(actor, state, language),
    )  # fmt: skip
    parts: list[object] = [table]
    if len(found) == MOST:
        parts.insert(0, Notice(kind="info", text=say(f"{_W}.only_the_newest", language, n=MOST)))
    levels = [(name, say(f"organisation.level.{name}", language)) for name in LEVELS]
    return {
        "header": decisions_header(language, actor),
        "tabs": decisions_tabs("" if state is None else str(state), language),
        "choice": {**unit_choice(actor, VIEW, unit_id), "levels": levels, "level": level or ""}
        if actor.has(VIEW)
        else None,
        "parts": parts,
        "tables": [table],
    }


def decision_table(
    request: HttpRequest,
    found: Sequence[DecisionRecord],
    *,
    language: Language,
    identity: str,
    caption: str,
    empty: EmptyState,
    reviews: bool = False,
    page_size: int = 50,
) -> Table:
    """Return questions as a table; ``reviews``: with the day on which each is to be looked at again."""
    return table_of(
        request,
        identity=identity,
        caption=caption,
        columns=[
            Column(key="title", label=say(f"{_W}.column.title", language), href_key="href"),
            Column(key="state", label=say("organisation.word.state", language), kind="badge"),
            Column(key="asked_by", label=say(f"{_W}.column.asked_by", language)),
            Column(key="level", label=say("organisation.word.level", language)),
            Column(key="who", label=say(f"{_W}.column.who", language)),
            Column(key="amount", label=say(f"{_W}.column.amount", language), kind="money"),
            Column(key="risk", label=say(f"{_W}.column.risk", language)),
            Column(key="days", label=say(f"{_W}.column.days", language), kind="days"),
            *((Column(key="review", label=say(f"{_W}.column.review", language), kind="date"),) if reviews else ()),
        ],
        rows=[
            {
                "title": one.title,
                "href": reverse("decision", args=[one.decision_id]),
                "state": outcome_badge(one, language),
                "asked_by": one.asked_by_unit_name,
                "level": level_words(one, language),
                "who": who_decides(one, language),
                "amount": one.amount,
                "risk": risk_words(one.risk, language, none="organisation.risk.unknown"),
                "days": one.days,
                "review": one.review_date,
            }
            for one in found
        ],
        empty=empty,
        page_size=page_size,
    )


def _nothing(actor: Actor, state: DecisionState | None, language: Language) -> EmptyState:
    name = "none_open" if state is DecisionState.OPEN else "none"
    may = actor.has(RAISE)
    return EmptyState(
        title=say(f"{_W}.{name}.title", language),
        text=say(f"{_W}.{name}.text", language),
        action_label=say(f"{_W}.raise", language) if may else None,
        action_href=reverse("raise_decision") if may else None,
    )
