"""Roles, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.organisation.contracts.roles import RoleDescription, RoleLine
from pegel_web.organisation.queries import roles as queries
from pegel_web.organisation.services import roles as services

router = Router(tags=["roles"])


class NewRole(Schema):
    """A role for a person in a unit and everything below it."""

    person_id: UUID
    role_name: str = Field(max_length=100)
    unit_id: UUID
    valid_from: date
    valid_until: date | None = Field(None, description="The first day without it.")


class RoleEnd(Schema):
    """The first day without a role."""

    on: date


@router.get("/roles", response=list[RoleDescription])
@paginate
def role_catalogue(request: ApiRequest) -> tuple[RoleDescription, ...]:
    """What each role permits."""
    del request
    return queries.role_catalogue()


@router.get("/role-assignments", response=list[RoleLine])
@paginate
def role_assignments(
    request: ApiRequest, unit_id: UUID | None = None, person_id: UUID | None = None, on: date | None = None
) -> tuple[RoleLine, ...]:
    """Who has which role on a day (left out: today), where you may see roles, and your own."""
    return queries.role_assignments(actor=request.actor, unit_id=unit_id, person_id=person_id, on=on)


@router.post("/role-assignments", response={201: RoleLine})
def assign_role(request: ApiRequest, sent: NewRole) -> Status[RoleLine]:
    """Give a person a role."""
    return Status(201, services.assign_role(actor=request.actor, **sent.dict()))


@router.post("/role-assignments/{uuid:assignment_id}/end", response={204: None})
def end_role(request: ApiRequest, assignment_id: UUID, sent: RoleEnd) -> Status[None]:
    """End a role on a day."""
    services.end_role(actor=request.actor, assignment_id=assignment_id, on=sent.on)
    return Status(204, None)
