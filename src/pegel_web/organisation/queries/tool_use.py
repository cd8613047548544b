"""Where tools are used against where they are owned.

Definition
    Every user counts once in the department they use a tool in, and once in the department that owns that tool (tools
    without an owner form a group of their own). With p(d) the share of use and q(d) the share of ownership of a
    department d, the imbalance is the total variation distance ½ · Σ |p(d) − q(d)|: 0 where ownership is spread as use
    is, 1 where no department owns anything of what is used in it. For a single tool it is one minus the share of users
    inside the owner's department; over all tools it is at most that.
    Declarations of fewer people than the group floor are listed without their number and count nowhere: whatever is
    told is a sum of groups that reach it, so that no subtraction leads to a smaller one.
Unit
    A share, 0 to 1. ``department``: the nearest unit of that kind above, otherwise the unit's highest ancestor below
    the top, otherwise the top.
Source
    Levin, Peres & Wilmer, *Markov Chains and Mixing Times* (2009), 4.1 and proposition 4.7 (coupling); as the index of
    dissimilarity: Duncan & Duncan, *A methodological analysis of segregation indexes*, American Sociological Review 20
    (1955) 210–217.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.responsibilities import (
    DeclaredToolUse,
    DepartmentShare,
    ToolBalance,
    ToolMap,
)
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.models import ToolUse
from pegel_web.organisation.queries.departments import department_of
from pegel_web.organisation.queries.platform_names import platform_names
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.unit_names import unit_names


def tool_map(*, actor: Actor) -> ToolMap:
    """Return which unit uses which tool, and how use and ownership lie apart, as far as the actor may see units.

    Raises
    ------
    NotAllowedError.
    """
    actor.require_somewhere(ToolUse.view_permission)
    structure, least = structure_on(actor.at.date()), group_floor()
    rows = uses_on(actor, structure.on)
    by_tool: dict[str, list[ToolUse]] = defaultdict(list)
    for row in rows:
        by_tool[row.tool.casefold()].append(row)
    return ToolMap(
        on=structure.on,
        declared=declared_lines(rows, structure),
        left_out=sum(row.people < least for row in rows),
        overall=balance(None, rows, structure, least),
        tools=tuple(balance(used[-1].tool, used, structure, least) for _, used in sorted(by_tool.items())),
        departments=_departments(rows, structure, least),
        unowned=tuple(used[-1].tool for _, used in sorted(by_tool.items()) if used[-1].owner_unit_id is None),
    )


def uses_on(actor: Actor, day: date) -> list[ToolUse]:
    """Return the declarations that count on a day, of the units that an actor may see."""
    return latest(ToolUse.objects.visible_to(actor).filter(declared_on__lte=day).order_by("declared_on", "id"))


def latest(rows: Iterable[ToolUse]) -> list[ToolUse]:
    """Return of each tool and unit the last declaration, without those that say it is not used any more."""
    found = {(row.tool.casefold(), row.unit_id): row for row in rows}
    return sorted(
        (row for row in found.values() if row.people), key=lambda row: (row.tool.casefold(), str(row.unit_id))
    )


def balance(tool: str | None, rows: Sequence[ToolUse], structure: Structure, least: int) -> ToolBalance:
    """Return use against ownership of some declarations."""
    counted = [row for row in rows if row.people >= least]
    users = sum(row.people for row in counted)
    if not users:
        status: Literal["no_data", "too_few"] = "too_few" if rows else "no_data"
        return ToolBalance(tool=tool, status=status, people=None, inside=None, imbalance=None)
    using, owning = _spread(counted, structure)
    inside = sum(row.people for row in counted if _home(row.unit_id, structure) == _home(row.owner_unit_id, structure))
    distance = sum(abs(using[one] - owning[one]) for one in {*using, *owning}) / (2 * users)
    return ToolBalance(tool=tool, status="value", people=users, inside=inside / users, imbalance=distance)


def _spread(rows: Sequence[ToolUse], structure: Structure) -> tuple[Counter[UUID | None], Counter[UUID | None]]:
    using: Counter[UUID | None] = Counter()
    owning: Counter[UUID | None] = Counter()
    for row in rows:
        using[_home(row.unit_id, structure)] += row.people
        owning[_home(row.owner_unit_id, structure)] += row.people
    return using, owning


def _home(unit: UUID | None, structure: Structure) -> UUID | None:
    """Return the department of a unit; None: of no unit."""
    return None if unit is None else department_of(unit, structure)


def _departments(rows: Sequence[ToolUse], structure: Structure, least: int) -> tuple[DepartmentShare, ...]:
    using, owning = _spread([row for row in rows if row.people >= least], structure)
    names = unit_names({*using, *owning}, structure)
    found = [
        DepartmentShare(unit_id=one, name=None if one is None else names[one], using=using[one], owning=owning[one])
        for one in {*using, *owning}
    ]
    return tuple(sorted(found, key=lambda one: (one.unit_id is None, (one.name or "").casefold(), str(one.unit_id))))


def declared(row: ToolUse, structure: Structure) -> DeclaredToolUse:
    """Return one declaration with its names."""
    return declared_lines([row], structure)[0]


def declared_lines(rows: Sequence[ToolUse], structure: Structure) -> tuple[DeclaredToolUse, ...]:
    """Return declarations with their names, by tool and unit."""
    least = group_floor()
    names = unit_names([unit for row in rows for unit in (row.unit_id, row.owner_unit_id)], structure)
    platforms = platform_names((row.platform_id for row in rows), structure.on)
    found = (_declared(row, names, platforms, least) for row in rows)
    return tuple(sorted(found, key=lambda one: (one.tool.casefold(), one.unit_name.casefold())))


def _declared(row: ToolUse, names: Mapping[UUID, str], platforms: Mapping[UUID, str], least: int) -> DeclaredToolUse:
    return DeclaredToolUse(
        tool_use_id=row.id,
        tool=row.tool,
        unit_id=row.unit_id,
        unit_name=names[row.unit_id],
        owner_unit_id=row.owner_unit_id,
        owner_unit_name=None if row.owner_unit_id is None else names[row.owner_unit_id],
        platform_id=row.platform_id,
        platform_name=None if row.platform_id is None else platforms[row.platform_id],
        people=row.people if row.people >= least else None,
        declared_on=row.declared_on,
    )
