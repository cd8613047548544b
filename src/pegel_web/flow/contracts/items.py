"""The items behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pegel_web.flow.contracts.reports import Choice, Selection
from pegel_web.flow.contracts.streams import Freshness, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item, as its tool calls it. Never who worked on it.

    ``days``: flow time, of an open item its age, for a state the time in it; None: not defined. ``active_days``: of it
    in active states. ``pace``: see ``AgeingItem``.
    """

    item: str
    type: str | None
    kind: str | None
    state: str | None
    ending: str
    started_at: datetime | None
    ended_at: datetime | None
    days: float | None
    active_days: float | None
    reopened: bool
    pace: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """The items that a figure counts. ``total``: all of them; ``rows``: those of this page, the longest first.

    ``selection``: what was asked for, where that is more than a usual period and policy; None: it is not.
    """

    stream: Stream
    metric: str
    period: str
    policy: str
    state: str | None
    unit: str
    total: int
    offset: int
    rows: tuple[ItemRow, ...]
    freshness: Freshness
    metrics: tuple[Choice, ...]
    selection: Selection | None = None
