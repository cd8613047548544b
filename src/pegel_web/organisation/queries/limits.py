"""Up to what roles may decide: the limits that the leadership frame sets, from the top down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from pegel_web.core.actor import Risk
from pegel_web.core.reading import once
from pegel_web.organisation.models import FrameEntry
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.queries.structure import Structure

T = TypeVar("T", Decimal, Risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What may be decided: ``most_amount`` (EUR), ``most_risk``; None: no limit. ``level``: for units of that kind."""

    most_amount: Decimal | None = None
    most_risk: Risk | None = None
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLimits:
    """The limits of the frame at a date, by the unit they were set for."""

    structure: Structure
    of_unit: Mapping[UUID, Sequence[Limit]]

    def at(self, unit: UUID) -> Limit:
        """Return what a role in a unit may decide: the least of the limits that were set for it and for all above."""
        amount: Decimal | None = None
        risk: Risk | None = None
        way = self.structure.path(unit)
        for node in way:
            for limit in self.of_unit.get(node.unit_id, ()):
                if limit.level in {"", way[-1].kind}:
                    amount, risk = less(amount, limit.most_amount), less(risk, limit.most_risk)
        return Limit(most_amount=amount, most_risk=risk)


def limits_on(structure: Structure, day: date) -> FrameLimits:
    """Return the limits of the frame as they are on a day."""
    return once(("limits", id(structure), day), lambda: _limits_on(structure, day))


def _limits_on(structure: Structure, day: date) -> FrameLimits:
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    found: dict[UUID, list[Limit]] = defaultdict(list)
    entries = FrameEntry.objects.everything(because="limits are what grants are cut to")
    for entry in entries.filter(valid, kind=FrameKind.LIMIT).exclude(amount=None, risk=None):
        risk = None if entry.risk is None else Risk(entry.risk)
        found[entry.unit_id].append(Limit(most_amount=entry.amount, most_risk=risk, level=entry.level))
    return FrameLimits(structure=structure, of_unit=found)


def less(one: T | None, other: T | None) -> T | None:
    """Return the lesser of two limits; None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
