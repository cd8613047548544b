"""The leadership frame, for agents and the command line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Actor, Risk
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.frame import FrameLine, FrameOfUnit
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.queries import frame as queries
from pegel_web.organisation.services import frame as services

Level = Literal["", "organisation", "division", "department", "team"]


@tool(permission=queries.VIEW)
def frame_of(actor: Actor, *, unit_id: UUID | None = None) -> FrameOfUnit:
    """Direction, limits, budgets and offers of a unit (left out: of the top), with where each line comes from."""
    return queries.frame_of(actor=actor, unit_id=unit_id)


@tool(permission=queries.CHANGE, reads=False)
def set_frame_entry(
    actor: Actor,
    *,
    unit_id: UUID,
    kind: Literal["direction", "limit", "budget", "offer"],
    text: str,
    amount: Decimal | None = None,
    risk: Risk | None = None,
    level: Level = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> FrameLine:
    """Add a line to the frame of a unit; limits and budgets (EUR) are set from one level up."""
    return services.set_frame_entry(
        actor=actor,
        unit_id=unit_id,
        kind=FrameKind(kind),
        text=text,
        amount=amount,
        risk=risk,
        level=level,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@tool(permission=queries.CHANGE, reads=False)
def change_frame_entry(
    actor: Actor,
    *,
    entry_id: UUID,
    text: str,
    amount: Decimal | None = None,
    risk: Risk | None = None,
    level: Level = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> FrameLine:
    """Replace a line of the frame from a day on; until then the old one holds."""
    return services.change_frame_entry(
        actor=actor,
        entry_id=entry_id,
        text=text,
        amount=amount,
        risk=risk,
        level=level,
        valid_from=valid_from,
        valid_until=valid_until,
    )


@tool(permission=queries.CHANGE, reads=False)
def end_frame_entry(actor: Actor, *, entry_id: UUID, on: date | None = None) -> None:
    """End a line of the frame; `on`: the first day without it, today where it is left out."""
    services.end_frame_entry(actor=actor, entry_id=entry_id, on=on)
