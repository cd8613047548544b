"""The desk of a stream: what ages, how full it is, what to pull next, and what was decided on new work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pegel_web.flow.contracts.streams import Freshness, Stream

#: Whether a limit says that there is room: it does, it does not, nobody has declared one.
Room = Literal["free", "full", "not_configured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingWork:
    """A started open item against the ages at which its predecessors left the same state.

    ``pace``: within_p50 | within_p85 | beyond_p85 | None (nothing to compare with, or withheld). ``held``: what blocks
    it, in words; empty: nothing.
    """

    item: str
    type: str | None
    state: str | None
    state_name: str
    age_days: float
    in_state_days: float | None
    pace: str | None
    p50: float | None
    p85: float | None
    held: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLine:
    """How much lies in a state, started or not. ``limit`` None: nobody has declared one. ``over``: items beyond it."""

    state: str
    state_name: str
    category: str
    category_name: str
    open: int
    limit: int | None
    over: int | None
    free: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLoad:
    """Started open items against the limit of the whole stream. ``law``: load, finishes and time held against each
    other (Little's law), in one sentence; empty: it cannot be told, or is withheld."""

    open: int
    limit: int | None
    over: int | None
    free: int | None
    not_started: int
    sentence: str
    law: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullCandidate:
    """An item that could be pulled, at its place in the suggested order.

    ``waited_days``: since it was created, or came into its state. ``points`` or ``cost_of_delay`` (in ``currency``):
    what somebody said it is worth; both None: nobody has. ``typical_days``: what items of its type usually take; None:
    not known, or withheld. ``score``: value per day. ``held``: what blocks it; empty: nothing. ``why``: one sentence.
    """

    position: int
    item: str
    type: str | None
    state: str | None
    state_name: str
    waited_days: float
    points: int | None
    cost_of_delay: float | None
    currency: str | None
    typical_days: float | None
    score: float | None
    held: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullStep:
    """What could be pulled into a state. ``state`` None: into the stream as a whole, of what has not been started.

    ``total``: candidates in all; those listed are the first ones.
    """

    state: str | None
    name: str
    open: int
    limit: int | None
    room: Room
    sentence: str
    total: int
    candidates: tuple[PullCandidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A decision on an item that had not been started.

    ``decision``: pull, defer or refuse. ``position``, ``of``: its place in the suggested order then; None: it was not
    suggested. ``override``: the decision departs from that order. ``by``: the name where the reader may know it,
    otherwise the pseudonym. ``started``: whether it has been started since; None: it is not among the open items.
    """

    item: str
    decision: str
    decision_name: str
    until_date: date | None
    reason: str
    outcome: str
    position: int | None
    of: int
    override: bool
    at: datetime
    by: str
    started: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """What somebody said an item is worth: points, or a cost of delay per day; the newest statement counts."""

    item: str
    points: int | None
    cost_of_delay: float | None
    currency: str | None
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDesk:
    """The desk of a stream.

    ``ageing``: late ones first, then by how far they are on the way to being late; ``ageing_total``: all of them.
    ``inflow``: what could be started; ``steps``: what could move on inside. ``mixed_scales``: some items are valued in
    points and some in money. ``decisions``: the newest first. ``withheld``: so few people stand behind the stream that
    percentiles and usual times are not shown.
    """

    stream: Stream
    unit: str
    currency: str
    policy: str
    policy_name: str
    freshness: Freshness
    ageing: tuple[AgeingWork, ...]
    ageing_total: int
    late: int
    load: DeskLoad
    states: tuple[LoadLine, ...]
    inflow: PullStep
    steps: tuple[PullStep, ...]
    mixed_scales: bool
    decisions: tuple[DecisionLine, ...]
    withheld: bool
    may_decide: bool
    may_declare: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskItem:
    """What the desk knows of one item that has not been started, and what people said about it, the newest first.

    ``candidate``: its place in the suggested order; None: it is not suggested, because of the newest decision.
    ``of``: how many are suggested. ``decidable``: it is open and not started.
    """

    stream: Stream
    item: str
    type: str | None
    state_name: str
    decidable: bool
    candidate: PullCandidate | None
    of: int
    currency: str
    values: tuple[ValueLine, ...]
    decisions: tuple[DecisionLine, ...]
    may_decide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """A desk on the first page. ``late`` None: withheld or not computed; ``over``: items beyond declared limits, None:
    nobody has declared any."""

    stream: Stream
    late: int | None
    over: int | None
    not_started: int | None
