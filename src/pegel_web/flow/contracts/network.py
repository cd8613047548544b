"""Who waits for whom: streams as nodes, what lies between them as edges, and the items behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pegel_web.flow.contracts.figures import Status
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkNode:
    """A stream that the actor may see. Rates and waiting are None where the group floor withholds them."""

    stream_id: UUID
    name: str
    load: int
    finished_per_week: float | None
    waits_days: float | None
    waited_for_days: float | None
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEdge:
    """From the stream that is waited for to the one that waits; an id of None: "another stream", not to be seen.

    ``volume``: cases of all time, ``open``: blocking (or not taken up) now. Waiting (``waited_days`` in all,
    ``p50_days`` and ``p85_days`` of single cases), ``per_week``, ``overtaken`` (share that a later one was served
    before; None: nothing was served) and the halves of the observed time are None where this kind makes nobody
    wait, or where it is withheld.
    """

    from_id: UUID | None
    from_name: str
    to_id: UUID | None
    to_name: str
    kind: str
    kind_name: str
    volume: int
    open: int
    per_week: float | None
    waited_days: float | None
    p50_days: float | None
    p85_days: float | None
    overtaken: float | None
    first_half: int | None
    second_half: int | None
    withheld: bool
    may_see_items: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFreshness:
    """How old a result about the whole lake is; ``stale``: the lake has changed since."""

    data_at: datetime
    computed_at: datetime
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueStreamNetwork:
    """The network as far as the actor may see it.

    ``status``: ``value``, ``not_configured`` (no links in the data) or ``no_data`` (nothing is computed yet);
    ``sentence``: what it says first, or why there is nothing. ``circles``: names of streams that block each other in a
    circle, all of which the actor may see.
    """

    status: Status
    sentence: str
    sentences: tuple[str, ...]
    unit: str
    weeks: float
    nodes: tuple[NetworkNode, ...]
    edges: tuple[NetworkEdge, ...]
    circles: tuple[tuple[str, ...], ...]
    freshness: LakeFreshness | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A case behind an edge: ``from_item`` is waited for (or moved), ``to_item`` waits. Never who works on them.

    ``came_at``: since when (None: unknown); ``served_at``: when it was resolved or taken up (None: it was not).
    """

    from_item: str
    to_item: str
    open: bool
    came_at: datetime | None
    served_at: datetime | None
    waited_days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyList:
    """The cases behind an edge, the open ones first, then those that waited longest."""

    giver: Stream
    taker: Stream
    kind: str
    kind_name: str
    unit: str
    total: int
    offset: int
    rows: tuple[Dependency, ...]
    freshness: LakeFreshness


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """An item of a chain; None: an item of a stream whose items the actor may not see."""

    item: str | None
    stream: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDependencies:
    """What one stream waits for and what waits for it.

    ``longest``: the chain of open dependencies with most items that ends in this stream, the first blocker first;
    ``oldest``: the one whose items have waited longest in sum, ``oldest_days`` how long (None: withheld). ``circles``:
    items that wait for each other. ``inside``: open dependencies within the stream.
    """

    stream: Stream
    status: Status
    sentence: str
    unit: str
    waits_for: tuple[NetworkEdge, ...]
    waited_by: tuple[NetworkEdge, ...]
    inside: int
    longest: tuple[ChainLink, ...]
    oldest: tuple[ChainLink, ...]
    oldest_days: float | None
    circles: tuple[tuple[ChainLink, ...], ...]
    withheld: bool
    freshness: LakeFreshness | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The median of the simulated runs and the bounds of their middle 80%; None: nothing leaves in most runs."""

    middle: float | None
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferMeasure:
    """One measure before and after; ``difference`` run by run.

    ``measure``: ``load`` (items at the end), ``departures`` (a week), ``p50_days`` or ``p85_days`` (flow time).
    ``usual``: the difference is smaller than the usual up and down.
    """

    measure: str
    name: str
    before: Span
    after: Span
    difference: Span
    usual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSide:
    """One of the two streams, or both together."""

    name: str
    measures: tuple[TransferMeasure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOutcome:
    """What moving load from one stream to another would change, by simulation.

    ``status``: ``value``, ``no_data`` (too few weeks) or ``withheld`` (so few people stand behind one of them).
    ``weeks``: observed weeks that were drawn from.
    """

    definition: str
    giver: Stream
    taker: Stream
    items_per_week: int
    capacity_share: float
    status: Status
    sentences: tuple[str, ...]
    sides: tuple[TransferSide, ...]
    weeks: int
    horizon_weeks: int
    runs: int
    basis: str
    assumptions: tuple[str, ...]
    freshness: LakeFreshness


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferChoices:
    """Between which streams load can be moved; the codes are ids."""

    streams: tuple[Choice, ...]
    computed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDrawing:
    """The network as a Vega-Lite specification, and the sentence that says the same."""

    specification: Mapping[str, Any]
    sentence: str
