"""Who answers for what, and where tools are used against where they are owned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Finding(StrEnum):
    """What is wrong with an accountability.

    ``gap``: nobody answers. ``ended``: only somebody who has left does. ``double``: several do.
    """

    GAP = "gap"
    ENDED = "ended"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsiblePerson:
    """A person with a letter (R, A, C, I) for something. ``ended``: the person has left; the entry is void."""

    responsibility_id: UUID
    person_id: UUID
    name: str
    letter: str
    since: date
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilityLine:
    """One thing to answer for: an area of a unit, or a product (``area`` is then ``product``).

    ``expected``: somebody has to be accountable here. ``finding``: None: in order, or nobody is expected.
    """

    unit_id: UUID
    unit_name: str
    path: str
    kind: str
    area: str
    product_id: UUID | None
    product_name: str | None
    people: tuple[ResponsiblePerson, ...]
    expected: bool
    finding: Finding | None
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilityMap:
    """Every line of the map on a day, and how many have which finding; ``expected``: lines that need an accountable."""

    on: date
    lines: tuple[ResponsibilityLine, ...]
    expected: int
    in_order: int
    gaps: int
    doubles: int
    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredToolUse:
    """A unit uses a tool. ``owner_unit_name``: None: nobody owns it. ``people``: None: fewer than five.

    ``platform_id``: the platform it runs on; None: none is named.
    """

    tool_use_id: UUID
    tool: str
    unit_id: UUID
    unit_name: str
    owner_unit_id: UUID | None
    owner_unit_name: str | None
    platform_id: UUID | None
    platform_name: str | None
    people: int | None
    declared_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentShare:
    """A department: people who use, and people who use what it owns. ``unit_id``: None: tools that nobody owns."""

    unit_id: UUID | None
    name: str | None
    using: int
    owning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolBalance:
    """Use against ownership, of one tool (``tool``) or of all (None).

    ``inside``: share of users who belong to the department that owns what they use (0 to 1). ``imbalance``: total
    variation distance between the distribution of use and that of ownership over departments (0 to 1). ``too_few``: all
    its declarations are of fewer than five people.
    """

    tool: str | None
    status: Literal["value", "no_data", "too_few"]
    people: int | None
    inside: float | None
    imbalance: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMap:
    """Where tools are used and who owns them.

    ``left_out``: declarations of fewer than five people, which count nowhere. ``unowned``: tools without an owner.
    """

    on: date
    declared: tuple[DeclaredToolUse, ...]
    left_out: int
    overall: ToolBalance
    tools: tuple[ToolBalance, ...]
    departments: tuple[DepartmentShare, ...]
    unowned: tuple[str, ...]
