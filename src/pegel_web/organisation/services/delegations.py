"""Giving and taking back rights."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Risk
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.permissions import Permission, permissions
from pegel_web.organisation import entered
from pegel_web.organisation.contracts.delegations import DelegationRecord
from pegel_web.organisation.models import Delegation, Person
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries import delegations as queries
from pegel_web.organisation.queries.structure import structure_on

LONGEST_REASON = 300


def give_delegation(
    *,
    actor: Actor,
    to_person_id: UUID,
    permission: str,
    unit_id: UUID,
    most_amount: Decimal | None = None,
    most_risk: Risk | None = None,
    reason: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> DelegationRecord:
    """Let another person use one of the actor's rights in a unit and everything below it.

    ``valid_from``: today where it is not said. ``valid_until``: the first day on which it is over; None: until revoked.

    Raises
    ------
    NotAllowedError: ``not_allowed``; ``delegation_beyond_own_right``: nobody gives what they do not have.
    InputError: ``permission_not_delegable``, ``limit_not_applicable``, ``delegation_to_oneself``,
    ``delegation_to_program``, ``delegation_in_the_past``, ``validity_backwards`` and those of ``entered``.
    NotFoundError: ``person_unknown``, ``unit_unknown``. ConflictError: ``delegation_exists``.
    """
    right = _delegable(permission)
    structure = structure_on(actor.at.date())
    if unit_id not in structure.nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    actor.require(queries.GIVE, unit=unit_id)
    amount, begins = entered.amount(most_amount), valid_from or actor.at.date()
    if not right.limited and (amount is not None or most_risk is not None):
        raise InputError("limit_not_applicable", permission=permission)
    if not any(grant.reaches(unit_id) and grant.covers(amount, most_risk) for grant in actor.grants_of(permission)):
        raise NotAllowedError("delegation_beyond_own_right", permission=permission)
    if begins < actor.at.date():
        raise InputError("delegation_in_the_past", valid_from=begins)
    entered.forward(begins, valid_until)
    why = entered.line(reason, field="reason", most=LONGEST_REASON)
    with transaction.atomic():
        # The giver's row is the queue: two equal delegations at the same moment become one and a conflict.
        Person.objects.select_for_update().get(id=actor.person())
        _receiver(to_person_id, actor)
        _refuse_twice(actor.person(), to_person_id, permission, unit_id, begins, valid_until)
        row = Delegation.objects.create(
            from_person_id=actor.person(),
            to_person_id=to_person_id,
            permission=permission,
            unit_id=unit_id,
            most_amount=amount,
            most_risk=most_risk,
            reason=why,
            valid_from=begins,
            valid_until=valid_until,
        )
        record(
            actor,
            "organisation.delegation.given",
            subject=("delegation", row.id),
            unit=unit_id,
            about=to_person_id,
            after={
                "permission": permission,
                "to": to_person_id,
                "most_amount": amount,
                "most_risk": most_risk,
                "valid_from": begins,
                "valid_until": valid_until,
            },
        )
        return queries.delegation_records([row], actor=actor, structure=structure)[0]


def revoke_delegation(*, actor: Actor, delegation_id: UUID) -> DelegationRecord:
    """End a delegation at once: by who gave it, by who got it, or by who may hand on rights above its unit.

    Raises
    ------
    NotFoundError: ``delegation_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``delegation_over``.
    """
    queries.delegation(actor=actor, delegation_id=delegation_id)
    structure = structure_on(actor.at.date())
    with transaction.atomic():
        rows = Delegation.objects.everything(because="seen in the line above")
        row = rows.select_for_update().get(id=delegation_id)
        if not queries.may_revoke(row, actor=actor, structure=structure):
            raise NotAllowedError("not_allowed", permission=queries.GIVE)
        if row.revoked_at is not None or (row.valid_until is not None and row.valid_until <= actor.at.date()):
            raise ConflictError("delegation_over")
        row.revoked_at = actor.at
        row.revoked_by_id = actor.person()
        row.save(update_fields=["revoked_at", "revoked_by"])
        record(
            actor,
            "organisation.delegation.revoked",
            subject=("delegation", row.id),
            unit=row.unit_id,
            about=row.to_person_id,
            before={"permission": row.permission, "from": row.from_person_id, "to": row.to_person_id},
        )
        return queries.delegation_records([row], actor=actor, structure=structure)[0]


def _delegable(code: str) -> Permission:
    found = next((one for one in permissions() if one.code == code and one.delegable), None)
    if found is None:
        raise InputError("permission_not_delegable", name=code)
    return found


def _receiver(person_id: UUID, actor: Actor) -> None:
    if person_id == actor.person_id:
        raise InputError("delegation_to_oneself")
    person = Person.objects.filter(id=person_id, erased_at=None).first()
    if person is None:
        raise NotFoundError("person_unknown", id=person_id)
    if person.kind != PersonKind.PERSON:
        raise InputError("delegation_to_program")


def _refuse_twice(giver: UUID, receiver: UUID, permission: str, unit_id: UUID, begins: date, ends: date | None) -> None:
    """Refuse a second delegation of the same right beside one that still runs."""
    rows = Delegation.objects.everything(because="two equal delegations would have to be revoked twice")
    same = rows.filter(
        from_person_id=giver, to_person_id=receiver, permission=permission, unit_id=unit_id, revoked_at=None
    ).filter(Q(valid_until=None) | Q(valid_until__gt=begins))
    if ends is not None:
        same = same.filter(valid_from__lt=ends)
    if same.exists():
        raise ConflictError("delegation_exists")
