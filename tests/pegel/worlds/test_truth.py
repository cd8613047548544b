"""The truth of lives that were written by hand; then of whole companies, by recomputation from the event log."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.eventlog.schema import DAY_US, DELETED_STATE, HOUR_US, to_us
from pegel.eventlog.workflow import StateCategory, Workflow
from pegel.worlds.company import World, company
from pegel.worlds.lives import Change, Entry, Life
from pegel.worlds.truth import ItemTruth, WorldTruth, tell_truth

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
MONDAY = to_us(datetime(2026, 6, 1, tzinfo=UTC))
MEANING = {
    "New": StateCategory.NEW,
    "Work": StateCategory.ACTIVE,
    "Wait": StateCategory.WAITING,
    "Hold": StateCategory.IGNORED,
    "Done": StateCategory.DONE,
    "Filed": StateCategory.DONE,
    "Dropped": StateCategory.CANCELLED,
    DELETED_STATE: StateCategory.DELETED,
}


def life(
    *stays: tuple[int, str], changes: tuple[tuple[int, str, str, str], ...] = (), deleted: int | None = None
) -> Life:
    """Entries as (hours after Monday, state); changes as (hours, field, old, new)."""
    steps = sorted(
        [(hours, 1, state, "", "") for hours, state in stays] + [(hours, 0, *change) for hours, *change in changes],
        key=lambda step: step[0],
    )
    made = Life(item="X-1", stream="A", type="Bug")
    for sequence, (hours, kind, name, old, new) in enumerate(steps, start=1):
        at_us = MONDAY + hours * HOUR_US
        if kind:
            made.entries.append(Entry(at_us=at_us, sequence=sequence, state=name, category=MEANING[name], actor="a"))
        else:
            made.changes.append(Change(at_us=at_us, sequence=sequence, field=name, old=old, new=new, actor="a"))
    made.deleted_us = None if deleted is None else MONDAY + deleted * HOUR_US
    return made


def truth_of(one: Life) -> WorldTruth:
    return tell_truth(
        [one],
        links=0,
        streams=("A", "B"),
        probe_days=[date(2026, 6, day) for day in range(1, 8)],
        bottleneck=("A", "Wait"),
        until_us=to_us(UNTIL),
    )


def days_in_load(truth: WorldTruth, stream: str) -> list[int]:
    return [day.day for day, load in truth.load.items() if load[stream]]


def test_finished_item_by_hand() -> None:
    # 1 new until 2, work 2–10 (8), wait 10–50 (40), hold 50–60 (10), work 60–61 (1), done at 61.
    truth = truth_of(
        life((1, "New"), (2, "Work"), (10, "Wait"), (50, "Hold"), (60, "Work"), (61, "Done"), (99, "Filed"))
    )
    item = truth.finished["X-1"]
    assert item == ItemTruth(
        item="X-1",
        stream="A",
        type="Bug",
        type_today="Bug",
        started_us=MONDAY + 2 * HOUR_US,
        done_us=MONDAY + 61 * HOUR_US,
        active_us=9 * HOUR_US,
        waiting_us=40 * HOUR_US,
        paused_us=10 * HOUR_US,
        other_us=0,
    )
    assert item.window_us == 59 * HOUR_US
    assert item.flow_us == 49 * HOUR_US
    # In work at the end of 1 and 2 June (hours 24 and 48), done before the end of the 3rd (hour 72).
    assert days_in_load(truth, "A") == [1, 2]
    assert (truth.bottleneck.state_us, truth.bottleneck.flow_us) == (40 * HOUR_US, 49 * HOUR_US)
    assert truth.streams["A"].finished == truth.streams["A"].created == 1
    assert truth.streams["A"].flow_us == 49 * HOUR_US


def test_of_a_reopened_item_the_last_completion_counts() -> None:
    # Work 0–5, done 5–30, work 30–35, done from 35: 10 active, 25 other, 35 in all.
    truth = truth_of(life((0, "Work"), (5, "Done"), (30, "Work"), (35, "Done")))
    item = truth.finished["X-1"]
    assert (item.active_us, item.other_us, item.flow_us) == (10 * HOUR_US, 25 * HOUR_US, 35 * HOUR_US)
    assert days_in_load(truth, "A") == [1]  # end of 1 June = hour 24: it will come back, so it still counts
    assert truth.streams["A"].reopened == 1


def test_two_done_states_in_a_row_are_not_a_reopening() -> None:
    truth = truth_of(life((0, "Work"), (5, "Done"), (30, "Filed")))
    assert truth.finished["X-1"].done_us == MONDAY + 5 * HOUR_US
    assert truth.streams["A"].reopened == 0


def test_finished_without_work_has_no_flow_time() -> None:
    truth = truth_of(life((0, "New"), (5, "Wait"), (80, "Done")))
    assert truth.finished["X-1"].flow_us is None
    assert truth.finished["X-1"].window_us is None
    assert truth.streams["A"].without_flow_time == truth.streams["A"].finished == 1
    assert days_in_load(truth, "A") == []


def test_cancelled_item_leaves_the_load_with_its_final_cancelled_stay() -> None:
    truth = truth_of(life((0, "Work"), (5, "Dropped"), (30, "Work"), (60, "Dropped")))
    assert truth.finished == {}
    assert truth.streams["A"].cancelled == 1
    assert days_in_load(truth, "A") == [1, 2]


def test_deleted_item_leaves_the_load_at_its_deletion() -> None:
    by_field = life((0, "Work"), changes=((60, "deleted", "", "true"),), deleted=60)
    by_state = life((0, "Work"), (60, DELETED_STATE), deleted=60)
    for one in (by_field, by_state):
        truth = truth_of(one)
        assert truth.streams["A"].deleted == 1
        assert days_in_load(truth, "A") == [1, 2]


def test_moved_and_retyped_item_counts_where_it_was() -> None:
    # In A until hour 30, in B from then on; a Bug at its closing at hour 80, a Task afterwards.
    changes = ((30, "stream", "A", "B"), (90, "type", "Bug", "Task"))
    truth = truth_of(life((0, "Work"), (30, "New"), (40, "Work"), (80, "Done"), changes=changes))
    item = truth.finished["X-1"]
    assert (item.stream, item.type, item.type_today) == ("B", "Bug", "Task")
    assert (item.active_us, item.other_us) == (70 * HOUR_US, 10 * HOUR_US)
    assert days_in_load(truth, "A") == [1]
    assert days_in_load(truth, "B") == [2, 3]
    assert (truth.streams["A"].created, truth.streams["A"].moved_out, truth.streams["A"].finished) == (1, 1, 0)
    assert (truth.streams["B"].created, truth.streams["B"].moved_in, truth.streams["B"].finished) == (0, 1, 1)


def test_open_item_stays_in_the_load() -> None:
    truth = truth_of(life((0, "New"), (30, "Work"), (40, "New")))
    assert truth.streams["A"].still_open == 1
    assert days_in_load(truth, "A") == [2, 3, 4, 5, 6, 7]


class Recomputed:
    """What an item's rows in the event log say, read slowly and without the generator's own knowledge."""

    def __init__(self, world: World, item: dict[str, Any], rows: list[tuple[int, int, str, str, str]]) -> None:
        self.today = item["stream"]
        self.type_today = item["type"]
        self.rows = sorted(rows)
        changes = [row for row in self.rows if row[2] != "state"]
        self.streams = self._history(changes, "stream", self.today)
        self.types = self._history(changes, "type", self.type_today)
        self.deleted = next((at for at, _, field, _, _ in changes if field == "deleted"), None)
        self.stays: list[tuple[int, str, StateCategory]] = []
        for at, sequence, field, _, state in self.rows:
            if field != "state":
                continue
            if state == DELETED_STATE:
                self.deleted = at
                self.stays.append((at, state, StateCategory.DELETED))
                continue
            work_type = self._value(self.types, (at, sequence))
            then = self._value(self.streams, (at, sequence))
            rules = [workflow_of(world, stream).rule(state, type=work_type, at_us=at) for stream in (then, self.today)]
            assert rules[0] is not None
            assert rules[1] is not None
            assert rules[0].category is rules[1].category
            self.stays.append((at, state, rules[0].category))
        categories = [category for _, _, category in self.stays]
        self.start = next((at for at, _, category in self.stays if category is StateCategory.ACTIVE), None)
        self.end: int | None = None
        self.fate = "still_open"
        if self.deleted is not None:
            self.end, self.fate = self.deleted, "deleted"
        elif categories[-1] in (StateCategory.DONE, StateCategory.CANCELLED):
            last = len(categories) - 1
            while last and categories[last - 1] is categories[-1]:
                last -= 1
            self.end = self.stays[last][0]
            self.fate = "finished" if categories[-1] is StateCategory.DONE else "cancelled"

    @staticmethod
    def _history(changes: list[tuple[int, int, str, str, str]], name: str, today: str) -> list[tuple[int, int, str]]:
        found = [(at, sequence, old, new) for at, sequence, field, old, new in changes if field == name]
        if not found:
            return [(-1, 0, today)]
        assert found[-1][3] == today
        return [(-1, 0, found[0][2]), *((at, sequence, new) for at, sequence, _, new in found)]

    @staticmethod
    def _value(history: list[tuple[int, int, str]], moment: tuple[int, int]) -> str:
        return next(value for at, sequence, value in reversed(history) if (at, sequence) <= moment)

    def stream_at(self, at: int) -> str:
        return self._value(self.streams, (at, 10**9))

    def type_at(self, at: int) -> str:
        return self._value(self.types, (at, 10**9))

    def spent(self, category: StateCategory | None = None, state: str | None = None) -> int:
        assert self.start is not None
        assert self.end is not None
        return sum(
            min(after[0], self.end) - max(stay[0], self.start)
            for stay, after in pairwise(self.stays)
            if (category is None or stay[2] is category)
            and (state is None or stay[1] == state)
            and min(after[0], self.end) > max(stay[0], self.start)
        )


def workflow_of(world: World, stream: str) -> Workflow:
    return _workflows(world.streams)[stream]


@cache
def _workflows(streams: tuple[str, ...]) -> dict[str, Workflow]:
    world = company(items=0, until=UNTIL)
    return {stream: world.workflow(stream) for stream in streams}


def recompute(world: World) -> dict[str, Recomputed]:
    batches = list(world.source().batches())
    rows: dict[str, list[tuple[int, int, str, str, str]]] = defaultdict(list)
    for batch in batches:
        for item, at, sequence, old, new in batch.transitions.select(
            "item", "at_us", "sequence", "from_state", "to_state"
        ).iter_rows():
            rows[item].append((at, sequence, "state", old, new))
        for item, at, sequence, field, old, new in batch.field_changes.select(
            "item", "at_us", "sequence", "field", "from_value", "to_value"
        ).iter_rows():
            rows[item].append((at, sequence, field, old, new))
    items = pl.concat([batch.items for batch in batches])
    return {item["item"]: Recomputed(world, item, rows[item["item"]]) for item in items.iter_rows(named=True)}


def check(world: World) -> None:
    found = recompute(world)
    truth = world.truth
    assert truth.items == len(found)
    assert truth.transitions == sum(len(item.stays) for item in found.values())
    finished = {name for name, item in found.items() if item.fate == "finished"}
    assert set(truth.finished) == finished
    for name in finished:
        item, expected = found[name], truth.finished[name]
        assert expected.done_us == item.end
        assert expected.started_us == item.start
        assert expected.stream == item.stream_at(expected.done_us)
        assert (expected.type, expected.type_today) == (item.type_at(expected.done_us), item.type_today)
        if item.start is None:
            assert expected.flow_us is None
            continue
        assert expected.active_us == item.spent(StateCategory.ACTIVE)
        assert expected.waiting_us == item.spent(StateCategory.WAITING)
        assert expected.paused_us == item.spent(StateCategory.IGNORED)
        assert expected.active_us + expected.waiting_us + expected.paused_us + expected.other_us == item.spent()
        assert expected.window_us == item.spent() == expected.done_us - item.start
        assert expected.flow_us == item.spent() - item.spent(StateCategory.IGNORED)
    for stream, expected_stream in truth.streams.items():
        here = [item for item in found.values() if item.today == stream]
        for fate in ("finished", "cancelled", "deleted", "still_open"):
            assert getattr(expected_stream, fate) == sum(item.fate == fate for item in here)
        assert expected_stream.created == sum(item.stream_at(0) == stream for item in found.values())
        assert expected_stream.reopened == sum(
            any(
                before[2] is StateCategory.DONE
                and after[2] not in (StateCategory.DONE, StateCategory.CANCELLED, StateCategory.DELETED)
                for before, after in pairwise(item.stays)
            )
            for item in here
        )
        assert (
            expected_stream.created + expected_stream.moved_in - expected_stream.moved_out
            == len(here)
            == (
                expected_stream.finished
                + expected_stream.cancelled
                + expected_stream.deleted
                + expected_stream.still_open
            )
        )
    for day, load in truth.load.items():
        moment = (day - date(1970, 1, 1)).days * DAY_US + DAY_US
        for stream, count in load.items():
            assert count == sum(
                item.start is not None
                and item.start <= moment
                and (item.end is None or moment < item.end)
                and item.stream_at(moment) == stream
                for item in found.values()
            )
    measured = [
        item
        for name, item in found.items()
        if name in finished and item.start is not None and item.today == truth.bottleneck.stream
    ]
    assert truth.bottleneck.state_us == sum(item.spent(state=truth.bottleneck.state) for item in measured)
    assert truth.bottleneck.flow_us == sum(item.spent() - item.spent(StateCategory.IGNORED) for item in measured)


def test_truth_equals_a_slow_recomputation_from_the_event_log() -> None:
    check(company(seed=1, items=1_000, until=UNTIL))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), until=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001
def test_truth_holds_in_every_company(seed: int, until: datetime) -> None:
    check(company(seed=seed, items=60, until=until.replace(tzinfo=UTC)))
