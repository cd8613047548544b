"""The report of one stream: where it stalls and why, what is ageing, what comes next, how good the data is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pegel_web.flow.contracts.against import AgainstDeclared
from pegel_web.flow.contracts.figures import Status, StreamFigure
from pegel_web.flow.contracts.streams import Freshness, Stream
from pegel_web.jobs.contracts import JobReport


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """A state: the flow time of finished work in it, and the load in it now.

    ``share``: of all flow time; None: its time is not counted (paused). ``load``, ``late``: open items in it, and those
    of them older than 85% of their predecessors. Times in the report's unit. ``phase``: intake | planning | execution |
    reporting; None: nobody has said.
    """

    state: str
    state_name: str
    category: str
    category_name: str
    phase: str | None
    friction_name: str
    days: float
    share: float | None
    items: int
    days_per_item: float
    load: int
    late: int
    oldest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLine:
    """A phase: the flow time of finished work in its states, and what lies in them now.

    ``phase`` None: the states to which nobody has given one. ``share``: of all flow time; None: nothing is finished.
    ``waiting_share``: the part of the phase's time spent in waiting states; None: it has no time.
    """

    phase: str | None
    phase_name: str
    days: float
    share: float | None
    waiting_share: float | None
    load: int
    late: int
    oldest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindShare:
    """The share of a kind of work in what was finished, beside the share that is meant.

    ``least``, ``most``: as declared; both None: nobody has. ``verdict``: None where nothing is declared.
    """

    kind: str
    kind_name: str
    share: float
    least: float | None
    most: float | None
    verdict: Literal["below", "within", "above"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What kinds of work were finished. ``declared``: somebody has said what mix is meant."""

    definition: str
    status: Status
    sentence: str
    declared: bool
    lines: tuple[KindShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """A drawing that can be asked for by its name, and the sentence that says the same."""

    name: str
    sentence: str


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
class LevelChange:
    """A change of level: the beginning of the week from which it holds, and what changed."""

    week_us: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """Whether the work flows steadily: sentences on weekly finishes, weekly median time, changes of level (``levels``:
    the same with their weeks).
    """

    status: Status
    finding: str | None
    sentence: str
    flow_time_sentence: str
    changes: tuple[str, ...]
    levels: tuple[LevelChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """Everything a report says, computed at one moment under one policy for one period, in one language.

    ``people``: how many different people the log names in this stream; None: it names none. ``unit``: of durations.
    ``workflow_status``: suggested | confirmed | mixed. ``phases``: those with a state, in their order. ``charts``: what
    is drawn of it.
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
    phases: tuple[PhaseLine, ...]
    unmapped_states: int
    waits: Waits
    distribution: Distribution
    ageing: Ageing
    forecast: StreamForecast
    steadiness: Steadiness
    quality: Quality
    charts: tuple[ChartLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen: its code in addresses, its name, whether it is chosen now."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of a stream is looked at. Days are whole days in UTC, the last one belongs to the period.

    ``period``: 13w, 26w, 52w or all; it gives way to ``from_day`` and ``until_day`` where one of them is given.
    ``types``: only items of these types ("": those without one); empty: as declared. ``calendar``: ``elapsed`` or the
    name of one; None: as declared. ``policy`` None: the one that suits the stream. ``as_of``: nothing that happened
    after this day is seen; None: everything is.
    """

    period: str = "13w"
    from_day: date | None = None
    until_day: date | None = None
    types: tuple[str, ...] = ()
    calendar: str | None = None
    policy: str | None = None
    as_of: date | None = None

    @property
    def own(self) -> bool:
        """Tell whether it asks for more than a period and a policy."""
        return bool(self.from_day or self.until_day or self.types or self.calendar or self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """A stream with its report. ``content`` and ``against`` None: nothing has been computed yet.

    ``selection``: what was asked for, where that is more than a usual period and policy; None: it is not. ``job``: the
    computation of this selection, while there is no result yet; ask again when it is done. ``rows_kept``: the items
    behind the figures can be asked for.
    ``periods``, ``policies``: what is computed and can be chosen. ``withheld``: so few people stand behind the stream
    that only single items are shown. ``may_refresh``, ``may_change``, ``may_see_items``: what the actor may do here.
    """

    stream: Stream
    content: ReportContent | None
    against: AgainstDeclared | None
    freshness: Freshness | None
    periods: tuple[Choice, ...]
    policies: tuple[Choice, ...]
    withheld: bool
    may_refresh: bool
    may_change: bool
    may_see_items: bool
    selection: Selection | None = None
    job: JobReport | None = None
    rows_kept: bool = True

    @property
    def leads_to_items(self) -> bool:
        """Tell whether the rows behind the figures are kept and the actor may see them."""
        return self.may_see_items and self.rows_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChart:
    """A drawing: what it is of, and its Vega-Lite specification as JSON."""

    name: str
    specification: str
