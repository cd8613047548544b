"""The leadership frame, for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.actor import Risk
from pegel_web.core.rest import ApiRequest
from pegel_web.organisation.contracts.frame import FrameLine, FrameOfUnit
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries import frame as queries
from pegel_web.organisation.services import frame as services

router = Router(tags=["frame"])


class ChangedLine(Schema):
    """What a line of the frame says from a day on."""

    text: str = Field(max_length=1200)
    amount: Decimal | None = Field(None, description="EUR: of budgets, and of limits up to what may be decided.")
    risk: Risk | None = Field(None, description="Of limits: the highest risk that may be decided.")
    level: UnitKind | None = Field(None, description="Of limits: for units of that kind; left out: for all.")
    valid_from: date | None = Field(None, description="Left out: today.")
    valid_until: date | None = Field(None, description="The first day on which it is over.")


class NewLine(ChangedLine):
    """A line to be added to the frame of a unit."""

    unit_id: UUID
    kind: FrameKind


@router.get("/frame", response=FrameOfUnit)
def frame_of(request: ApiRequest, unit_id: UUID | None = None) -> FrameOfUnit:
    """Direction, limits, budgets and offers of a unit (left out: of the top), with where each line comes from."""
    return queries.frame_of(actor=request.actor, unit_id=unit_id)


@router.get("/frame/lines/{uuid:entry_id}", response=FrameLine)
def frame_entry(request: ApiRequest, entry_id: UUID) -> FrameLine:
    """One line of the frame."""
    return queries.frame_entry(actor=request.actor, entry_id=entry_id)


@router.post("/frame/lines", response={201: FrameLine})
def set_frame_entry(request: ApiRequest, sent: NewLine) -> Status[FrameLine]:
    """Add a line. Limits and budgets are set from one level up."""
    made = services.set_frame_entry(
        actor=request.actor,
        unit_id=sent.unit_id,
        kind=sent.kind,
        text=sent.text,
        amount=sent.amount,
        risk=sent.risk,
        level=sent.level or "",
        valid_from=sent.valid_from,
        valid_until=sent.valid_until,
    )
    return Status(201, made)


@router.put("/frame/lines/{uuid:entry_id}", response=FrameLine)
def change_frame_entry(request: ApiRequest, entry_id: UUID, sent: ChangedLine) -> FrameLine:
    """Replace a line from a day on; until then the old one holds."""
    return services.change_frame_entry(
        actor=request.actor,
        entry_id=entry_id,
        text=sent.text,
        amount=sent.amount,
        risk=sent.risk,
        level=sent.level or "",
        valid_from=sent.valid_from,
        valid_until=sent.valid_until,
    )


@router.delete("/frame/lines/{uuid:entry_id}", response={204: None})
def end_frame_entry(request: ApiRequest, entry_id: UUID, on: date | None = None) -> Status[None]:
    """End a line; `on`: the first day without it, today where it is left out."""
    services.end_frame_entry(actor=request.actor, entry_id=entry_id, on=on)
    return Status(204, None)
