"""To which department a unit belongs."""

from __future__ import annotations

from uuid import UUID

from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries.structure import Structure


def department_of(unit: UUID, structure: Structure) -> UUID:
    """Return the nearest unit of that kind above, otherwise the highest ancestor below the top, otherwise the top.

    A unit that is not there on that day stands for itself.
    """
    way = structure.path(unit)
    if not way:
        return unit
    department = next((node.unit_id for node in reversed(way) if node.kind == UnitKind.DEPARTMENT), None)
    return department or way[min(1, len(way) - 1)].unit_id
