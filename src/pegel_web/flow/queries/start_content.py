"""What is computed of streams for starting small, as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.flow.computing.start_small import CONTENT
from pegel_web.flow.contracts.start_small import StartContent
from pegel_web.flow.models import SnapshotKind, StreamSnapshot


def kept_contents(streams: Iterable[UUID]) -> Mapping[UUID, StreamSnapshot]:
    """Return what is kept of some streams that the caller may see."""
    found = StreamSnapshot.objects.everything(because="of streams that the actor may see")
    wanted = found.filter(stream__in=list(streams), kind=SnapshotKind.START_SMALL, preferred=True)
    return {one.stream_id: one for one in wanted}


def content_of(kept: StreamSnapshot, actor: Actor) -> StartContent:
    """Return the content in the language of the actor."""
    return CONTENT.validate_python(kept.payload[actor.language])
