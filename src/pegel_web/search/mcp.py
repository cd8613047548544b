"""The search, for agents."""

from __future__ import annotations

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.search import queries
from pegel_web.search.contracts import Found


@tool(permission="search.result.view")
def search(actor: Actor, *, text: str) -> Found:
    """Find units, people, value streams, decisions and more by a text of at least two characters.

    Answers with names and page addresses by kind, of what you may see only.
    """
    return queries.found(actor=actor, text=text)
