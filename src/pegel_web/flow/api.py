"""Value streams for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.definitions import MetricDefinition
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.overview import StreamLine
from pegel_web.flow.contracts.reports import StreamReport
from pegel_web.flow.contracts.streams import LakeStream, Stream
from pegel_web.flow.queries import definitions
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.overview import stream_overview as overview
from pegel_web.flow.queries.streams import lake_streams
from pegel_web.flow.services import refreshing
from pegel_web.flow.services import streams as services
from pegel_web.flow.services.looking import look_at_items, look_at_report
from pegel_web.jobs.contracts import JobReport

router = Router(tags=["streams"])


class StreamFields(Schema):
    """What people say about a stream."""

    name: str = Field(max_length=500)
    unit_id: UUID = Field(description="The unit that answers for it.")
    product_id: UUID | None = None


class NewStream(StreamFields):
    """A stream of the lake to be adopted."""

    lake_name: str = Field(max_length=500, description="What it is called in the lake.")


class Rows(Schema):
    """Which items."""

    metric: str = Field("flow_time", max_length=100, description="Which figure counts them.")
    period: str = Field(DEFAULT, max_length=20, description="`13w`, `26w`, `52w` or `all`.")
    policy: str | None = Field(None, max_length=200)
    state: str | None = Field(None, max_length=1000, description="Only items that were (open ones: are) in this state.")
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/streams", response=list[StreamLine])
@paginate
def stream_overview(request: ApiRequest, period: str = DEFAULT) -> tuple[StreamLine, ...]:
    """Your value streams, each with its five figures, where it stalls, and how old that answer is."""
    return overview(actor=request.actor, period=period).lines


@router.get("/streams/in-the-lake", response=list[LakeStream])
@paginate
def streams_to_adopt(request: ApiRequest) -> tuple[LakeStream, ...]:
    """Streams of the lake that no unit answers for yet."""
    return lake_streams(actor=request.actor)


@router.post("/streams", response={201: Stream})
def adopt_stream(request: ApiRequest, sent: NewStream) -> Status[Stream]:
    """Let a unit answer for a stream of the lake, and have it computed."""
    return Status(201, services.adopt_stream(actor=request.actor, **sent.dict()))


@router.post("/streams/refresh", response={202: JobReport})
def refresh_streams(request: ApiRequest) -> Status[JobReport]:
    """Have every stream computed that has changed."""
    return Status(202, refreshing.refresh_streams(actor=request.actor))


@router.get("/streams/{uuid:stream_id}", response=StreamReport)
def stream_report(
    request: ApiRequest, stream_id: UUID, period: str = DEFAULT, policy: str | None = None
) -> StreamReport:
    """Where a stream stalls and why, its figures, what is ageing, what comes next, how good the data is."""
    return look_at_report(actor=request.actor, stream_id=stream_id, period=period, policy=policy)


@router.put("/streams/{uuid:stream_id}", response=Stream)
def change_stream(request: ApiRequest, stream_id: UUID, sent: StreamFields) -> Stream:
    """Give a stream another name, unit or product."""
    return services.change_stream(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.delete("/streams/{uuid:stream_id}", response={204: None})
def end_stream(request: ApiRequest, stream_id: UUID) -> Status[None]:
    """Let a stream end today."""
    services.end_stream(actor=request.actor, stream_id=stream_id)
    return Status(204, None)


@router.post("/streams/{uuid:stream_id}/refresh", response={202: JobReport})
def refresh_stream(request: ApiRequest, stream_id: UUID) -> Status[JobReport]:
    """Have a stream computed, if anything has changed."""
    return Status(202, refreshing.refresh_stream(actor=request.actor, stream_id=stream_id))


@router.get("/streams/{uuid:stream_id}/items", response=ItemList)
def stream_items(request: ApiRequest, stream_id: UUID, asked: Query[Rows]) -> ItemList:
    """The items that a figure counts, the longest first. Never who worked on them."""
    return look_at_items(actor=request.actor, stream_id=stream_id, **asked.dict())


@router.get("/definitions", response=list[MetricDefinition])
@paginate
def metric_definitions(request: ApiRequest) -> list[MetricDefinition]:
    """What the figures mean."""
    return definitions.metric_definitions(actor=request.actor)


@router.get("/definitions/{metric}", response=MetricDefinition)
def metric_definition(request: ApiRequest, metric: str) -> MetricDefinition:
    """What one figure means."""
    return definitions.metric_definition(actor=request.actor, metric=metric)
