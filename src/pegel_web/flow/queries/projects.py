"""Over which projects a stream goes, which could be joined, and what that would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.projects import weigh
from pegel_web.flow.contracts.projects import ProjectFacts, ProjectsEffect, ProjectSpan, StreamProjects
from pegel_web.flow.models import StreamProject, ValueStream
from pegel_web.flow.queries.declared import opened_lake
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.streams import CHANGE, ITEMS, lake_view, reading, seen_stream, stream_of
from pegel_web.organisation.queries.structure import structure_on

#: Projects of one stream at most.
MOST: Final = 50
#: Ids that are named as examples.
_EXAMPLES: Final = 5


def stream_projects(*, actor: Actor, stream_id: UUID, lake_names: Sequence[str] | None = None) -> StreamProjects:
    """Return over which projects of the lake a stream goes. ``lake_names``: over which it might, to see the effect.

    Raises
    ------
    NotFoundError: ``stream_unknown``; ``lake_stream_unknown`` for a name that belongs to somebody else or to nothing.
    NotAllowedError: ``not_allowed`` for the effect, where the actor may not change the stream.
    """
    row = seen_stream(actor, stream_id)
    names = names_in_lake(row)
    may_change = actor.allows(CHANGE, unit=row.unit_id)
    candidates = lake_view(actor, reading()).unclaimed if may_change else ()
    lake = opened_lake()
    found = None if lake is None else weigh(lake, names)
    effect = None
    if lake_names is not None:
        actor.require(CHANGE, unit=row.unit_id)
        effect = _effect(actor, row, lake_names, {one.lake_name for one in candidates})
    return StreamProjects(
        stream=stream_of(row, structure_on(actor.at.date())),
        projects=tuple(_nothing(name) for name in names) if found is None else found.each,
        candidates=candidates,
        history=_history(row),
        shared=0 if found is None else len(found.shared),
        effect=effect,
        may_change=may_change,
    )


def wanted_names(row: ValueStream, lake_names: Sequence[str]) -> tuple[str, ...]:
    """Return names as they are kept: the first one first, each once.

    Raises
    ------
    InputError: ``first_project_stays``, ``projects_too_many``.
    """
    wanted = tuple(dict.fromkeys(lake_names))
    if row.lake_name not in wanted:
        raise InputError("first_project_stays", name=row.lake_name)
    if len(wanted) > MOST:
        raise InputError("projects_too_many", most=MOST)
    return (row.lake_name, *(name for name in wanted if name != row.lake_name))


def _effect(actor: Actor, row: ValueStream, lake_names: Sequence[str], free: set[str]) -> ProjectsEffect:
    before, after = names_in_lake(row), wanted_names(row, lake_names)
    for name in after:
        if name not in before and name not in free:
            raise NotFoundError("lake_stream_unknown", name=name[:200])
    lake = opened_lake()
    if lake is None:
        raise ConflictError("stream_without_data", name=row.name)
    now, then = weigh(lake, before), weigh(lake, after)
    named = actor.allows(ITEMS, unit=row.unit_id)
    return ProjectsEffect(
        projects=then.each,
        before=now.together,
        after=then.together,
        shared=len(then.shared),
        examples=then.shared[:_EXAMPLES] if named else (),
    )


def _history(row: ValueStream) -> tuple[ProjectSpan, ...]:
    rows = StreamProject.objects.everything(because="of a stream that the actor may see").filter(stream=row)
    listed = cast("list[StreamProject]", list(rows.order_by("-valid_from", "lake_name")))
    return tuple(
        ProjectSpan(lake_name=one.lake_name, valid_from=one.valid_from, valid_until=one.valid_until) for one in listed
    )


def _nothing(name: str) -> ProjectFacts:
    return ProjectFacts(lake_name=name, items=0, transitions=0, first_at=None, last_at=None)
