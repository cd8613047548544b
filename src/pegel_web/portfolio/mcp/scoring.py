"""Map, ranking, board of use cases, for agents and the command line. Scoring and weighing are for people."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.portfolio.contracts.scoring import Board, CaseRanking, EffortBenefitMap, PromisedRealised, Weights
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries import board, effort_benefit, promised, ranking, scores
from pegel_web.portfolio.queries.use_cases import VIEW
from pegel_web.portfolio.scoring import Method


@tool(permission=VIEW)
def effort_benefit_map(
    actor: Actor, *, unit_id: UUID | None = None, horizon: int | None = None, state: CaseState | None = None
) -> EffortBenefitMap:
    """Show use cases by effort and benefit (EUR; low, likely, high), and which ones nobody has estimated.

    unit_id: a unit and those below it, from organisation_tree. horizon: 1, 2 or 3. state: left out: those not ended.
    """
    return effort_benefit.effort_benefit_map(actor=actor, unit_id=unit_id, horizon=horizon, state=state)


@tool(permission=VIEW)
def case_ranking(
    actor: Actor,
    *,
    method: Method = Method.NET,
    unit_id: UUID | None = None,
    horizon: int | None = None,
    state: CaseState | None = None,
    budget: Annotated[float, Field(ge=0)] | None = None,
) -> CaseRanking:
    """Rank use cases by one method on an absolute scale; a use case without a score is not scored, which is not zero.

    method: net (benefit of the first year less effort), ratio (benefit by effort), rice, wsjf, criteria (own weights).
    budget: EUR for effort; draws the cut line and marks what runs below it.
    """
    return ranking.case_ranking(
        actor=actor, method=method, unit_id=unit_id, horizon=horizon, state=state, budget=budget
    )


@tool(permission=VIEW)
def case_board(actor: Actor, *, unit_id: UUID | None = None, horizon: int | None = None) -> Board:
    """Show the way of use cases as columns by state: how many, and those that have been there longest."""
    return board.case_board(actor=actor, unit_id=unit_id, horizon=horizon)


@tool(permission=VIEW)
def promised_realised(actor: Actor, *, unit_id: UUID | None = None) -> PromisedRealised:
    """Compare estimated with declared benefit, in all and by function; groups of too few people are withheld."""
    return promised.promised_realised(actor=actor, unit_id=unit_id)


@tool(permission=VIEW)
def criteria_weights(actor: Actor) -> Weights:
    """Show what the criteria of the weighted score weigh, since when and why."""
    return scores.criteria_weights(actor=actor)
