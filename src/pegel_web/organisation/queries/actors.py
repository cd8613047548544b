"""From a person to an actor: the grants that their roles and delegations give at this moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor, Grant, Risk, Through
from pegel_web.core.permissions import permission
from pegel_web.organisation.models import Delegation, Person, RoleAssignment
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.limits import FrameLimits, Limit, less, limits_on
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.roles import Role, roles
from pegel_web.organisation.validity import valid_on

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
    answering = None if person.kind == PersonKind.PERSON else person.answers_for_id
    given = _delegations({person.id} if answering is None else {person.id, answering}, day)
    held = _assignments(given, day)
    grants = _grants(person.id, held, given, structure, limits, chain=frozenset())
    if answering is not None:
        grants = within(grants, _grants(answering, held, given, structure, limits, chain=frozenset()))
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
    assignment: RoleAssignment,
    held: Role,
    structure: Structure,
    limits: Callable[[], FrameLimits],
    *,
    only: frozenset[str] | None = None,
) -> list[Grant]:
    """Return what a role permits where it is assigned; what is limited, up to the limits that the frame sets there.

    ``only``: grants of these permissions; a role has a hundred, and who asks about everybody wants one of them.
    """
    source, reach = f"role:{assignment.role}", reach_of(assignment.unit_id, structure)
    found: list[Grant] = []
    for codes, units in ((held.may, reach), (held.wide, None)):
        for code in sorted(codes if only is None else codes & only):
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


def _delegations(people: Iterable[UUID], day: date) -> dict[UUID, list[Delegation]]:
    """Return what each of these people was given, and of their givers, and so on: a statement for each step back."""
    rows = Delegation.objects.everything(because="grants are what scope is made of")
    valid = rows.filter(valid_on(day), revoked_at__isnull=True, from_person__erased_at=None)
    found: dict[UUID, list[Delegation]] = {}
    while asked := set(people) - found.keys():
        found |= {person: [] for person in asked}
        for delegation in valid.filter(to_person_id__in=asked):
            found[delegation.to_person_id].append(delegation)
        people = [one.from_person_id for person in asked for one in found[person]]
    return found


def _assignments(people: Iterable[UUID], day: date) -> dict[UUID, list[RoleAssignment]]:
    rows = RoleAssignment.objects.everything(because="grants are what scope is made of")
    found: dict[UUID, list[RoleAssignment]] = {person: [] for person in people}
    for assignment in rows.filter(valid_on(day), person_id__in=list(found)):
        found[assignment.person_id].append(assignment)
    return found


def _grants(
    person: UUID,
    held: Mapping[UUID, Sequence[RoleAssignment]],
    given: Mapping[UUID, Sequence[Delegation]],
    structure: Structure,
    limits: Callable[[], FrameLimits],
    *,
    chain: frozenset[UUID],
) -> list[Grant]:
    found: list[Grant] = []
    for assignment in held[person]:
        role = roles().get(assignment.role)
        if role is None or assignment.unit_id not in structure.nodes:
            continue
        found += role_grants(assignment, role, structure, limits)
    for delegation in given[person]:
        if delegation.unit_id not in structure.nodes or not permission(delegation.permission).delegable:
            continue
        if delegation.from_person_id in chain or delegation.from_person_id == person:
            continue
        own = _grants(delegation.from_person_id, held, given, structure, limits, chain=chain | {person})
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
