"""Pre-approved patterns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A kind of experiment that needs no gate within its caps. ``running``: experiments under it now."""

    pattern_id: UUID
    name: str
    description: str
    unit_id: UUID
    unit_name: str
    most_data_class: str
    most_people: int
    most_days: int
    most_amount: Decimal
    tools: str
    valid_from: date
    valid_until: date | None
    running: int
    may_change: bool
