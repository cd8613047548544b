"""Large synthetic logs for benchmarks: some ten changes per item, three years, any number of transitions.

Items are created evenly over the three years and numbered in that order; the log ends at ``UNTIL_US``, and what would
happen later has not happened yet: those items are open (some 4 %).

What an item does: ``New``, then again and again through queue, analysis, approval, work, hand-off and review, with
customers who do not answer, rework and pauses in between; ``Done`` in the end (3 % ``Cancelled``), with 5 % of all
items done once before. In 1 of 64 stays the next change comes in the same microsecond.

Truth: flow window = entry into the first active state → the last ``Done`` before the log ends; flow time = window less
the time in the ignored state ``On Hold``; a finished item that was never active has no flow time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import polars as pl

from pegel.eventlog.batch import Batch, Category, SourceInfo, empty
from pegel.eventlog.schema import ITEMS, TRANSITIONS
from pegel.eventlog.workflow import FlowItemKind, Workflow
from pegel.worlds.scale_events import RULES, TYPES, UNTIL_US, item_events, named, planned, side_changes

CHUNK_ITEMS: Final = 100_000
_BATCH_ITEMS: Final = 20_000
#: An open item is followed on if it is among the youngest fifth, some seven months.
_YOUNGEST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleTruth:
    """What is known about a generated log; ``flow_us`` and ``window_us`` are sums over finished items.

    ``without_flow_time``: finished items that were never active. ``reopened``: items that went back to work from done.
    """

    items: int
    transitions: int
    finished: int
    without_flow_time: int
    cancelled: int
    reopened: int
    flow_us: int
    window_us: int

    @property
    def still_open(self) -> int:
        """Items that are neither finished nor cancelled."""
        return self.items - self.finished - self.cancelled


def item_count(transitions: int) -> int:
    """Number of items whose log has about that many transitions (ten each, fewer for those that are still open)."""
    return max(1, round(transitions / 9.87))


def scale_chunks(
    *, transitions: int, seed: int = 1, streams: int = 200, chunk_items: int = CHUNK_ITEMS
) -> Iterator[pl.DataFrame]:
    """Yield the log in chunks of whole items, sorted by item and order of events.

    Parameters
    ----------
    transitions: about so many; :func:`scale_truth` says how many exactly.
    streams: number of value streams, the largest some twenty times the smallest.
    chunk_items: items per chunk; the chunks together are the same for every value. An item needs some 5 kB.

    Yields
    ------
    Frames with the columns ``COLUMNS`` in the types of ``schema.TRANSITIONS``; ``row`` numbers the log from 1.
    """
    row = 1
    for first, count, items in _chunks_of_items(transitions, chunk_items):
        events = item_events(first, count, items=items, seed=seed, streams=streams)
        chunk = named(events.filter(pl.col("at_us") < UNTIL_US), first_row=row)
        row += len(chunk)
        yield chunk


def scale_truth(*, transitions: int, seed: int = 1, streams: int = 200, chunk_items: int = CHUNK_ITEMS) -> ScaleTruth:
    """Add up what the generator planned, item by item, without looking at the written log."""
    # Added up as Python's integers: the µs of a hundred million transitions do not fit into 64 bits.
    totals: Counter[str] = Counter()
    for first, count, items in _chunks_of_items(transitions, chunk_items):
        totals.update(planned(item_events(first, count, items=items, seed=seed, streams=streams)))
    return ScaleTruth(**totals)


def scale_workflow(name: str = "scale") -> Workflow:
    """What the states mean, confirmed; the same for all streams."""
    kinds = (FlowItemKind.FEATURE, FlowItemKind.DEFECT, FlowItemKind.DEBT, FlowItemKind.FEATURE, FlowItemKind.RISK)
    return Workflow(name=name, status="confirmed", rules=RULES, items=dict(zip(TYPES, kinds, strict=True)))


class ScaleSource:
    """EventSource of a large synthetic log: items and transitions, one source row per transition.

    Parameters
    ----------
    transitions, seed, streams: as in :func:`pegel.worlds.scale.scale_chunks`.
    batch_items: items per batch, ten transitions each.
    people: say who did it, and tell what else changed (assignees, priorities, flags, comments).
    """

    def __init__(
        self,
        *,
        transitions: int,
        seed: int = 1,
        streams: int = 200,
        batch_items: int = _BATCH_ITEMS,
        people: bool = False,
    ) -> None:
        self._transitions = transitions
        self._seed = seed
        self._streams = streams
        self._batch_items = batch_items
        self._people = people
        self._read = 0

    def batches(self) -> Iterator[Batch]:
        """Yield the log, item by item."""
        self._read = 0
        row = 1
        for first, count, items in _chunks_of_items(self._transitions, self._batch_items):
            whole = item_events(first, count, items=items, seed=self._seed, streams=self._streams)
            events = whole.filter(pl.col("at_us") < UNTIL_US)
            side = side_changes(events, first_row=row) if self._people else empty("field_changes")
            yield _batch(named(events, first_row=row, people=self._people), side)
            row += events.height
            self._read += self._batch_items

    def info(self) -> SourceInfo:
        """Say what kind of log it is, and what the tool itself says about its states."""
        return _info()

    def progress(self) -> float:
        """Share of the items that were read."""
        return min(1.0, self._read / item_count(self._transitions))

    def following(self, transitions: int) -> FollowingSource:
        """Return what happens next: exactly so many transitions of open and of new items, in the order of time."""
        items = item_count(self._transitions)
        first = items - items // _YOUNGEST - 1
        count = items - first + 2 + transitions // 5
        events = item_events(first, count, items=items, seed=self._seed, streams=self._streams)
        chosen = events.filter(pl.col("at_us") >= UNTIL_US).sort("at_us", "number", "position").head(transitions)
        return FollowingSource(named(chosen, first_row=1))


class FollowingSource:
    """EventSource of the transitions that follow a synthetic log; ready in memory, so that only the import is timed."""

    def __init__(self, events: pl.DataFrame) -> None:
        self._batch = _batch(events, empty("field_changes"))
        self._read = False

    def batches(self) -> Iterator[Batch]:
        """Yield all events as one batch."""
        self._read = True
        yield self._batch

    def info(self) -> SourceInfo:
        """Say what kind of log it is, and what the tool itself says about its states."""
        return _info()

    def progress(self) -> float:
        """0 before, 1 after the batch was read."""
        return float(self._read)


def _chunks_of_items(transitions: int, chunk_items: int) -> Iterator[tuple[int, int, int]]:
    """First item number, number of items of each chunk, and the number of all items."""
    items = item_count(transitions)
    for first in range(0, items, chunk_items):
        yield first, min(chunk_items, items - first), items


def _batch(events: pl.DataFrame, changes: pl.DataFrame) -> Batch:
    items = events.filter(pl.col("sequence") == 1).select(
        "row",
        "item",
        "stream",
        "type",
        parent=pl.lit(None, dtype=pl.String),
        created_us="at_us",
        title=pl.lit(None, dtype=pl.String),
        attributes=pl.lit(None, dtype=pl.String),
    )
    return Batch(
        items=items.select(*ITEMS),
        transitions=events.select(*TRANSITIONS),
        field_changes=changes,
        links=empty("links"),
        rejects=empty("rejects"),
    )


def _info() -> SourceInfo:
    hints = {rule.state: cast("Category", rule.category.value) for rule in RULES}
    return SourceInfo(source="world.scale", log_kind="states", state_hints=hints)
