"""Map, ranking, board, scores of use cases, for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest
from pegel_web.portfolio.contracts.scoring import (
    Board,
    CaseRanking,
    EffortBenefitMap,
    PromisedRealised,
    RealisedLine,
    Weights,
)
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries import board, effort_benefit, promised, ranking, scores
from pegel_web.portfolio.scoring import Method
from pegel_web.portfolio.services import scores as services

router = Router(tags=["scores of use cases"])


class NewCaseScore(Schema):
    """What one method needs of a use case.

    rice: reach (people a quarter), impact (0.25 to 3), confidence (0.5, 0.8, 1), months (person-months). wsjf:
    user_value, time_criticality, risk_reduction, job_size (1, 2, 3, 5, 8, 13, 20). criteria: goal, relief, data,
    control, reuse (1 to 5).
    """

    method: Literal["rice", "wsjf", "criteria"]
    values: dict[str, float]


class NewWeights(Schema):
    """What the criteria weigh: goal, relief, data, control, reuse, each 0 to 100."""

    weights: dict[str, int]
    reason: str = Field(max_length=20_000)
    based_on: int | None = Field(None, description="Version that was read; left out: whatever is there is overtaken.")


class NewRealised(Schema):
    """What a use case really brings per year, in EUR, as declared."""

    amount: Decimal
    seen_on: date = Field(description="Until when it was looked at.")
    document: str = Field("", max_length=2500)
    note: str = Field("", max_length=20_000)


@router.get("/use-cases/map", response=EffortBenefitMap)
def effort_benefit_map(
    request: ApiRequest, unit_id: UUID | None = None, horizon: int | None = None, state: CaseState | None = None
) -> EffortBenefitMap:
    """Use cases by effort and benefit, low, likely, high; those that nobody has estimated are listed apart."""
    return effort_benefit.effort_benefit_map(actor=request.actor, unit_id=unit_id, horizon=horizon, state=state)


@router.get("/use-cases/ranking", response=CaseRanking)
def case_ranking(
    request: ApiRequest,
    method: Method = Method.NET,
    unit_id: UUID | None = None,
    horizon: int | None = None,
    state: CaseState | None = None,
    budget: float | None = None,
) -> CaseRanking:
    """Use cases, best first by one method on an absolute scale; `budget` (EUR) draws the cut line."""
    return ranking.case_ranking(
        actor=request.actor, method=method, unit_id=unit_id, horizon=horizon, state=state, budget=budget
    )


@router.get("/use-cases/board", response=Board)
def case_board(request: ApiRequest, unit_id: UUID | None = None, horizon: int | None = None) -> Board:
    """The main way in columns, each with those that have been there longest."""
    return board.case_board(actor=request.actor, unit_id=unit_id, horizon=horizon)


@router.get("/use-cases/promised", response=PromisedRealised)
def promised_realised(request: ApiRequest, unit_id: UUID | None = None) -> PromisedRealised:
    """Estimated against declared benefit, in all and by function; groups of too few people are withheld."""
    return promised.promised_realised(actor=request.actor, unit_id=unit_id)


@router.get("/use-cases/weights", response=Weights)
def criteria_weights(request: ApiRequest) -> Weights:
    """What the criteria weigh."""
    return scores.criteria_weights(actor=request.actor)


@router.put("/use-cases/weights", response=Weights)
def set_weights(request: ApiRequest, sent: NewWeights) -> Weights:
    """Say what the criteria weigh from now on."""
    return services.set_weights(actor=request.actor, **dict(sent))


@router.post("/use-cases/{uuid:use_case_id}/scores", response={201: CaseReport})
def give_score(request: ApiRequest, use_case_id: UUID, sent: NewCaseScore) -> Status[CaseReport]:
    """Enter what a method needs; one's last entry counts."""
    made = services.give_score(
        actor=request.actor, use_case_id=use_case_id, method=Method(sent.method), values=sent.values
    )
    return Status(201, made)


@router.post("/use-cases/{uuid:use_case_id}/realised", response={201: RealisedLine})
def declare_realised(request: ApiRequest, use_case_id: UUID, sent: NewRealised) -> Status[RealisedLine]:
    """Declare what a use case brings; it is declared, not evaluated."""
    return Status(201, services.declare_realised(actor=request.actor, use_case_id=use_case_id, **dict(sent)))
