"""Start small: one phase in one concrete step that is provably too slow, with the baseline to measure against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pegel_web.flow.contracts.stalls import StallStepName
from pegel_web.flow.contracts.streams import Freshness, Stream

#: not_computed, withheld: of the stream; the others are answers of the library.
StartStatus = Literal["value", "not_configured", "no_data", "undefined", "withheld", "not_computed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure with its 95 % interval; None: too little data for one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekMean:
    """The finished items of one week: how many, and their mean time in the step (days)."""

    week_at: datetime
    n: int
    mean_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineFigures:
    """The time of finished items in one step over ``[from_at, until_at)``, in days.

    ``sufficient``: at least 30 items from at least 8 weeks; otherwise ``reason`` (too_few_items, too_few_weeks).
    """

    from_at: datetime
    until_at: datetime
    policy: str
    unit: str
    n: int
    n_per_week: float
    weeks_with_data: int
    mean: Range
    p50: Range
    p85: Range
    lost_hours_per_week: Range
    sufficient: bool
    reason: str | None
    by_week: tuple[WeekMean, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCause:
    """Why finished items waited in the step. ``share``: of all waiting in it; ``evidence``: what that rests on."""

    cause: str
    cause_name: str
    days: float
    share: float
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowStep:
    """A step of a mapped phase and what is lost in it.

    Parameters
    ----------
    lost_hours_per_week, lost_days_per_week: of all its items; all time in waiting steps, the time above the own best
        quarter in steps of work. lost_days_per_item, share_of_stream (of the flow time), items: over the period.
    pace: slower, steady, quicker, unknown. now, oldest_days: what lies there.
    proven: the baseline is sufficient, and even the lower end of the interval is 5 % of the stream's flow time.
    causes: the largest first. options: what the evidence suggests, a sentence each.
    """

    state: str
    state_name: str
    phase: str
    phase_name: str
    category: str
    category_name: str
    friction_name: str
    lost_hours_per_week: Range
    lost_days_per_week: Range
    lost_days_per_item: float
    share_of_stream: float
    items: int
    pace: str
    pace_name: str
    now: int | None
    oldest_days: float | None
    proven: bool
    baseline: BaselineFigures
    causes: tuple[StepCause, ...]
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedStep:
    """A step that loses time and belongs to no phase, so that it cannot be ranked."""

    state: str
    state_name: str
    lost_hours_per_week: float
    share_of_stream: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StartContent:
    """What is computed of one stream, in one language.

    ``steps``: by lost hours. ``step_names``: every state in which items can stand before they are done.
    ``definition_hash``: of definition, policy, meaning of the states and unit. ``people``: whom the log names.
    """

    definition: str
    definition_hash: str
    policy: str
    policy_name: str
    unit: str
    people: int | None
    workflow_status: str
    from_at: datetime
    until_at: datetime
    n: int
    status: StartStatus
    reason: str | None
    sentence: str
    steps: tuple[SlowStep, ...]
    unmapped: tuple[UnmappedStep, ...]
    step_names: tuple[StallStepName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPrice:
    """Lost days per week times the declared cost of delay; None: nobody has declared one."""

    per_week: Range | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedStep:
    """A step among those of all streams shown. ``reports``, ``people``: see ``StallComparison``.

    ``baseline_id``: the baseline taken of exactly these figures, if somebody did.
    """

    rank: int
    stream: Stream
    step: SlowStep
    reports: int
    people: int | None
    price: StepPrice
    baseline_id: UUID | None
    may_take_baseline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStart:
    """How far a stream can be ranked, with the reason in one sentence where it cannot."""

    stream: Stream
    status: StartStatus
    sentence: str
    freshness: Freshness | None
    unmapped: tuple[UnmappedStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBaseline:
    """A baseline that was taken, never changed since. ``figures``: None: withheld, the group is too small.

    ``comparable``: what is computed now has the same definition, policy, meaning of the states and unit; None: nothing
    is computed. ``taken_by``: the name where the reader may know it, otherwise the pseudonym.
    """

    id: UUID
    stream_id: UUID
    stream_name: str
    state: str
    state_name: str
    phase: str
    phase_name: str
    figures: BaselineFigures | None
    as_of: datetime
    definition: str
    definition_hash: str
    comparable: bool | None
    taken_at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSmall:
    """Steps of the streams shown, by lost hours per week, and the one to start with.

    ``pick``: the first proven one; None: ``sentence`` says why there is none. ``units_differ``: the streams do not
    measure time in the same unit, so the order is only a rough one.
    """

    pick: RankedStep | None
    sentence: str
    floor: int
    units_differ: bool
    steps: tuple[RankedStep, ...]
    streams: tuple[StreamStart, ...]
    baselines: tuple[TakenBaseline, ...]
