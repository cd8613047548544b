"""How use cases move, for agents and the command line."""

from __future__ import annotations

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.portfolio.contracts.limits import UnitIntroductions
from pegel_web.portfolio.contracts.progress import Funnel, PilotLearning, StalledCases
from pegel_web.portfolio.queries import funnel as funnels
from pegel_web.portfolio.queries import introductions, stalled
from pegel_web.portfolio.queries.use_cases import VIEW


@tool(permission=VIEW)
def stalled_use_cases(actor: Actor) -> StalledCases:
    """List AI use cases that stand still: older than 85% of their state's history, pilot over, approval expired.

    Each says who decides next and the root cause somebody named; the history of each state comes with it.
    """
    return stalled.stalled_use_cases(actor=actor)


@tool(permission=VIEW)
def unit_introductions(actor: Actor) -> tuple[UnitIntroductions, ...]:
    """List the units with how many pilots of AI use cases they run now, and how many they take at once."""
    return introductions.unit_introductions(actor=actor)


@tool(permission=VIEW)
def use_case_funnel(actor: Actor) -> Funnel:
    """Show how many use cases ever got how far from idea to scaled use, in how many days, in all and by department."""
    return funnels.funnel(actor=actor)


@tool(permission=VIEW)
def pilot_learnings(actor: Actor, *, as_planned: bool | None = None) -> tuple[PilotLearning, ...]:
    """List what pilots taught, failures included: as planned or not, why, what changes.

    as_planned: only those that went as planned (true) or did not (false).
    """
    return funnels.pilot_learnings(actor=actor, as_planned=as_planned)
