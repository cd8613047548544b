"""Where a stream stalls and why, in short: what the stall map, the causes and the ageing work say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pegel_web.flow.contracts.reports import PhaseLine, StateLine, WaitLine
from pegel_web.flow.contracts.streams import Freshness, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """What to do first.

    ``kind``: map_states (time hides in states that nobody has mapped), late_items (look at those), longest_wait (change
    what makes work wait there), nothing (nothing stands out). ``state``: where; None: nowhere in particular.
    """

    kind: Literal["map_states", "late_items", "longest_wait", "nothing"]
    state: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereItStalls:
    """Where a stream stalls and why.

    ``status``: not_computed: there are no figures yet; withheld: so few people stand behind the stream that nothing
    but the open work is told. ``causes``: the largest ones. Times in ``unit``. Never who works on something.
    """

    stream: Stream
    status: Literal["value", "not_computed", "withheld"]
    freshness: Freshness | None
    period: str
    policy: str | None
    unit: str
    sentence: str
    phases: tuple[PhaseLine, ...]
    steps: tuple[StateLine, ...]
    waits_sentence: str
    causes: tuple[WaitLine, ...]
    open: int
    late: int
    oldest: float | None
    ageing_sentence: str
    first_step: FirstStep | None
