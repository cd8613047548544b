"""Who may decide what where: the grants of everybody at once, as the matrix and the way of a question need them.

The rules are those of ``actors``, which answers for one person; a test compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from uuid import UUID

from django.db.models import Q

from pegel_web.core.actor import Grant, Risk
from pegel_web.core.permissions import permission, permissions
from pegel_web.organisation.models import Delegation, RoleAssignment
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.actors import delegated_grant, role_grants, within
from pegel_web.organisation.queries.limits import limits_on
from pegel_web.organisation.queries.structure import Structure
from pegel_web.organisation.roles import roles


@dataclass(frozen=True, slots=True, kw_only=True)
class RightHolder:
    """A person with a grant that stands at a unit (``top``) and reaches everything below it.

    ``role``: where it comes from; None: from a delegation (``delegation_id``, ``given_by``). ``until``: end of the
    assignment or delegation, excluded; None: open.
    """

    person_id: UUID
    grant: Grant
    top: UUID
    role: str | None = None
    delegation_id: UUID | None = None
    given_by: UUID | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightHolders:
    """Everybody who may decide something, by permission and by the unit where the right stands."""

    structure: Structure
    by_top: Mapping[tuple[str, UUID], Sequence[RightHolder]]

    def over(self, code: str, unit: UUID) -> list[RightHolder]:
        """Return who has a right in a unit, the nearest first: those of the unit itself, then those from above."""
        way = reversed(self.structure.path(unit))
        return [holder for node in way for holder in self.by_top.get((code, node.unit_id), ())]

    def lowest(
        self, code: str, unit: UUID, *, amount: Decimal | None, risk: Risk | None
    ) -> tuple[UUID | None, tuple[RightHolder, ...]]:
        """Return the lowest unit at which somebody may decide, and who may decide there; None: nobody may."""
        for node in reversed(self.structure.path(unit)):
            here = self.by_top.get((code, node.unit_id), ())
            able = tuple(holder for holder in here if holder.grant.covers(amount, risk))
            if able:
                return node.unit_id, able
        return None, ()

    def of_delegation(self, delegation: UUID) -> list[RightHolder]:
        """Return what is left of a delegation after it was cut to what its giver has; empty: nothing."""
        return [one for holders in self.by_top.values() for one in holders if one.delegation_id == delegation]


def shared_permissions() -> tuple[str, ...]:
    """Return what can be handed on or has limits: the columns of the matrix."""
    return tuple(one.code for one in permissions() if one.delegable or one.limited)


def right_holders(codes: Iterable[str], structure: Structure) -> RightHolders:
    """Return who holds these permissions on the day of a structure. Programs are left out: they decide nothing."""
    wanted = frozenset(codes)
    day = structure.on
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    limits = cache(lambda: limits_on(structure, day))
    from_roles: dict[UUID, list[RightHolder]] = defaultdict(list)
    names = [name for name, held in roles().items() if held.permissions & wanted]
    assignments = RoleAssignment.objects.everything(because="the matrix shows who may decide")
    for row in assignments.filter(
        valid, role__in=names, person__kind=PersonKind.PERSON, person__erased_at=None
    ).order_by("id"):
        if row.unit_id in structure.nodes:
            from_roles[row.person_id] += [
                RightHolder(
                    person_id=row.person_id,
                    grant=grant,
                    top=top_of(grant, structure),
                    role=row.role,
                    until=row.valid_until,
                )
                for grant in role_grants(row, roles()[row.role], structure, limits, only=wanted)
            ]
    given: dict[UUID, list[Delegation]] = defaultdict(list)
    rows = Delegation.objects.everything(because="the matrix shows who may decide")
    for delegation in rows.filter(
        valid,
        permission__in=[code for code in sorted(wanted) if permission(code).delegable],
        revoked_at=None,
        from_person__erased_at=None,
        to_person__erased_at=None,
        to_person__kind=PersonKind.PERSON,
    ).order_by("valid_from", "id"):
        if delegation.unit_id in structure.nodes:
            given[delegation.to_person_id].append(delegation)
    by_top: dict[tuple[str, UUID], list[RightHolder]] = defaultdict(list)
    for person in {**from_roles, **given}:
        for holder in _all_of(person, from_roles, given, structure, chain=frozenset()):
            by_top[holder.grant.permission, holder.top].append(holder)
    return RightHolders(structure=structure, by_top=by_top)


def top_of(grant: Grant, structure: Structure) -> UUID:
    """Return the unit at which a grant stands: the highest of those it reaches, which are one branch of the tree."""
    if grant.units is None:
        return structure.children[None][0]
    return next(unit for unit in grant.units if structure.nodes[unit].parent_id not in grant.units)


def _all_of(
    person: UUID,
    from_roles: Mapping[UUID, list[RightHolder]],
    given: Mapping[UUID, list[Delegation]],
    structure: Structure,
    *,
    chain: frozenset[UUID],
) -> list[RightHolder]:
    found = list(from_roles.get(person, ()))
    for delegation in given.get(person, ()):
        giver = delegation.from_person_id
        if giver in chain or giver == person:
            continue
        own = [one.grant for one in _all_of(giver, from_roles, given, structure, chain=chain | {person})]
        found += [
            RightHolder(
                person_id=person,
                grant=grant,
                top=top_of(grant, structure),
                delegation_id=delegation.id,
                given_by=giver,
                until=delegation.valid_until,
            )
            for grant in within([delegated_grant(delegation, structure)], own)
        ]
    return found
