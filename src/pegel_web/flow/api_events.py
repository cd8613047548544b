"""What happened to value streams, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest
from pegel_web.flow.contracts.events import StreamEvents
from pegel_web.flow.queries import events as queries
from pegel_web.flow.services import events as services

router = Router(tags=["streams"])


class NewEvent(Schema):
    """What happened, and when."""

    day: date = Field(description="Not in the future.")
    text: str = Field(max_length=1000, description="At most 200 characters, without names of people.")


@router.get("/streams/{uuid:stream_id}/events", response=StreamEvents)
def stream_events(request: ApiRequest, stream_id: UUID, policy: str | None = None) -> StreamEvents:
    """What happened to a stream by day: noted, other meanings of states, imports, changes of level."""
    return queries.stream_events(actor=request.actor, stream_id=stream_id, policy=policy)


@router.post("/streams/{uuid:stream_id}/events", response={201: StreamEvents})
def note_stream_event(request: ApiRequest, stream_id: UUID, sent: NewEvent) -> Status[StreamEvents]:
    """Note that something happened to a stream."""
    return Status(201, services.note_stream_event(actor=request.actor, stream_id=stream_id, **sent.dict()))


@router.delete("/streams/{uuid:stream_id}/events/{uuid:event_id}", response=StreamEvents)
def withdraw_stream_event(request: ApiRequest, stream_id: UUID, event_id: UUID) -> StreamEvents:
    """Take an event back; its words are deleted."""
    return services.withdraw_stream_event(actor=request.actor, stream_id=stream_id, event_id=event_id)
