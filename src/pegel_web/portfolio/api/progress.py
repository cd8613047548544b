"""How use cases move, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Router, Schema

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.portfolio.contracts.limits import UnitIntroductions
from pegel_web.portfolio.contracts.progress import Funnel, PilotLearning, StalledCases
from pegel_web.portfolio.models.stalls import StallCause
from pegel_web.portfolio.queries import funnel as funnels
from pegel_web.portfolio.queries import introductions, stalled
from pegel_web.portfolio.services import introductions as limits
from pegel_web.portfolio.services import stalls

router = Router(tags=["use cases"])


class NewStallCause(Schema):
    """Where the root cause of standing still lies."""

    cause: StallCause
    note: str = Field("", max_length=2500)


@router.get("/use-cases/stalled", response=StalledCases)
def stalled_use_cases(request: ApiRequest) -> StalledCases:
    """Use cases that stand still, with the history of each state that they are compared with."""
    return stalled.stalled_use_cases(actor=request.actor)


@router.post("/use-cases/{uuid:use_case_id}/stall-causes", response=StalledCases)
def name_stall_cause(request: ApiRequest, use_case_id: UUID, sent: NewStallCause) -> StalledCases:
    """Say where the root cause lies; the last one counts."""
    return stalls.name_stall_cause(actor=request.actor, use_case_id=use_case_id, **dict(sent))


class NewIntroductionLimit(Schema):
    """How many pilots a unit runs at most at once."""

    most: int | None = Field(None, description="Left out: no limit of its own.")


@router.get("/use-cases/introductions", response=list[UnitIntroductions])
@paginate
def unit_introductions(request: ApiRequest) -> tuple[UnitIntroductions, ...]:
    """Units with their pilots and how many they take at once."""
    return introductions.unit_introductions(actor=request.actor)


@router.put("/use-cases/introductions/{uuid:unit_id}", response=UnitIntroductions)
def set_introduction_limit(request: ApiRequest, unit_id: UUID, sent: NewIntroductionLimit) -> UnitIntroductions:
    """Say how many pilots a unit, with everything below it, runs at most at once."""
    return limits.set_introduction_limit(actor=request.actor, unit_id=unit_id, most=sent.most)


@router.get("/use-cases/funnel", response=Funnel)
def use_case_funnel(request: ApiRequest) -> Funnel:
    """From idea to scaled use: how many ever got how far, and in how many days."""
    return funnels.funnel(actor=request.actor)


@router.get("/use-cases/learnings", response=list[PilotLearning])
@paginate
def pilot_learnings(request: ApiRequest, as_planned: bool | None = None) -> tuple[PilotLearning, ...]:
    """What pilots taught, failures included."""
    return funnels.pilot_learnings(actor=request.actor, as_planned=as_planned)
