"""Decision rights and delegations, for programs."""

# No postponed annotations here: ninja's pagination reads the types of a list's parameters where it stands itself.
from datetime import date
from decimal import Decimal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.actor import Risk
from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.organisation.contracts.delegations import DecisionRights, DelegationRecord, OwnRight
from pegel_web.organisation.queries import delegations as queries
from pegel_web.organisation.services import delegations as services

router = Router(tags=["delegations"])


class NewDelegation(Schema):
    """A right to be handed on."""

    to_person_id: UUID
    permission: str = Field(max_length=80)
    unit_id: UUID
    most_amount: Decimal | None = Field(None, description="EUR; left out: no limit, as far as you have none.")
    most_risk: Risk | None = None
    reason: str = Field("", max_length=1200)
    valid_from: date | None = Field(None, description="Left out: today.")
    valid_until: date | None = Field(None, description="The first day on which it is over.")


@router.get("/decision-rights", response=DecisionRights)
def decision_rights(request: ApiRequest, unit_id: UUID | None = None) -> DecisionRights:
    """Who may decide what in which unit, from a role or a delegation, up to which amount and risk."""
    return queries.decision_rights(actor=request.actor, unit_id=unit_id)


@router.get("/decision-rights/own", response=list[OwnRight])
@paginate
def own_rights(request: ApiRequest) -> tuple[OwnRight, ...]:
    """What you may decide and hand on yourself."""
    return queries.own_rights(actor=request.actor)


@router.get("/delegations", response=list[DelegationRecord])
@paginate
def delegations(request: ApiRequest, own: bool = False, unit_id: UUID | None = None) -> tuple[DelegationRecord, ...]:
    """Delegations, the newest first; `own`: only those you gave or were given."""
    return queries.delegations(actor=request.actor, own=own, unit_id=unit_id)


@router.get("/delegations/{uuid:delegation_id}", response=DelegationRecord)
def delegation(request: ApiRequest, delegation_id: UUID) -> DelegationRecord:
    """One delegation, and what is left of it."""
    return queries.delegation(actor=request.actor, delegation_id=delegation_id)


@router.post("/delegations", response={201: DelegationRecord})
def give_delegation(request: ApiRequest, sent: NewDelegation) -> Status[DelegationRecord]:
    """Let another person use one of your rights, never further than you have it."""
    return Status(201, services.give_delegation(actor=request.actor, **dict(sent)))


@router.delete("/delegations/{uuid:delegation_id}", response=DelegationRecord)
def revoke_delegation(request: ApiRequest, delegation_id: UUID) -> DelegationRecord:
    """End a delegation at once."""
    return services.revoke_delegation(actor=request.actor, delegation_id=delegation_id)
