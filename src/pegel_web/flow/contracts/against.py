"""A stream against what people have declared about it: the promise, and what the waiting costs."""

from __future__ import annotations

from dataclasses import dataclass

from pegel_web.flow.contracts.figures import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseKept:
    """Whether so much of the work was done within so many days as is declared; see ``pegel.prediction.service_level``.

    ``finding``: kept | missed | unclear | None. ``unit``: of the days. ``open_beyond``: open items older than that.
    """

    definition: str
    status: Status
    sentence: str
    target_days: float | None
    target_share: float | None
    unit: str
    n: int
    within: int
    share: float | None
    low: float | None
    high: float | None
    finding: str | None
    open_beyond: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """What the waits of one cause have cost; ``price`` None: no answer."""

    cause: str
    cause_name: str
    open: bool
    days: float
    price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPrice:
    """What the waiting costs in ``currency``: ``delay`` of finished items, ``open_delay`` of open ones so far."""

    definition: str
    status: Status
    sentence: str
    currency: str | None
    delay: float | None
    open_delay: float | None
    labour: float | None
    lines: tuple[PriceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstDeclared:
    """A stream against what is declared about it, in a period, in one language."""

    period: str
    promise: PromiseKept
    price: WaitingPrice
