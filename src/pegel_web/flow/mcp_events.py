"""What happened to value streams, for agents."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.flow.contracts.events import StreamEvents
from pegel_web.flow.queries import events as queries
from pegel_web.flow.services import events as services


@tool(permission="flow.stream.view")
def stream_events(actor: Actor, *, stream_id: UUID, policy: str | None = None) -> StreamEvents:
    """List what happened to a value stream by day: noted by people, other meanings of states, imports of data, and
    changes of level that the figures show. That two things happened close together proves no cause.
    """
    return queries.stream_events(actor=actor, stream_id=stream_id, policy=policy)


@tool(permission="flow.stream.change", reads=False)
def note_stream_event(actor: Actor, *, stream_id: UUID, day: date, text: str) -> StreamEvents:
    """Note for a person that something happened to a value stream; at most 200 characters, no names of people."""
    return services.note_stream_event(actor=actor, stream_id=stream_id, day=day, text=text)


@tool(permission="flow.stream.change", reads=False)
def withdraw_stream_event(actor: Actor, *, stream_id: UUID, event_id: UUID) -> StreamEvents:
    """Take a noted event back; its words are deleted. event_id: from stream_events."""
    return services.withdraw_stream_event(actor=actor, stream_id=stream_id, event_id=event_id)
