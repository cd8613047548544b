"""Value streams for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.definitions import MetricDefinition
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.overview import StreamLine
from pegel_web.flow.contracts.reports import StreamReport
from pegel_web.flow.contracts.streams import LakeStream, Stream
from pegel_web.flow.contracts.workflow import RuleChange, StreamWorkflow, WorkflowEffect, WorkflowVersion
from pegel_web.flow.queries import definitions
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.overview import stream_overview as overview
from pegel_web.flow.queries.streams import lake_streams
from pegel_web.flow.queries.workflow import stream_workflow as workflow_of_stream
from pegel_web.flow.queries.workflow import workflow_effect as effect_of_changes
from pegel_web.flow.services import refreshing
from pegel_web.flow.services import streams as services
from pegel_web.flow.services import workflow as workflow_services
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


class Rule(Schema):
    """Another meaning of a state."""

    state: str = Field(max_length=2000)
    category: str | None = Field(
        None, max_length=20,
        description="`new`, `waiting`, `active`, `done`, `cancelled` or `ignored`; left out: no rule, not mapped.",
    )  # fmt: skip
    phase: str | None = Field(None, max_length=20, description="`intake`, `planning`, `execution` or `reporting`.")
    friction: str | None = Field(
        None, max_length=20,
        description="Why items wait there: `approval`, `prioritisation`, `hand_off` or `status_query`.",
    )  # fmt: skip
    type: str | None = Field(None, max_length=2000, description="Only for this item type; left out: for all.")
    from_date: date | None = Field(None, description="In force from this day.")
    until_date: date | None = Field(None, description="In force before this day.")


class Changes(Schema):
    """Rules that replace or add to those in force; all others stay."""

    changes: list[Rule] = Field(max_length=5000)


class Confirmation(Changes):
    """Changes to be saved."""

    revision: str = Field(max_length=100, description="Of the mapping that they were made for, as it was read.")


class Restoration(Schema):
    """An older version to be brought back."""

    version: int = Field(ge=1, le=10_000)
    revision: str = Field(max_length=100, description="Of the mapping in force, as it was read.")


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


@router.get("/streams/{uuid:stream_id}/workflow", response=StreamWorkflow)
def stream_workflow(request: ApiRequest, stream_id: UUID, version: int | None = None) -> StreamWorkflow:
    """What the states of a stream mean, how sure that is, and the time in them; those not mapped first."""
    return workflow_of_stream(actor=request.actor, stream_id=stream_id, version=version)


@router.post("/streams/{uuid:stream_id}/workflow/effect", response=WorkflowEffect)
def workflow_effect(request: ApiRequest, stream_id: UUID, sent: Changes) -> WorkflowEffect:
    """What another meaning of some states would change, without saving it."""
    return effect_of_changes(actor=request.actor, stream_id=stream_id, changes=_changes(sent))


@router.post("/streams/{uuid:stream_id}/workflow", response=WorkflowVersion)
def confirm_workflow(request: ApiRequest, stream_id: UUID, sent: Confirmation) -> WorkflowVersion:
    """Save the meaning of the states, with some changes or as it stands, as a new version."""
    return workflow_services.confirm_workflow(
        actor=request.actor, stream_id=stream_id, changes=_changes(sent), revision=sent.revision
    )


@router.post("/streams/{uuid:stream_id}/workflow/restore", response=WorkflowVersion)
def restore_workflow(request: ApiRequest, stream_id: UUID, sent: Restoration) -> WorkflowVersion:
    """Save the content of an older version as a new one."""
    return workflow_services.restore_workflow(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.get("/definitions", response=list[MetricDefinition])
@paginate
def metric_definitions(request: ApiRequest) -> list[MetricDefinition]:
    """What the figures mean."""
    return definitions.metric_definitions(actor=request.actor)


@router.get("/definitions/{metric}", response=MetricDefinition)
def metric_definition(request: ApiRequest, metric: str) -> MetricDefinition:
    """What one figure means."""
    return definitions.metric_definition(actor=request.actor, metric=metric)


def _changes(sent: Changes) -> list[RuleChange]:
    return [RuleChange(**one.dict()) for one in sent.changes]
