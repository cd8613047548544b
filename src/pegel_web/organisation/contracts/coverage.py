"""Which functions of the line organisation take part in which product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class CoverageState(StrEnum):
    """How a product stands against the functions it needs.

    ``not_configured``: nobody has said which functions it needs. ``nobody``: no people belong to it.
    """

    COVERED = "covered"
    INCOMPLETE = "incomplete"
    NOBODY = "nobody"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFunction:
    """A function: a department of the line organisation."""

    unit_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPresence:
    """How many of a product's people come from a function; somebody who belongs to several counts in each.

    ``people``: None: some, but the number is not told: it is below five, or one below five could be told from it.
    """

    unit_id: UUID
    name: str
    people: int | None
    wanted: bool

    @property
    def present(self) -> bool:
        """Tell whether anybody comes from it."""
        return self.people != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCoverage:
    """A product, its people and their functions.

    ``people``: None: some, but fewer than five. ``own_declaration``: what it needs was declared for this product;
    otherwise for all products, or not at all. ``functions``: those that are present or wanted, by name.
    """

    product_id: UUID
    name: str
    owner_unit_id: UUID
    owner_unit_name: str
    people: int | None
    state: CoverageState
    own_declaration: bool
    functions: tuple[FunctionPresence, ...]
    missing: tuple[LineFunction, ...]
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCoverage:
    """Functions against products on a day.

    ``configured``: products of which it is known what they need; ``covered``: those of them with every function they
    need. ``covered_share``: 0 to 1; None: nothing is declared. ``people``: everybody in the organisation; None: fewer
    than five. ``line_only``: those who belong to no product, and ``line_only_share`` (0 to 1); None: nobody is there,
    or they or all others are fewer than five. ``wanted_by_all``: what every product needs that has no declaration of
    its own.
    """

    on: date
    functions: tuple[LineFunction, ...]
    products: tuple[ProductCoverage, ...]
    configured: int
    covered: int
    covered_share: float | None
    people: int | None
    line_only: int | None
    line_only_share: float | None
    wanted_by_all: tuple[LineFunction, ...]
    may_change_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFunctions:
    """Which functions a product (None: every product without a declaration of its own) needs from a day on."""

    product_id: UUID | None
    since: date
    functions: tuple[LineFunction, ...]
