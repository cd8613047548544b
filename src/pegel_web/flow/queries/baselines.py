"""Baselines that were taken: the figures of a step as they stood, never changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

from pegel.words import Language
from pegel.words.names import state_name, term
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.start_small import FIGURES
from pegel_web.flow.contracts.start_small import StartContent, TakenBaseline
from pegel_web.flow.models import Baseline
from pegel_web.flow.queries.start_content import content_of, kept_contents
from pegel_web.flow.queries.streams import VIEW, seen_stream
from pegel_web.flow.queries.withholding import Floor, floor_of
from pegel_web.organisation.contracts.people import PersonName
from pegel_web.organisation.queries.people import names_of
from pegel_web.organisation.queries.structure import structure_on


def baselines(*, actor: Actor, stream_id: UUID | None = None) -> tuple[TakenBaseline, ...]:
    """Return the baselines that an actor may see, of all streams or of one, the newest first.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    found = Baseline.objects.visible_to(actor).select_related("stream").order_by("-at", "id")
    if stream_id is not None:
        found = found.filter(stream=seen_stream(actor, stream_id))
    rows = list(found)
    kept = kept_contents({row.stream_id for row in rows})
    contents = {stream: content_of(one, actor) for stream, one in kept.items()}
    return taken_baselines(actor, rows, contents, floor_of(actor, structure_on(actor.at.date())))


def taken_baselines(
    actor: Actor, rows: Iterable[Baseline], contents: Mapping[UUID, StartContent], floor: Floor
) -> tuple[TakenBaseline, ...]:
    """Return baselines of streams that the actor may see, as the actor may know them."""
    listed = list(rows)
    names = names_of(actor=actor, person_ids=[row.taken_by_id for row in listed]) if listed else {}
    language = cast(Language, actor.language)
    return tuple(_baseline(row, contents.get(row.stream_id), names, floor, language) for row in listed)


def _baseline(
    row: Baseline, content: StartContent | None, names: Mapping[UUID, PersonName], floor: Floor, language: Language
) -> TakenBaseline:
    hidden = floor.withholds(row.stream.unit_id, None if content is None else content.people)
    name = names.get(row.taken_by_id)
    return TakenBaseline(
        id=row.id,
        stream_id=row.stream_id,
        stream_name=row.stream.name,
        state=row.state,
        state_name=state_name(row.state, language),
        phase=row.phase,
        phase_name=term("phase", row.phase, language),
        figures=None if hidden else FIGURES.validate_python(row.content),
        as_of=row.as_of,
        definition=row.definition,
        definition_hash=row.definition_hash,
        comparable=None if content is None else content.definition_hash == row.definition_hash,
        taken_at=row.at,
        taken_by="" if name is None else name.shown,
    )
