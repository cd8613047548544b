"""What is said about units and products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSummary:
    """A unit as it stands in one period (half open; no end: until now)."""

    unit_id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLine:
    """One unit of the tree. ``depth``: 0 at the top.

    ``people``: people in it and below, each counted once; None: some, but fewer than the group floor, and the reader
    may not see who. ``direct_people``: the same for the unit alone.
    """

    unit_id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    depth: int
    people: int | None
    direct_people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationTree:
    """The organisation on a day, parents before children. ``first_on``: the first day of which anything is known."""

    on: date
    lines: tuple[TreeLine, ...]
    first_on: date | None
    change_dates: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitName:
    """A unit as others mention it."""

    unit_id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPeriodLine:
    """What a unit was called and where it hung for a while."""

    valid_from: date
    valid_until: date | None
    name: str
    kind: str
    parent_id: UUID | None
    parent_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOwnerLine:
    """A unit answers for a product from one date until another (half open; no end: until now)."""

    unit_id: UUID
    unit_name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSummary:
    """A product and the unit that answers for it. ``owners``: which unit did, does and will, the earliest first."""

    product_id: UUID
    code: str
    name: str
    owner_unit_id: UUID
    owner_unit_name: str
    valid_from: date
    valid_until: date | None
    owners: tuple[ProductOwnerLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReport:
    """A unit on a day. ``path``: from the top to the unit itself; empty: it did not exist on that day.

    ``people``: as in :class:`TreeLine`. ``ends_on``: the day from which it is no longer there, where that is known.
    """

    on: date
    unit: UnitSummary
    path: tuple[UnitName, ...]
    periods: tuple[UnitPeriodLine, ...]
    children: tuple[TreeLine, ...]
    products: tuple[ProductSummary, ...]
    people: int | None
    direct_people: int | None
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEnded:
    """What ending a unit did: how much went to the unit that took over, and how many roles ended with it."""

    unit_id: UUID
    on: date
    successor_id: UUID | None
    children: int
    members: int
    products: int
    roles: int
