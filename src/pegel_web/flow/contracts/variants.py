"""The ways by which the work of a stream really goes, and what the people who do it say about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pegel_web.flow.contracts.figures import Status
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Freshness, Stream

#: What people say about a way: so we work, this should not happen, the log is wrong here; or they take it back.
Judgement = Literal["usual", "unwanted", "log_wrong", "withdrawn"]
#: How a way stands: as somebody said, come up since somebody last said something, or nobody has said anything.
Standing = Literal["usual", "unwanted", "log_wrong", "new", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A variant: the states in their order, and how it is gone; see ``pegel.flow.variants``.

    ``key``: what stands for it. Times in the content's unit; None: undefined. ``cut``: only its first steps are told.
    """

    key: str
    states: tuple[str, ...]
    items: int
    share: float
    covered: float
    p50: float | None
    p85: float | None
    wait_share: float | None
    returns: int
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WayStep:
    """A step from one state to the next: how often, the median time in the state before it, whether it leads back."""

    from_state: str
    to_state: str
    moves: int
    p50: float | None
    back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WayState:
    """A state on the ways; ``items`` that were in it, and how often one came back to it."""

    state: str
    category: str
    phase: str | None
    items: int
    returns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysShown:
    """The most frequent ways that together cover ``percent`` of the items: how many, and the steps on them."""

    percent: int
    variants: int
    steps: tuple[WayStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantContent:
    """The variants of a period as the library answers, without what people say about them.

    ``n``: finished items. ``distinct``: variants; ``ways``: the most frequent of them. ``keys``: of many more, so that
    new ones are recognised; ``all_keys``: none is missing there. ``returned``: share of the items that came back to a
    state. ``no_waits``: why there is no share of waiting. ``people``: whom the log names; None: nobody.
    """

    period: str
    policy: str
    status: Status
    reason: str | None
    unit: str
    n: int
    distinct: int
    returned: float
    most: int
    ways: tuple[Way, ...]
    keys: tuple[str, ...]
    all_keys: bool
    states: tuple[WayState, ...]
    shown: tuple[WaysShown, ...]
    no_waits: str | None
    people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantLine:
    """A way with what was last said about it. ``reason``: None where the reader may not know it, or there is none.

    ``name``: the states as one text. ``role``: of whoever said it; ``said_at``: None: nobody has said anything.
    ``with_picture``: it was said about the whole picture, not about this way alone.
    """

    way: Way
    name: str
    standing: Standing
    reason: str | None
    role: str | None
    said_at: datetime | None
    with_picture: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStatement:
    """What somebody said about a way, or (``key`` empty) about the whole picture with ``ways`` ways."""

    id: UUID
    key: str
    name: str
    ways: int
    judgement: Judgement
    reason: str | None
    role: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamVariants:
    """The ways of a stream, as shown.

    Parameters
    ----------
    content: None: not computed yet, or withheld. lines: of the ways that are shown, the most frequent first.
    show: which part of the items the ways shown cover at least, in percent; shows: the choices.
    picture: what stands for the ways shown; a statement about the picture names it.
    usual, unwanted, log_wrong: share of the items on ways of which that was said; new: ways that came up since.
    statements: what was said, the newest first.
    """

    stream: Stream
    content: VariantContent | None
    freshness: Freshness | None
    sentences: tuple[str, ...]
    lines: tuple[VariantLine, ...]
    steps: tuple[WayStep, ...]
    show: int
    shows: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    picture: str
    usual: float
    unwanted: float
    log_wrong: float
    new: int
    statements: tuple[VariantStatement, ...]
    withheld: bool
    may_say: bool
    may_refresh: bool
