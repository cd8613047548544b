"""What units are called on a day; those that are over keep their last name."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pegel_web.organisation.models import UnitPeriod
from pegel_web.organisation.queries.structure import Structure


def unit_names(units: Iterable[UUID | None], structure: Structure) -> dict[UUID, str]:
    """Return the name of each unit on the day of a structure, or the last one it had before."""
    wanted = {one for one in units if one is not None}
    found = {one: structure.nodes[one].name for one in wanted if one in structure.nodes}
    if len(found) < len(wanted):
        rows = UnitPeriod.objects.filter(unit_id__in=wanted - set(found)).order_by("valid_from")
        found |= dict(rows.values_list("unit_id", "name"))
    return found
