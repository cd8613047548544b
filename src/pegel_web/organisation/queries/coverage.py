"""Which functions of the line organisation take part in which product, and which are missing.

Definition
    A function is a department (where there is none above a unit: its highest ancestor below the top). To a product
    belong the people who are members of the unit that answers for it (not of units below that), and those who are
    accountable or responsible for it. Somebody brings every function in which they have a membership. A product is
    covered when each function it needs is among those of its people. In the line organisation only: everybody with a
    membership who belongs to no product.
Unit
    People (each counted once per function), and shares, 0 to 1.
Privacy
    Numbers below the group floor are not told, whoever reads them, and neither is the next larger one where they
    together are below it: subtraction leads to no smaller group. A share is told only where both groups that it parts
    reach the floor.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.coverage import (
    CoverageState,
    FunctionCoverage,
    FunctionPresence,
    LineFunction,
    ProductCoverage,
)
from pegel_web.organisation.contracts.units import ProductSummary
from pegel_web.organisation.group_floor import floored, group_floor
from pegel_web.organisation.models import Membership, Product, Responsibility, WantedFunction
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.queries.departments import department_of
from pegel_web.organisation.queries.products import product_list
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.validity import valid_on

VIEW = Product.view_permission
CHANGE = "organisation.unit.change"
_BECAUSE = "numbers of people, which keep the group floor for every reader"


def function_coverage(*, actor: Actor, on: date | None = None) -> FunctionCoverage:
    """Return functions against products on a day (left out: today).

    Raises
    ------
    NotAllowedError.
    """
    actor.require_somewhere(VIEW)
    structure, least = structure_on(on or actor.at.date()), group_floor()
    functions = line_functions(structure)
    units = _units_of_people(structure.on)
    wanted = wanted_on(structure.on)
    of_product = _people_of(product_list(actor=actor, on=structure.on), units, structure.on)
    known = {one.unit_id: one.name for one in functions}
    brings = {
        person: {department_of(unit, structure) for unit in belongs} & known.keys() for person, belongs in units.items()
    }
    products = tuple(_coverage(one, people, brings, wanted, known, actor, least) for one, people in of_product)
    configured = [one for one in products if one.state != CoverageState.NOT_CONFIGURED]
    covered = sum(one.state == CoverageState.COVERED for one in configured)
    in_products = {person for _, people in of_product for person in people}
    line_only = len(units.keys() - in_products)
    return FunctionCoverage(
        on=structure.on,
        functions=functions,
        products=products,
        configured=len(configured),
        covered=covered,
        covered_share=covered / len(configured) if configured else None,
        people=floored(len(units), least),
        line_only=line_only if _told(line_only, len(units), least) else None,
        line_only_share=line_only / len(units) if units and _told(line_only, len(units), least) else None,
        wanted_by_all=_named(wanted.get(None, frozenset()), known),
        may_change_all=actor.allows(CHANGE),
    )


def line_functions(structure: Structure) -> tuple[LineFunction, ...]:
    """Return the functions there are on the day of a structure, by name."""
    top = {unit for unit, node in structure.nodes.items() if node.parent_id not in structure.nodes}
    found = {department_of(unit, structure) for unit in structure.nodes} - top
    return _named(found, {unit: structure.nodes[unit].name for unit in found})


def wanted_on(day: date) -> Mapping[UUID | None, frozenset[UUID]]:
    """Return the functions that are needed on a day, by product; None: by every product without a declaration."""
    found: dict[UUID | None, set[UUID]] = defaultdict(set)
    for product, unit in WantedFunction.objects.filter(valid_on(day)).values_list("product_id", "unit_id"):
        found[product].add(unit)
    return {product: frozenset(units) for product, units in found.items()}


def _units_of_people(day: date) -> Mapping[UUID, frozenset[UUID]]:
    rows = Membership.objects.everything(because=_BECAUSE).filter(
        valid_on(day), person__kind=PersonKind.PERSON, person__erased_at=None
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for person, unit in rows.values_list("person_id", "unit_id"):
        found[person].add(unit)
    return {person: frozenset(units) for person, units in found.items()}


def _people_of(
    products: Sequence[ProductSummary], units: Mapping[UUID, frozenset[UUID]], day: date
) -> list[tuple[ProductSummary, frozenset[UUID]]]:
    members: dict[UUID, set[UUID]] = defaultdict(set)
    for person, belongs in units.items():
        for unit in belongs:
            members[unit].add(person)
    answering: dict[UUID | None, set[UUID]] = defaultdict(set)
    rows = Responsibility.objects.everything(because=_BECAUSE).filter(
        valid_on(day), product__isnull=False, letter__in=(Letter.ACCOUNTABLE, Letter.RESPONSIBLE)
    )
    for product, person in rows.values_list("product_id", "person_id"):
        if person in units:
            answering[product].add(person)
    return [(one, frozenset(members[one.owner_unit_id] | answering[one.product_id])) for one in products]


def _coverage(
    product: ProductSummary,
    people: frozenset[UUID],
    brings: Mapping[UUID, set[UUID]],
    wanted: Mapping[UUID | None, frozenset[UUID]],
    known: Mapping[UUID, str],
    actor: Actor,
    least: int,
) -> ProductCoverage:
    own = product.product_id in wanted
    # A function that has ended since is needed by nobody any more.
    needed = wanted.get(product.product_id if own else None, frozenset()) & known.keys()
    there = Counter(function for person in people for function in brings[person])
    told, missing = _tellable(there, least), needed - there.keys()
    return ProductCoverage(
        product_id=product.product_id,
        name=product.name,
        owner_unit_id=product.owner_unit_id,
        owner_unit_name=product.owner_unit_name,
        people=floored(len(people), least),
        state=_state(people, needed, missing),
        own_declaration=own,
        functions=tuple(
            FunctionPresence(
                unit_id=one.unit_id,
                name=one.name,
                people=told.get(one.unit_id, 0),
                wanted=one.unit_id in needed,
            )
            for one in _named(there.keys() | needed, known)
        ),
        missing=_named(missing, known),
        may_change=actor.allows(CHANGE, unit=product.owner_unit_id),
    )


def _state(people: frozenset[UUID], needed: frozenset[UUID], missing: frozenset[UUID]) -> CoverageState:
    if not needed:
        return CoverageState.NOT_CONFIGURED
    if not people:
        return CoverageState.NOBODY
    return CoverageState.INCOMPLETE if missing else CoverageState.COVERED


def _named(units: set[UUID] | frozenset[UUID], names: Mapping[UUID, str]) -> tuple[LineFunction, ...]:
    found = (LineFunction(unit_id=unit, name=names[unit]) for unit in units if unit in names)
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), str(one.unit_id))))


def _told(part: int, whole: int, least: int) -> bool:
    """Tell whether two groups that make up a whole may both be told."""
    return not any(0 < group < least for group in (part, whole - part))


def _tellable(there: Mapping[UUID, int], least: int) -> Mapping[UUID, int | None]:
    """Return the number of each function; None: too small, or what is too small could be told from it and the total."""
    small = {one for one, people in there.items() if people < least}
    if 0 < sum(there[one] for one in small) < least and len(small) < len(there):
        small.add(min(there.keys() - small, key=lambda one: (there[one], str(one))))
    return {one: None if one in small else people for one, people in there.items()}
