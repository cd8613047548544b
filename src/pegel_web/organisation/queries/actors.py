"""From a person to an actor: the grants that their roles and delegations give at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from pegel_web.core.actor import Actor, Grant, Risk, Through
from pegel_web.core.permissions import permission
from pegel_web.organisation.models import Delegation, Person, RoleAssignment
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.roles import roles

T = TypeVar("T", Decimal, Risk)


def actor_of(
    person: Person,
    *,
    at: datetime,
    through: Through,
    request_id: str,
    scopes: frozenset[str] | None = None,
    language: str = "de",
) -> Actor:
    """Return the actor for a person at a moment.

    An agent or service has its own grants only as far as the person who answers for it has them, too.
    """
    day = at.date()
    structure = structure_on(day)
    grants = _grants(person.id, structure, day, chain=frozenset())
    if person.kind != PersonKind.PERSON and person.answers_for_id is not None:
        grants = _within(grants, _grants(person.answers_for_id, structure, day, chain=frozenset()))
    return Actor(
        person_id=person.id,
        at=at,
        through=through,
        request_id=request_id,
        grants=tuple(grants) if person.erased_at is None else (),
        scopes=scopes,
        language=language,
    )


def _grants(person: UUID, structure: Structure, day: date, *, chain: frozenset[UUID]) -> list[Grant]:
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    found: list[Grant] = []
    assignments = RoleAssignment.objects.everything(because="grants are what scope is made of")
    for assignment in assignments.filter(valid, person_id=person):
        held = roles().get(assignment.role)
        if held is None or assignment.unit_id not in structure.nodes:
            continue
        reach = _reach(assignment.unit_id, structure)
        source = f"role:{assignment.role}"
        found += [Grant(permission=code, units=reach, source=source) for code in sorted(held.may)]
        found += [Grant(permission=code, units=None, source=source) for code in sorted(held.wide)]
    given = Delegation.objects.everything(because="grants are what scope is made of")
    for delegation in given.filter(valid, to_person_id=person, revoked_at__isnull=True, from_person__erased_at=None):
        if delegation.unit_id not in structure.nodes or not permission(delegation.permission).delegable:
            continue
        if delegation.from_person_id in chain or delegation.from_person_id == person:
            continue
        handed = Grant(
            permission=delegation.permission,
            units=_reach(delegation.unit_id, structure),
            source=f"delegation:{delegation.id}",
            most_amount=delegation.most_amount,
            most_risk=None if delegation.most_risk is None else Risk(delegation.most_risk),
        )
        own = _grants(delegation.from_person_id, structure, day, chain=chain | {person})
        found += _within([handed], own)
    return found


def _reach(unit: UUID, structure: Structure) -> frozenset[UUID] | None:
    """Return the units that an assignment reaches; None where it stands at the one top of the organisation."""
    return None if structure.children.get(None) == (unit,) else structure.below(unit)


def _within(grants: Iterable[Grant], limits: list[Grant]) -> list[Grant]:
    """Return grants cut down to what other grants of the same permission cover: never more than both."""
    found: list[Grant] = []
    for grant in grants:
        for limit in limits:
            if limit.permission != grant.permission:
                continue
            units = _fewer_units(grant.units, limit.units)
            if units is None or units:
                amount, risk = _less(grant.most_amount, limit.most_amount), _less(grant.most_risk, limit.most_risk)
                found.append(replace(grant, units=units, most_amount=amount, most_risk=risk))
    return found


def _fewer_units(one: frozenset[UUID] | None, other: frozenset[UUID] | None) -> frozenset[UUID] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _less(one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
