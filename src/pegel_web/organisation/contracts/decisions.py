"""The decision log: questions, their answers, and how long they waited at which level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Risk


class DecisionState(StrEnum):
    """How a question stands."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A question and what came of it.

    ``unit_id``, ``level``: where it waits now, or where it was decided. ``routed_level``: the lowest level that could
    decide it when it was raised; ``above_its_level``: it was decided further up than that. ``days``: from being raised
    until the answer, or until now. ``raised_by_id``, ``raised_by_name``: None: the reader may not see people there.
    ``own``: the reader raised it. ``nobody_may``: it is open, and nobody may decide it. ``decider_ids``, ``deciders``:
    who may decide it at the lowest level. ``may_take``, ``may_withdraw``: the reader may.
    """

    decision_id: UUID
    title: str
    question: str
    options: str
    state: DecisionState
    asked_by_unit_id: UUID
    asked_by_unit_name: str
    unit_id: UUID
    unit_name: str
    level: str
    routed_level: str
    above_its_level: bool
    amount: Decimal | None
    risk: Risk | None
    raised_at: datetime
    raised_by_id: UUID | None
    raised_by_name: str | None
    days: float
    outcome: str | None
    reason: str
    conditions: str
    review_date: date | None
    decided_at: datetime | None
    decided_by_name: str | None
    by_delegation: bool
    decider_ids: tuple[UUID, ...]
    deciders: tuple[str, ...]
    nobody_may: bool
    own: bool
    may_take: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """A time in days, or why there is none.

    ``no_data``: nothing was raised. ``too_few``: fewer than five questions, or fewer than five people decided them.
    ``not_reached``: so much is still open that nobody can say yet.
    """

    status: Literal["value", "no_data", "too_few", "not_reached"]
    days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFigures:
    """The questions of a level that were raised in the period: counts, and the time until they were decided.

    ``median``, ``p85``: product-limit estimate, in which open and withdrawn questions count as "at least that long".
    """

    level: str
    raised: int
    decided: int
    open: int
    withdrawn: int
    median: Latency
    p85: Latency


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenByAge:
    """Open questions by how long they wait (days): ``from_days`` included, ``until_days`` excluded; None: and more."""

    from_days: int
    until_days: int | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSummary:
    """How the organisation decides: questions raised in ``[since, until)``.

    ``levels``: from the team up. ``team_share``: decided at team level ÷ decided; None: fewer than five decided.
    ``above_its_level``: decided further up than the lowest level that could have.
    """

    since: date
    until: date
    overall: LevelFigures
    levels: tuple[LevelFigures, ...]
    team_share: float | None
    above_its_level: int
    open_by_age: tuple[OpenByAge, ...]
