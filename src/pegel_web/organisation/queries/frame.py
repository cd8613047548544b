"""The frame in which a unit decides: what it was given, what comes from above, and what it gave to those below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor, Risk
from pegel_web.organisation.contracts.frame import FrameLine, FrameOfUnit, UnitBudget
from pegel_web.organisation.models import FrameEntry
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.queries.limits import limits_on
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.organisation.validity import valid_on

VIEW = "organisation.frame.view"
CHANGE = "organisation.frame.change"
#: What a unit is given from above; the rest it says for itself.
FROM_ABOVE = frozenset({FrameKind.LIMIT, FrameKind.BUDGET})


def frame_of(*, actor: Actor, unit_id: UUID | None = None) -> FrameOfUnit:
    """Return the frame of a unit, or of the topmost one that the actor may see, with where each line comes from.

    Raises
    ------
    NotFoundError: ``unit_unknown``; ``no_organisation_yet`` where there is none to see. NotAllowedError.
    """
    actor.require_somewhere(VIEW)
    structure = structure_on(actor.at.date())
    seen = actor.units_for(VIEW)
    shown = [node.unit_id for _, node in structure.in_order() if seen is None or node.unit_id in seen]
    if unit_id is None and not shown:
        raise NotFoundError("no_organisation_yet")
    unit = shown[0] if unit_id is None else unit_id
    if unit not in shown:
        raise NotFoundError("unit_unknown", id=unit)
    way = [node.unit_id for node in structure.path(unit)]
    entries = list(
        FrameEntry.objects.everything(because="a frame is inherited: what stands above is read with it")
        .filter(valid_on(structure.on))
        .order_by("valid_from", "id")
    )
    names = office_names(one.set_by_id for one in entries)
    lines: dict[str, list[FrameLine]] = defaultdict(list)
    for above in way:
        for entry in entries:
            own = above == unit
            if entry.unit_id == above and (own or _inherited(entry, structure, unit)):
                lines[entry.kind].append(_line(entry, names, actor, structure, inherited=not own))
    budgets = _budgets(entries)
    most = limits_on(structure, structure.on).at(unit)
    return FrameOfUnit(
        unit_id=unit,
        unit_name=structure.nodes[unit].name,
        path=tuple(structure.nodes[one].name for one in way),
        on=structure.on,
        direction=tuple(lines[FrameKind.DIRECTION]),
        limits=tuple(lines[FrameKind.LIMIT]),
        budgets=tuple(lines[FrameKind.BUDGET]),
        offers=tuple(lines[FrameKind.OFFER]),
        most_amount=most.most_amount,
        most_risk=most.most_risk,
        budget=_budget(unit, 0, budgets, structure),
        below=tuple(
            _budget(one, depth, budgets, structure) for depth, one in _below(unit, structure) if one in budgets
        ),
        changeable=tuple(kind for kind in FrameKind.values if may_set(kind, unit, actor=actor, structure=structure)),
    )


def may_set(kind: str, unit: UUID, *, actor: Actor, structure: Structure) -> bool:
    """Tell whether an actor may set a line of this kind for a unit: limits and budgets only from above it."""
    node = structure.nodes.get(unit)
    if node is None:
        return False
    if kind in FROM_ABOVE and node.parent_id in structure.nodes:
        return actor.allows(CHANGE, unit=node.parent_id)
    return actor.allows(CHANGE, unit=unit)


def frame_entry(*, actor: Actor, entry_id: UUID) -> FrameLine:
    """Return one line of the frame.

    Raises
    ------
    NotFoundError: ``frame_entry_unknown``.
    """
    row = FrameEntry.objects.visible_to(actor).filter(id=entry_id).first()
    if row is None:
        raise NotFoundError("frame_entry_unknown", id=entry_id)
    return frame_line(row, actor=actor, structure=structure_on(actor.at.date()))


def frame_line(row: FrameEntry, *, actor: Actor, structure: Structure) -> FrameLine:
    """Return one line with its names."""
    return _line(row, office_names([row.set_by_id]), actor, structure, inherited=False)


def _inherited(entry: FrameEntry, structure: Structure, unit: UUID) -> bool:
    """Tell whether a line from above holds for a unit: a budget does not, a limit may be meant for other levels."""
    if entry.kind == FrameKind.BUDGET:
        return False
    return entry.level in {"", structure.nodes[unit].kind}


def _line(
    entry: FrameEntry, names: Mapping[UUID, str], actor: Actor, structure: Structure, *, inherited: bool
) -> FrameLine:
    return FrameLine(
        entry_id=entry.id,
        unit_id=entry.unit_id,
        unit_name=unit_names([entry.unit_id], structure)[entry.unit_id],
        inherited=inherited,
        kind=entry.kind,
        text=entry.text,
        amount=entry.amount,
        risk=None if entry.risk is None else Risk(entry.risk),
        level=entry.level,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        set_by_name=None if entry.set_by_id is None else names[entry.set_by_id],
        may_change=may_set(entry.kind, entry.unit_id, actor=actor, structure=structure),
    )


def _budgets(entries: list[FrameEntry]) -> dict[UUID, Decimal]:
    """Return the budget of each unit that has one: its lines added up."""
    found: dict[UUID, Decimal] = {}
    for entry in entries:
        if entry.kind == FrameKind.BUDGET and entry.amount is not None:
            found[entry.unit_id] = found.get(entry.unit_id, Decimal(0)) + entry.amount
    return found


def _budget(unit: UUID, depth: int, budgets: Mapping[UUID, Decimal], structure: Structure) -> UnitBudget:
    own = budgets.get(unit)
    given = _given(unit, budgets, structure)
    return UnitBudget(
        unit_id=unit,
        unit_name=structure.nodes[unit].name,
        depth=depth,
        status="not_configured" if own is None else "value",
        budget=own,
        given=given,
        left=None if own is None else own - given,
        over_committed=own is not None and given > own,
    )


def _given(unit: UUID, budgets: Mapping[UUID, Decimal], structure: Structure) -> Decimal:
    """Return what was given to those below: of each branch the topmost budget, so that nothing counts twice."""
    total, waiting = Decimal(0), list(structure.children.get(unit, ()))
    while waiting:
        one = waiting.pop()
        if one in budgets:
            total += budgets[one]
        else:
            waiting.extend(structure.children.get(one, ()))
    return total


def _below(unit: UUID, structure: Structure) -> list[tuple[int, UUID]]:
    """Return everything under a unit with its depth below it, parents before children."""
    found: list[tuple[int, UUID]] = []
    waiting = [(1, one) for one in reversed(structure.children.get(unit, ()))]
    while waiting:
        depth, one = waiting.pop()
        found.append((depth, one))
        waiting.extend((depth + 1, child) for child in reversed(structure.children.get(one, ())))
    return found
