"""What happened to a stream, beside its trends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from pegel_web.flow.contracts.streams import Stream

EventKind = Literal["noted", "mapping", "import", "change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event. ``number``: its mark in the charts. ``kind``: noted by a person, another meaning of the states, an
    import of data, or a change of level that the figures show. ``event_id``: of a noted one, to withdraw it.
    """

    number: int
    day: date
    kind: EventKind
    kind_name: str
    text: str
    event_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvents:
    """The events of a stream by day. ``withheld``: changes of level are left out, since so few people stand behind it.

    ``may_note``: the actor may note and withdraw events.
    """

    stream: Stream
    lines: tuple[EventLine, ...]
    withheld: bool
    may_note: bool
