"""Between quarters: what came unplanned, was changed on the way, or was cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pegel_web.flow.contracts.figures import Status
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Freshness, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterFigure:
    """One list of a quarter: ``list`` is ``unplanned_work``, ``changed_work`` or ``cancelled_work``.

    ``n``: items listed that had been started, ``of``: all that were in progress at some moment of the quarter,
    ``share`` n of these, ``days`` already spent on the listed ones. ``not_started``: listed ones beside them that
    nobody had started (cancelled ones only). ``before_n``, ``before_share``: in the quarter before;
    ``share_change``: in points of 1. Without a value (``status``) all of them are None and ``sentence`` says why.
    """

    list: str
    name: str
    definition: str
    status: Status
    sentence: str
    n: int | None
    of: int | None
    share: float | None
    days: float | None
    not_started: int | None
    before_n: int | None
    before_share: float | None
    share_change: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterStream:
    """A stream in a quarter; no figures: its data does not reach the quarter, or nothing is computed yet."""

    stream: Stream
    figures: tuple[QuarterFigure, ...]
    running: bool
    withheld: bool
    may_see_items: bool
    freshness: Freshness | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenQuarters:
    """A quarter of the streams that an actor may see.

    ``running``: the data of at least one stream ends within it: so far. ``total``: all streams together, of those that
    have an answer; ``left_out``: streams whose figures are withheld and stand in no total.
    """

    quarter: str
    quarter_name: str
    running: bool
    quarters: tuple[Choice, ...]
    total: tuple[QuarterFigure, ...]
    streams: tuple[QuarterStream, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterItem:
    """An item of a list. ``at``: when it came in, was last changed, or ended; ``what``: how, in words."""

    item: str
    type: str | None
    at: datetime
    started: bool
    days: float
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterItems:
    """The items behind a list, the ones with most days spent first."""

    stream: Stream
    list: str
    name: str
    quarter: str
    quarter_name: str
    unit: str
    total: int
    offset: int
    rows: tuple[QuarterItem, ...]
    freshness: Freshness
