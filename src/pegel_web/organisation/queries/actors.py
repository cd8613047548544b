"""From a person to an actor: the grants that their roles and delegations give at this moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

from django.db.models import Q

from pegel_web.core.actor import Actor, Grant, Risk, Through
from pegel_web.core.permissions import permission
from pegel_web.organisation.models import Delegation, Person, RoleAssignment
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.limits import FrameLimits, Limit, less, limits_on
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.roles import Role, roles

_NO_LIMIT: Final = Limit()


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
    limits = cache(lambda: limits_on(structure, day))
    grants = _grants(person.id, structure, day, limits, chain=frozenset())
    if person.kind != PersonKind.PERSON and person.answers_for_id is not None:
        grants = within(grants, _grants(person.answers_for_id, structure, day, limits, chain=frozenset()))
    return Actor(
        person_id=person.id,
        at=at,
        through=through,
        request_id=request_id,
        grants=tuple(grants) if person.erased_at is None else (),
        scopes=scopes,
        language=language,
    )


def role_grants(
    assignment: RoleAssignment, held: Role, structure: Structure, limits: Callable[[], FrameLimits]
) -> list[Grant]:
    """Return what a role permits where it is assigned; what is limited, up to the limits that the frame sets there."""
    source, reach = f"role:{assignment.role}", reach_of(assignment.unit_id, structure)
    found: list[Grant] = []
    for codes, units in ((held.may, reach), (held.wide, None)):
        for code in sorted(codes):
            most = limits().at(assignment.unit_id) if permission(code).limited else _NO_LIMIT
            found.append(
                Grant(
                    permission=code,
                    units=units,
                    source=source,
                    most_amount=most.most_amount,
                    most_risk=most.most_risk,
                )
            )
    return found


def _grants(
    person: UUID, structure: Structure, day: date, limits: Callable[[], FrameLimits], *, chain: frozenset[UUID]
) -> list[Grant]:
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    found: list[Grant] = []
    assignments = RoleAssignment.objects.everything(because="grants are what scope is made of")
    for assignment in assignments.filter(valid, person_id=person):
        held = roles().get(assignment.role)
        if held is None or assignment.unit_id not in structure.nodes:
            continue
        found += role_grants(assignment, held, structure, limits)
    given = Delegation.objects.everything(because="grants are what scope is made of")
    for delegation in given.filter(valid, to_person_id=person, revoked_at__isnull=True, from_person__erased_at=None):
        if delegation.unit_id not in structure.nodes or not permission(delegation.permission).delegable:
            continue
        if delegation.from_person_id in chain or delegation.from_person_id == person:
            continue
        own = _grants(delegation.from_person_id, structure, day, limits, chain=chain | {person})
        found += within([delegated_grant(delegation, structure)], own)
    return found


def delegated_grant(delegation: Delegation, structure: Structure) -> Grant:
    """Return what a delegation says, not yet cut to what its giver has."""
    return Grant(
        permission=delegation.permission,
        units=reach_of(delegation.unit_id, structure),
        source=f"delegation:{delegation.id}",
        most_amount=delegation.most_amount,
        most_risk=None if delegation.most_risk is None else Risk(delegation.most_risk),
    )


def reach_of(unit: UUID, structure: Structure) -> frozenset[UUID] | None:
    """Return the units that an assignment reaches; None where it stands at the one top of the organisation."""
    return None if structure.children.get(None) == (unit,) else structure.below(unit)


def within(grants: Iterable[Grant], limits: Sequence[Grant]) -> list[Grant]:
    """Return grants cut down to what other grants of the same permission cover: never more than both."""
    found: list[Grant] = []
    for grant in grants:
        for limit in limits:
            if limit.permission != grant.permission:
                continue
            units = _fewer_units(grant.units, limit.units)
            if units is None or units:
                amount, risk = less(grant.most_amount, limit.most_amount), less(grant.most_risk, limit.most_risk)
                found.append(replace(grant, units=units, most_amount=amount, most_risk=risk))
    return found


def _fewer_units(one: frozenset[UUID] | None, other: frozenset[UUID] | None) -> frozenset[UUID] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
