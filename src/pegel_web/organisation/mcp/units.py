"""Units, products and roles, for agents and the command line."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.roles import RoleDescription, RoleLine
from pegel_web.organisation.contracts.units import OrganisationTree, ProductSummary, UnitEnded, UnitReport, UnitSummary
from pegel_web.organisation.queries import products as product_queries
from pegel_web.organisation.queries import roles as role_queries
from pegel_web.organisation.queries import units as queries
from pegel_web.organisation.services import roles as role_services
from pegel_web.organisation.services import units as services
from pegel_web.organisation.services.administrators import ASSIGN

Kind = Literal["organisation", "division", "department", "team"]


@tool(permission=queries.VIEW)
def organisation_tree(actor: Actor, *, on: date | None = None) -> OrganisationTree:
    """The units as they stood on a day (left out: today), parents before children."""
    return queries.organisation_tree(actor=actor, on=on)


@tool(permission=queries.VIEW)
def unit_report(actor: Actor, *, unit_id: UUID, on: date | None = None) -> UnitReport:
    """One unit as it stood on a day: where it hangs, what is below it, its products and its history."""
    return queries.unit_report(actor=actor, unit_id=unit_id, on=on)


@tool(permission=queries.VIEW)
def product_list(actor: Actor, *, on: date | None = None) -> tuple[ProductSummary, ...]:
    """Products and the units that answer for them."""
    return product_queries.product_list(actor=actor, on=on)


@tool(permission="organisation.role.view")
def role_assignments(
    actor: Actor, *, unit_id: UUID | None = None, person_id: UUID | None = None, on: date | None = None
) -> tuple[RoleLine, ...]:
    """Who has which role on a day, by name or pseudonym as you may know them."""
    return role_queries.role_assignments(actor=actor, unit_id=unit_id, person_id=person_id, on=on)


@tool(permission=queries.VIEW)
def role_catalogue(actor: Actor) -> tuple[RoleDescription, ...]:
    """What each role permits."""
    del actor
    return role_queries.role_catalogue()


@tool(permission=services.CHANGE, reads=False)
def create_unit(
    actor: Actor, *, code: str, name: str, kind: Kind, valid_from: date, parent_id: UUID | None = None
) -> UnitSummary:
    """Begin a unit on a date."""
    return services.create_unit(
        actor=actor, code=code, name=name, kind=kind, parent_id=parent_id, valid_from=valid_from
    )


@tool(permission=services.CHANGE, reads=False)
def rename_unit(actor: Actor, *, unit_id: UUID, name: str, kind: Kind, on: date) -> UnitSummary:
    """Give a unit another name or kind from a date on; what was before stays as it was."""
    return services.rename_unit(actor=actor, unit_id=unit_id, name=name, kind=kind, on=on)


@tool(permission=services.CHANGE, reads=False)
def move_unit(actor: Actor, *, unit_id: UUID, parent_id: UUID, on: date) -> UnitSummary:
    """Hang a unit under another one from a date on."""
    return services.move_unit(actor=actor, unit_id=unit_id, parent_id=parent_id, on=on)


@tool(permission=services.CHANGE, reads=False)
def end_unit(actor: Actor, *, unit_id: UUID, on: date, successor_id: UUID | None = None) -> UnitEnded:
    """End a unit; its successor gets units below, people and products."""
    return services.end_unit(actor=actor, unit_id=unit_id, on=on, successor_id=successor_id)


@tool(permission=ASSIGN, reads=False)
def assign_role(
    actor: Actor, *, person_id: UUID, role_name: str, unit_id: UUID, valid_from: date, valid_until: date | None = None
) -> RoleLine:
    """Give a person a role in a unit and everything below it."""
    return role_services.assign_role(
        actor=actor,
        person_id=person_id,
        role_name=role_name,
        unit_id=unit_id,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@tool(permission=ASSIGN, reads=False)
def end_role(actor: Actor, *, assignment_id: UUID, on: date) -> None:
    """End a role on a date."""
    role_services.end_role(actor=actor, assignment_id=assignment_id, on=on)
