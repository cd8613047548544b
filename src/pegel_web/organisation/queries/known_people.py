"""People as a log names them: by pseudonym, and by name only where the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.models import Membership, Person, RoleAssignment
from pegel_web.organisation.models.people import PersonKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person: ``name`` is empty where nobody wrote one down. ``forgotten``: there is nothing left that names them."""

    person_id: UUID
    pseudonym: str
    name: str
    kind: str
    forgotten: bool


def people_by_id(people: Iterable[UUID | None]) -> Mapping[UUID, KnownPerson]:
    """Return people by id. Whether a reader may know the names is the caller's question: see :func:`seen_by`."""
    wanted = {one for one in people if one is not None}
    if not wanted:
        return {}
    rows = Person.objects.filter(id__in=wanted).values_list("id", "pseudonym", "identity__name", "kind", "erased_at")
    return {
        person: KnownPerson(
            person_id=person, pseudonym=pseudonym, name=name or "", kind=kind, forgotten=erased_at is not None
        )
        for person, pseudonym, name, kind, erased_at in rows
    }


def seen_by(actor: Actor, people: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of some people whom a reader may see by name: themselves, and people of units they look after."""
    wanted = set(people)
    units = actor.units_for("organisation.person.view")
    if units is None:
        return frozenset(wanted)
    found = wanted & {actor.person_id}
    if units and wanted:
        because = "narrowed to the reader's units in the same line"
        for rows in (
            Membership.objects.everything(because=because),
            RoleAssignment.objects.everything(because=because),
        ):
            found |= set(rows.filter(person_id__in=wanted, unit_id__in=units).values_list("person_id", flat=True))
    return frozenset(one for one in found if one is not None)


def person_to_forget(person_id: UUID) -> KnownPerson:
    """Return a person by id.

    Raises
    ------
    NotFoundError: ``person_unknown``.
    """
    found = people_by_id([person_id]).get(person_id)
    if found is None:
        raise NotFoundError("person_unknown", id=str(person_id))
    return found


def people_matching(text: str, *, limit: int) -> list[KnownPerson]:
    """Return people whose pseudonym, name or address begins with or contains a text, by pseudonym."""
    rows = Person.objects.filter(erased_at=None).filter(
        Q(pseudonym__iexact=text) | Q(identity__name__icontains=text) | Q(identity__email__iexact=text)
    )
    found = people_by_id(rows.order_by("pseudonym").values_list("id", flat=True)[:limit])
    return sorted(found.values(), key=lambda one: one.pseudonym)


def numbers_of_people() -> Mapping[str, int]:
    """Return how many people, programs and forgotten people there are."""
    rows = Person.objects.all()
    return {
        "people": rows.filter(kind=PersonKind.PERSON, erased_at=None).count(),
        "programs": rows.exclude(kind=PersonKind.PERSON).count(),
        "forgotten": rows.filter(erased_at__isnull=False).count(),
        "accounts": rows.filter(user__isnull=False).count(),
    }
