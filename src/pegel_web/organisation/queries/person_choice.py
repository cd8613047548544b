"""People whom somebody may choose: those whom they may see, by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
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


def person_choice(
    *, actor: Actor, text: str | None = None, person_id: UUID | None = None, most: int | None = None
) -> tuple[ChoosablePerson, ...]:
    """Return the people whom an actor may see: who belong to, or have a role in, a unit whose people they see.

    ``text``: only those in whose name it is; ``person_id``: only this one; ``most``: so many at most, by name.
    """
    structure = structure_on(actor.at.date())
    seen = [
        rows.filter(valid_on(structure.on))
        for rows in (RoleAssignment.objects.visible_to(actor, code=VIEW), Membership.objects.visible_to(actor))
    ]
    wanted = Q()
    if actor.units_for(VIEW) is not None:
        wanted = reduce(or_, (Q(id__in=rows.values("person_id")) for rows in seen))
    if text is not None:
        wanted &= Q(identity__name__icontains=text.replace("\0", ""))
    if person_id is not None:
        wanted &= Q(id=person_id)
    people = Person.objects.filter(wanted, kind=PersonKind.PERSON, erased_at=None, identity__isnull=False)
    named = list(people.order_by("identity__name", "id").values_list("id", "identity__name")[:most])
    unit_of: dict[UUID, UUID] = {}
    for rows in seen:
        of_them = rows if most is None else rows.filter(person_id__in=[person for person, _ in named])
        unit_of |= dict(of_them.order_by("id").values_list("person_id", "unit_id"))
    names = unit_names(unit_of.values(), structure)
    found = [
        ChoosablePerson(
            person_id=person, name=name, unit_name=names.get(unit_of[person], "") if person in unit_of else ""
        )
        for person, name in named
    ]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), str(one.person_id))))
