"""What a unit leaves behind when it ends: people and products go on elsewhere, roles do not."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.contracts.units import UnitEnded
from pegel_web.organisation.models import Membership, Product, RoleAssignment
from pegel_web.organisation.services.administrators import keep_an_administrator
from pegel_web.organisation.services.product_owners import keep_owners
from pegel_web.organisation.validity import not_ended_by


def hand_over(actor: Actor, unit_id: UUID, successor_id: UUID | None, on: date, *, children: int) -> UnitEnded:
    """Move people and products of a unit to its successor from a day on, and end the roles in it.

    A role does not move along: its rights would reach what nobody gave it.

    Raises
    ------
    ConflictError: ``unit_not_empty``, where there is something and no successor; ``last_administrator``.
    """
    because = "what a unit still has, whoever may see it"
    later = not_ended_by(on)
    members = list(Membership.objects.everything(because=because).filter(later, unit_id=unit_id))
    products = list(Product.objects.everything(because=because).filter(later, owner_unit_id=unit_id))
    people = len({one.person_id for one in members})
    if successor_id is None and (children or members or products):
        raise ConflictError("unit_not_empty", children=children, members=people, products=len(products))
    if successor_id is not None:
        _move_members(actor, members, successor_id, on)
        for product in products:
            product.owner_unit_id = successor_id
            product.save(update_fields=["owner_unit"])
            record(
                actor,
                "organisation.product.moved",
                subject=("product", product.id),
                unit=successor_id,
                before={"owner_unit": unit_id},
                after={"owner_unit": successor_id},
            )
        keep_owners(products, on)
    with keep_an_administrator(actor.at.date()):
        roles = _end_roles(actor, unit_id, on)
    return UnitEnded(
        unit_id=unit_id,
        on=on,
        successor_id=successor_id,
        children=children,
        members=people,
        products=len(products),
        roles=roles,
    )


def _move_members(actor: Actor, members: list[Membership], successor: UUID, on: date) -> None:
    there = {
        one.person_id: one
        for one in Membership.objects.everything(because="nobody belongs to a unit twice").filter(
            not_ended_by(on), unit_id=successor, person_id__in=[one.person_id for one in members]
        )
    }
    for member in members:
        was = {"unit": member.unit_id, "valid_from": member.valid_from, "valid_until": member.valid_until}
        begins, ends = max(on, member.valid_from), member.valid_until
        if member.valid_from < on:
            member.valid_until = on
            member.save(update_fields=["valid_until"])
        else:
            member.delete()
        if member.person_id not in there:
            Membership.objects.create(
                person_id=member.person_id, unit_id=successor, valid_from=begins, valid_until=ends
            )
        record(
            actor,
            "organisation.membership.moved",
            subject=("person", member.person_id),
            unit=successor,
            about=member.person_id,
            before=was,
            after={"unit": successor, "valid_from": begins, "valid_until": ends},
        )


def _end_roles(actor: Actor, unit_id: UUID, on: date) -> int:
    roles = RoleAssignment.objects.everything(because="a role ends with its unit").filter(
        not_ended_by(on), unit_id=unit_id
    )
    found = list(roles)
    for one in found:
        was = {"role": one.role, "valid_from": one.valid_from, "valid_until": one.valid_until}
        subject, person = ("role_assignment", one.id), one.person_id
        if one.valid_from < on:
            one.valid_until = on
            one.save(update_fields=["valid_until"])
        else:
            one.delete()
        record(
            actor,
            "organisation.role.ended",
            subject=subject,
            unit=unit_id,
            before={**was, "person": person},
            after={"valid_until": on},
        )
    return len(found)
