"""Where people say that work stalls, beside what the log measures there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from pegel_web.flow.contracts.streams import Freshness, Stream

#: What people think the reason is: the four frictions of a mapping, and everything else.
StallFriction = Literal["approval", "prioritisation", "hand_off", "status_query", "other"]
#: How often it happens to the person who reports it.
StallOften = Literal["daily", "weekly", "monthly", "rarely"]
StallState = Literal["open", "answered", "closed"]
StallEnding = Literal["done", "no_change"]
StallEventKind = Literal["answered", "closed", "reopened"]
#: reported_measured, reported_only, measured_only, neither; and where nobody can compare: the state has no meaning
#: yet (unmapped), the group is too small (withheld), nothing is computed (not_computed).
StallCase = Literal[
    "reported_measured", "reported_only", "measured_only", "neither", "unmapped", "withheld", "not_computed"
]
#: value: measured; as_work: the log counts all time there as work; no_data: no finished item spent time there.
WaitStatus = Literal["value", "as_work", "not_configured", "no_data", "withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StallEvent:
    """What became of a report on a day. ``by``: who answered or closed it; None: the author, or somebody forgotten."""

    kind: StallEventKind
    ending: StallEnding | None
    text: str
    plan: str
    by: str | None
    on_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A report that work stalls in a step. Nobody is told who wrote it.

    Parameters
    ----------
    state: of the log; empty: a step that is none of them, which the text describes.
    why, often, hours_per_week: what the author wrote. None: for the author and those who answer for the stream only.
    people: who stand behind it, the author and those who joined; None: fewer than ``floor``.
    history: None: for the author, those who joined, and those who answer for the stream.
    """

    id: UUID
    stream_id: UUID
    stream_name: str
    state: str
    state_name: str
    friction: StallFriction
    status: StallState
    ending: StallEnding | None
    reported_date: date
    why: str | None
    often: StallOften | None
    hours_per_week: float | None
    people: int | None
    floor: int
    history: tuple[StallEvent, ...] | None
    mine: bool
    joined: bool
    may_join: bool
    may_answer: bool
    may_close: bool
    may_reopen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StallStepName:
    """A step that can be chosen. ``category``: new, waiting, active or unmapped."""

    state: str
    state_name: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StallComparison:
    """One step: what people say and what the log says.

    Parameters
    ----------
    reports: reports of the last 13 weeks, and older ones that are not closed. people: who stand behind them; None:
        fewer than the group floor. hours_per_week: sum of the authors' own estimates; None: nobody estimated, or
        ``hours_withheld``.
    wait_days_per_item: waiting of finished items in the last 13 weeks of the log. share: of all their flow time; rank:
        by it, among the steps where items wait. None: ``wait_status`` says why.
    """

    state: str
    state_name: str
    category: str
    reports: int
    people: int | None
    hours_per_week: float | None
    hours_withheld: bool
    wait_status: WaitStatus
    wait_days_per_item: float | None
    share: float | None
    rank: int | None
    case: StallCase
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStalls:
    """Perception against measurement in one stream. ``floor``: fewer people than that are not counted aloud.

    ``reports``: those that are not closed, the reader's own, and those the reader answers for; the newest first.
    """

    stream: Stream
    floor: int
    freshness: Freshness | None
    steps: tuple[StallStepName, ...]
    comparison: tuple[StallComparison, ...]
    reports: tuple[Stall, ...]
    may_report: bool
    may_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StallPlace:
    """A stream and its steps, to choose from; no figures."""

    stream: Stream
    steps: tuple[StallStepName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StallDesk:
    """What a person can do about stalls: where to report one, what became of their own, what waits for their answer."""

    places: tuple[StallPlace, ...]
    own: tuple[Stall, ...]
    waiting: tuple[Stall, ...]
