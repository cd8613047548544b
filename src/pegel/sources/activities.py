"""Turns what was done to a case (an activity log) into one line of states per case.

Without start events (``paired=False``) an event opens the state "after X" until the next event: waiting, unless a
person maps it otherwise. With starts and completes (``paired=True``), by the lifecycle of the XES standard:

=============================== =====================================================================================
start, resume                   the case is in "X" (active)
complete, suspend, an abort     ends the matching start: the case is in the open activity that was started last, or, if
                                none is open, in "after X" (waiting). The row is *merged*: the change of state carries
                                the row number of its start, so that each row has one fate.
complete without a start        an event like those of a log without starts. While other activities are open it does not
                                interrupt them: it is what the case is after when the last of them ends ("after M" in
                                place of "after X"), because that is where the work has led to. If several happen
                                meanwhile the last one counts; the others are *ignored* as
                                ``complete_inside_other_activity``
schedule                        opens "before X" (waiting); while an activity is open *ignored* as
                                ``scheduled_while_active``
assign, reassign, skip,         no change of state: *ignored* as ``lifecycle_without_state``
withdraw
=============================== =====================================================================================

A complete belongs to the latest start of its activity that is still unmatched. A start whose complete never comes
lasts until the next event of the case that bears on its state; if there is none, the work is still going on.
Activities that overlap are counted once, because a case is in one state at a time: in the one started last.
An event that repeats activity, lifecycle, time and actor of the event before it is a *duplicate* (only without pairs,
where it cannot be a second, parallel piece of work).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from pegel.eventlog.batch import BatchBuilder, Category

STARTS: Final = frozenset({"start", "resume"})
ENDS: Final = frozenset({"complete", "suspend", "ate_abort", "pi_abort", "abort_activity", "abort_case"})
STATELESS: Final = frozenset({"assign", "reassign", "autoskip", "manualskip", "withdraw"})
SCHEDULE: Final = "schedule"


class Event(NamedTuple):
    """One event of a case; ``lifecycle`` in lower case, None where the log has none."""

    row: int
    activity: str
    lifecycle: str | None
    at_us: int
    sequence: int
    actor: str | None


def after(activity: str) -> str:
    """State of a case after an activity, until the next event."""
    return f"after {activity}"


def before(activity: str) -> str:
    """State of a case whose activity is scheduled and not started."""
    return f"before {activity}"


def is_paired(lifecycles: Iterable[str | None]) -> bool:
    """Tell whether a log with these lifecycle values (lower case) has starts and ends.

    >>> is_paired({"start", "complete"}), is_paired({"complete"}), is_paired({"schedule", "start"})
    (True, False, False)
    """
    found = set(lifecycles)
    return bool(found & STARTS) and bool(found & ENDS)


def fold_case(
    builder: BatchBuilder,
    item: str,
    events: Sequence[Event],
    *,
    paired: bool,
    hints: dict[str, Category] | None = None,
) -> None:
    """Add the changes of state of one case to the builder.

    Parameters
    ----------
    events: all events of the case, ordered by time and sequence.
    paired: the log (not just this case) has starts and ends, see :func:`is_paired`.
    hints: receives the category of every state that occurs.

    >>> builder, hints = BatchBuilder(), {}
    >>> fold_case(builder, "c", [Event(1, "Check", "start", 10, 1, None), Event(2, "Check", "complete", 30, 2, None)],
    ...           paired=True, hints=hints)
    >>> batch = builder.take()
    >>> batch.transitions.select("row", "at_us", "from_state", "to_state").rows(), batch.merged
    ([(1, 10, None, 'Check'), (1, 30, 'Check', 'after Check')], 1)
    >>> hints
    {'Check': 'active', 'after Check': 'waiting'}
    """
    line = _StateLine(builder, item, {} if hints is None else hints)
    if paired:
        _fold_pairs(line, events)
    else:
        _fold_events(line, events)


class _StateLine:
    """The one line of states of a case."""

    def __init__(self, builder: BatchBuilder, item: str, hints: dict[str, Category]) -> None:
        self.builder = builder
        self._item = item
        self._hints = hints
        self.state: str | None = None

    def enter(self, state: str, hint: Category | None, event: Event, row: int) -> None:
        """Enter a state at the time of the event; the change counts for ``row``."""
        entered = self.builder.transition(
            row,
            self._item,
            at_us=event.at_us,
            sequence=event.sequence,
            from_state=self.state,
            to_state=state,
            actor=event.actor,
        )
        if entered:
            self.state = state
            if hint is not None:
                self._hints.setdefault(state, hint)


def _fold_events(line: _StateLine, events: Sequence[Event]) -> None:
    last: Event | None = None
    for event in events:
        repeats = last is not None and (event.activity, event.lifecycle, event.at_us, event.actor) == (
            last.activity,
            last.lifecycle,
            last.at_us,
            last.actor,
        )
        last = event
        if repeats:
            line.builder.duplicate += 1
        elif event.lifecycle in STATELESS:
            line.builder.ignored["lifecycle_without_state"] += 1
        elif event.lifecycle == SCHEDULE:
            line.enter(before(event.activity), "waiting", event, event.row)
        elif event.lifecycle in STARTS:
            # Only starts, no ends: how much of the time until the next event was work, nobody knows.
            line.enter(event.activity, None, event, event.row)
        else:
            line.enter(after(event.activity), "waiting", event, event.row)


def _fold_pairs(line: _StateLine, events: Sequence[Event]) -> None:
    start_of_end, matched = _match(events)
    open_starts: list[int] = []  # positions of starts, in the order they were made
    led_to: Event | None = None  # the latest event without start that happened during the open work
    lost: int | None = None  # a start without end: it lasts until the next event that bears on the state
    for position, event in enumerate(events):
        if event.lifecycle in STATELESS:
            line.builder.ignored["lifecycle_without_state"] += 1
            continue
        if lost is not None:
            open_starts.remove(lost)
            lost = None
        if event.lifecycle in STARTS:
            open_starts.append(position)
            if position not in matched:
                lost = position
            line.enter(event.activity, "active", event, event.row)
        elif position in start_of_end:
            start = start_of_end[position]
            open_starts.remove(start)
            line.builder.merged += 1
            if open_starts or led_to is None:
                _close(line, event, events[start].row, [events[one].activity for one in open_starts[-1:]])
            else:
                line.enter(after(led_to.activity), "waiting", event, led_to.row)
                led_to = None
        elif event.lifecycle == SCHEDULE:
            if open_starts:
                line.builder.ignored["scheduled_while_active"] += 1
                _fall_back(line, event, events, open_starts)
            else:
                line.enter(before(event.activity), "waiting", event, event.row)
        elif open_starts:
            if led_to is not None:
                line.builder.ignored["complete_inside_other_activity"] += 1
            led_to = event
            _fall_back(line, event, events, open_starts)
        else:
            line.enter(after(event.activity), "waiting", event, event.row)


def _close(line: _StateLine, event: Event, row: int, still_open: list[str]) -> None:
    if not still_open:
        line.enter(after(event.activity), "waiting", event, row)
    elif still_open[0] != line.state:
        line.enter(still_open[0], "active", event, row)


def _fall_back(line: _StateLine, event: Event, events: Sequence[Event], open_starts: list[int]) -> None:
    """Return to the activity still open when a lost start ended here; the change belongs to that activity's row."""
    latest = events[open_starts[-1]]
    if latest.activity != line.state:
        line.enter(latest.activity, "active", event, latest.row)


def _match(events: Sequence[Event]) -> tuple[dict[int, int], set[int]]:
    """Positions of ends → of their starts, and the starts that have an end."""
    waiting: dict[str, list[int]] = {}
    start_of_end: dict[int, int] = {}
    for position, event in enumerate(events):
        if event.lifecycle in STARTS:
            waiting.setdefault(event.activity, []).append(position)
        elif event.lifecycle in ENDS and waiting.get(event.activity):
            start_of_end[position] = waiting[event.activity].pop()
    return start_of_end, set(start_of_end.values())
