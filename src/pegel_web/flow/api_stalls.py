"""Reports that work stalls, and where to start, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.flow.contracts.stalls import Stall, StallDesk, StreamStalls
from pegel_web.flow.contracts.start_small import StartSmall, TakenBaseline
from pegel_web.flow.queries import baselines as baseline_queries
from pegel_web.flow.queries import stalls as queries
from pegel_web.flow.queries import start_small as start_queries
from pegel_web.flow.services import baselines as baseline_services
from pegel_web.flow.services import stalls as services

router = Router(tags=["streams"])


class NewStall(Schema):
    """Where work stalls and why."""

    state: str = Field(max_length=2000, description="A state of the stream; empty: a step that is not in the data.")
    friction: str = Field(
        max_length=20, description="`approval`, `prioritisation`, `hand_off`, `status_query` or `other`."
    )
    why: str = Field(max_length=4000, description="At most 1,000 characters, without names of people.")
    often: str = Field("", max_length=20, description="`daily`, `weekly`, `monthly`, `rarely` or empty.")
    hours_per_week: float | None = Field(None, description="Own estimate of the hours lost.")


class StallAnswer(Schema):
    """What those say who answer for the stream."""

    text: str = Field(max_length=4000)
    plan: str = Field("", max_length=4000, description="What will be done.")


class StallClosing(Schema):
    """What came of a report."""

    outcome: str = Field(max_length=20, description="`done` or `no_change`.")
    text: str = Field("", max_length=4000, description="Needed where nothing changes.")


class StallReopening(Schema):
    """What is still not right."""

    text: str = Field("", max_length=4000)


class BaselineStep(Schema):
    """The step whose figures are kept."""

    state: str = Field(max_length=2000)
    phase: str = Field(max_length=20, description="`intake`, `planning`, `execution` or `reporting`.")


@router.get("/stalls", response=StallDesk)
def stall_desk(request: ApiRequest) -> StallDesk:
    """Streams and steps to report about (no figures), your own reports, and those that wait for your answer."""
    return queries.stall_desk(actor=request.actor)


@router.get("/stalls/{uuid:stall_id}", response=Stall)
def stall(request: ApiRequest, stall_id: UUID) -> Stall:
    """One report, as far as you may read it. Never who wrote it."""
    return queries.stall(actor=request.actor, stall_id=stall_id)


@router.post("/stalls/{uuid:stall_id}/join", response=Stall)
def join_stall(request: ApiRequest, stall_id: UUID) -> Stall:
    """Say "me too", once."""
    return services.join_stall(actor=request.actor, stall_id=stall_id)


@router.post("/stalls/{uuid:stall_id}/answer", response=Stall)
def answer_stall(request: ApiRequest, stall_id: UUID, sent: StallAnswer) -> Stall:
    """Answer a report about a stream that you answer for."""
    return services.answer_stall(actor=request.actor, stall_id=stall_id, **sent.dict())


@router.post("/stalls/{uuid:stall_id}/close", response=Stall)
def close_stall(request: ApiRequest, stall_id: UUID, sent: StallClosing) -> Stall:
    """Close an answered report: done, or no change with the reason."""
    return services.close_stall(actor=request.actor, stall_id=stall_id, **sent.dict())


@router.post("/stalls/{uuid:stall_id}/reopen", response=Stall)
def reopen_stall(request: ApiRequest, stall_id: UUID, sent: StallReopening) -> Stall:
    """Open your own report again."""
    return services.reopen_stall(actor=request.actor, stall_id=stall_id, **sent.dict())


@router.get("/streams/start-small", response=StartSmall)
def start_small(request: ApiRequest) -> StartSmall:
    """The steps of all your streams by hours lost per week, and the one to start with, with evidence and baseline."""
    return start_queries.start_small(actor=request.actor)


@router.get("/streams/{uuid:stream_id}/start-small", response=StartSmall)
def stream_start_small(request: ApiRequest, stream_id: UUID) -> StartSmall:
    """The same for one stream."""
    return start_queries.start_small(actor=request.actor, stream_id=stream_id)


@router.get("/baselines", response=list[TakenBaseline])
@paginate
def baselines(request: ApiRequest, stream_id: UUID | None = None) -> tuple[TakenBaseline, ...]:
    """Baselines that were taken, of all your streams or of one, the newest first."""
    return baseline_queries.baselines(actor=request.actor, stream_id=stream_id)


@router.post("/streams/{uuid:stream_id}/baselines", response={201: TakenBaseline})
def take_baseline(request: ApiRequest, stream_id: UUID, sent: BaselineStep) -> Status[TakenBaseline]:
    """Keep the figures of a step as a baseline that nothing changes any more."""
    return Status(201, baseline_services.take_baseline(actor=request.actor, stream_id=stream_id, **sent.dict()))


@router.get("/streams/{uuid:stream_id}/stalls", response=StreamStalls)
def stream_stalls(request: ApiRequest, stream_id: UUID) -> StreamStalls:
    """What people report about the steps of a stream beside what the log measures there."""
    return queries.stream_stalls(actor=request.actor, stream_id=stream_id)


@router.post("/streams/{uuid:stream_id}/stalls", response={201: Stall})
def report_stall(request: ApiRequest, stream_id: UUID, sent: NewStall) -> Status[Stall]:
    """Report that work stalls in a step. It goes to those who answer for the stream, without your name."""
    return Status(201, services.report_stall(actor=request.actor, stream_id=stream_id, **sent.dict()))
