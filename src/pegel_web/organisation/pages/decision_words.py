"""What the pages of the decision log have in common: header, tabs, and how one question is said."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState
from pegel_web.organisation.queries.decisions import RAISE
from pegel_web.ui.components import Action, Badge, PageHeader, Tab, Tabs, Tone

_W: Final = "organisation.decisions"
_TONES: Final[dict[str, Tone]] = {
    "open": "info",
    "approved": "good",
    "approved_with_conditions": "good",
    "rejected": "bad",
    "withdrawn": "neutral",
}


def decisions_header(language: Language, actor: Actor) -> PageHeader:
    """Return the header of the log and of its figures."""
    actions = []
    if actor.has(RAISE):
        actions.append(Action(label=say(f"{_W}.raise", language), href=reverse("raise_decision"), kind="primary"))
    return PageHeader(title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), actions=actions)


def decisions_tabs(current: str, language: Language) -> Tabs:
    """Return the states to choose from, and the figures; ``current``: empty for all."""
    log = reverse("decisions")
    items = [Tab(label=say(f"{_W}.tab.all", language), href=f"{log}?state=all", current=current == "")]
    items += [
        Tab(label=say(f"{_W}.tab.{state}", language), href=f"{log}?state={state}", current=current == state)
        for state in DecisionState
    ]
    items.append(
        Tab(label=say(f"{_W}.tab.figures", language), href=reverse("decision_summary"), current=current == "figures")
    )
    return Tabs(items=items)


def outcome_badge(one: DecisionRecord, language: Language) -> Badge:
    """Return how a question stands."""
    name = one.outcome or "open"
    return Badge(text=say(f"{_W}.outcome.{name}", language), tone=_TONES[name])


def level_words(one: DecisionRecord, language: Language) -> str:
    """Return where a question waits or was decided: the level and the unit."""
    return say(f"{_W}.level_of", language, level=say(f"organisation.level.{one.level}", language), unit=one.unit_name)


def who_decides(one: DecisionRecord, language: Language) -> str:
    """Return who may decide an open question, or who decided it."""
    if one.state is DecisionState.OPEN:
        return say(f"{_W}.nobody", language) if one.nobody_may else ", ".join(one.deciders)
    if one.by_delegation:
        return say(f"{_W}.by_delegation", language, name=one.decided_by_name)
    return one.decided_by_name or ""
