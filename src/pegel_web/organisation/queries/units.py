"""Units as pages, programs and forms ask for them: the tree on a day, one unit, its products."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.reading import once
from pegel_web.organisation.contracts.units import (
    OrganisationTree,
    TreeLine,
    UnitName,
    UnitPeriodLine,
    UnitReport,
    UnitSummary,
)
from pegel_web.organisation.models import Unit, UnitPeriod
from pegel_web.organisation.queries.headcount import Headcount, headcount_of
from pegel_web.organisation.queries.products import product_list
from pegel_web.organisation.queries.structure import Structure, StructureNode, structure_on
from pegel_web.organisation.timeline import Period

VIEW = "organisation.unit.view"


def organisation_tree(*, actor: Actor, on: date | None = None) -> OrganisationTree:
    """Return the units that an actor may see, as they stood on a day (today where none is given).

    A unit whose parent may not be seen hangs at the top.

    Raises
    ------
    NotAllowedError: ``not_allowed``, where the actor may see no units at all.
    """
    _require_view(actor)
    structure = seen_structure(actor, on or actor.at.date())
    counts = headcount_of(structure)
    edges = UnitPeriod.objects.values_list("valid_from", "valid_until")
    days = {edge for pair in edges.distinct() for edge in pair if edge is not None}
    lines = tuple(_line(node, depth, counts, actor) for depth, node in structure.in_order())
    return OrganisationTree(
        on=structure.on, lines=lines, first_on=min(days, default=None), change_dates=tuple(sorted(days))
    )


def unit_report(*, actor: Actor, unit_id: UUID, on: date | None = None) -> UnitReport:
    """Return one unit as it stood on a day; where it was not there, as it last was, or will first be.

    Raises
    ------
    NotFoundError: ``unit_unknown``.
    """
    day = on or actor.at.date()
    unit = visible_unit(actor, unit_id)
    periods = list(UnitPeriod.objects.filter(unit=unit).order_by("valid_from"))
    if not periods:
        raise NotFoundError("unit_unknown", id=str(unit_id))
    there = [period for period in periods if period.valid_from <= day]
    shown = there[-1] if there else periods[0]
    structure = seen_structure(actor, day)
    counts = headcount_of(structure)
    below, direct = counts.shown(unit_id, actor)
    names = _names_at_the_time(periods, actor)
    children = tuple(_line(structure.nodes[child], 1, counts, actor) for child in structure.children.get(unit_id, ()))
    return UnitReport(
        on=day,
        unit=UnitSummary(
            unit_id=unit_id,
            code=unit.code,
            name=shown.name,
            kind=shown.kind,
            parent_id=shown.parent_id,
            valid_from=shown.valid_from,
            valid_until=shown.valid_until,
        ),
        path=tuple(UnitName(unit_id=one.unit_id, code=one.code, name=one.name) for one in structure.path(unit_id)),
        periods=tuple(
            UnitPeriodLine(
                valid_from=period.valid_from,
                valid_until=period.valid_until,
                name=period.name,
                kind=period.kind,
                parent_id=period.parent_id,
                parent_name=names.get((period.parent_id, period.valid_from)),
            )
            for period in reversed(periods)
        ),
        children=children,
        products=tuple(one for one in product_list(actor=actor, on=day) if one.owner_unit_id == unit_id),
        people=below,
        direct_people=direct,
        ends_on=periods[-1].valid_until,
    )


def unit_choices(*, actor: Actor, on: date, permission: str = VIEW) -> list[tuple[str, str]]:
    """Return the units for which an actor may do something, as choices of a form: id and the way from the top."""
    structure = structure_on(on)
    return [
        (str(node.unit_id), " › ".join(one.name for one in structure.path(node.unit_id)))
        for _, node in structure.in_order()
        if actor.allows(permission, unit=node.unit_id)
    ]


def unit_names(*, on: date) -> Mapping[UUID, str]:
    """Return the names of units on a day; for those not there on it, the last (or first) name they had."""
    return once(("unit names", on), lambda: _unit_names(on))


def _unit_names(on: date) -> Mapping[UUID, str]:
    found: dict[UUID, str] = {}
    settled: set[UUID] = set()
    for unit, name, since in UnitPeriod.objects.order_by("valid_from").values_list("unit_id", "name", "valid_from"):
        if unit not in settled:
            if since > on and unit in found:
                settled.add(unit)
            else:
                found[unit] = name
    return found


def visible_unit(actor: Actor, unit_id: UUID) -> Unit:
    """Return a unit that an actor may see.

    Raises
    ------
    NotFoundError: ``unit_unknown``.
    """
    unit: Unit | None = Unit.objects.visible_to(actor).filter(id=unit_id).first()
    if unit is None:
        raise NotFoundError("unit_unknown", id=str(unit_id))
    return unit


def seen_structure(actor: Actor, on: date) -> Structure:
    """Return the structure of a day, cut down to what an actor may see."""
    structure = structure_on(on)
    units = actor.units_for(VIEW)
    return structure if units is None else structure.only(units)


def summary(period: Period, code: str) -> UnitSummary:
    """Return a period of a unit as others get it."""
    return UnitSummary(
        unit_id=period.unit,
        code=code,
        name=period.name,
        kind=period.kind,
        parent_id=period.parent,
        valid_from=period.valid_from,
        valid_until=period.valid_until,
    )


def _require_view(actor: Actor) -> None:
    if not actor.has(VIEW):
        actor.require(VIEW)


def _line(node: StructureNode, depth: int, counts: Headcount, actor: Actor) -> TreeLine:
    people, direct = counts.shown(node.unit_id, actor)
    return TreeLine(
        unit_id=node.unit_id,
        code=node.code,
        name=node.name,
        kind=node.kind,
        parent_id=node.parent_id,
        depth=depth,
        people=people,
        direct_people=direct,
    )


def _names_at_the_time(periods: list[UnitPeriod], actor: Actor) -> dict[tuple[UUID | None, date], str]:
    """Return what each parent was called when a period under it began."""
    parents = {period.parent_id for period in periods if period.parent_id is not None}
    theirs = UnitPeriod.objects.filter(unit__in=Unit.objects.visible_to(actor).filter(id__in=parents))
    held = list(theirs.order_by("valid_from"))
    found: dict[tuple[UUID | None, date], str] = {}
    for period in periods:
        for one in held:
            if one.unit_id == period.parent_id and one.valid_from <= period.valid_from:
                found[(period.parent_id, period.valid_from)] = one.name
    return found
