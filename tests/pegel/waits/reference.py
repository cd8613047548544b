"""Causes of waits worked out the slow way: moment by moment, straight from the definitions on the methods page.

Everything happens on a grid of moments, so that a cell of the grid has one cause (or, under a calendar, one cause per
working and off-hours). Nothing of the fast way is used but the intervals and the windows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from hypothesis import strategies as st

from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow import attribute, item_windows, log_of_frames
from pegel.flow.item_windows import Ending, stop_states
from pegel.flow.log import FlowLog
from pegel.lake import intervals
from tests.pegel.flow import histories

PEOPLE = ["p-000000000000001f", "p-000000000000002f", "p-000000000000003f", None]
MINUTE_US = 60_000_000
_GONE = {StateCategory.CANCELLED, StateCategory.DELETED}
_ENDED = {StateCategory.DONE, StateCategory.CANCELLED, StateCategory.DELETED}

scattered = st.lists(
    st.tuples(histories.items, histories.hours, st.sampled_from(histories.STATES), st.sampled_from(PEOPLE)),
    min_size=1,
    max_size=40,
)


def _lives(
    lives: list[tuple[int, int, int, str | None, str | None, str]],
) -> list[tuple[int, int, str, str | None]]:
    """Items of one stream that pass through one queue: work, wait from one moment to another, go on."""
    return [
        step
        for number, (start, wait, leave, one, other, onwards) in enumerate(lives, start=1)
        for step in (
            (number * 2, start, "Doing", one),
            (number * 2, wait, "Ready", one),
            (number * 2, leave, onwards, other),
            (number * 2, leave + 9, "Done", other),
        )
    ]


#: Queues in which items overtake each other and leave together.
crowded = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(10, 30),
        st.sampled_from([31, 34, 41, 42, 42, 42, 50]),
        st.sampled_from(PEOPLE[2:]),
        st.sampled_from(PEOPLE[2:]),
        st.sampled_from(["Doing", "Test", "Rejected", "Approval"]),
    ),
    min_size=3,
    max_size=9,
).map(_lives)
moves = st.one_of(scattered, crowded)
_items = st.sampled_from([1, 2, 3, 4, 6, 8])
_moments = st.integers(0, 60)
signals = st.lists(
    st.one_of(
        st.tuples(_items, _moments, st.just("flag"), st.none(), st.sampled_from(["Kunde", "x", "", None])),
        *[st.tuples(_items, _moments, st.just("comment_count"), st.none(), st.just("1"))] * 2,
        st.tuples(_items, _moments, st.just("assignee"), *[st.sampled_from(["a", "b", None])] * 2),
        st.tuples(_items, _moments, st.just("priority"), *[st.sampled_from(["High", "Low", None])] * 2),
    ),
    max_size=30,
)
links = st.lists(st.tuples(_items, _items, st.one_of(st.none(), histories.hours)), max_size=3)


def log_of(
    steps: list[tuple[int, int, str, str | None]],
    edits: list[tuple[int, int, str, str | None, str | None]],
    blocks: list[tuple[int, int, int | None]] = [],  # noqa: B006  never changed
    *,
    as_of: int | None = None,
    unit_us: int,
) -> FlowLog:
    """Make a log with people and links; item n starts in a stream and with a type that follow from its number."""
    numbers = sorted({one[0] for one in steps} | {one[0] for one in edits})
    table = pl.DataFrame(
        {
            "item_no": numbers,
            "stream": [histories.STREAMS[number % 2] for number in numbers],
            "type": [histories.TYPES[number % 4] for number in numbers],
            "created_us": [None] * len(numbers),
        },
        schema={"item_no": pl.Int32(), "stream": pl.String(), "type": pl.String(), "created_us": pl.Int64()},
    )
    events = pl.DataFrame(
        [(item, at * unit_us, order, 1, None, state, who) for order, (item, at, state, who) in enumerate(steps)],
        schema={
            "item_no": pl.Int32(),
            "at_us": pl.Int64(),
            "sequence": pl.Int64(),
            "import_no": pl.Int32(),
            "from_state": pl.String(),
            "to_state": pl.String(),
            "actor": pl.String(),
        },
        orient="row",
    )
    edited = pl.DataFrame(
        [(item, at * unit_us, order, 1, name, old, new) for order, (item, at, name, old, new) in enumerate(edits)],
        schema=intervals.CHANGES,
        orient="row",
    )
    linked = pl.DataFrame(
        [(item, "blocks", other, None if at is None else at * unit_us) for item, other, at in blocks],
        schema={"item_no": pl.Int32(), "kind": pl.String(), "other_no": pl.Int32(), "at_us": pl.Int64()},
        orient="row",
    )
    return log_of_frames(
        table,
        events,
        edited,
        dict.fromkeys(histories.STREAMS, histories.workflow()),
        as_of_us=None if as_of is None else as_of * unit_us,
        links=linked,
    )


@dataclass(eq=False)
class Stay:
    item: int
    stream: str
    state: str
    entered: int
    left: int  # the log's moment where it is open
    open: bool
    actor: int | None
    category: StateCategory
    friction: str | None
    paused: bool
    final: bool
    next: Stay | None = None
    life: list[Stay] = field(default_factory=list, repr=False)

    @property
    def idle(self) -> bool:
        return self.category is not StateCategory.ACTIVE and not self.paused

    @property
    def queue(self) -> tuple[str, str]:
        return self.stream, self.state

    @property
    def joined(self) -> int:
        before = next((one for one in reversed(self.life[: self.life.index(self)]) if one.queues), None)
        stayed = before is not None and before.queue == self.queue and before.left == self.entered
        return before.joined if before is not None and stayed else self.entered

    @property
    def queues(self) -> bool:
        return self.idle and not self.final

    @property
    def goes_on(self) -> bool:
        """Whether nothing at the moment of leaving says otherwise; stays of no length do not count as a next step."""
        after = self.life[self.life.index(self) + 1 :]
        if any(one.entered == self.left and one.category in _GONE for one in after):
            return False
        then = next((one for one in after if one.queues), None)
        return not (then is not None and then.entered == self.left and then.queue == self.queue)


def causes(
    log: FlowLog, policy: Policy, *, unit_us: int, calendar: WorkingTime | None = None
) -> dict[int, Counter[str]]:
    """Return microseconds by cause of every item that is finished with a flow time, or open."""
    stays = _stays(log, policy)
    changes = log.engine.collect(log.changes_of("flag", "comment_count", "assignee", "team", "priority", "rank"))
    by_item: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in changes.sort("item", "at_us", "sequence").iter_rows(named=True):
        by_item[row["item"]].append(row)
    blockers = [
        (row["item"], row["other"], row["at_us"] or 0)
        for row in log.engine.collect(log.links_of("blocks")).iter_rows(named=True)
        if row["other"] is not None and row["other"] != row["item"]
    ]
    windows = log.engine.collect(attribute(log, policy, item_windows(log, policy)))
    fine = {
        stay.stream for life in stays.values() for stay in life
        if stay.queues and not stay.open and stay.left % 3_600_000_000
    }  # fmt: skip
    everyone = [stay for life in stays.values() for stay in life]
    out: dict[int, Counter[str]] = {}
    for window in windows.iter_rows(named=True):
        is_open = window["ending"] == Ending.OPEN
        if window["start_us"] is None or not (is_open or window["flow_us"] is not None):
            continue
        found: Counter[str] = Counter()
        end = log.as_of_us if is_open else window["end_us"]
        for stay in stays[window["item"]]:
            begin, until = max(stay.entered, window["start_us"]), min(stay.left, end)
            if not stay.idle or until <= begin:
                continue
            cells = list(range(begin, until, unit_us))
            blocked = [_blocked(stay.item, cell, by_item[stay.item], blockers, stays) for cell in cells]
            for first, last in _runs(blocked):
                _piece(
                    found, stay, cells[first], cells[last] + unit_us, blocked[first],
                    own=stay.stream == window["stream"], changes=by_item[stay.item], everyone=everyone, fine=fine,
                    entries={one.entered for one in stays[stay.item]}, unit_us=unit_us, calendar=calendar,
                    begins={one.entered for one in stays[stay.item] if one.idle and one.left > one.entered},
                )  # fmt: skip
        out[window["item"]] = found
    return out


def _piece(
    found: Counter[str],
    stay: Stay,
    begin: int,
    until: int,
    blocked: str,
    *,
    own: bool,
    changes: list[dict[str, Any]],
    everyone: list[Stay],
    fine: set[str],
    entries: set[int],
    begins: set[int],
    unit_us: int,
    calendar: WorkingTime | None,
) -> None:
    whole = "blocked" if blocked else stay.friction
    mover = stay.next.actor if stay.next else None
    complete = _complete(stay, mover, everyone) if own and stay.queues and stay.stream in fine else None
    back = [
        row["at_us"] for row in changes
        if row["field"] == "priority" and stay.entered <= row["at_us"] < stay.left and _lowered(row, changes)
    ]  # fmt: skip
    if own and stay.queues:
        back += [
            one.left for one in everyone
            if one.queue == stay.queue and one.queues and one.goes_on and one.joined > stay.joined
            and one.left > one.joined and not one.open and (one.left < stay.left or stay.open)
        ]  # fmt: skip

    def inside(moment: int) -> bool:
        return begin <= moment < until or (moment == until and moment not in begins)

    handed = (stay.actor is not None and mover is not None and stay.actor != mover) or any(
        row["field"] in ("assignee", "team") and inside(row["at_us"]) and _handed(row, changes) for row in changes
    )
    asks = [
        row["at_us"] for row in changes
        if row["field"] == "comment_count" and inside(row["at_us"]) and row["at_us"] not in entries
    ]  # fmt: skip
    for cell in range(begin, until, unit_us):
        if whole:
            found[whole] += unit_us
        elif complete is not None and cell < complete:
            found["batching"] += unit_us
        elif back and cell >= min(back):
            found["prioritisation"] += unit_us
        elif handed:
            found["hand_off"] += unit_us
        elif asks and min(asks) <= cell < max(asks):
            found["status_query"] += unit_us
        elif own and mover is not None and _busy(mover, cell, stay.stream, everyone):
            found["contention"] += unit_us
        else:
            worked = unit_us if calendar is None else calendar.between(cell, cell + unit_us)
            found["unexplained"] += worked
            found["calendar"] += unit_us - worked


def _stays(log: FlowLog, policy: Policy) -> dict[int, list[Stay]]:
    places = {place.code: place for place in log.places}
    rows = log.engine.collect(log.rows()).sort("item", "entered_us", "left_us", "place")
    lives: dict[int, list[Stay]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        place = places[row["place"]]
        rule = log.workflows[place.stream].rule(place.state, type=place.type, at_us=row["entered_us"])
        category = rule.category if rule else StateCategory.UNMAPPED
        if place.state == "(deleted)":
            category = StateCategory.DELETED
        stops = stop_states(policy).covers(place.state, category)
        stay = Stay(
            item=row["item"],
            stream=place.stream,
            state=place.state,
            entered=row["entered_us"],
            left=min(row["left_us"], log.as_of_us),
            open=row["left_us"] == OPEN_US,
            actor=row["actor"],
            category=category,
            friction=rule.friction.value if rule and rule.friction else None,
            paused=policy.pause.covers(place.state, category) or (policy.reopen.value == "pause" and stops),
            final=category in _ENDED or stops,
        )
        life = lives[row["item"]]
        if life:
            life[-1].next = stay
        stay.life = life
        life.append(stay)
    return lives


def _runs(values: list[str]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for index, value in enumerate(values):
        if out and values[out[-1][0]] == value:
            out[-1] = (out[-1][0], index)
        else:
            out.append((index, index))
    return out


def _blocked(
    item: int, cell: int, changes: list[dict[str, Any]], blockers: list[tuple[int, int, int]], stays: dict[int, Any]
) -> str:
    flags = [row for row in changes if row["field"] == "flag" and row["at_us"] <= cell]
    if flags and flags[-1]["to_value"]:
        return "customer" if flags[-1]["to_value"] == "Kunde" else "other"
    for blocker, other, since in blockers:
        if other == item and since <= cell and any(
            one.entered <= cell < one.left and one.category not in _ENDED for one in stays.get(blocker, [])
        ):  # fmt: skip
            return "dependency"
    return ""


def _complete(stay: Stay, mover: int | None, everyone: list[Stay]) -> int | None:
    if stay.open:
        return None
    members = [
        one for one in everyone
        if one.queues and not one.open and one.queue == stay.queue and one.left // MINUTE_US == stay.left // MINUTE_US
        and (one.next.actor if one.next else None) == mover
    ]  # fmt: skip
    return max(one.joined for one in members) if len({one.item for one in members}) >= 3 else None


def _before(row: dict[str, Any], changes: list[dict[str, Any]]) -> str | None:
    if row["from_value"] is not None:
        return str(row["from_value"])
    same = [one for one in changes if one["field"] == row["field"]]
    index = same.index(row)
    return same[index - 1]["to_value"] if index else None


def _lowered(row: dict[str, Any], changes: list[dict[str, Any]]) -> bool:
    return (_before(row, changes), row["to_value"]) == ("High", "Low")


def _handed(row: dict[str, Any], changes: list[dict[str, Any]]) -> bool:
    before = _before(row, changes)
    return bool(before) and bool(row["to_value"]) and before != row["to_value"]


def _busy(person: int, cell: int, stream: str, everyone: list[Stay]) -> bool:
    return any(
        one.category is StateCategory.ACTIVE and one.actor == person and one.stream == stream
        and one.entered <= cell < one.left for one in everyone
    )  # fmt: skip
