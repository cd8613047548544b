"""Taking the figures of a step as a baseline: they are kept as they stand, and nothing changes them any more."""

from __future__ import annotations

import json
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.start_small import FIGURES
from pegel_web.flow.contracts.start_small import TakenBaseline
from pegel_web.flow.models import Baseline
from pegel_web.flow.queries.baselines import taken_baselines
from pegel_web.flow.queries.start_content import content_of, kept_contents
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.flow.services.streams import locked_stream
from pegel_web.organisation.queries.structure import structure_on


def take_baseline(*, actor: Actor, stream_id: UUID, state: str, phase: str) -> TakenBaseline:
    """Keep the figures of a step as they are computed now, for a later measurement to compare with.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``, ``baseline_step_unknown``. NotAllowedError:
    ``not_allowed``. ConflictError: ``baseline_taken_already``, ``baseline_withheld``.
    """
    try:
        with transaction.atomic():
            row = locked_stream(actor, stream_id)
            person = actor.person()
            kept = kept_contents([row.id]).get(row.id)
            if kept is None:
                raise NotFoundError("stream_not_computed", name=row.name)
            content = content_of(kept, actor)
            floor = floor_of(actor, structure_on(actor.at.date()))
            if floor.withholds(row.unit_id, content.people):
                raise ConflictError("baseline_withheld")
            step = next((one for one in content.steps if (one.state, one.phase) == (state, phase)), None)
            if step is None:
                raise NotFoundError("baseline_step_unknown", state=state[:200], phase=phase[:40])
            figures = FIGURES.dump_python(step.baseline, mode="json")
            named = (str(row.id), state, phase, content.definition_hash, json.dumps(figures, sort_keys=True))
            made = Baseline.objects.create(
                stream=row,
                state=state,
                phase=phase,
                content=figures,
                as_of=kept.as_of,
                definition=content.definition,
                definition_hash=content.definition_hash,
                fingerprint=sha256("\0".join(named).encode()).hexdigest(),
                taken_by_id=person,
                at=actor.at,
            )
            record(
                actor,
                "flow.baseline.taken",
                subject=("baseline", made.id),
                unit=row.unit_id,
                after={"stream": row.id, "state": state, "as_of": kept.as_of, "definition": content.definition},
            )
    except IntegrityError:
        raise ConflictError("baseline_taken_already") from None
    return taken_baselines(actor, [made], {row.id: content}, floor)[0]
