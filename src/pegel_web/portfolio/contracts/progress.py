"""How use cases move: what stands still and why, the funnel, what pilots taught."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pegel_web.portfolio.contracts.use_cases import CaseLine

#: value; too_few: fewer than ten ended stays; not_reached: so much is still open that nobody can say.
DaysStanding = Literal["value", "too_few", "not_reached"]
#: older: beyond the p85 of the own history; pilot_over: the pilot's end has passed; approval_expired.
StallReason = Literal["older", "pilot_over", "approval_expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysFigure:
    """A time in days, or why there is none."""

    standing: DaysStanding
    days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateHistory:
    """How long use cases stay in a state: all stays that ever began in it.

    ``ended``: left it forward, back, rejected or stopped. ``open``: still there. ``aside``: parked, merged or found to
    be a double, counted as "at least that long", as the open ones are. ``median``, ``p85``: product-limit estimate.
    """

    state: str
    ended: int
    open: int
    aside: int
    median: DaysFigure
    p85: DaysFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledCase:
    """A use case that stands still. ``p85``: of the history of its state. ``since_over``: the day that has passed.

    ``deciders``: who may decide the request that waits; empty: none waits. ``cause``: the last root cause that was
    named; None: nobody has named one.
    """

    line: CaseLine
    reasons: tuple[StallReason, ...]
    p85: DaysFigure
    since_over: date | None
    deciders: tuple[str, ...]
    cause: str | None
    cause_note: str
    cause_at: datetime | None
    may_name_cause: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledCases:
    """What stands still among the open use cases that the reader sees, longest first. ``causes``: how often each."""

    cases: tuple[StalledCase, ...]
    open: int
    history: tuple[StateHistory, ...]
    causes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStage:
    """How many use cases ever got this far, and the median days from the idea; open ones count as "not yet"."""

    state: str
    reached: int
    here: int
    days_from_idea: DaysFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelLine:
    """The funnel of a department, or of all that the reader sees (no unit)."""

    unit_id: UUID | None
    unit_name: str
    stages: tuple[FunnelStage, ...]
    ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """From idea to scaled use, in all and by department. A measured effect is not part of it yet."""

    overall: FunnelLine
    departments: tuple[FunnelLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotLearning:
    """What a pilot taught; public, failures included."""

    use_case_id: UUID
    number: int
    title: str
    unit_name: str
    function: str
    state: str
    hypothesis: str
    as_planned: bool
    why: str
    change: str
    ended_at: datetime | None
