"""How many people a unit has, as far as a reader may know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.reading import once
from pegel_web.organisation.group_floor import floored, group_floor
from pegel_web.organisation.models import Membership
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.structure import Structure
from pegel_web.organisation.validity import valid_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """People per unit on a day: ``direct`` in the unit itself, ``below`` with all under it, each counted once.

    ``least``: the group floor.
    """

    direct: Mapping[UUID, int]
    below: Mapping[UUID, int]
    least: int

    def shown(self, unit: UUID, actor: Actor) -> tuple[int | None, int | None]:
        """Return both counts (below, direct); None where there are some, but too few to tell this reader."""
        if actor.allows("organisation.person.view", unit=unit):
            return self.below.get(unit, 0), self.direct.get(unit, 0)
        return floored(self.below.get(unit, 0), self.least), floored(self.direct.get(unit, 0), self.least)


def headcount_of(structure: Structure) -> Headcount:
    """Count the people of every unit on the day of a structure; agents and services are no people."""
    return once(("headcount", structure.on), lambda: _headcount_of(structure))


def _headcount_of(structure: Structure) -> Headcount:
    rows = Membership.objects.everything(because="counts, which keep the group floor when they are shown").filter(
        valid_on(structure.on), person__kind=PersonKind.PERSON, person__erased_at=None
    )
    direct: dict[UUID, set[UUID]] = defaultdict(set)
    for unit, person in rows.values_list("unit_id", "person_id"):
        direct[unit].add(person)
    below: dict[UUID, set[UUID]] = defaultdict(set)
    for unit, people in direct.items():
        for one in structure.above(unit):
            below[one] |= people
    return Headcount(
        direct={unit: len(people) for unit, people in direct.items()},
        below={unit: len(people) for unit, people in below.items()},
        least=group_floor(),
    )
