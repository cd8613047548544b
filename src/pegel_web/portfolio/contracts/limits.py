"""How many introductions units take at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitIntroductions:
    """Pilots of a unit and everything below it. ``most`` None: no limit is configured for this unit itself."""

    unit_id: UUID
    unit_name: str
    depth: int
    running: int
    most: int | None
    may_change: bool
