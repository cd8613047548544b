"""What is true about an invented company, told by the generator itself and not by the metric code.

Flow window: entry into the first *active* state → entry into the final unbroken stay in *done* states. An item whose
last state is not done is not finished; of a reopened one the last completion counts. Finished without any active state:
no flow time. A cancelled item leaves the load when it enters its final cancelled stay, a deleted one at its deletion.
Load of a day: items with start ≤ t < end at t = the end of that day (UTC), each in the stream it was in then.
Stays count with the category that the state has for the item's type when it is entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from pegel.eventlog.schema import DAY_US, from_us
from pegel.eventlog.workflow import StateCategory
from pegel.worlds.lives import Entry, Life


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTruth:
    """A finished item; all durations in µs and inside its flow window.

    Parameters
    ----------
    stream, type: those of the moment of closing. ``type_today``: the type at the end of the observed time.
    started_us: entry into the first active state; None: it never was in one, and has no flow time.
    paused_us: in ignored states. ``other_us``: in new, done or cancelled states (before it was taken up again).
    """

    item: str
    stream: str
    type: str
    type_today: str
    started_us: int | None
    done_us: int
    active_us: int = 0
    waiting_us: int = 0
    paused_us: int = 0
    other_us: int = 0

    @property
    def window_us(self) -> int | None:
        """From start to done, pauses included."""
        return None if self.started_us is None else self.done_us - self.started_us

    @property
    def flow_us(self) -> int | None:
        """From start to done less pauses: the flow time of the policy "first active → last done"."""
        return None if self.started_us is None else self.done_us - self.started_us - self.paused_us


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTruth:
    """Numbers of items of one stream.

    ``created`` counts where an item was created, all others where it is today, so that
    created + moved_in − moved_out = finished + cancelled + deleted + still_open. ``reopened``: items that were done and
    went back to work. ``flow_us``: sum over its finished items with a flow time.
    """

    stream: str
    created: int
    moved_in: int
    moved_out: int
    finished: int
    without_flow_time: int
    cancelled: int
    deleted: int
    reopened: int
    still_open: int
    flow_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottleneck:
    """The planted one: µs that the finished items of a stream spent in a state, and their whole flow time."""

    stream: str
    state: str
    state_us: int
    flow_us: int

    @property
    def share(self) -> float:
        """Share of the flow time, 0 to 1."""
        return self.state_us / self.flow_us if self.flow_us else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldTruth:
    """Everything that is known for certain; see the module's text for the definitions."""

    items: int
    transitions: int
    field_changes: int
    links: int
    streams: Mapping[str, StreamTruth]
    finished: Mapping[str, ItemTruth]
    load: Mapping[date, Mapping[str, int]]
    bottleneck: Bottleneck


def tell_truth(
    lives: Sequence[Life],
    *,
    links: int,
    streams: Sequence[str],
    probe_days: Iterable[date],
    bottleneck: tuple[str, str],
    until_us: int,
) -> WorldTruth:
    """Add up what happened in all lives."""
    ends = [_end(life) for life in lives]
    finished = {
        life.item: _finished_item(life, done_us, until_us)
        for life, (fate, done_us) in zip(lives, ends, strict=True)
        if fate is StateCategory.DONE and done_us is not None
    }
    counts: dict[str, Counter[str]] = {stream: Counter() for stream in streams}
    for life, (fate, _) in zip(lives, ends, strict=True):
        today = life.stream_at(until_us)
        counts[life.stream]["created"] += 1
        if today != life.stream:
            counts[life.stream]["moved_out"] += 1
            counts[today]["moved_in"] += 1
        counts[today]["reopened"] += _was_reopened(life)
        counts[today][fate or "still_open"] += 1
    for item in finished.values():
        counts[item.stream]["flow_us"] += item.flow_us or 0
        counts[item.stream]["without_flow_time"] += item.started_us is None
    return WorldTruth(
        items=len(lives),
        transitions=sum(len(life.entries) for life in lives),
        field_changes=sum(len(life.changes) for life in lives),
        links=links,
        streams={
            stream: StreamTruth(
                stream=stream,
                created=count["created"],
                moved_in=count["moved_in"],
                moved_out=count["moved_out"],
                finished=count[StateCategory.DONE],
                without_flow_time=count["without_flow_time"],
                cancelled=count[StateCategory.CANCELLED],
                deleted=count[StateCategory.DELETED],
                reopened=count["reopened"],
                still_open=count["still_open"],
                flow_us=count["flow_us"],
            )
            for stream, count in counts.items()
        },
        finished=finished,
        load={day: _load(lives, ends, streams, day) for day in probe_days},
        bottleneck=_bottleneck(lives, finished, *bottleneck),
    )


def _end(life: Life) -> tuple[StateCategory | None, int | None]:
    """How and when an item ended; (None, None): it is still open."""
    if life.deleted_us is not None:
        return StateCategory.DELETED, life.deleted_us
    last = life.entries[-1].category
    if last not in (StateCategory.DONE, StateCategory.CANCELLED):
        return None, None
    ended = life.entries[-1]
    for entry in reversed(life.entries):
        if entry.category is not last:
            break
        ended = entry
    return last, ended.at_us


def _first_active(life: Life) -> Entry | None:
    return next((entry for entry in life.entries if entry.category is StateCategory.ACTIVE), None)


def _was_reopened(life: Life) -> bool:
    pairs = pairwise(life.entries)
    working = (StateCategory.NEW, StateCategory.WAITING, StateCategory.ACTIVE, StateCategory.IGNORED)
    return any(one.category is StateCategory.DONE and other.category in working for one, other in pairs)


def _finished_item(life: Life, done_us: int, until_us: int) -> ItemTruth:
    first = _first_active(life)
    spent: Counter[str] = Counter()
    if first is not None:
        for one, other in _stays(life, first, done_us):
            name = {
                StateCategory.ACTIVE: "active_us",
                StateCategory.WAITING: "waiting_us",
                StateCategory.IGNORED: "paused_us",
            }.get(one.category, "other_us")
            spent[name] += other.at_us - one.at_us
    return ItemTruth(
        item=life.item,
        stream=life.stream_at(done_us),
        type=life.type_at(done_us),
        type_today=life.type_at(until_us),
        started_us=None if first is None else first.at_us,
        done_us=done_us,
        **spent,
    )


def _stays(life: Life, first: Entry, done_us: int) -> Iterable[tuple[Entry, Entry]]:
    """Entry and leaving of each stay inside the flow window."""
    for one, other in pairwise(life.entries):
        if one.sequence >= first.sequence and other.at_us <= done_us:
            yield one, other


def _load(
    lives: Sequence[Life],
    ends: Sequence[tuple[StateCategory | None, int | None]],
    streams: Sequence[str],
    day: date,
) -> Mapping[str, int]:
    moment_us = (day.toordinal() - from_us(0).toordinal() + 1) * DAY_US
    load = dict.fromkeys(streams, 0)
    for life, (_, end_us) in zip(lives, ends, strict=True):
        first = _first_active(life)
        if first is not None and first.at_us <= moment_us and (end_us is None or moment_us < end_us):
            load[life.stream_at(moment_us)] += 1
    return load


def _bottleneck(lives: Sequence[Life], finished: Mapping[str, ItemTruth], stream: str, state: str) -> Bottleneck:
    state_us = flow_us = 0
    for life in lives:
        item = finished.get(life.item)
        first = _first_active(life)
        if item is None or first is None or item.stream != stream:
            continue
        flow_us += item.flow_us or 0
        state_us += sum(
            other.at_us - one.at_us for one, other in _stays(life, first, item.done_us) if one.state == state
        )
    return Bottleneck(stream=stream, state=state, state_us=state_us, flow_us=flow_us)
