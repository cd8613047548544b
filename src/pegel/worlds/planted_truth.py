"""What is known for certain about the planted company: told while it is made, never computed by metric code.

Causes, defects and dependencies have the codes of the methods pages, but nothing here imports a metric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pegel.worlds.planted_time import open_hours


class PlantedCause(StrEnum):
    """Why an item waits; the order is that in which causes claim time."""

    BLOCKED = "blocked"
    APPROVAL = "approval"
    BATCHING = "batching"
    PRIORITISATION = "prioritisation"
    HAND_OFF = "hand_off"
    STATUS_QUERY = "status_query"
    CONTENTION = "contention"
    CALENDAR = "calendar"
    UNEXPLAINED = "unexplained"


class Defect(StrEnum):
    """What is wrong with the records of an item; of families, the parent is named."""

    DONE_WITHOUT_START = "done_without_start"
    DONE_BEFORE_START = "done_before_start"
    CHANGE_AFTER_DONE = "change_after_done"
    BACKWARDS_STATES = "backwards_states"  # came back to a state that it had left
    BACKWARDS_CATEGORIES = "backwards_categories"  # new again after it was begun
    CREATED_IN_WRONG_STATE = "created_in_wrong_state"
    OPEN_CHILDREN = "open_children"  # of a parent that is done
    CHILD_BEFORE_PARENT = "child_before_parent"  # the child was begun, the parent never
    CHILD_STARTED_EARLIER = "child_started_earlier"  # the parent was begun after its child
    BLOCKED_BY_CLOSED = "blocked_by_closed"
    SAME_TIME = "same_time"
    HISTORY_BEGINS_LATE = "history_begins_late"  # the beginning of the history is missing
    HISTORY_WITH_GAP = "history_with_gap"  # something in the middle of it is missing
    UNMAPPED_STATES = "unmapped_states"
    FUTURE_TIME = "future_time"
    MASS_CLOSING = "mass_closing"
    DATES_WITHOUT_TIME = "dates_without_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a wait, half-open, in µs. ``blocked_by``: what the flag said, or ``dependency``."""

    cause: PlantedCause
    from_us: int
    until_us: int
    blocked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedWait:
    """A stay in which an item waits inside its window; its ``parts`` follow each other without gap or overlap."""

    item: str
    stream: str
    state: str
    open: bool
    parts: tuple[Part, ...]

    @property
    def wait_us(self) -> int:
        """Length of the wait."""
        return sum(part.until_us - part.from_us for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedDependency:
    """``blocker`` blocks ``blocked`` from ``since_us`` until ``until_us`` (None: still).

    ``waited_us``: what the blocked item waited in that time. ``status``: open | resolved | ended_anyway. A link to an
    item that was closed before never held anybody up: it is resolved when it begins.
    """

    blocker: str
    blocked: str
    blocker_stream: str
    blocked_stream: str
    status: str
    since_us: int
    until_us: int | None
    waited_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedMove:
    """An item went to another stream, and was taken up there."""

    item: str
    from_stream: str
    to_stream: str
    at_us: int
    taken_up_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughputLaw:
    """How many items the stationary stream finishes a day: independent draws, every UTC day alike.

    ``chances``: probability of 0, 1, 2 … finished items. ``finished``: what was drawn for each day that was observed,
    the last one ending with the world; ``future``: for the days after it, which no log knows.
    """

    stream: str
    chances: tuple[float, ...]
    finished: tuple[int, ...]
    future: tuple[int, ...]

    @property
    def mean(self) -> float:
        """Expected number of items a day."""
        return sum(number * chance for number, chance in enumerate(self.chances))

    def over(self, days: int) -> tuple[float, ...]:
        """Return the exact probabilities of 0, 1, 2 … items finished in so many days.

        >>> ThroughputLaw(stream="S", chances=(0.5, 0.5), finished=(), future=()).over(2)
        (0.25, 0.5, 0.25)
        """
        found = [1.0]
        for _ in range(days):
            longer = [0.0] * (len(found) + len(self.chances) - 1)
            for number, chance in enumerate(found):
                for more, share in enumerate(self.chances):
                    longer[number + more] += chance * share
            found = longer
        return tuple(found)

    def chance_of_at_least(self, items: int, *, days: int) -> float:
        """Return the exact probability that at least so many items are finished in so many days."""
        return sum(self.over(days)[max(items, 0) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedTruth:
    """Everything that is known for certain.

    Attributes
    ----------
    items, transitions, field_changes, links: how many the event log has; ``source_rows``: rows that it is read from.
    waits: every wait inside a window of an item that is finished or open at the world's end, and nothing else.
    defects: items by defect. ``unmapped_us``: time in states that nobody mapped.
    dependencies: all links "A blocks B". ``chain``: the longest of open dependencies, the first blocker first;
    ``circle``: items that wait for each other; ``stream_circle``: streams that do.
    moves: items that changed the stream. ``people``: how many work in both of two streams (in alphabetical order);
    ``team_hand_offs``: how often one team gave an item to another.
    service: the stationary stream.
    """

    items: int
    transitions: int
    field_changes: int
    links: int
    source_rows: int
    waits: tuple[PlantedWait, ...]
    defects: Mapping[Defect, frozenset[str]]
    unmapped_us: int
    dependencies: tuple[PlantedDependency, ...]
    chain: tuple[str, ...]
    circle: frozenset[str]
    stream_circle: frozenset[str]
    moves: tuple[PlantedMove, ...]
    people: Mapping[tuple[str, str], int]
    team_hand_offs: Mapping[tuple[str, str], int]
    service: ThroughputLaw

    def by_state(self, *, open: bool, off_hours: bool) -> Mapping[tuple[str, str, PlantedCause], int]:  # noqa: A002  the name in the results
        """Return µs by stream, state and cause; without ``off_hours`` nobody looks at the calendar."""
        found: Counter[tuple[str, str, PlantedCause]] = Counter()
        for wait in self._of(open=open):
            for part in wait.parts:
                found[wait.stream, wait.state, seen_cause(part, off_hours=off_hours)] += part.until_us - part.from_us
        return found

    def by_item(self, *, open: bool, off_hours: bool) -> Mapping[tuple[str, PlantedCause], int]:  # noqa: A002  the name in the results
        """Return µs by item and cause."""
        found: Counter[tuple[str, PlantedCause]] = Counter()
        for wait in self._of(open=open):
            for part in wait.parts:
                found[wait.item, seen_cause(part, off_hours=off_hours)] += part.until_us - part.from_us
        return found

    def blocked_by(self, *, open: bool) -> Mapping[str, int]:  # noqa: A002  the name in the results
        """Return blocked µs by reason."""
        found: Counter[str] = Counter()
        for wait in self._of(open=open):
            for part in wait.parts:
                if part.blocked_by is not None:
                    found[part.blocked_by] += part.until_us - part.from_us
        return found

    def waited_between(self) -> Mapping[tuple[str, str], int]:
        """Return the µs that one stream waited for another: (waited for, waiting)."""
        found: Counter[tuple[str, str]] = Counter()
        for one in self.dependencies:
            if one.blocker_stream != one.blocked_stream:
                found[one.blocker_stream, one.blocked_stream] += one.waited_us
        return found

    def _of(self, *, open: bool) -> tuple[PlantedWait, ...]:  # noqa: A002  the name in the results
        return tuple(wait for wait in self.waits if wait.open is open)


def seen_cause(part: Part, *, off_hours: bool) -> PlantedCause:
    """Return the cause of a part; off-hours are unexplained where nobody looks at the calendar."""
    hidden = part.cause is PlantedCause.CALENDAR and not off_hours
    return PlantedCause.UNEXPLAINED if hidden else part.cause


def lying(from_us: int, until_us: int) -> tuple[Part, ...]:
    """Return the parts of a stretch in which nothing happens: off-hours, and open hours that nothing explains."""
    parts = []
    reached = from_us
    for begin, end in open_hours(from_us, until_us):
        if reached < begin:
            parts.append(Part(cause=PlantedCause.CALENDAR, from_us=reached, until_us=begin))
        parts.append(Part(cause=PlantedCause.UNEXPLAINED, from_us=begin, until_us=end))
        reached = end
    if reached < until_us:
        parts.append(Part(cause=PlantedCause.CALENDAR, from_us=reached, until_us=until_us))
    return tuple(parts)
