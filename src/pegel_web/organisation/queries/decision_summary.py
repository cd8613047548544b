"""How the organisation decides: how many questions at which level, and how long they wait.

Open questions are not dropped: the time to a decision is the product-limit estimate over all questions raised in the
period, in which open ones count as "at least that long", and withdrawn ones until they were withdrawn. Times of a group
are told where as many questions, decided by as many people, as the group floor asks for, so that no figure is about a
person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

import numpy as np

from pegel.errors import InputError, NotFoundError
from pegel.prediction.product_limit import ProductLimit, product_limit
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.decisions import (
    DecisionState,
    DecisionSummary,
    Latency,
    LevelFigures,
    OpenByAge,
)
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.models import Decision
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries.decisions import LEVELS, days_between, state_of, visible
from pegel_web.organisation.queries.structure import structure_on

#: Periods that can be asked for, in months; nested periods of any length would single out persons by subtraction.
MONTHS: Final = (3, 12, 36)
Months = Literal[3, 12, 36]
_AGES: Final = ((0, 7), (7, 30), (30, 90), (90, None))
_DAYS_OF_MONTH: Final = 365.25 / 12


def decision_summary(*, actor: Actor, months: int = 12, unit_id: UUID | None = None) -> DecisionSummary:
    """Return counts and times of the questions raised in the last months, of a unit and below it or of all one sees.

    Raises
    ------
    InputError: ``period_not_offered``. NotFoundError: ``unit_unknown``.
    """
    if months not in MONTHS:
        raise InputError("period_not_offered", known=list(MONTHS))
    until = actor.at.date() + timedelta(days=1)
    since = until - timedelta(days=round(months * _DAYS_OF_MONTH))
    rows = visible(actor)
    if unit_id is not None:
        structure = structure_on(actor.at.date())
        if unit_id not in structure.nodes:
            raise NotFoundError("unit_unknown", id=unit_id)
        rows = rows.filter(asked_by_unit_id__in=structure.below(unit_id))
    listed = list(rows.filter(raised_at__date__gte=since, raised_at__lte=actor.at).defer("question", "options"))
    return summary_of(listed, actor=actor, since=since, until=until)


def summary_of(rows: Sequence[Decision], *, actor: Actor, since: date, until: date) -> DecisionSummary:
    """Return the figures of some questions at the actor's moment."""
    decided = [row for row in rows if state_of(row) is DecisionState.DECIDED]
    waiting = [days_between(row.raised_at, actor.at) for row in rows if row.decided_at is None]
    least = group_floor()
    at_team = sum(row.level == UnitKind.TEAM for row in decided)
    return DecisionSummary(
        since=since,
        until=until,
        overall=_figures("", rows, actor, least),
        levels=tuple(_figures(level, [row for row in rows if row.level == level], actor, least) for level in LEVELS),
        team_share=at_team / len(decided) if len(decided) >= least else None,
        above_its_level=sum(LEVELS.index(row.level) > LEVELS.index(row.routed_level) for row in decided),
        open_by_age=tuple(
            OpenByAge(
                from_days=low,
                until_days=high,
                count=sum(low <= days and (high is None or days < high) for days in waiting),
            )
            for low, high in _AGES
        ),
    )


def _figures(level: str, rows: Sequence[Decision], actor: Actor, least: int) -> LevelFigures:
    states = [state_of(row) for row in rows]
    deciders = {row.decided_by_id for row, state in zip(rows, states, strict=True) if state is DecisionState.DECIDED}
    enough = len(rows) >= least and len(deciders) >= least
    curve = _curve(rows, states, actor) if enough else None
    return LevelFigures(
        level=level,
        raised=len(rows),
        decided=states.count(DecisionState.DECIDED),
        open=states.count(DecisionState.OPEN),
        withdrawn=states.count(DecisionState.WITHDRAWN),
        median=_latency(curve, 0.5, rows),
        p85=_latency(curve, 0.85, rows),
    )


def _curve(rows: Sequence[Decision], states: Sequence[DecisionState], actor: Actor) -> ProductLimit:
    days = np.array([days_between(row.raised_at, row.decided_at or actor.at) for row in rows])
    decided = np.array([state is DecisionState.DECIDED for state in states])
    times, place = np.unique(days, return_inverse=True)
    finished = np.bincount(place, weights=decided, minlength=len(times))
    censored = np.bincount(place, weights=~decided, minlength=len(times))
    return product_limit(times, finished, censored)


def _latency(curve: ProductLimit | None, share: float, rows: Sequence[Decision]) -> Latency:
    if not rows:
        return Latency(status="no_data")
    if curve is None:
        return Latency(status="too_few")
    days = curve.percentile(share)
    return Latency(status="not_reached") if days is None else Latency(status="value", days=days)
