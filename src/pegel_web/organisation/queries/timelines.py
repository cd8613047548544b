"""Units over time, as the plain values that reorganisations are made of."""

from __future__ import annotations

from uuid import UUID

from pegel_web.organisation.models import UnitPeriod
from pegel_web.organisation.timeline import Period


def read_timeline() -> dict[UUID, tuple[Period, ...]]:
    """Return the periods of all units, each unit's in order. Take a turn first where something depends on it."""
    found: dict[UUID, list[Period]] = {}
    rows = UnitPeriod.objects.order_by("valid_from", "unit_id").values_list(
        "unit_id", "parent_id", "name", "kind", "valid_from", "valid_until"
    )
    for unit, parent, name, kind, valid_from, valid_until in rows:
        period = Period(unit=unit, parent=parent, name=name, kind=kind, valid_from=valid_from, valid_until=valid_until)
        found.setdefault(unit, []).append(period)
    return {unit: tuple(periods) for unit, periods in found.items()}
