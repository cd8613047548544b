"""Noting what happened to a stream, and taking it back."""

from __future__ import annotations

from datetime import date
from typing import Final, cast
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.flow.contracts.events import StreamEvents
from pegel_web.flow.models import StreamEvent
from pegel_web.flow.queries.events import stream_events
from pegel_web.flow.services.streams import locked_stream

LONGEST_TEXT: Final = 200
#: No log of work reaches further back.
EARLIEST: Final = date(1970, 1, 1)


def note_stream_event(*, actor: Actor, stream_id: UUID, day: date, text: str) -> StreamEvents:
    """Note that something happened to a stream on a day that is not to come.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``. InputError: ``event_day_out_of_range``,
    ``event_text_missing``, ``event_text_too_long``.
    """
    found = " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        if not EARLIEST <= day <= actor.at.date():
            raise InputError("event_day_out_of_range")
        if not found:
            raise InputError("event_text_missing")
        if len(found) > LONGEST_TEXT:
            raise InputError("event_text_too_long", most=LONGEST_TEXT)
        made = StreamEvent.objects.create(stream=row, day=day, text=found, author_id=actor.person_id, noted_at=actor.at)
        # The words stand with the event alone, so that they are gone when it is withdrawn.
        record(
            actor,
            "flow.event.noted",
            subject=("stream", row.id),
            unit=row.unit_id,
            after={"stream_event": made.id, "day": day},
        )
    return stream_events(actor=actor, stream_id=stream_id)


def withdraw_stream_event(*, actor: Actor, stream_id: UUID, event_id: UUID) -> StreamEvents:
    """Take an event back; its words are deleted.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_event_unknown``. NotAllowedError: ``not_allowed``.
    """
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        events = StreamEvent.objects.everything(because="of a stream that the actor may change").select_for_update()
        found = cast("StreamEvent | None", events.filter(pk=event_id, stream=row, withdrawn_at=None).first())
        if found is None:
            raise NotFoundError("stream_event_unknown", id=event_id)
        found.text, found.withdrawn_at = "", actor.at
        found.save(update_fields=["text", "withdrawn_at"])
        record(
            actor,
            "flow.event.withdrawn",
            subject=("stream", row.id),
            unit=row.unit_id,
            before={"stream_event": found.id, "day": found.day},
        )
    return stream_events(actor=actor, stream_id=stream_id)
