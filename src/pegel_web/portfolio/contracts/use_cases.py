"""A use case as others see it: where it stands, who answers for it, what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

#: not_named: no stream and step; no_stream: a reason why there is none; not_seen: the reader may not see the stream;
#: not_computed, withheld, no_data: of the stream; value: there is one.
WaitStanding = Literal["value", "not_named", "no_stream", "not_seen", "not_computed", "withheld", "no_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range3:
    """Low, likely, high; in EUR."""

    low: Decimal
    likely: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A use case in a list.

    ``days``: in this state. ``benefit``, ``effort``: the mean of each author's last estimate; None: nobody estimated.
    ``risk_class``: as declared; None: nobody declared one. ``result_owner``: a name, None: nobody answers for it.
    ``waiting_at_gate``: the gate it has asked to pass. ``pilot_ends_on``: of the open pilot. ``source_state``: where
    its source says it stands; not evaluated, and no gate was passed for it.
    """

    use_case_id: UUID
    number: int
    title: str
    state: str
    days: int
    unit_id: UUID
    unit_name: str
    stream_id: UUID | None
    step: str
    function: str
    origin: str
    usage: str
    horizon: int | None
    benefit: Range3 | None
    effort: Range3 | None
    risk_class: str | None
    result_owner: str | None
    waiting_at_gate: str | None
    pilot_ends_on: date | None
    shadow: bool
    submitted_at: datetime
    source: str
    source_state: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """Use cases that the reader may see. ``by_state``: how many of all stand where, whatever was filtered."""

    lines: tuple[CaseLine, ...]
    by_state: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContent:
    """What people write about a use case: everything that :func:`services.use_cases.change_use_case` changes."""

    title: str
    pain: str
    hoped_effect: str
    unit_id: UUID
    stream_id: UUID | None
    step: str
    place_note: str
    phase: str
    friction: str
    origin: str
    goal: str
    usage: str
    function: str
    horizon: int | None
    ai_acts: str
    person_decides: str
    data_needs: str
    data_class: str
    champion_id: UUID | None
    amount: Decimal | None
    shadow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyLine:
    """Who does, answers for, is asked about or told of something. ``gone``: has left or was forgotten."""

    duty_id: int
    duty: str
    letter: str
    person_id: UUID | None
    unit_id: UUID | None
    name: str
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLine:
    """The last declaration of a subject; ``value`` None: nobody has declared anything. It is declared, not evaluated.

    ``expired``: it was valid until a day that is over. ``choices``: what it can be. ``may``: the reader may declare.
    """

    subject: str
    value: str | None
    declared_on: date | None
    declared_by: str | None
    document: str
    note: str
    valid_until: date | None
    expired: bool
    passes: bool
    choices: tuple[str, ...]
    may: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """A criterion of a gate and how it stands (met, missing, unclear, failed), with its evidence in words.

    ``binding``: nobody can decide past it. ``declared``: declared, not evaluated. ``fix``: where it is mended.
    """

    code: str
    name: str
    wanted: str
    standing: str
    evidence: str
    binding: bool
    declared: bool
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """A step that is possible from where it stands. ``open``: binding criteria that are not met."""

    target: str
    direction: str
    gate: str | None
    needs_reason: bool
    needs_other: bool
    takes_until: bool
    open: int
    may: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step that was taken. ``by``: None: Pegel itself, an import, or somebody who was forgotten."""

    source: str
    target: str
    at: datetime
    by: str | None
    reason: str
    decision_id: UUID | None
    pattern: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateLine:
    """The last estimate of one author. ``author``: where the reader may know it; ``mine``: the reader's own."""

    benefit: Range3
    effort: Range3
    evidence: str
    author: str | None
    group: str
    estimated_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotLine:
    """A pilot; ``closed_at`` None: it is the open one. ``learning``: as_planned, why, change, once it is closed."""

    hypothesis: str
    baseline: str
    kill_criterion: str
    starts_on: date | None
    ends_on: date | None
    people: int | None
    pattern: str | None
    closed_at: datetime | None
    as_planned: bool | None
    why: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredWait:
    """How long finished items waited in the step that a use case is about, in the last 13 weeks of the log.

    ``days_per_item``, ``share``: None unless ``standing`` is value. ``sentence``: the same in words, or why not.
    """

    standing: WaitStanding
    stream_name: str | None
    step_name: str
    days_per_item: float | None
    share: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """What was asked at a gate and what came of it. ``days``: until decided or withdrawn, or until now.

    ``conditions`` bind, ``dissent`` is on record, ``expires_on``: the approval no longer holds from then on.
    ``deciders``: who may decide it where it waits. ``may_decide``, ``may_withdraw``: the reader may.
    """

    request_id: UUID
    use_case_id: UUID
    number: int
    title: str
    gate: str
    unit_id: UUID
    unit_name: str
    asked_by_unit_name: str
    amount: Decimal | None
    risk: int | None
    options: str
    raised_at: datetime
    raised_by: str | None
    days: float
    status: Literal["open", "withdrawn", "decided"]
    outcome: str | None
    decided_at: datetime | None
    decided_by: str | None
    level: str | None
    by_delegation: bool
    reason: str
    trade_offs: str
    dissent: str
    conditions: str
    expires_on: date | None
    review_date: date | None
    deciders: tuple[str, ...]
    may_decide: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """Everything about one use case.

    ``gate``: the next one on its way; None: none is ahead. ``criteria``: of that gate. ``warnings``: codes of what
    should make one think (tool_first, tools_before_problem). ``source_details``: what its source says, not
    evaluated. ``names``: of people and units mentioned by id.
    """

    line: CaseLine
    content: CaseContent
    submitted_by: str | None
    champion_name: str | None
    stream_name: str | None
    parked_until: date | None
    other_id: UUID | None
    other_title: str | None
    wait: MeasuredWait
    duties: tuple[DutyLine, ...]
    duties_open: tuple[str, ...]
    declarations: tuple[DeclaredLine, ...]
    tools: tuple[str, ...]
    estimates: tuple[EstimateLine, ...]
    pilots: tuple[PilotLine, ...]
    gate: str | None
    criteria: tuple[CriterionLine, ...]
    moves: tuple[MoveLine, ...]
    steps: tuple[StepLine, ...]
    requests: tuple[RequestLine, ...]
    warnings: tuple[str, ...]
    source_details: dict[str, str]
    may_change: bool
    may_estimate: bool
    may_ask: bool
    is_open: bool
