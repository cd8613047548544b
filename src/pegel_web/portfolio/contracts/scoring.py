"""Use cases by effort and benefit, in a ranking, on a board, and what was promised against what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

#: above: within the budget. below: beyond it. unknown: it has no score, or nobody estimated its effort. none: no
#: budget was named.
CutSide = Literal["above", "below", "unknown", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Low, likely, high; in EUR."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPoint:
    """An estimated use case: the means of each author's last estimate. ``authors``: how many estimated.

    ``drawn``: it is among those that the map draws.
    """

    use_case_id: UUID
    number: int
    title: str
    state: str
    unit_name: str
    horizon: int | None
    benefit: Span
    effort: Span
    authors: int
    drawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseName:
    """A use case that nobody has estimated. ``may_estimate``: the reader may."""

    use_case_id: UUID
    number: int
    title: str
    state: str
    unit_name: str
    may_estimate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortBenefitMap:
    """Use cases by effort and benefit, the largest benefit or harm first; and those that nobody has estimated.

    ``total``: both together. ``within_a_year``: whose likely benefit of one year is at least their effort.
    ``harmful``: whose likely benefit is below zero. ``most_drawn``: so many are drawn at most. ``sentence``: in words.
    """

    points: tuple[MapPoint, ...]
    not_estimated: tuple[CaseName, ...]
    total: int
    within_a_year: int
    harmful: int
    most_drawn: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedCase:
    """A use case in a ranking. ``place``: None: it has no score, which is not zero; ``standing`` says why.

    ``low``, ``high``: the lowest and highest score of those who said something, ``people`` of them. ``effort``: likely,
    EUR; None: nobody estimated. ``effort_so_far``: its effort with that of all before it. ``running``: pilot,
    production or scaled. ``running_below``: it runs and falls below the cut line.
    """

    use_case_id: UUID
    number: int
    title: str
    state: str
    unit_name: str
    horizon: int | None
    place: int | None
    standing: Literal["value", "not_scored", "undefined"]
    score: float | None
    low: float | None
    high: float | None
    people: int
    effort: float | None
    effort_so_far: float | None
    side: CutSide
    running: bool
    running_below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightLine:
    """A criterion and what it weighs."""

    criterion: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What the criteria weigh. ``version`` 0: nobody has weighed them yet, all weigh the same."""

    version: int
    lines: tuple[WeightLine, ...]
    reason: str
    set_at: datetime | None
    set_by: str | None
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRanking:
    """Use cases by one method, best first, those without a score last. ``scored`` of ``total`` have one.

    ``budget``: EUR; None: no cut line. ``running_below``: how many run although they fall below the line.
    ``weights_version``: which weights the criteria had.
    """

    method: Literal["net", "ratio", "rice", "wsjf", "criteria"]
    lines: tuple[RankedCase, ...]
    scored: int
    total: int
    budget: float | None
    above: int
    running_below: int
    weights_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCard:
    """A use case on the board. ``days``: in this state. ``waiting_at_gate``: the gate it has asked to pass."""

    use_case_id: UUID
    number: int
    title: str
    unit_name: str
    days: int
    has_owner: bool
    waiting_at_gate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardColumn:
    """A state of the main way: the cards that have been there longest, and how many there are in all."""

    state: str
    cards: tuple[BoardCard, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The main way in columns. ``aside``: how many stand aside of it or ended, by state."""

    columns: tuple[BoardColumn, ...]
    aside: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedLine:
    """Promised against realised of one function; ``function`` None: of all, empty: of those without one.

    ``cases``, ``ratio``: None: withheld, because too few people estimated. ``ratio``: mean of realised ÷ promised.
    """

    function: str | None
    withheld: bool
    cases: int | None
    ratio: float | None
    promised: float | None
    realised: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisedLine:
    """The last declared benefit of a use case; declared, not evaluated."""

    use_case_id: UUID
    amount: float
    seen_on: date
    document: str
    note: str
    declared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RealisedCase:
    """A use case of which somebody declared what it brings in a year, EUR."""

    use_case_id: UUID
    number: int
    title: str
    unit_name: str
    amount: float
    seen_on: date
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedRealised:
    """What was promised against what was declared to have come of it; declared, not evaluated.

    ``least``: so many people a group must have. ``declared``: use cases with a realised benefit; ``compared``: those of
    them that also had an estimate above zero before.
    """

    lines: tuple[PromisedLine, ...]
    least: int
    declared: int
    compared: int
    cases: tuple[RealisedCase, ...]
