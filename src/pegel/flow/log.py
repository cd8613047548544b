"""The log that every metric reads: intervals, what their states mean, and until when we look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import narwhals as nw

from pegel.eventlog.policy import StateSet
from pegel.eventlog.schema import DELETED_STATE, OPEN_US
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, Workflow
from pegel.lake.engine import Embedded, Engine


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item can be: a state, for one type, in one stream; ``code`` stands for it in the intervals."""

    code: int
    stream: str
    type: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a place means in one period of the workflow."""

    category: StateCategory
    phase: Phase | None = None
    friction: Friction | None = None


_UNMAPPED = Meaning(StateCategory.UNMAPPED)
_DELETED = Meaning(StateCategory.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLog:
    """Intervals of some streams as seen at one moment.

    Parameters
    ----------
    intervals: lazy frame [item, place, entered_us, left_us, home, split], sorted by item; see ``pegel.lake.prepared``.
    places: every place that occurs.
    workflows: mapping of states by stream.
    as_of_us: nothing after this moment is seen; an interval that had not ended by then is open.
    cut: whether ``as_of_us`` lies before the last event, so that intervals have to be cut.
    streams: the streams that figures are for; None: all.
    """

    intervals: nw.LazyFrame[Any]
    places: tuple[Place, ...]
    workflows: Mapping[str, Workflow]
    as_of_us: int
    cut: bool = False
    streams: frozenset[str] | None = None
    engine: Engine = field(default_factory=Embedded)

    def rows(self) -> nw.LazyFrame[Any]:
        """Intervals that had begun by ``as_of_us``, those still open then with ``left_us`` = OPEN."""
        if not self.cut:
            return self.intervals
        seen = self.intervals.filter(nw.col("entered_us") <= self.as_of_us)
        left = nw.col("left_us")
        return seen.with_columns(left_us=nw.when(left > self.as_of_us).then(nw.lit(OPEN_US)).otherwise(left))

    def boundaries_us(self) -> tuple[int, ...]:
        """Times at which some workflow of the log changes a meaning, ascending."""
        return tuple(sorted({t for workflow in self.workflows.values() for t in workflow.boundaries_us()}))

    def meaning(self, place: Place, at_us: int | None) -> Meaning:
        """Return what a place means when it is entered at a time (None: before every boundary)."""
        if place.state == DELETED_STATE:
            return _DELETED
        workflow = self.workflows.get(place.stream)
        rule = workflow.rule(place.state, type=place.type, at_us=at_us) if workflow else None
        return Meaning(rule.category, rule.phase, rule.friction) if rule else _UNMAPPED

    def flow_item_kind(self, place: Place) -> FlowItemKind | None:
        """Return which of the four kinds of work a place's type is; None: not mapped."""
        workflow = self.workflows.get(place.stream)
        return workflow.items.get(place.type) if workflow and place.type else None

    def where(self, chosen: Callable[[Place, Meaning], bool]) -> nw.Expr | None:
        """Return an expression that is true for intervals in the chosen places; None if no place is ever chosen.

        The meaning in force when the interval was entered counts.
        """
        boundaries = self.boundaries_us()
        starts: list[int | None] = [None, *boundaries]
        codes = [[place.code for place in self.places if chosen(place, self.meaning(place, start))] for start in starts]
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
        return self.where(lambda place, meaning: states.covers(place.state, meaning.category))

    def in_category(self, *categories: StateCategory) -> nw.Expr | None:
        """Return an expression that is true for intervals in one of the categories; None if there are none."""
        return self.where(lambda _, meaning: meaning.category in categories)

    def has_active_states(self) -> bool:
        """Tell whether every stream of the log says which of its states are work."""
        streams = {place.stream for place in self.places if self.streams is None or place.stream in self.streams}
        return bool(streams) and all(
            self.workflows[name].has(StateCategory.ACTIVE) if name in self.workflows else False for name in streams
        )

    def place_table(self) -> nw.LazyFrame[Any]:
        """Return the places as a lazy table [place, stream, type, state, category, phase, friction, kind].

        Meanings are those of rules without a period, or of the latest period.
        """
        at_us = self.as_of_us
        meanings = [self.meaning(place, at_us) for place in self.places]
        kinds = [self.flow_item_kind(place) for place in self.places]
        text = nw.String()
        return self.engine.table(
            {
                "place": [place.code for place in self.places],
                "stream": [place.stream for place in self.places],
                "type": [place.type for place in self.places],
                "state": [place.state for place in self.places],
                "category": [meaning.category.value for meaning in meanings],
                "phase": [meaning.phase.value if meaning.phase else None for meaning in meanings],
                "friction": [meaning.friction.value if meaning.friction else None for meaning in meanings],
                "kind": [kind.value if kind else None for kind in kinds],
            },
            {
                "place": nw.Int32(),
                "stream": text,
                "type": text,
                "state": text,
                "category": text,
                "phase": text,
                "friction": text,
                "kind": text,
            },
        )

    def seen_at(self, as_of_us: int) -> FlowLog:
        """Return the same log as it was seen at an earlier moment."""
        return replace(self, as_of_us=as_of_us, cut=True)
