"""Who is accountable for each step of a stream, and what lies where nobody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pegel_web.flow.contracts.figures import Status
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Freshness, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWork:
    """A step (state) and the work in it. ``waiting_days``: of the finished items of the period; ``open``: items now.

    ``teams``: how many different teams had work here in the period; None: the log names no teams. ``ping_pong``: moves
    out of it that the next move took back.
    """

    state: str
    category: str
    items: int
    days: float
    waiting_days: float
    open: int
    teams: int | None
    ping_pong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContent:
    """What the log shows about the steps of a stream in a period.

    ``hand_offs``: moves after which another team had the work, of ``hand_off_moves`` where both teams are known;
    ``team_status``: not_configured: the log names no teams. ``team_back``: hand-offs that came straight back.
    """

    period: str
    policy: str
    unit: str
    steps: tuple[StepWork, ...]
    waiting_days: float
    team_status: Status
    teams: int | None
    hand_off_moves: int | None
    hand_offs: int | None
    team_back: int | None
    people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOwner:
    """Who is accountable for a step from now on; ``unit_id`` None: nobody."""

    state: str
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step with the unit that is accountable for it; None: nobody. ``work``: None where figures are withheld."""

    state: str
    state_name: str
    category_name: str
    unit_id: UUID | None
    unit_name: str
    since: date | None
    work: StepWork | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """Who was accountable for a step, from when until when (not included); ``valid_until`` None: still."""

    state: str
    unit_name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamResponsibility:
    """Who is accountable in a stream.

    ``gaps``: steps without anybody; ``gap_share``: of the waiting that lies there, None: withheld or there is none;
    ``gap_open``: open items that are there now. ``revision``: names what is declared; a change names it again.
    """

    stream: Stream
    has_data: bool
    content: StepContent | None
    freshness: Freshness | None
    lines: tuple[StepLine, ...]
    gaps: int
    gap_share: float | None
    gap_days: float | None
    gap_open: int | None
    sentences: tuple[str, ...]
    history: tuple[StepChange, ...]
    periods: tuple[Choice, ...]
    revision: str
    withheld: bool
    may_change: bool
