"""The units in which a person may change streams."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.organisation.queries.structure import structure_on


def units_to_choose(*, actor: Actor) -> list[tuple[UUID, int, str]]:
    """Return (id, depth in the organisation, name) of the units in which an actor may change streams, top down."""
    allowed = actor.units_for(CHANGE)
    return [
        (node.unit_id, depth, node.name)
        for depth, node in structure_on(actor.at.date()).in_order()
        if allowed is None or node.unit_id in allowed
    ]
