"""The first page, for agents and the command line."""

from __future__ import annotations

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.home import Home
from pegel_web.organisation.queries import home as queries


@tool(permission="organisation.decision.raise")
def home(actor: Actor) -> Home:
    """What waits for you today: decisions, reviews, delegations about to end, gaps you may put right."""
    return queries.home(actor=actor)
