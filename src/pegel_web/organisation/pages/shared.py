"""What the pages of shared responsibility have in common: words of limits, units to choose, tabs."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from pegel.words import Language, say
from pegel_web.core.actor import Actor, Risk
from pegel_web.organisation.forms.fields import unit_choices
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.ui.values import money


class UnitChoice(TypedDict):
    """Units to choose from: id and name; ``chosen``: the id of the one that is shown, or empty."""

    units: list[tuple[str, str]]
    chosen: str


def unit_choice(actor: Actor, permission: str, chosen: UUID | None) -> UnitChoice:
    """Return the units that somebody may look at."""
    structure = structure_on(actor.at.date())
    return UnitChoice(
        units=unit_choices(structure, actor.units_for(permission)), chosen="" if chosen is None else str(chosen)
    )


def limit_words(amount: Decimal | None, risk: Risk | None, language: Language) -> str:
    """Return up to what something may be decided, in words; both None: without limit."""
    parts = []
    if amount is not None:
        parts.append(say("organisation.limit.amount", language, amount=money(amount, language)))
    if risk is not None:
        parts.append(say(f"organisation.limit.risk_{int(risk)}", language))
    return ", ".join(parts) if parts else say("organisation.limit.none", language)


def risk_words(risk: Risk | None, language: Language, *, none: str) -> str:
    """Return a risk in words; ``none``: code of the words where there is none."""
    return say(none if risk is None else f"organisation.risk.{int(risk)}", language)
