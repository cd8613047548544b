"""Pre-approved patterns as an actor may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.organisation.validity import not_ended_by, valid_on
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.models import ExperimentPattern, Pilot

VIEW: Final = "portfolio.use_case.view"
CHANGE: Final = "portfolio.pattern.change"


def patterns(*, actor: Actor) -> tuple[Pattern, ...]:
    """Return the patterns in force that an actor may see, by name.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    rows = ExperimentPattern.objects.visible_to(actor).filter(not_ended_by(actor.at.date()))
    return _lines(list(rows), actor)


def patterns_for(*, actor: Actor, unit_id: UUID) -> tuple[Pattern, ...]:
    """Return the patterns in force that hold in a unit: its own and those of the units above it."""
    structure = structure_on(actor.at.date())
    rows = ExperimentPattern.objects.everything(because="what holds in a unit may be set further up")
    found = rows.filter(valid_on(actor.at.date()), unit_id__in=structure.above(unit_id))
    return _lines(list(found), actor)


def pattern(*, actor: Actor, pattern_id: UUID) -> Pattern:
    """Return a pattern.

    Raises
    ------
    NotFoundError: ``pattern_unknown``.
    """
    rows = list(ExperimentPattern.objects.visible_to(actor).filter(id=pattern_id))
    if not rows:
        raise NotFoundError("pattern_unknown", id=pattern_id)
    return _lines(rows, actor)[0]


def _lines(rows: Sequence[ExperimentPattern], actor: Actor) -> tuple[Pattern, ...]:
    units = unit_names((one.unit_id for one in rows), structure_on(actor.at.date()))
    open_ = Pilot.objects.filter(closed_at=None, pattern__in=[one.id for one in rows])
    running = Counter(open_.values_list("pattern_id", flat=True)) if rows else Counter()
    found = [
        Pattern(
            pattern_id=one.id,
            name=one.name,
            description=one.description,
            unit_id=one.unit_id,
            unit_name=units.get(one.unit_id, ""),
            most_data_class=one.most_data_class,
            most_people=one.most_people,
            most_days=one.most_days,
            most_amount=one.most_amount,
            tools=one.tools,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            running=running[one.id],
            may_change=actor.allows(CHANGE, unit=one.unit_id),
        )
        for one in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), str(one.pattern_id))))
