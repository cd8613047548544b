"""Saying which unit is accountable for which steps of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.contracts.responsibility import StepOwner, StreamResponsibility
from pegel_web.flow.models import StepResponsibility
from pegel_web.flow.queries.responsibility import declared_steps, revision_of, steps_of, stream_responsibility
from pegel_web.flow.services.streams import locked_stream
from pegel_web.organisation.queries.structure import structure_on


def change_responsibility(
    *, actor: Actor, stream_id: UUID, owners: Sequence[StepOwner], revision: str
) -> StreamResponsibility:
    """Let units be accountable for steps from today on, or nobody any more; steps that are not named stay.

    What was in force before keeps its time. A second change on the same day replaces the first.
    ``revision``: of what the person has seen.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``unit_unknown``, ``step_unknown``. NotAllowedError: ``not_allowed``.
    InputError: ``step_twice``. ConflictError: ``responsibility_changed_meanwhile``.
    """
    today = actor.at.date()
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        declared = declared_steps(row)
        if revision_of(declared) != revision:
            raise ConflictError("responsibility_changed_meanwhile", name=row.name)
        if len({one.state for one in owners}) < len(owners):
            raise InputError("step_twice")
        known, nodes = set(steps_of(row)), structure_on(today).nodes
        mine = {one.state: one for one in declared if one.valid_until is None}
        before: dict[str, UUID | None] = {}
        after: dict[str, UUID | None] = {}
        for one in owners:
            if one.state not in known:
                raise NotFoundError("step_unknown", name=one.state[:100])
            if one.unit_id is not None and one.unit_id not in nodes:
                raise NotFoundError("unit_unknown", id=one.unit_id)
            old = mine.get(one.state)
            if (None if old is None else old.unit_id) == one.unit_id:
                continue
            before[one.state], after[one.state] = (None if old is None else old.unit_id), one.unit_id
            if old is not None and old.valid_from >= today:
                old.delete()
            elif old is not None:
                old.valid_until = today
                old.save(update_fields=["valid_until"])
            if one.unit_id is not None:
                StepResponsibility.objects.create(stream=row, state=one.state, unit_id=one.unit_id, valid_from=today)
        if after:
            record(
                actor,
                "flow.responsibility.changed",
                subject=("stream", row.id),
                unit=row.unit_id,
                before=before,
                after=after,
            )
    return stream_responsibility(actor=actor, stream_id=stream_id)
