"""The map of responsibilities: who answers for which area of which unit and for which product, and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.areas import PRODUCT, areas
from pegel_web.organisation.contracts.responsibilities import (
    Finding,
    ResponsibilityLine,
    ResponsibilityMap,
    ResponsiblePerson,
)
from pegel_web.organisation.models import Membership, Person, Product, Responsibility
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.structure import Structure, StructureNode, structure_on
from pegel_web.organisation.validity import valid_on

VIEW: Final = "organisation.responsibility.view"
CHANGE: Final = "organisation.responsibility.change"
_ORDER: Final = {letter: place for place, letter in enumerate(("A", "R", "C", "I"))}


def responsibility_map(*, actor: Actor, unit_id: UUID | None = None) -> ResponsibilityMap:
    """Return who answers for what on the actor's day, in tree order: of a unit and everything below it, or of all.

    Raises
    ------
    NotFoundError: ``unit_unknown``. NotAllowedError.
    """
    actor.require_somewhere(VIEW)
    structure = structure_on(actor.at.date())
    if unit_id is not None and unit_id not in structure.nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    seen = actor.units_for(VIEW)
    asked = frozenset(structure.nodes) if unit_id is None else structure.below(unit_id)
    wanted = asked if seen is None else asked & seen
    rows = list(
        Responsibility.objects.visible_to(actor)
        .filter(valid_on(structure.on), unit_id__in=wanted)
        .order_by("valid_from", "id")
    )
    products = Product.objects.everything(because="narrowed to the units whose map is read")
    listed = list(products.filter(valid_on(structure.on), owner_unit_id__in=wanted).order_by("name", "code"))
    people = _people(rows, structure.on)
    by_thing: dict[tuple[UUID, str, UUID | None], list[ResponsiblePerson]] = defaultdict(list)
    for row in rows:
        by_thing[row.unit_id, row.area, row.product_id].append(people[row.id])
    lines: list[ResponsibilityLine] = []
    for _, node in structure.in_order():
        if node.unit_id not in wanted:
            continue
        for area in areas().values():
            held = by_thing.get((node.unit_id, area.name, None), [])
            if held or node.kind in area.at:
                lines.append(_line(node, structure, actor, held, area.name, expected=node.kind in area.at))
        for product in listed:
            if product.owner_unit_id == node.unit_id:
                held = [
                    person
                    for (_, area_name, product_id), ones in by_thing.items()
                    if area_name == PRODUCT and product_id == product.id
                    for person in ones
                ]
                lines.append(_line(node, structure, actor, held, PRODUCT, expected=True, product=product))
    return ResponsibilityMap(
        on=structure.on,
        lines=tuple(lines),
        expected=sum(line.expected for line in lines),
        in_order=sum(line.expected and line.finding is None for line in lines),
        gaps=sum(line.finding is Finding.GAP for line in lines),
        doubles=sum(line.finding is Finding.DOUBLE for line in lines),
        ended=sum(line.finding is Finding.ENDED for line in lines),
    )


def responsibility_of(
    *, actor: Actor, unit_id: UUID | None = None, area: str | None = None, product_id: UUID | None = None
) -> ResponsibilityLine:
    """Return the line of an area of a unit, or of a product, whether or not somebody answers for it.

    Raises
    ------
    NotFoundError: ``unit_unknown``, ``product_unknown``, ``area_unknown``.
    """
    structure = structure_on(actor.at.date())
    product = None
    if product_id is not None:
        product = Product.objects.visible_to(actor).filter(valid_on(structure.on), id=product_id).first()
        if product is None:
            raise NotFoundError("product_unknown", id=product_id)
        unit_id, thing = product.owner_unit_id, PRODUCT
    elif area is not None and area in areas():
        thing = area
    else:
        raise NotFoundError("area_unknown", known=list(areas()))
    seen = actor.units_for(VIEW)
    if unit_id is None or unit_id not in structure.nodes or (seen is not None and unit_id not in seen):
        raise NotFoundError("unit_unknown", id=unit_id)
    rows = list(
        Responsibility.objects.visible_to(actor)
        .filter(valid_on(structure.on), unit_id=unit_id, area=thing, product_id=product_id)
        .order_by("valid_from", "id")
    )
    node, held = structure.nodes[unit_id], list(_people(rows, structure.on).values())
    expected = product is not None or node.kind in areas()[thing].at
    return _line(node, structure, actor, held, thing, expected=expected, product=product)


def _people(rows: Iterable[Responsibility], day: date) -> dict[UUID, ResponsiblePerson]:
    """Return the person of each entry, and whether they have left."""
    listed = list(rows)
    wanted = {row.person_id for row in listed}
    names = office_names(wanted)
    gone = gone_people(wanted, day)
    return {
        row.id: ResponsiblePerson(
            responsibility_id=row.id,
            person_id=row.person_id,
            name=names[row.person_id],
            letter=row.letter,
            since=row.valid_from,
            ended=row.person_id in gone,
        )
        for row in listed
    }


def office_holders(*, actor: Actor, also: Iterable[UUID | None] = ()) -> dict[UUID, str]:
    """Return who answers for something on the actor's day and is still there, by name; ``also``: who is added.

    Everybody who may see the map may see these names; it takes no right to see people.
    """
    day = actor.at.date()
    rows = Responsibility.objects.visible_to(actor).filter(valid_on(day))
    wanted = {*rows.values_list("person_id", flat=True), *(one for one in also if one is not None)}
    names = office_names(wanted - gone_people(wanted, day))
    return dict(sorted(names.items(), key=lambda one: (one[1].casefold(), str(one[0]))))


def gone_people(people: set[UUID], day: date) -> frozenset[UUID]:
    """Return who has left or was forgotten, and so answers for nothing any more."""
    forgotten = Person.objects.filter(id__in=people, erased_at__isnull=False).values_list("id", flat=True)
    return frozenset(forgotten) | _left(people, day)


def _left(people: set[UUID], day: date) -> set[UUID]:
    """Return who belonged to a unit once and does not any more; who never belonged to one has not left."""
    rows = Membership.objects.everything(because="who has left cannot answer for anything")
    ends = rows.filter(person_id__in=people, valid_from__lte=day).values_list("person_id", "valid_until")
    there: dict[UUID, bool] = defaultdict(bool)
    for person, until in ends:
        there[person] |= until is None or until > day
    return {person for person, still in there.items() if not still}


def _line(
    node: StructureNode,
    structure: Structure,
    actor: Actor,
    held: list[ResponsiblePerson],
    area: str,
    *,
    expected: bool,
    product: Product | None = None,
) -> ResponsibilityLine:
    return ResponsibilityLine(
        unit_id=node.unit_id,
        unit_name=node.name,
        path=" › ".join(one.name for one in structure.path(node.unit_id)),
        kind=node.kind,
        area=area,
        product_id=None if product is None else product.id,
        product_name=None if product is None else product.name,
        people=tuple(sorted(held, key=lambda one: (_ORDER[Letter(one.letter)], one.name))),
        expected=expected,
        finding=finding_of(held, expected=expected),
        may_change=actor.allows(CHANGE, unit=node.unit_id),
    )


def finding_of(held: Iterable[ResponsiblePerson], *, expected: bool) -> Finding | None:
    """Return what is wrong with who answers for something; None: nothing."""
    accountable = [one for one in held if one.letter == Letter.ACCOUNTABLE]
    there = {one.person_id for one in accountable if not one.ended}
    if len(there) > 1:
        return Finding.DOUBLE
    if there:
        return None
    if accountable:
        return Finding.ENDED
    return Finding.GAP if expected else None
