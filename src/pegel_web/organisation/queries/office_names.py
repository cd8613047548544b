"""The names of people in their office: who decides, who answers for something, who was given a right.

Whoever has to ask somebody must be able to know whom; so these names are shown to everybody who may see the office.
People in any other connection are named only to those who may see people.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pegel_web.organisation.models import Person


def office_names(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the name of each person; the pseudonym of those who were forgotten."""
    wanted = {one for one in people if one is not None}
    if not wanted:
        return {}
    rows = Person.objects.filter(id__in=wanted).values_list("id", "identity__name", "pseudonym")
    return {person: name or pseudonym for person, name, pseudonym in rows}
