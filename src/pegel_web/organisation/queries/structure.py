"""The tree of units at a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from pegel_web.organisation.models import UnitPeriod


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
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    nodes = {
        period.unit_id: StructureNode(
            unit_id=period.unit_id,
            code=period.unit.code,
            name=period.name,
            kind=period.kind,
            parent_id=period.parent_id,
        )
        for period in UnitPeriod.objects.filter(valid).select_related("unit")
    }
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for node in nodes.values():
        # A unit whose parent has ended hangs at the top: it must not vanish.
        children[node.parent_id if node.parent_id in nodes else None].append(node.unit_id)
    listed = {
        parent: tuple(sorted(below, key=lambda one: (nodes[one].name.casefold(), nodes[one].code)))
        for parent, below in children.items()
    }
    return Structure(on=day, nodes=nodes, children=listed)
