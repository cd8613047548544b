"""The report of one stream: where it stalls and why, what is ageing, what comes next, how good the data is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pegel_web.flow.contracts.figures import Status, StreamFigure
from pegel_web.flow.contracts.streams import Freshness, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """A state: the flow time of finished work in it, and the load in it now.

    ``share``: of all flow time; None: its time is not counted (paused). ``load``, ``late``: open items in it, and those
    of them older than 85% of their predecessors. Times in the report's unit.
    """

    state: str
    state_name: str
    category: str
    category_name: str
    friction_name: str
    days: float
    share: float | None
    items: int
    days_per_item: float
    load: int
    late: int
    oldest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLine:
    """Why finished items waited: one cause. ``days`` None: no answer, ``evidence`` says why."""

    cause: str
    cause_name: str
    days: float | None
    share: float | None
    items: int | None
    p50: float | None
    p85: float | None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Waits by cause, with the sentence that sums them up."""

    definition: str
    status: Status
    sentence: str
    lines: tuple[WaitLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingItem:
    """An open item and its age against finished items that left the same state. Never who works on it.

    ``pace``: within_p50 | within_p85 | beyond_p85 | None (nothing to compare with).
    """

    item: str
    type: str | None
    state: str
    state_name: str
    age_days: float
    in_state_days: float
    pace: str | None
    p50: float | None
    p85: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """Open work: ``open`` items, ``late`` of them older than 85% of their predecessors, the oldest of them listed."""

    definition: str
    status: Status
    sentence: str
    open: int
    late: int
    oldest: float | None
    items: tuple[AgeingItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastLevel:
    """With ``confidence`` (a share), at least ``items`` within four weeks; everything open is done by ``day``."""

    confidence: float
    items: int | None
    day: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamForecast:
    """What the next four weeks bring, how often the same forecast would have held, what it rests on."""

    definition: str
    status: Status
    sentence: str
    open_sentence: str
    backtest: str
    basis: str
    levels: tuple[ForecastLevel, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLine:
    """A check of the data that found something."""

    check: str
    name: str
    severity: str
    severity_name: str
    found: int
    share: float | None
    effect: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the checks say about the data, the most important first."""

    grade: str
    sentences: tuple[str, ...]
    lines: tuple[QualityLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """Whether the work flows steadily: sentences on weekly finishes, weekly median time, changes of level."""

    status: Status
    finding: str | None
    sentence: str
    flow_time_sentence: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """Everything a report says, computed at one moment under one policy for one period, in one language.

    ``people``: how many different people the log names in this stream; None: it names none. ``unit``: of durations.
    ``workflow_status``: suggested | confirmed | mixed.
    """

    period: str
    from_at: datetime
    until_at: datetime
    as_of: datetime
    policy: str
    policy_name: str
    policy_version: int
    unit: str
    workflow_status: str
    people: int | None
    summary: str
    stall: str
    figures: tuple[StreamFigure, ...]
    counts: Mapping[str, int]
    states: tuple[StateLine, ...]
    unmapped_states: int
    waits: Waits
    ageing: Ageing
    forecast: StreamForecast
    steadiness: Steadiness
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen: its code in addresses, its name, whether it is chosen now."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """A stream with its report. ``content`` None: nothing has been computed yet.

    ``periods``, ``policies``: what is computed and can be chosen. ``withheld``: so few people stand behind the stream
    that only single items are shown. ``may_refresh``, ``may_change``, ``may_see_items``: what the actor may do here.
    """

    stream: Stream
    content: ReportContent | None
    freshness: Freshness | None
    periods: tuple[Choice, ...]
    policies: tuple[Choice, ...]
    withheld: bool
    may_refresh: bool
    may_change: bool
    may_see_items: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChart:
    """A drawing: what it is of, its Vega-Lite specification, and the sentence that says the same."""

    name: str
    specification: Mapping[str, Any]
    sentence: str
