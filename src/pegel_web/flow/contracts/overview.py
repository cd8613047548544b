"""All streams of an actor at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Freshness, LakeView, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewContent:
    """A stream in one line, in one language.

    ``stall``: where it stalls, in a few words; ``stall_state``, ``stall_share``: the state with the longest wait and
    its part of all flow time; None: there is no such state, or nobody has said what waiting is. ``people``: see
    ``ReportContent``.
    """

    period: str
    policy: str
    people: int | None
    figures: tuple[StreamFigure, ...]
    stall: str
    stall_state: str | None
    stall_share: float | None
    open: int
    late: int
    oldest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLine:
    """A stream in the overview; ``content`` None: not computed yet. ``alerts``: that call for a look now."""

    stream: Stream
    content: OverviewContent | None
    freshness: Freshness | None
    withheld: bool
    alerts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOverview:
    """The streams that an actor may see, and which of them to look at first.

    ``first``: the one sentence; ``first_stream``: the stream it is about; None: nothing stands out.
    """

    lines: tuple[StreamLine, ...]
    first: str
    first_stream: Stream | None
    periods: tuple[Choice, ...]
    lake: LakeView
    may_adopt: bool
    may_refresh_all: bool
