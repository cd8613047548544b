"""How many pilots run at once where, beside what the units said they can take.

The biggest mistake is to introduce everything everywhere at once: a team learns one thing at a time. What counts is the
nearest limit above a use case: the one of its unit, or of the closest unit above that has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.limits import UnitIntroductions
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import UseCase
from pegel_web.portfolio.models.limits import IntroductionLimit

VIEW: Final = "portfolio.use_case.view"
CHANGE: Final = "portfolio.setting.change"


def unit_introductions(*, actor: Actor) -> tuple[UnitIntroductions, ...]:
    """Return the units that an actor sees, in tree order, with their pilots and their limit.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    structure = structure_on(actor.at.date())
    limits = _limits()
    pilots = _pilots()
    return tuple(
        UnitIntroductions(
            unit_id=node.unit_id,
            unit_name=node.name,
            depth=depth,
            running=sum(pilots[unit] for unit in structure.below(node.unit_id)),
            most=limits.get(node.unit_id),
            may_change=actor.allows(CHANGE, unit=node.unit_id),
        )
        for depth, node in structure.in_order()
        if actor.allows(VIEW, unit=node.unit_id)
    )


def introductions_of(rows: Iterable[UseCase], day: date) -> dict[UUID, tuple[int, int]]:
    """Return for use cases how many other pilots run under the limit that counts for them, and that limit.

    A use case that is missing: no limit is configured for its unit, nor for one above.
    """
    limits = _limits()
    if not limits:
        return {}
    structure, pilots, found = structure_on(day), _pilots(), {}
    for row in rows:
        holder = next((unit for unit in structure.above(row.unit_id) if unit in limits), None)
        if holder is not None:
            running = sum(pilots[unit] for unit in structure.below(holder))
            own = int(row.state == CaseState.PILOT)
            found[row.id] = running - own, limits[holder]
    return found


def _limits() -> dict[UUID, int]:
    rows = IntroductionLimit.objects.everything(because="what counts for a use case may be set further up")
    return dict(rows.values_list("unit_id", "most"))


def _pilots() -> Counter[UUID]:
    rows = UseCase.objects.everything(because="how many run at once does not depend on who looks")
    return Counter(rows.filter(state=CaseState.PILOT).values_list("unit_id", flat=True))
