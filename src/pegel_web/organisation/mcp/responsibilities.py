"""Responsibilities and the use of tools, for agents and the command line."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.responsibilities import (
    DeclaredToolUse,
    ResponsibilityLine,
    ResponsibilityMap,
    ToolMap,
)
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.queries import responsibilities as queries
from pegel_web.organisation.queries import tool_use
from pegel_web.organisation.services import responsibilities as services


@tool(permission=queries.VIEW)
def responsibility_map(actor: Actor, *, unit_id: UUID | None = None) -> ResponsibilityMap:
    """Who answers for what (RACI), with gaps, doubles and people who have left."""
    return queries.responsibility_map(actor=actor, unit_id=unit_id)


@tool(permission=queries.CHANGE, reads=False)
def assign_responsibility(
    actor: Actor,
    *,
    person_id: UUID,
    letter: Literal["R", "A", "C", "I"],
    unit_id: UUID | None = None,
    area: str | None = None,
    product_id: UUID | None = None,
    instead_of: UUID | None = None,
) -> ResponsibilityLine:
    """Let a person answer for an area of a unit or for a product; `instead_of`: an entry that ends with it."""
    return services.assign_responsibility(
        actor=actor,
        person_id=person_id,
        letter=Letter(letter),
        unit_id=unit_id,
        area=area,
        product_id=product_id,
        instead_of=instead_of,
    )


@tool(permission=queries.CHANGE, reads=False)
def end_responsibility(actor: Actor, *, responsibility_id: UUID) -> None:
    """End an entry of the map today."""
    services.end_responsibility(actor=actor, responsibility_id=responsibility_id)


@tool(permission=queries.VIEW)
def tool_map(actor: Actor) -> ToolMap:
    """Where AI tools are used and who owns them, with the imbalance of the two (0 to 1)."""
    return tool_use.tool_map(actor=actor)


@tool(permission=queries.CHANGE, reads=False)
def declare_tool_use(
    actor: Actor,
    *,
    tool: str,
    unit_id: UUID,
    people: int,
    owner_unit_id: UUID | None = None,
    platform_id: UUID | None = None,
) -> DeclaredToolUse:
    """Say which tool a unit uses, with how many people (0: not any more), which unit owns it, what it runs on."""
    return services.declare_tool_use(
        actor=actor,
        tool=tool,
        unit_id=unit_id,
        people=people,
        owner_unit_id=owner_unit_id,
        platform_id=platform_id,
    )
