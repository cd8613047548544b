"""Decision rights and delegations, for agents and the command line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pegel_web.core.actor import Actor, Risk
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.delegations import DecisionRights, DelegationRecord, OwnRight
from pegel_web.organisation.queries import delegations as queries
from pegel_web.organisation.services import delegations as services


@tool(permission=queries.VIEW)
def decision_rights(actor: Actor, *, unit_id: UUID | None = None) -> DecisionRights:
    """Who may decide what in which unit, from a role or a delegation, up to which amount (EUR) and risk."""
    return queries.decision_rights(actor=actor, unit_id=unit_id)


@tool(permission=queries.VIEW)
def own_rights(actor: Actor) -> tuple[OwnRight, ...]:
    """What you may decide and hand on yourself."""
    return queries.own_rights(actor=actor)


@tool(permission=queries.VIEW)
def delegations(actor: Actor, *, own: bool = False, unit_id: UUID | None = None) -> tuple[DelegationRecord, ...]:
    """Delegations, the newest first; `own`: only those you gave or were given."""
    return queries.delegations(actor=actor, own=own, unit_id=unit_id)


@tool(permission=queries.GIVE, reads=False)
def give_delegation(
    actor: Actor,
    *,
    to_person_id: UUID,
    permission: str,
    unit_id: UUID,
    most_amount: Decimal | None = None,
    most_risk: Risk | None = None,
    reason: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> DelegationRecord:
    """Let another person use one of your rights in a unit, up to an amount (EUR) and a risk, from a day to another."""
    return services.give_delegation(
        actor=actor,
        to_person_id=to_person_id,
        permission=permission,
        unit_id=unit_id,
        most_amount=most_amount,
        most_risk=most_risk,
        reason=reason,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@tool(permission=queries.VIEW, reads=False)
def revoke_delegation(actor: Actor, *, delegation_id: UUID) -> DelegationRecord:
    """End a delegation at once: one you gave or were given, or one below the unit in which you hand on rights."""
    return services.revoke_delegation(actor=actor, delegation_id=delegation_id)
