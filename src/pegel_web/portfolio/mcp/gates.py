"""Gates and patterns, for agents and the command line. Deciding is for people only."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.contracts.use_cases import RequestLine
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries import patterns
from pegel_web.portfolio.queries import requests as queries
from pegel_web.portfolio.services import gates as services


@tool(permission=queries.VIEW)
def gate_requests(
    actor: Actor, *, status: Literal["open", "decided", "withdrawn"] | None = None, mine: bool = False
) -> tuple[RequestLine, ...]:
    """List what waits at gates and what was decided, with who may decide and for how long it has waited.

    mine: only what the person behind the token may decide.
    """
    return queries.gate_requests(actor=actor, status=status, mine=mine)


@tool(permission=queries.CHANGE, reads=False)
def ask_gate(
    actor: Actor, *, use_case_id: UUID, gate: CaseState, amount: Decimal | None = None, options: str = ""
) -> RequestLine:
    """Ask that a use case may pass a gate (prioritised, pilot, production, scaled). A person decides.

    use_case_id: from use_case_list. amount: EUR.
    """
    return services.ask_gate(actor=actor, use_case_id=use_case_id, gate=gate, amount=amount, options=options)


@tool(permission=patterns.VIEW)
def experiment_patterns(actor: Actor) -> tuple[Pattern, ...]:
    """List what may be tried without a gate: data, people, days and money at most, and in which unit it holds."""
    return patterns.patterns(actor=actor)
