"""The tree of units at a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pegel_web.core.reading import once
from pegel_web.organisation.models import UnitPeriod
from pegel_web.organisation.validity import valid_on


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureNode:
    """A unit as it stood at a date."""

    unit_id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """All units at a date. ``nodes`` by id; ``children`` by parent, each list by name; None: the tops."""

    on: date
    nodes: Mapping[UUID, StructureNode]
    children: Mapping[UUID | None, tuple[UUID, ...]]

    def below(self, unit: UUID) -> frozenset[UUID]:
        """Return a unit and everything under it."""
        found, waiting = {unit}, [unit]
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return frozenset(found)

    def path(self, unit: UUID) -> tuple[StructureNode, ...]:
        """Return the way from the top down to a unit, which is the last; empty: it did not exist then."""
        way: list[StructureNode] = []
        at: UUID | None = unit
        while at is not None and at in self.nodes and self.nodes[at] not in way:
            way.append(self.nodes[at])
            at = self.nodes[at].parent_id
        return tuple(reversed(way))

    def above(self, unit: UUID) -> tuple[UUID, ...]:
        """Return a unit and everything it lies in, from itself up."""
        return tuple(node.unit_id for node in reversed(self.path(unit)))

    def only(self, units: frozenset[UUID]) -> Structure:
        """Return the structure without the units that are not among these; what hung under one of them moves up."""
        nodes = {unit: node for unit, node in self.nodes.items() if unit in units}
        return Structure(on=self.on, nodes=nodes, children=_children(nodes))

    def in_order(self) -> list[tuple[int, StructureNode]]:
        """Return every unit with its depth, parents before children."""
        found: list[tuple[int, StructureNode]] = []

        def walk(parent: UUID | None, depth: int) -> None:
            for child in self.children.get(parent, ()):
                found.append((depth, self.nodes[child]))
                walk(child, depth + 1)

        walk(None, 0)
        return found


def structure_on(day: date) -> Structure:
    """Return the organisation as it stood on a day. What a person may see of it is the caller's question."""
    return once(("structure", day), lambda: _structure_on(day))


def _structure_on(day: date) -> Structure:
    # Read with every request: plain values cost a fifth of model instances.
    periods = UnitPeriod.objects.filter(valid_on(day)).values_list("unit_id", "unit__code", "name", "kind", "parent_id")
    nodes = {
        unit: StructureNode(unit_id=unit, code=code, name=name, kind=kind, parent_id=parent)
        for unit, code, name, kind, parent in periods
    }
    return Structure(on=day, nodes=nodes, children=_children(nodes))


def _children(nodes: Mapping[UUID, StructureNode]) -> dict[UUID | None, tuple[UUID, ...]]:
    found: dict[UUID | None, list[UUID]] = defaultdict(list)
    for node in nodes.values():
        # A unit whose parent has ended (or may not be seen) hangs at the top: it must not vanish.
        found[node.parent_id if node.parent_id in nodes else None].append(node.unit_id)
    return {
        parent: tuple(sorted(below, key=lambda one: (nodes[one].name.casefold(), nodes[one].code)))
        for parent, below in found.items()
    }
