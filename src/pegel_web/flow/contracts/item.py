"""One item's life: states, waits with cause, blocks, links, and what counted under which clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pegel_web.flow.contracts.streams import Freshness, Stream

#: Whether the waits of the item are taken apart by cause: they are; nothing is computed yet; it was never counted; so
#: few people stand behind the stream that the causes would tell about them; it waited, and no cause was looked for,
#: because no state of the stream is mapped as work.
CausesStatus = Literal["value", "not_computed", "not_counted", "withheld", "not_told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCausePart:
    """A part of a wait with one cause, on what evidence. ``reason_name``: what blocked, where it was blocked."""

    cause: str
    cause_name: str
    days: float
    evidence: str
    reason_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStay:
    """A stay in a state, as it was mapped when it was entered.

    ``until_at`` None: it is there now. ``days``: elapsed; ``working_days``: None: no calendar is declared. ``causes``:
    why it waited, within its clock; empty where it did not wait or causes are not told. ``state`` None: it was in a
    stream that the reader may not look into.
    """

    state: str | None
    state_name: str
    category: str | None
    category_name: str
    phase_name: str
    friction_name: str
    from_at: datetime
    until_at: datetime | None
    days: float
    working_days: float | None
    causes: tuple[WaitCausePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClock:
    """What counted under one policy.

    ``status``: not_started, open, done, cancelled or deleted. ``days``: what counts, of open items up to now, None: not
    defined; ``working_days`` the same in working time. ``waiting_days`` None: the policy adds up work only. ``why``:
    the reasons, one sentence each. ``chosen``: the policy that the stream's figures are computed with.
    """

    policy: str
    policy_name: str
    chosen: bool
    status: str
    status_name: str
    started_at: datetime | None
    ended_at: datetime | None
    days: float | None
    working_days: float | None
    active_days: float
    waiting_days: float | None
    paused_days: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """A flag raised or lowered, or a change of priority or rank, in words. What people wrote is not repeated.

    ``up``: the flag was raised.
    """

    at: datetime
    field: str
    text: str
    up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLink:
    """A link, said from the item's side. ``item`` None: in a stream that the reader may not look into, or not known.

    ``stream_id``: where the other item can be looked at. ``ended``: it is done, cancelled or deleted; None: not known.
    """

    kind: str
    kind_name: str
    item: str | None
    stream_id: str | None
    stream_name: str
    ended: bool | None
    since_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemComparison:
    """Against the stream: the flow time of its finished items, or the age at which they left the state the item is in.

    ``longer_than``: the share of the finished items (of ``n``) that took less time; None for open items.
    """

    sentence: str
    n: int | None
    p50: float | None
    p85: float | None
    longer_than: float | None
    pace: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLife:
    """Everything about one item that is no person's affair.

    ``type``, ``state_name``: of today. ``sentence``: the life in one sentence. ``clock``: the chosen one of
    ``clocks``. ``causes``: of all its waits together, the longest first; ``causes_status``: whether they are told.
    ``hand_offs``: moves from one person to another, never who; None: not recorded, or withheld (``withheld``).
    ``counted``: whether the item counts in the stream's figures at all; ``not_counted``: why it does not.
    ``freshness``: of the causes and the comparison; states are read from the lake as it is. ``calendar``: None: no
    working time is declared. ``unit``: of the stream's figures.
    """

    stream: Stream
    item: str
    type: str | None
    state_name: str
    begun_at: datetime
    as_of: datetime
    sentence: str
    unit: str
    calendar: str | None
    stays: tuple[ItemStay, ...]
    clocks: tuple[ItemClock, ...]
    causes: tuple[WaitCausePart, ...]
    causes_status: CausesStatus
    causes_text: str
    changes: tuple[ItemChange, ...]
    links: tuple[ItemLink, ...]
    hand_offs: int | None
    reopenings: int
    comparison: ItemComparison | None
    not_counted: str
    withheld: bool
    freshness: Freshness | None

    @property
    def clock(self) -> ItemClock:
        """Return the clock that the stream's figures are computed with."""
        return next(one for one in self.clocks if one.chosen)
