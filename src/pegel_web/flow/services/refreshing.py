"""Having figures computed: asked for by people, noticed by Pegel, done in the background."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.models import ValueStream
from pegel_web.flow.queries.next_steps import keys_of
from pegel_web.flow.queries.streams import REFRESH, may_refresh, seen_stream
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.models import JobState
from pegel_web.jobs.services import enqueue

KIND = "flow.refresh"


def refresh_stream(*, actor: Actor, stream_id: UUID) -> JobReport:
    """Have one stream computed, if anything has changed. While that waits, asking again gives the same job.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``.
    """
    row = seen_stream(actor, stream_id)
    if not may_refresh(actor, row.unit_id):
        raise NotAllowedError("not_allowed", permission=REFRESH)
    with transaction.atomic():
        record(actor, "flow.refresh.asked", subject=("stream", row.id), unit=row.unit_id)
        return enqueue_refresh(actor=actor, stream=row)


def refresh_streams(*, actor: Actor) -> JobReport:
    """Have every stream computed that has changed.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require(REFRESH)
    with transaction.atomic():
        record(actor, "flow.refresh.asked", subject=("stream", "all"))
        return enqueue(actor=actor, kind=KIND, arguments={}, label_code="flow.job.all", key=f"{KIND}:all")


def enqueue_refresh(*, actor: Actor, stream: ValueStream) -> JobReport:
    """Put the computation of a stream into the queue, as part of the open transaction.

    One that runs may have looked at the stream already: then another waits behind it, which has nothing to do if the
    first has noticed the change.
    """
    first, behind = keys_of(stream.id)
    job = _enqueued(actor, stream, first)
    return _enqueued(actor, stream, behind) if job.state == JobState.RUNNING.value else job


def _enqueued(actor: Actor, stream: ValueStream, key: str) -> JobReport:
    return enqueue(
        actor=actor,
        kind=KIND,
        arguments={"stream": str(stream.id), "name": stream.name},
        label_code="flow.job.stream",
        unit=stream.unit_id,
        key=key,
    )
