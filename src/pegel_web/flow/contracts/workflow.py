"""What the states of a stream mean, and what another meaning would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.streams import Stream

#: What somebody said, what Pegel worked out, and what nobody has said anything about.
Origin = Literal["confirmed", "suggested", "unmapped"]
#: How far a suggestion can be relied on: from 0.8, from 0.6, below.
Trust = Literal["high", "medium", "low"]
#: Where time counts: as work, as waiting, as nobody knows what, or not within the flow (new, ignored, done, cancelled).
Part = Literal["active", "waiting", "unmapped", "outside"]
#: Why there are no figures: the stream is too large to compute while somebody waits, or its group is too small.
FiguresStatus = Literal["value", "too_large", "withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """Another meaning of a state, for one type (None: for all), in one period (None, None: always).

    ``category``: new, waiting, active, done, cancelled or ignored; None: no rule, so that the state is not mapped.
    ``phase``, ``friction``: None: none. ``until_date`` is not included.
    """

    state: str
    category: str | None
    phase: str | None = None
    friction: str | None = None
    type: str | None = None
    from_date: date | None = None
    until_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChange:
    """Which kind of work an item type is: feature, defect, risk or debt; None: nobody has said."""

    type: str
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeKind:
    """An item type of the stream and the kind of work that it is; ``kind`` None: nobody has said."""

    type: str
    kind: str | None
    kind_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedMeaning:
    """What Pegel would suggest for a state that is not mapped; ``confidence`` between 0 and 1, ``trust`` in words."""

    category: str
    phase: str | None
    friction: str | None
    confidence: float
    trust: Trust
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMeaning:
    """One rule of the mapping, or a state that has none (``category`` ``unmapped``), and what it is about.

    Parameters
    ----------
    type, from_date, until_date: for which item type and period the rule is; None: all, always.
    types: item types that were seen in the state where the rule applies.
    confidence, trust, why: how sure a suggested rule is and what it rests on; None where it is confirmed.
    entries, days, share: how often items came into the state, the days they spent there so far, and these as a part of
        the time of all states that are neither done nor cancelled. None: withheld; ``share`` also where the state ends
        the item, or no time was spent at all.
    suggested: a suggestion for a state that has no rule.
    """

    state: str
    state_name: str
    type: str | None
    from_date: date | None
    until_date: date | None
    types: tuple[str, ...]
    category: str
    category_name: str
    phase: str | None
    phase_name: str
    friction: str | None
    friction_name: str
    origin: Origin
    confidence: float | None
    trust: Trust | None
    why: str | None
    why_name: str
    entries: int | None
    days: float | None
    share: float | None
    suggested: SuggestedMeaning | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowVersion:
    """A confirmed mapping. ``saved_at``, ``saved_by``: None: it was set outside of the application.

    ``saved_by``: the name where the reader may know it, otherwise the pseudonym. ``restored``: the version that it
    brought back. ``rules``: how many it has. ``in_force``: it is the newest.
    """

    version: int
    saved_at: datetime | None
    saved_by: str | None
    restored: int | None
    rules: int
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWorkflow:
    """What the states of a stream mean.

    Parameters
    ----------
    lake_name: of which of the stream's projects in the lake the states are.
    has_data: whether the lake holds the stream; without data there are no states.
    status: suggested (nobody has looked at it) or confirmed. version: the one shown; None: the suggestion.
    revision: of the mapping in force; a change names it, so that nobody overwrites what they have not seen.
    in_force: whether the mapping shown is the one in force, and not an older version.
    confidence: of the whole suggestion; None: it is confirmed, or there is no time to weigh it by.
    states: those that are not mapped first, the most time first.
    unmapped, unmapped_share: states without a rule, and the part of the time that hides in them; None: withheld.
    types: item types of the stream. kinds: which kind of work each of them is, also types that the mapping alone knows.
    """

    stream: Stream
    lake_name: str
    has_data: bool
    status: Literal["suggested", "confirmed"]
    version: int | None
    revision: str
    in_force: bool
    confidence: float | None
    states: tuple[StateMeaning, ...]
    unmapped: int
    unmapped_share: float | None
    types: tuple[str, ...]
    kinds: tuple[TypeKind, ...]
    versions: tuple[WorkflowVersion, ...]
    withheld: bool
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMove:
    """Time that counts as something else: its share of the time within the flow, before or after; the states."""

    from_part: Part
    to_part: Part
    days: float
    share: float
    states: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureEffect:
    """One figure under the mapping in force and under the changed one; ``change``: as in ``StreamFigure``."""

    metric: str
    before: StreamFigure
    after: StreamFigure
    change: float | None
    change_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowEffect:
    """What a changed mapping does, before it is saved.

    Parameters
    ----------
    changed: rules, and kinds of work of types, that would be different. moves: time that counts as something else, the
        most first.
    sentence: the same in one sentence. unmapped_before, unmapped_after: the part of the time that hides in states
        without a rule. None: withheld, or there is no time.
    status: whether there are figures, or why not; figures: in the order of the pages.
    policy_before, policy_after: the clock that suits the stream under each mapping; period: what the figures are about.
    """

    stream: Stream
    revision: str
    changed: int
    moves: tuple[TimeMove, ...]
    sentence: str
    unmapped_before: float | None
    unmapped_after: float | None
    status: FiguresStatus
    figures: tuple[FigureEffect, ...]
    period: str
    policy_before: str | None
    policy_after: str | None
