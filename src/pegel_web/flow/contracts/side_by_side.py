"""Two selections of one stream next to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.jobs.contracts import JobReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: what was asked for and what it became. None: it is not computed yet; ``job`` computes it."""

    selection: Selection
    from_at: datetime | None
    until_at: datetime | None
    policy: str | None
    unit: str | None
    finished: int | None
    job: JobReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedLine:
    """A figure, a state or a cause of waiting on both sides.

    ``part``: figure | state | wait. Of a state and a cause: days per finished item, in the unit of the sides.
    ``first``, ``second`` None: that side has no answer. ``difference``: the second less the first; None: one side has
    no answer, or the two cannot be compared (other kinds of work, other units of time).
    """

    part: Literal["figure", "state", "wait"]
    code: str
    name: str
    unit: str
    first: float | None
    second: float | None
    first_text: str
    second_text: str
    difference: float | None
    difference_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """Two selections of a stream. ``status``: value | computing | not_computed | withheld; else no lines.

    ``most``: what changed most, as a sentence. ``usual``: whether that is more than the usual up and down, which can be
    told only of periods that follow each other.
    """

    stream: Stream
    status: Literal["value", "computing", "not_computed", "withheld"]
    first: Side
    second: Side
    most: str
    usual: str
    lines: tuple[ComparedLine, ...]
