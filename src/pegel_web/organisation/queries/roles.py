"""Roles: what each permits, and who has them as far as a reader may know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.roles import RoleDescription, RoleLine
from pegel_web.organisation.models import RoleAssignment
from pegel_web.organisation.queries.people import names_of
from pegel_web.organisation.queries.units import unit_names
from pegel_web.organisation.roles import roles
from pegel_web.organisation.validity import not_ended_by, valid_on


def role_catalogue() -> tuple[RoleDescription, ...]:
    """Return what each role permits; that is no secret."""
    return tuple(
        RoleDescription(name=role.name, may=tuple(sorted(role.may - role.wide)), wide=tuple(sorted(role.wide)))
        for role in roles().values()
    )


def role_assignments(
    *,
    actor: Actor,
    unit_id: UUID | None = None,
    person_id: UUID | None = None,
    assignment_id: UUID | None = None,
    role: str | None = None,
    on: date | None = None,
    coming: bool = False,
) -> tuple[RoleLine, ...]:
    """Return who has which role on a day, in the units where the actor may see roles, and one's own.

    ``coming``: those that begin later, too.
    """
    day = on or actor.at.date()
    visible = RoleAssignment.objects.visible_to(actor).values("id")
    found = RoleAssignment.objects.everything(because="narrowed to what is visible, and one's own").filter(
        Q(id__in=visible) | Q(person_id=actor.person_id), not_ended_by(day) if coming else valid_on(day)
    )
    for name, value in (("unit_id", unit_id), ("person_id", person_id), ("role", role), ("id", assignment_id)):
        if value is not None:
            found = found.filter(**{name: value})
    return role_lines(actor=actor, rows=found.order_by("role", "valid_from", "id"), on=day)


def role_lines(*, actor: Actor, rows: Iterable[RoleAssignment], on: date) -> tuple[RoleLine, ...]:
    """Return assignments that the actor may see as others get them."""
    found = list(rows)
    people = names_of(actor=actor, person_ids=[one.person_id for one in found])
    units = unit_names(on=on)
    return tuple(
        RoleLine(
            assignment_id=one.id,
            person_id=one.person_id,
            person=people[one.person_id].shown,
            named=people[one.person_id].named,
            role=one.role,
            unit_id=one.unit_id,
            unit_name=units.get(one.unit_id, ""),
            valid_from=one.valid_from,
            valid_until=one.valid_until,
        )
        for one in found
    )
