"""Delegations as they stand, the matrix of decision rights, and what somebody may decide themselves."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor, Risk
from pegel_web.core.permissions import permission
from pegel_web.organisation.contracts.delegations import (
    DecisionRights,
    DelegationRecord,
    DelegationState,
    OwnRight,
    Right,
    RightsOfUnit,
)
from pegel_web.organisation.models import Delegation
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.right_holders import RightHolder, right_holders, shared_permissions, top_of
from pegel_web.organisation.queries.structure import Structure, StructureNode, structure_on
from pegel_web.organisation.queries.unit_names import unit_names

VIEW = "organisation.delegation.view"
GIVE = "organisation.delegation.give"


def delegations(*, actor: Actor, own: bool = False, unit_id: UUID | None = None) -> tuple[DelegationRecord, ...]:
    """Return the delegations that an actor may see, the newest first.

    Parameters
    ----------
    own: only those they gave or were given. unit_id: only of this unit and everything below it.
    """
    structure = structure_on(actor.at.date())
    rows = Delegation.objects.everything(because="narrowed in the next line to what may be seen").filter(_seen(actor))
    if own:
        rows = rows.filter(Q(from_person_id=actor.person_id) | Q(to_person_id=actor.person_id))
    if unit_id is not None:
        rows = rows.filter(unit_id__in=structure.below(_known(structure, unit_id).unit_id))
    return delegation_records(rows.order_by("-valid_from", "-id"), actor=actor, structure=structure)


def delegation(*, actor: Actor, delegation_id: UUID) -> DelegationRecord:
    """Return one delegation.

    Raises
    ------
    NotFoundError: ``delegation_unknown``.
    """
    rows = Delegation.objects.everything(because="narrowed to what may be seen").filter(_seen(actor), id=delegation_id)
    found = delegation_records(rows, actor=actor, structure=structure_on(actor.at.date()))
    if not found:
        raise NotFoundError("delegation_unknown", id=delegation_id)
    return found[0]


def delegation_records(
    rows: Sequence[Delegation], *, actor: Actor, structure: Structure
) -> tuple[DelegationRecord, ...]:
    """Return delegations with their names and what is left of each after the cut."""
    listed = list(rows)
    if not listed:
        return ()
    left: dict[UUID, list[RightHolder]] = {}
    for holders in right_holders({one.permission for one in listed}, structure).by_top.values():
        for holder in holders:
            if holder.delegation_id is not None:
                left.setdefault(holder.delegation_id, []).append(holder)
    names = office_names(
        person for one in listed for person in (one.from_person_id, one.to_person_id, one.revoked_by_id)
    )
    units = unit_names((one.unit_id for one in listed), structure)
    return tuple(_record(one, left.get(one.id, []), names, units, actor, structure) for one in listed)


def may_revoke(row: Delegation, *, actor: Actor, structure: Structure) -> bool:
    """Tell whether an actor may end a delegation: who gave it, who got it, and who may hand on rights further up."""
    if actor.person_id is not None and actor.person_id in {row.from_person_id, row.to_person_id}:
        return actor.scopes is None or "write" in actor.scopes or GIVE in actor.scopes
    node = structure.nodes.get(row.unit_id)
    return actor.allows(GIVE, unit=None if node is None else node.parent_id)


def decision_rights(*, actor: Actor, unit_id: UUID | None = None) -> DecisionRights:
    """Return who may decide what in which unit: of one unit and everything below it, or of the organisation.

    Raises
    ------
    NotFoundError: ``unit_unknown``. NotAllowedError.
    """
    actor.require_somewhere(VIEW)
    structure = structure_on(actor.at.date())
    seen = actor.units_for(VIEW)
    asked = None if unit_id is None else structure.below(_known(structure, unit_id).unit_id)
    codes = shared_permissions()
    holders = right_holders(codes, structure)
    names = office_names(
        person for found in holders.by_top.values() for one in found for person in (one.person_id, one.given_by)
    )
    rows: list[RightsOfUnit] = []
    for depth, node in structure.in_order():
        if (asked is not None and node.unit_id not in asked) or (seen is not None and node.unit_id not in seen):
            continue
        rights = {
            code: tuple(_right(one, node, names, structure) for one in holders.over(code, node.unit_id))
            for code in codes
        }
        path = " › ".join(one.name for one in structure.path(node.unit_id))
        rows.append(
            RightsOfUnit(unit_id=node.unit_id, name=node.name, path=path, kind=node.kind, depth=depth, rights=rights)
        )
    return DecisionRights(on=structure.on, permissions=codes, units=tuple(rows))


def own_rights(*, actor: Actor) -> tuple[OwnRight, ...]:
    """Return what the actor themselves may decide and hand on, the widest first."""
    structure = structure_on(actor.at.date())
    found: list[OwnRight] = []
    for code in shared_permissions():
        for grant in actor.grants_of(code):
            unit = structure.nodes[top_of(grant, structure)]
            kind, _, name = grant.source.partition(":")
            found.append(
                OwnRight(
                    permission=code,
                    unit_id=unit.unit_id,
                    unit_name=unit.name,
                    role=name if kind == "role" else None,
                    delegation_id=UUID(name) if kind == "delegation" else None,
                    most_amount=grant.most_amount,
                    most_risk=grant.most_risk,
                    limited=permission(code).limited,
                    delegable=permission(code).delegable,
                )
            )
    return tuple(sorted(found, key=lambda one: (len(structure.path(one.unit_id)), one.unit_name, one.permission)))


def _seen(actor: Actor) -> Q:
    """Return what an actor may see: what lies in their units, and what they themselves gave or were given."""
    units = actor.units_for(VIEW)
    if units is None:
        return Q()
    own = Q(pk__in=[]) if actor.person_id is None else Q(from_person=actor.person_id) | Q(to_person=actor.person_id)
    return own | Q(unit_id__in=units)


def _known(structure: Structure, unit: UUID) -> StructureNode:
    try:
        return structure.nodes[unit]
    except KeyError:
        raise NotFoundError("unit_unknown", id=unit) from None


def _record(
    row: Delegation,
    left: Sequence[RightHolder],
    names: dict[UUID, str],
    units: dict[UUID, str],
    actor: Actor,
    structure: Structure,
) -> DelegationRecord:
    state = _state(row, left, structure)
    # Several parts may be left where the giver has the right in several places; the widest is what it comes to.
    amounts = [one.grant.most_amount for one in left]
    risks = [one.grant.most_risk for one in left]
    return DelegationRecord(
        delegation_id=row.id,
        permission=row.permission,
        unit_id=row.unit_id,
        unit_name=units[row.unit_id],
        from_person_id=row.from_person_id,
        from_name=names[row.from_person_id],
        to_person_id=row.to_person_id,
        to_name=names[row.to_person_id],
        most_amount=row.most_amount,
        most_risk=None if row.most_risk is None else Risk(row.most_risk),
        effective_amount=None if None in amounts else max((one for one in amounts if one is not None), default=None),
        effective_risk=None if None in risks else max((one for one in risks if one is not None), default=None),
        reason=row.reason,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        revoked_at=row.revoked_at,
        revoked_by_name=None if row.revoked_by_id is None else names[row.revoked_by_id],
        state=state,
        may_revoke=state not in {DelegationState.REVOKED, DelegationState.ENDED}
        and may_revoke(row, actor=actor, structure=structure),
    )


def _state(row: Delegation, left: Sequence[RightHolder], structure: Structure) -> DelegationState:
    if row.revoked_at is not None:
        return DelegationState.REVOKED
    if row.valid_until is not None and row.valid_until <= structure.on:
        return DelegationState.ENDED
    if row.valid_from > structure.on:
        return DelegationState.PLANNED
    return DelegationState.ACTIVE if left else DelegationState.WITHOUT_EFFECT


def _right(holder: RightHolder, unit: StructureNode, names: dict[UUID, str], structure: Structure) -> Right:
    return Right(
        permission=holder.grant.permission,
        unit_id=unit.unit_id,
        person_id=holder.person_id,
        name=names[holder.person_id],
        role=holder.role,
        given_by_name=None if holder.given_by is None else names[holder.given_by],
        from_unit_id=holder.top,
        from_unit_name=structure.nodes[holder.top].name,
        most_amount=holder.grant.most_amount,
        most_risk=holder.grant.most_risk,
        until=holder.until,
    )
