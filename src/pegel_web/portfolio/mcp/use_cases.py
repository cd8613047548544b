"""Use cases, for agents and the command line."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.portfolio.contracts.use_cases import CaseList, CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries import use_cases as queries
from pegel_web.portfolio.services import moves
from pegel_web.portfolio.services import use_cases as services


@tool(permission=queries.VIEW)
def use_case_list(
    actor: Actor, *, state: CaseState | None = None, unit_id: UUID | None = None, text: str = ""
) -> CaseList:
    """List AI use cases with state, days in it, owner, benefit, effort and declared risk class.

    state: idea, assessed, prioritised, pilot, production, scaled, retired, rejected, duplicate, parked, killed, merged.
    unit_id: a unit and those below it, from organisation_tree. text: words in title, pain or hoped effect.
    """
    return queries.use_case_list(actor=actor, state=state, unit_id=unit_id, text=text)


@tool(permission=queries.VIEW)
def use_case(actor: Actor, *, use_case_id: UUID) -> CaseReport:
    """Show one use case: what hurts, the measured wait there, who answers for it, what its next gate lacks, its life.

    use_case_id: from use_case_list.
    """
    return queries.use_case(actor=actor, use_case_id=use_case_id)


@tool(permission=queries.REGISTER, reads=False)
def register_idea(
    actor: Actor,
    *,
    pain: Annotated[str, Field(max_length=4000)],
    unit_id: UUID,
    stream_id: UUID | None = None,
    step: str = "",
    hoped_effect: str = "",
    origin: str = "",
    title: str = "",
) -> CaseReport:
    """Register an idea for the use of AI: what hurts, whose work, at which step, and what would be better.

    unit_id: from organisation_tree. stream_id: from stream_overview; step: a state of its work items. origin: strategy,
    pain, tool or regulation.
    """
    return services.register_idea(
        actor=actor, pain=pain, unit_id=unit_id, stream_id=stream_id, step=step, hoped_effect=hoped_effect,
        origin=origin, title=title,
    )  # fmt: skip


@tool(permission=queries.CHANGE, reads=False)
def move_use_case(actor: Actor, *, use_case_id: UUID, target: CaseState, reason: str = "") -> CaseReport:
    """Take a step of a use case that needs no gate, such as idea to assessed, or back with a reason.

    use_case_id: from use_case_list. target: one of the moves that use_case lists without a gate.
    """
    return moves.move_use_case(actor=actor, use_case_id=use_case_id, target=target, reason=reason)
