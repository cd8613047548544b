"""A use case as a row of the inventory: everything that is written about it, flat, to be read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryCase:
    """A use case with all that is written about it. What others declared, estimated or decided stands with it in Pegel.

    ``unit_code``, ``stream_id``: by these an import finds them again. ``source_state``, ``source_details``: what its
    source says, not evaluated. ``revision``: what an import of this row is compared with.
    """

    use_case_id: UUID
    number: int
    title: str
    state: str
    state_since: datetime
    source: str
    source_key: str
    source_state: str
    source_details: dict[str, str]
    unit_code: str
    unit_name: str
    stream_id: UUID | None
    stream_name: str
    step: str
    place_note: str
    pain: str
    hoped_effect: str
    phase: str
    friction: str
    origin: str
    goal: str
    usage: str
    function: str
    horizon: int | None
    ai_acts: str
    person_decides: str
    data_needs: str
    data_class: str
    champion_id: UUID | None
    amount: Decimal | None
    shadow: bool
    submitted_at: datetime
    revision: int
