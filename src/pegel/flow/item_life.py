"""One item's life: the states it was in, and when its clock ran under each policy, with the reason.

Definition
    The stays of the item in the order of time, each with what its state meant when it was entered; the window of the
    item under every policy (``item_windows``), with the stay that started it and the stay that stopped it.
Unit
    Microseconds of the log's time: elapsed, or working time.
Clock
    That of each policy. A policy of which the item never met the start has no window.
Privacy
    Hand-offs are counted; who handed over to whom is not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import narwhals as nw
import polars as pl

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.policy import BUILT_IN, Policy, TimeKind
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import Friction, Phase, StateCategory, Workflow
from pegel.flow.item_windows import Ending, item_windows, stop_states
from pegel.flow.log import CHANGES, FlowLog
from pegel.flow.meanings import Meanings
from pegel.flow.open_log import clock, places_in
from pegel.lake.one_item import ItemRecord
from pegel.lake.prepared import Prepared

_ENDED: Final = (StateCategory.DONE, StateCategory.CANCELLED, StateCategory.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A stay in one state. ``left_us``: None: it is there now. ``time_us``: until the log's moment where it is open."""

    stream: str
    type: str | None
    state: str
    category: StateCategory
    phase: Phase | None
    friction: Friction | None
    entered_us: int
    left_us: int | None
    time_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The window of the item under one policy.

    ``start_us``: None: the clock never started. ``end_us``: None: it runs, or never ran. ``start_state``,
    ``end_state``: whose entry was the reason; None: there is none (a start at the first known moment has the state that
    the item was created in). ``time_us``: what counts, less pauses; of an open item up to now; None: undefined.
    ``active_us``: of it in active states, ``paused_us``: what the policy took off. ``reopened``: it was in a stop state
    and worked on again.
    """

    policy: Policy
    ending: Ending
    start_us: int | None
    start_state: str | None
    end_us: int | None
    end_state: str | None
    time_us: int | None
    active_us: int
    paused_us: int
    reopened: bool

    @property
    def waiting_us(self) -> int | None:
        """Return the time of the window that is neither active nor paused; None: no window, or it only adds up work."""
        if self.time_us is None or self.policy.time is TimeKind.SUM_OF_STATES:
            return None
        return self.time_us - self.active_us


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLife:
    """``reopenings``: how often it left done to be worked on again. ``hand_offs``: how often one person brought it into
    a state and another took it out; None: the log does not say who."""

    as_of_us: int
    stays: tuple[Stay, ...]
    clocks: tuple[Clock, ...]
    reopenings: int
    hand_offs: int | None


def log_of_item(
    record: ItemRecord,
    state: Prepared,
    workflows: Mapping[str, Workflow],
    *,
    as_of_us: int,
    calendar: Calendar | None = None,
) -> FlowLog:
    """Return the log of one item as seen at a moment; only its own places are given a meaning."""
    rows = record.intervals
    places = state.places.filter(pl.col("place").is_in(rows["place"].unique().implode()))
    changes = record.changes.lazy().with_columns(item=pl.col("item_no"), actor=pl.lit(None, pl.Int64))
    earliest = rows["entered_us"].min()
    return FlowLog(
        intervals=nw.from_native(rows.lazy()),
        meanings=Meanings(places_in(places), workflows),
        as_of_us=as_of_us,
        cut=True,
        working=None if calendar is None else clock(calendar, earliest, as_of_us),
        changes=nw.from_native(changes.select(pl.col(name).cast(kind) for name, kind in CHANGES.items())),
    )


def item_life(log: FlowLog, policies: Iterable[Policy] = tuple(BUILT_IN.values())) -> ItemLife:
    """Tell the life of the only item of a log.

    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Ready: waiting, Doing: active, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Ready"), ("A", "2026-01-08", "Doing"), ("A", "2026-01-10", "Done")],
    ...                   workflow)
    >>> life = item_life(log)
    >>> [(stay.state, stay.time_us // log.day_us) for stay in life.stays]
    [('Ready', 3), ('Doing', 2), ('Done', 0)]
    >>> [(one.policy.name, one.start_state, one.time_us // log.day_us) for one in life.clocks[:2]]
    [('first_active_to_last_done', 'Doing', 2), ('commitment_to_done', 'Ready', 5)]
    """
    moment = nw.lit(log.as_of_us)
    ended = nw.when(nw.col("left_us") == OPEN_US).then(moment).otherwise(nw.col("left_us"))
    measured = log.measure(log.rows().with_columns(ended_us=ended), start="entered_us", end="ended_us", into="time_us")
    rows = log.engine.collect(measured).sort("entered_us", "left_us")
    stays = tuple(_stays(log, rows))
    return ItemLife(
        as_of_us=log.as_of_us,
        stays=stays,
        clocks=tuple(_clock(log, policy, stays) for policy in policies),
        reopenings=_reopenings(stays),
        hand_offs=_hand_offs(rows),
    )


def _stays(log: FlowLog, rows: pl.DataFrame) -> Iterable[Stay]:
    number = {place.code: index for index, place in enumerate(log.places)}
    for row in rows.iter_rows(named=True):
        index = number[row["place"]]
        place, meaning = log.places[index], log.meanings.at(row["entered_us"])[index]
        yield Stay(
            stream=place.stream,
            type=place.type,
            state=place.state,
            category=meaning.category,
            phase=meaning.phase,
            friction=meaning.friction,
            entered_us=row["entered_us"],
            left_us=None if row["left_us"] == OPEN_US else row["left_us"],
            time_us=row["time_us"],
        )


def _clock(log: FlowLog, policy: Policy, stays: tuple[Stay, ...]) -> Clock:
    found = log.engine.collect(item_windows(log, policy))
    if not found.height:  # the policy leaves deleted items out of everything
        return Clock(
            policy=policy, ending=Ending.DELETED, start_us=None, start_state=None, end_us=None, end_state=None,
            time_us=None, active_us=0, paused_us=0, reopened=False,
        )  # fmt: skip
    row = found.row(0, named=True)
    ending = Ending(row["ending"])
    start_us, end_us, time_us = row["start_us"], row["end_us"], row["flow_us"]
    if ending is not Ending.DONE and start_us is not None:
        time_us = _until(log, policy, start_us, log.as_of_us if end_us is None else end_us, row)
    stops = stop_states(policy)
    first = [one for one in stays if one.entered_us == start_us]
    starting = [one for one in first if policy.start.covers(one.state, one.category)]
    stopping = next(
        (
            one
            for one in stays
            if one.entered_us == end_us
            and (stops.covers(one.state, one.category) if ending is Ending.DONE else one.category in _ENDED)
        ),
        None,
    )
    return Clock(
        policy=policy,
        ending=ending,
        start_us=start_us,
        start_state=next((one.state for one in starting or first), None),
        end_us=end_us,
        end_state=None if stopping is None else stopping.state,
        time_us=time_us,
        active_us=row["active_us"],
        paused_us=row["paused_us"],
        reopened=row["reopened"],
    )


def _until(log: FlowLog, policy: Policy, start_us: int, end_us: int, row: Mapping[str, int]) -> int:
    """Return the time from the start to an end that is not a finish, less pauses."""
    if policy.time is TimeKind.SUM_OF_STATES:
        return row["active_us"]
    moments = {"from_us": [start_us], "until_us": [end_us]}
    span = log.engine.table(moments, dict.fromkeys(moments, nw.Int64()))
    measured = log.engine.collect(log.measure(span, start="from_us", end="until_us", into="time_us"))
    return int(measured["time_us"][0]) - row["paused_us"]


def _reopenings(stays: tuple[Stay, ...]) -> int:
    lived = [one for one in stays if one.category is not StateCategory.DELETED]
    return sum(
        before.category is StateCategory.DONE and after.category not in _ENDED for before, after in pairwise(lived)
    )


def _hand_offs(rows: pl.DataFrame) -> int | None:
    who = rows["actor"]
    if who.null_count() == len(who):
        return None
    return int((who != who.shift(1)).fill_null(value=False).sum())
