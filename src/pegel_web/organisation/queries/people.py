"""People as a reader may know them: by name where they may see people, otherwise by pseudonym."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.people import (
    MembershipLine,
    PeoplePage,
    PersonName,
    PersonReport,
    PersonSummary,
)
from pegel_web.organisation.models import Invitation, Membership, Person, RoleAssignment
from pegel_web.organisation.queries.units import unit_names
from pegel_web.organisation.validity import not_ended_by, valid_on

VIEW: Final = "organisation.person.view"
_BECAUSE: Final = "whether somebody belongs to the reader's units decides what the reader may see"
#: More are never listed at once, not even in a file.
MOST_EXPORTED: Final = 50_000
#: A list of ids longer than this is compared in parts: databases limit what one statement may carry.
_AT_ONCE: Final = 5_000


def people_list(
    *,
    actor: Actor,
    on: date | None = None,
    text: str = "",
    unit_id: UUID | None = None,
    kind: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> PeoplePage:
    """Return the people whom an actor may see, by name; ``text``: part of a name, an address or a pseudonym.

    Raises
    ------
    NotAllowedError: the actor may see people nowhere.
    """
    if not actor.has(VIEW):
        actor.require(VIEW)
    day = on or actor.at.date()
    found = seen_people(actor, day).filter(erased_at=None)
    if wanted := text.strip().replace("\0", ""):
        by_name = Q(identity__name__icontains=wanted) | Q(identity__email__icontains=wanted)
        found = found.filter(by_name | Q(pseudonym__istartswith=wanted))
    if kind is not None:
        found = found.filter(kind=kind)
    if unit_id is not None:
        rows = Membership.objects.everything(because=_BECAUSE).filter(valid_on(day), unit_id=unit_id)
        found = found.filter(id__in=rows.values("person_id"))
    ordered = found.order_by("identity__name", "pseudonym").select_related("identity", "user")
    limit = max(1, min(limit, MOST_EXPORTED))
    rows = list(ordered[offset : offset + limit])
    return PeoplePage(on=day, people=summaries(actor, rows, day), count=found.count())


def person_report(*, actor: Actor, person_id: UUID) -> PersonReport:
    """Return one person: oneself, or somebody whom the actor may see.

    Raises
    ------
    NotFoundError: ``person_unknown``.
    """
    day = actor.at.date()
    person = visible_person(actor, person_id)
    names = unit_names(on=day)
    rows = Membership.objects.everything(because="the page of a person whom the actor may see").filter(person=person)
    open_links = Invitation.objects.filter(user__person=person, used_at=None, expires_at__gt=actor.at)
    invited = open_links.order_by("-expires_at").first()
    related = [*person.agents.all(), *([person.answers_for] if person.answers_for else [])]
    known = names_of(actor=actor, person_ids=[one.id for one in related])
    return PersonReport(
        person=summaries(actor, [person], day)[0],
        created_at=person.created_at,
        erased_at=person.erased_at,
        memberships=tuple(
            MembershipLine(
                membership_id=row.id,
                unit_id=row.unit_id,
                unit_name=names.get(row.unit_id, ""),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
            for row in rows.order_by("-valid_from", "id")
        ),
        answers_for=None if person.answers_for_id is None else known[person.answers_for_id],
        agents=tuple(known[one.id] for one in related if one.id != person.answers_for_id),
        invited_until=None if invited is None else invited.expires_at,
    )


def person_of_membership(*, actor: Actor, membership_id: int) -> PersonReport:
    """Return the person that a membership is about.

    Raises
    ------
    NotFoundError: ``membership_unknown``, ``person_unknown``.
    """
    found = Membership.objects.visible_to(actor).filter(id=membership_id).first()
    if found is None:
        raise NotFoundError("membership_unknown", id=membership_id)
    return person_report(actor=actor, person_id=found.person_id)


def names_of(*, actor: Actor, person_ids: Iterable[UUID]) -> Mapping[UUID, PersonName]:
    """Return people as an actor may know them, in two statements however many they are.

    The name where the actor sees people in a unit that the person belongs to or has a role in, and for oneself;
    otherwise the pseudonym, which is also what is left of people who were forgotten or imported without a name.
    """
    wanted = list(set(person_ids))
    found: dict[UUID, PersonName] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        seen = set(seen_people(actor, actor.at.date()).filter(id__in=part).values_list("id", flat=True))
        people = Person.objects.filter(id__in=part).values_list("id", "pseudonym", "identity__name")
        for person, pseudonym, name in people:
            named = bool(name) and person in seen
            found[person] = PersonName(person_id=person, shown=name if named else pseudonym, named=named)
    return found


def seen_people(actor: Actor, day: date) -> QuerySet[Person]:
    """Return the people whose names an actor may know: in their units on that day, and oneself."""
    units = actor.units_for(VIEW)
    if units is None:
        return Person.objects.all()
    own = Q(id=actor.person_id)
    if not units:
        return Person.objects.filter(own)
    places = (Membership, RoleAssignment)
    there = [
        Exists(
            place.objects.everything(because=_BECAUSE).filter(
                valid_on(day), person_id=OuterRef("pk"), unit_id__in=units
            )
        )
        for place in places
    ]
    return Person.objects.filter(own | Q(there[0]) | Q(there[1]))


def visible_person(actor: Actor, person_id: UUID) -> Person:
    """Return a person whom an actor may see, or oneself. Somebody who is yet to come is seen, too.

    Raises
    ------
    NotFoundError: ``person_unknown``.
    """
    rows = Person.objects.select_related("identity", "user", "answers_for")
    found = rows.filter(id=person_id).first()
    if found is None or not _may_see(actor, found):
        raise NotFoundError("person_unknown", id=str(person_id))
    return found


def summaries(actor: Actor, people: Collection[Person], day: date) -> tuple[PersonSummary, ...]:
    """Return people whom the actor may see as lines of a list; the statements do not grow with their number."""
    names = unit_names(on=day)
    units: dict[UUID, list[str]] = defaultdict(list)
    rows = Membership.objects.everything(because="units of people whom the actor may see").filter(valid_on(day))
    wanted = [person.id for person in people]
    for start in range(0, len(wanted), _AT_ONCE):
        part = rows.filter(person_id__in=wanted[start : start + _AT_ONCE])
        for person, unit in part.values_list("person_id", "unit_id"):
            units[person].append(names.get(unit, ""))
    return tuple(_summary(person, tuple(sorted(units[person.id]))) for person in people)


def _may_see(actor: Actor, person: Person) -> bool:
    units = actor.units_for(VIEW)
    if units is None or person.id == actor.person_id:
        return True
    today = actor.at.date()
    return any(
        place.objects.everything(because=_BECAUSE)
        .filter(not_ended_by(today), person=person, unit_id__in=units)
        .exists()
        for place in (Membership, RoleAssignment)
    )


def _summary(person: Person, units: tuple[str, ...]) -> PersonSummary:
    identity = getattr(person, "identity", None)
    name = "" if identity is None else identity.name
    return PersonSummary(
        person_id=person.id,
        shown=name or person.pseudonym,
        named=bool(name),
        kind=person.kind,
        pseudonym=person.pseudonym,
        email=None if identity is None else identity.email,
        units=units,
        account=account_state(person),
    )


def account_state(person: Person) -> str:
    """Return how far a person can sign in: ``none``, ``invited`` (never yet), ``active``, ``closed``."""
    user = person.user
    if user is None:
        return "none"
    if not user.is_active:
        return "closed"
    return "active" if user.last_login is not None or user.has_usable_password() else "invited"
