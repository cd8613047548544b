"""The leadership frame of a unit, with where each line comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Risk


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLine:
    """One line of the frame.

    ``unit_id``: for which unit it was set; ``inherited``: that one stands above the unit whose frame is read.
    ``amount`` (EUR) of budgets and limits; ``risk``, ``level`` of limits. ``may_change``: the reader may change it.
    """

    entry_id: UUID
    unit_id: UUID
    unit_name: str
    inherited: bool
    kind: str
    text: str
    amount: Decimal | None
    risk: Risk | None
    level: str
    valid_from: date
    valid_until: date | None
    set_by_name: str | None
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBudget:
    """The budget of a unit (EUR) against what the units below were given.

    ``status``: ``not_configured``: it has no budget. ``given``: budgets below it, of each branch the topmost.
    ``left``: budget less given; negative: ``over_committed``.
    """

    unit_id: UUID
    unit_name: str
    depth: int
    status: Literal["value", "not_configured"]
    budget: Decimal | None
    given: Decimal
    left: Decimal | None
    over_committed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameOfUnit:
    """The frame in which a unit decides: what it was given and what comes from above.

    ``most_amount``, ``most_risk``: up to what roles of this unit may decide; None: no limit was set. ``changeable``:
    the kinds of lines that the reader may add here.
    """

    unit_id: UUID
    unit_name: str
    path: tuple[str, ...]
    on: date
    direction: tuple[FrameLine, ...]
    limits: tuple[FrameLine, ...]
    budgets: tuple[FrameLine, ...]
    offers: tuple[FrameLine, ...]
    most_amount: Decimal | None
    most_risk: Risk | None
    budget: UnitBudget
    below: tuple[UnitBudget, ...]
    changeable: tuple[str, ...]
