"""People whom somebody may choose: those whom they may see, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q

from pegel_web.core.actor import Actor
from pegel_web.organisation.models import Membership, Person, RoleAssignment
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.organisation.validity import valid_on

VIEW: Final = "organisation.person.view"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosablePerson:
    """A person to choose. ``unit_name``: one unit they belong to; empty: none that the reader may see."""

    person_id: UUID
    name: str
    unit_name: str


def person_choice(*, actor: Actor) -> tuple[ChoosablePerson, ...]:
    """Return the people whom an actor may see: who belong to, or have a role in, a unit whose people they see."""
    structure = structure_on(actor.at.date())
    unit_of: dict[UUID, UUID] = {}
    for rows in (
        RoleAssignment.objects.visible_to(actor, code=VIEW),
        Membership.objects.visible_to(actor),
    ):
        unit_of |= dict(rows.filter(valid_on(structure.on)).order_by("id").values_list("person_id", "unit_id"))
    wanted = Q() if actor.units_for(VIEW) is None else Q(id__in=unit_of)
    people = Person.objects.filter(wanted, kind=PersonKind.PERSON, erased_at=None, identity__isnull=False)
    names = unit_names(unit_of.values(), structure)
    found = [
        ChoosablePerson(
            person_id=person, name=name, unit_name=names.get(unit_of[person], "") if person in unit_of else ""
        )
        for person, name in people.values_list("id", "identity__name")
    ]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), str(one.person_id))))
