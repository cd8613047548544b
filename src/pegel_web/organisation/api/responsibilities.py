"""Responsibilities and the use of tools, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest
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

router = Router(tags=["responsibilities"])


class NewResponsibility(Schema):
    """Who is to answer for what: either a unit and an area, or a product."""

    person_id: UUID
    letter: Letter
    unit_id: UUID | None = None
    area: str | None = Field(None, max_length=40)
    product_id: UUID | None = None
    instead_of: UUID | None = Field(None, description="An entry that ends with it.")


class NewToolUse(Schema):
    """A unit uses a tool."""

    tool: str = Field(max_length=500)
    unit_id: UUID
    people: int = Field(description="How many people use it; 0: not any more.")
    owner_unit_id: UUID | None = Field(None, description="Which unit owns it; left out: nobody.")
    platform_id: UUID | None = Field(None, description="Which platform it runs on there; left out: none.")


@router.get("/responsibilities", response=ResponsibilityMap)
def responsibility_map(request: ApiRequest, unit_id: UUID | None = None) -> ResponsibilityMap:
    """Who answers for what, with gaps, doubles and people who have left."""
    return queries.responsibility_map(actor=request.actor, unit_id=unit_id)


@router.post("/responsibilities", response={201: ResponsibilityLine})
def assign_responsibility(request: ApiRequest, sent: NewResponsibility) -> Status[ResponsibilityLine]:
    """Let a person answer for an area of a unit or for a product, from today."""
    return Status(201, services.assign_responsibility(actor=request.actor, **dict(sent)))


@router.delete("/responsibilities/{uuid:responsibility_id}", response={204: None})
def end_responsibility(request: ApiRequest, responsibility_id: UUID) -> Status[None]:
    """End an entry today."""
    services.end_responsibility(actor=request.actor, responsibility_id=responsibility_id)
    return Status(204, None)


@router.get("/tools", response=ToolMap)
def tool_map(request: ApiRequest) -> ToolMap:
    """Where AI tools are used and who owns them, with the imbalance of the two."""
    return tool_use.tool_map(actor=request.actor)


@router.post("/tools", response={201: DeclaredToolUse})
def declare_tool_use(request: ApiRequest, sent: NewToolUse) -> Status[DeclaredToolUse]:
    """Say which tool a unit uses, with how many people, and who owns it."""
    return Status(201, services.declare_tool_use(actor=request.actor, **dict(sent)))
