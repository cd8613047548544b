"""The log that every metric reads: intervals, what their states mean, and until when we look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.calendar_time import WorkingTime, day_us
from pegel.eventlog.policy import StateSet
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory, Workflow
from pegel.flow.meanings import Meanings, Place
from pegel.lake.engine import Embedded, Engine

#: Changes of other fields than the state; ``actor`` is the code of a pseudonym (``pegel.lake.intervals.actor_code``).
CHANGES: Final[dict[str, pl.DataType]] = {
    "item": pl.Int32(),
    "at_us": pl.Int64(),
    "sequence": pl.Int64(),
    "field": pl.String(),
    "from_value": pl.String(),
    "to_value": pl.String(),
    "actor": pl.Int64(),
}
#: "item KIND other"; ``other`` is null for items outside the lake. ``at_us``: null: unknown since when.
LINKS: Final[dict[str, pl.DataType]] = {
    "item": pl.Int32(),
    "kind": pl.String(),
    "other": pl.Int32(),
    "at_us": pl.Int64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLog:
    """Intervals of some streams as seen at one moment.

    Parameters
    ----------
    intervals: lazy frame [item, place, entered_us, left_us, home, split, actor]; the rows of an item lie together, in
        the order of time; see ``pegel.lake.prepared``.
    meanings: what every place that occurs means.
    as_of_us: nothing after this moment is seen; an interval that had not ended by then is open.
    cut: whether ``as_of_us`` lies before the last event, so that intervals have to be cut.
    streams: the streams that figures are for; None: all.
    joined: streams of the lake that are read as part of another: name in the lake → the name they are read by.
    working: the calendar's working clock, if durations are to be working time; None: elapsed time.
    changes: lazy frame with the columns of ``CHANGES``: what else changed for these items.
    links: lazy frame with the columns of ``LINKS``; of all items, also of other streams.
    """

    intervals: nw.LazyFrame[Any]
    meanings: Meanings
    as_of_us: int
    cut: bool = False
    streams: frozenset[str] | None = None
    joined: Mapping[str, str] = field(default_factory=dict)
    working: WorkingTime | None = None
    engine: Engine = field(default_factory=Embedded)
    changes: nw.LazyFrame[Any] = field(default_factory=lambda: _nothing(CHANGES))
    links: nw.LazyFrame[Any] = field(default_factory=lambda: _nothing(LINKS))

    def rows(self) -> nw.LazyFrame[Any]:
        """Intervals that had begun by ``as_of_us``, those still open then with ``left_us`` = OPEN."""
        if not self.cut:
            return self.intervals
        seen = self.intervals.filter(nw.col("entered_us") <= self.as_of_us)
        left = nw.col("left_us")
        return seen.with_columns(left_us=nw.when(left > self.as_of_us).then(nw.lit(OPEN_US)).otherwise(left))

    def rows_followed(self, columns: Mapping[str, tuple[str, int]]) -> nw.LazyFrame[Any]:
        """Return ``rows`` with columns of the item's later rows: ``{new: (column, steps)}``; null after the last."""
        return self.engine.following(self.rows(), columns, by="item", order_by=("entered_us", "left_us", "place"))

    def changes_of(self, *fields: str) -> nw.LazyFrame[Any]:
        """Changes of some fields that had happened by ``as_of_us``: [item, at_us, sequence, field, from_value …]."""
        return self.changes.filter(nw.col("field").is_in(fields) & (nw.col("at_us") <= self.as_of_us))

    def links_of(self, *kinds: str) -> nw.LazyFrame[Any]:
        """Links of some kinds that were known to exist by ``as_of_us``; those without a date exist always."""
        at = nw.col("at_us")
        return self.links.filter(nw.col("kind").is_in(kinds) & (at.is_null() | (at <= self.as_of_us)))

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place that occurs."""
        return self.meanings.places

    @property
    def workflows(self) -> Mapping[str, Workflow]:
        """Mapping of states by stream."""
        return self.meanings.workflows

    @property
    def day_us(self) -> int:
        """Length of a day in the durations of this log: 24 hours, or a typical working day."""
        return day_us(self.working.calendar if self.working else None)

    @property
    def unit(self) -> str:
        """Unit of the durations that are said in days."""
        return "working_days" if self.working else "days"

    def measure(self, frame: nw.LazyFrame[Any], *, start: str, end: str, into: str) -> nw.LazyFrame[Any]:
        """Add column ``into``: microseconds from one time column to another, elapsed or working; null where one is."""
        if self.working is None:
            return frame.with_columns((nw.col(end) - nw.col(start)).alias(into))
        return self.working.add_working_time(frame, start=start, end=end, into=into)

    def where(self, chosen: Callable[[str, StateCategory], bool]) -> nw.Expr | None:
        """Return an expression that is true for intervals in chosen states; None if there never are any.

        ``chosen`` is asked for each name of a state together with each category that some place gives it.

        The meaning in force when the interval was entered counts.
        """
        boundaries = self.meanings.boundaries_us
        codes = [
            [code for (state, category), group in period.items() if chosen(state, category) for code in group]
            for period in _codes_by_state(self.meanings)
        ]
        if not any(codes):
            return None
        expression = nw.col("place").is_in(codes[-1])
        for boundary, before in zip(reversed(boundaries), reversed(codes[:-1]), strict=True):
            if before != codes[-1]:
                expression = (
                    nw.when(nw.col("entered_us") < boundary).then(nw.col("place").is_in(before)).otherwise(expression)
                )
        return expression

    def in_states(self, states: StateSet) -> nw.Expr | None:
        """Return an expression that is true for intervals in a set of states; None if the set is empty here."""
        return self.where(states.covers)

    def in_category(self, *categories: StateCategory) -> nw.Expr | None:
        """Return an expression that is true for intervals in one of the categories; None if there are none."""
        return self.where(lambda _, category: category in categories)

    def has_active_states(self) -> bool:
        """Tell whether every stream of the log says which of its states are work."""
        streams = {place.stream for place in self.places if self.streams is None or place.stream in self.streams}
        return bool(streams) and all(self.meanings.says_what_is_work(name) for name in streams)

    def names_in_lake(self) -> frozenset[str] | None:
        """Return what the streams that figures are for are called in the lake, those joined to them too; None: all."""
        if self.streams is None:
            return None
        return names_of(self.streams, self.joined)

    def place_table(self) -> nw.LazyFrame[Any]:
        """Return the places as a lazy table [place, stream, type, state, category, phase, friction, kind].

        Meanings are those at the log's moment.
        """
        return _place_table(self.engine, self.meanings, self.as_of_us)

    def seen_at(self, as_of_us: int) -> FlowLog:
        """Return the same log as it was seen at an earlier moment."""
        return replace(self, as_of_us=as_of_us, cut=True)


def names_of(streams: Iterable[str], joined: Mapping[str, str]) -> frozenset[str]:
    """Return what streams are called in the lake, with those that are read as part of them.

    >>> sorted(names_of(["A"], {"B": "A", "D": "C"}))
    ['A', 'B']
    """
    chosen = frozenset(streams)
    return chosen | {name for name, target in joined.items() if target in chosen}


def _nothing(schema: dict[str, pl.DataType]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.LazyFrame(schema=schema))


@lru_cache(maxsize=4)
def _codes_by_state(meanings: Meanings) -> list[dict[tuple[str, StateCategory], list[int]]]:
    """Codes of the places by state and category, per period: a large lake has some hundred places for each state."""
    periods = []
    for period in range(len(meanings.boundaries_us) + 1):
        codes: dict[tuple[str, StateCategory], list[int]] = {}
        for place, meaning in zip(meanings.places, meanings.in_period(period), strict=True):
            codes.setdefault((place.state, meaning.category), []).append(place.code)
        periods.append(codes)
    return periods


@lru_cache(maxsize=4)
def _place_table(engine: Engine, meanings: Meanings, as_of_us: int) -> nw.LazyFrame[Any]:
    described = meanings.at(as_of_us)
    # A few dozen meanings stand for many thousand places.
    words = {one: (one.category.value, one.phase and one.phase.value, one.friction and one.friction.value)
             for one in set(described)}  # fmt: skip
    code, stream, type_, state = zip(*meanings.places, strict=True) if meanings.places else ((), (), (), ())
    category, phase, friction = zip(*map(words.get, described), strict=True) if described else ((), (), ())
    columns = {
        "place": code,
        "stream": stream,
        "type": type_,
        "state": state,
        "category": category,
        "phase": phase,
        "friction": friction,
        "kind": [kind.value if kind else None for kind in meanings.kinds()],
    }
    return engine.table(columns, {name: nw.Int32() if name == "place" else nw.String() for name in columns})
