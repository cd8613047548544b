"""Joining projects of the lake to a stream, and giving them back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.projects import weigh
from pegel_web.flow.contracts.projects import StreamProjects
from pegel_web.flow.models import LakeReading, StreamProject
from pegel_web.flow.queries.declared import opened_lake
from pegel_web.flow.queries.names import names_in_lake, streams_by_name
from pegel_web.flow.queries.projects import stream_projects, wanted_names
from pegel_web.flow.services.refreshing import enqueue_refresh
from pegel_web.flow.services.streams import locked_stream


def set_stream_projects(
    *, actor: Actor, stream_id: UUID, lake_names: Sequence[str], seen: Sequence[str]
) -> StreamProjects:
    """Let a stream go over some projects of the lake from today on, and have it computed over all of them.

    ``lake_names``: all of them, the first one of the stream among them. ``seen``: those that the person saw before.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``lake_stream_unknown``. NotAllowedError: ``not_allowed``.
    ConflictError: ``projects_changed_meanwhile``, ``stream_adopted_already``, ``stream_without_data``.
    InputError: ``first_project_stays``, ``projects_too_many``, ``project_items_not_told_apart``.
    """
    try:
        with transaction.atomic():
            _set(actor, stream_id, lake_names, seen)
    except IntegrityError:
        # Somebody has taken one of them while this was checked: at most one stream has a name at a time.
        raise ConflictError("stream_adopted_already", name=", ".join(sorted(set(lake_names) - set(seen)))) from None
    return stream_projects(actor=actor, stream_id=stream_id)


def _set(actor: Actor, stream_id: UUID, lake_names: Sequence[str], seen: Sequence[str]) -> None:
    row = locked_stream(actor, stream_id)
    before = names_in_lake(row)
    if set(before) != set(seen):
        raise ConflictError("projects_changed_meanwhile", name=row.name)
    after = wanted_names(row, lake_names)
    joined = [name for name in after if name not in before]
    left = [name for name in before if name not in after]
    if not joined and not left:
        return
    known = LakeReading.objects.first()
    held = set() if known is None else {one["lake_name"] for one in known.streams}
    taken = streams_by_name(joined)
    for name in joined:
        if name in taken:
            raise ConflictError("stream_adopted_already", name=name)
        if name not in held:
            raise NotFoundError("lake_stream_unknown", name=name[:200])
    lake = opened_lake()
    if joined and lake is not None and (shared := weigh(lake, after).shared):
        raise InputError("project_items_not_told_apart", n=len(shared), names=list(after))
    today = actor.at.date()
    mine = StreamProject.objects.everything(because="of a stream that the actor may change").filter(stream=row)
    mine.filter(valid_until=None, lake_name__in=left).update(valid_until=today)
    for name in joined:
        StreamProject.objects.create(stream=row, lake_name=name, valid_from=today)
    record(
        actor,
        "flow.stream.projects_changed",
        subject=("stream", row.id),
        unit=row.unit_id,
        before={"lake_names": list(before)},
        after={"lake_names": list(after)},
    )
    enqueue_refresh(actor=actor, stream=row)
