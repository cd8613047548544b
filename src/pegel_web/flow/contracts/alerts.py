"""Alerts: what about a stream calls for a look, since when, and what people have said to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pegel_web.flow.contracts.streams import Stream

#: ageing: open items older than 85% of their predecessors · load, state_load: more open items than declared, in all or
#: in one state · stalled: items to which nothing happens · stale: the data itself is old.
AlertKind = Literal["ageing", "load", "state_load", "stalled", "stale"]
#: quiet: acknowledged, or snoozed until a day that has not come.
AlertStatus = Literal["open", "quiet", "closed"]
RuleStatus = Literal["alert", "fine", "not_configured", "no_data", "withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertThresholds:
    """From when on something calls for a look.

    ``late_from``: so many items older than 85% of their predecessors. ``stalled_after_days``: nothing has happened to
    an open item for so long. ``stale_after_days``: the last event is more days old than this.
    """

    late_from: int = 1
    stalled_after_days: int = 5
    stale_after_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule, and what it finds now. ``value``: items, or days of the data's age; ``limit`` None: nobody has set one.

    ``state``: for the rule about one state.
    """

    kind: AlertKind
    state: str
    status: RuleStatus
    value: int | None
    limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAlert:
    """Something about a stream that calls for a look.

    Parameters
    ----------
    state: the state it is about; empty: the whole stream.
    count, limit: how many items, or for stale data days; the limit or threshold it is beyond.
    new: items among them that were not there when the stream was computed before; None: there was no time before,
        it is not counted for this kind, or it is withheld because the group is too small for a trend.
    sentence: the same in words.
    opened_at, last_seen_at, closed_at: when it was first and last so; None: it still is.
    acknowledged_at, acknowledged_by, reason: somebody has looked; the name as far as the reader may know it, the reason
        for those who may change the stream. snoozed_until: it is to be quiet until that day.
    """

    id: UUID
    stream: Stream
    kind: AlertKind
    kind_name: str
    state: str
    state_name: str
    count: int
    limit: int
    new: int | None
    sentence: str
    status: AlertStatus
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    reason: str | None
    snoozed_until: date | None
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """The alerts of one stream: its rules, what is open or quiet, what closed in the last ninety days."""

    stream: Stream
    rules: tuple[RuleLine, ...]
    alerts: tuple[StreamAlert, ...]
    closed: tuple[StreamAlert, ...]
    thresholds: AlertThresholds
    withheld: bool
    may_change: bool
